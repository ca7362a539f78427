"""Functions in Python that statements call, one module a domain: what SQL cannot say exactly.

A row of ``lowering`` writes ``py_`` and the name. A session registers a function when the first
statement comes that calls it, for registering is what brings numpy in.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb
from duckdb.func import ARROW, SPECIAL

from vedette.engines.duckdb.computed.agents import FUNCTIONS_OF_AGENTS
from vedette.engines.duckdb.computed.arrays import FUNCTIONS_OF_ARRAYS
from vedette.engines.duckdb.computed.bags import FUNCTIONS_OF_BAGS
from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.decimals import FUNCTIONS_OF_DECIMALS
from vedette.engines.duckdb.computed.documents import FUNCTIONS_OF_DOCUMENTS
from vedette.engines.duckdb.computed.dynamic import FUNCTIONS_OF_DYNAMIC
from vedette.engines.duckdb.computed.java_time import FUNCTIONS_OF_JAVA_TIME
from vedette.engines.duckdb.computed.network import FUNCTIONS_OF_NETWORK
from vedette.engines.duckdb.computed.parsing import FUNCTIONS_OF_PARSING
from vedette.engines.duckdb.computed.places import FUNCTIONS_OF_PLACES
from vedette.engines.duckdb.computed.records import FUNCTIONS_OF_RECORDS
from vedette.engines.duckdb.computed.series import FUNCTIONS_OF_SERIES
from vedette.engines.duckdb.computed.series_analysis import FUNCTIONS_OF_ANALYSIS
from vedette.engines.duckdb.computed.series_filters import FUNCTIONS_OF_FILTERS
from vedette.engines.duckdb.computed.sketches import FUNCTIONS_OF_SKETCHES
from vedette.engines.duckdb.computed.statistics import FUNCTIONS_OF_STATISTICS
from vedette.engines.duckdb.computed.terms import FUNCTIONS_OF_TERMS
from vedette.engines.duckdb.computed.texts import FUNCTIONS_OF_TEXTS
from vedette.engines.duckdb.computed.units import FUNCTIONS_OF_UNITS
from vedette.engines.duckdb.computed.zones import FUNCTIONS_OF_ZONES
from vedette.engines.duckdb.writing import TYPE_NAMES

MODULES: tuple[dict[str, Computed], ...] = (
    FUNCTIONS_OF_AGENTS,
    FUNCTIONS_OF_ARRAYS,
    FUNCTIONS_OF_BAGS,
    FUNCTIONS_OF_DECIMALS,
    FUNCTIONS_OF_DOCUMENTS,
    FUNCTIONS_OF_JAVA_TIME,
    FUNCTIONS_OF_NETWORK,
    FUNCTIONS_OF_PARSING,
    FUNCTIONS_OF_PLACES,
    FUNCTIONS_OF_RECORDS,
    FUNCTIONS_OF_TEXTS,
    FUNCTIONS_OF_DYNAMIC,
    FUNCTIONS_OF_SERIES,
    FUNCTIONS_OF_FILTERS,
    FUNCTIONS_OF_ANALYSIS,
    FUNCTIONS_OF_SKETCHES,
    FUNCTIONS_OF_STATISTICS,
    FUNCTIONS_OF_TERMS,
    FUNCTIONS_OF_UNITS,
    FUNCTIONS_OF_ZONES,
)

FUNCTIONS: dict[str, Computed] = {
    name: function for module in MODULES for name, function in module.items()
}

_CALLED = re.compile(r"\bpy_(\w+)\(")


def called(sql: str) -> set[str]:
    """The functions that a statement may call."""
    return {name for name in _CALLED.findall(sql) if name in FUNCTIONS}


def register(database: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Make functions callable on a database, as ``py_`` and their names."""
    for name in names:
        function = FUNCTIONS[name]
        database.create_function(
            f"py_{name}",
            function.as_function,
            function.parameters,
            TYPE_NAMES[function.gives],
            type=ARROW,
            null_handling=SPECIAL,
        )
