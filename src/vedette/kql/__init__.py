"""The Kusto query language: from its text to a plan.

Takes query text and the tables it may name; gives a plan, or problems with their places.
"""

from vedette.kql.bind import bind
from vedette.kql.binding.beside.given import Given

__all__ = ["Given", "bind"]
