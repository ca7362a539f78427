"""The Kusto query language: from its text to a plan.

Takes query text and the tables it may name; gives a plan, or problems with their places.
"""

from vedette.kql.bind import bind

__all__ = ["bind"]
