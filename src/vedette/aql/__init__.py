"""QRadar's Ariel query language: from its text to a plan.

Takes query text and the tables it may name; gives a plan, or problems with their places.
"""

from vedette.aql.bind import bind
from vedette.aql.properties import Mappings

__all__ = ["Mappings", "bind"]
