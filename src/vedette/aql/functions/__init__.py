"""AQL's functions as tables: takes a name in any letter case, gives its row.

``SCALARS`` compute from their arguments, ``AGGREGATES`` fold rows, ``LOOKUPS`` read what QRadar
knows about an event's number, ``REFERENCES`` what the deployment was told; those in ``TOLD`` only
where it was. ``REFUSED`` says why a documented function is not carried out, and ``NOT_AQL`` what to
write in place of one that other query languages have.
"""

from vedette.aql.functions.aggregation import AGGREGATES
from vedette.aql.functions.calculation import SCALARS
from vedette.aql.functions.reference import KEYS, REFERENCES, TOLD
from vedette.aql.functions.refused import NOT_AQL, REFUSED, SHOWN
from vedette.aql.functions.retrieval import HIDDEN, LOOKUPS

__all__ = [
    "AGGREGATES",
    "HIDDEN",
    "KEYS",
    "LOOKUPS",
    "NOT_AQL",
    "REFERENCES",
    "REFUSED",
    "SCALARS",
    "SHOWN",
    "TOLD",
]
