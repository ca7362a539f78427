"""DuckDB's rows of the operations, one module a domain as in ``plan.operations``.

A new operation is one line there and one here: a template over its arguments, or a function of the
call. What stands in ``ABSENT`` is refused with the reason given.
"""

from __future__ import annotations

from vedette.engines.duckdb.lowering import (
    aggregates,
    arrays,
    conversions,
    dynamic,
    elements,
    logic,
    network,
    numbers,
    parsing,
    series,
    sketches,
    statistics,
    terms,
    text,
    time,
    windows,
)
from vedette.engines.sql import Lowering

ROWS: dict[str, Lowering] = {
    name: row
    for module in (
        logic,
        numbers,
        text,
        terms,
        time,
        conversions,
        dynamic,
        elements,
        arrays,
        network,
        parsing,
        series,
        sketches,
        statistics,
        aggregates,
        windows,
    )
    for name, row in module.ROWS.items()
}

ABSENT: dict[str, str] = {}
"""Why an operation has no row."""
