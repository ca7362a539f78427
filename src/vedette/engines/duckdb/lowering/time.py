"""Datetimes and timespans in DuckDB's SQL, as whole numbers of 100 ns ticks.

A datetime is never negative, so whole division of it rounds down; 0001-01-01 was a Monday.
"""

from __future__ import annotations

from vedette.engines.duckdb.lowering.calendar import PERIOD_ROWS, ticks_of, timestamp
from vedette.engines.duckdb.lowering.java_time import format_java
from vedette.engines.duckdb.lowering.kusto_time import format_span, format_time
from vedette.engines.duckdb.lowering.numbers import floor_to
from vedette.engines.duckdb.macros.base import held
from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Apply
from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND, UNIX_EPOCH_TICKS

_EPOCH_MILLISECONDS = UNIX_EPOCH_TICKS // 10_000
_LAST_DAY = MAX_TICKS // TICKS_PER_DAY


def _shifted(sign: str) -> Lowering:
    """A moment so much later or earlier; a span longer than the calendar is cut to its length."""

    def row(call: Call) -> str:
        moment, span = call.arguments
        node, known = call.nodes[1], call.constant(1)
        if isinstance(known, int):
            span = str(min(max(known, -MAX_TICKS - 1), MAX_TICKS + 1))
        elif not (isinstance(node, Apply) and node.operation == "time_difference"):
            span = held(span, "span_in_years")
        return f"in_years({moment} {sign} {span})"

    return row


def _scale(call: Call) -> str:
    factor = call.constant(1)
    if isinstance(factor, float) and factor.is_integer() and abs(factor) < 2**53:
        return f"TRY_CAST(CAST({call.arguments[0]} AS HUGEINT) * {int(factor)} AS BIGINT)"
    return f"TRY_CAST(trunc({call.arguments[0]} * {call.arguments[1]}) AS BIGINT)"


def _positive(call: Call) -> bool:
    size = call.constant(1)
    return isinstance(size, int) and size > 0


def _bin_time(call: Call) -> str:
    moment, size = call.arguments
    if _positive(call):
        return f"({moment} // {call.constant(1)} * {call.constant(1)})"
    return f"CASE WHEN {size} > 0 THEN {moment} // nullif({size}, 0) * {size} END"


def _bin_span(call: Call) -> str:
    if _positive(call):
        return floor_to(call.arguments[0], str(call.constant(1)), True)
    size = call.arguments[1]
    binned = floor_to(call.arguments[0], f"nullif({size}, 0)", True)
    return f"CASE WHEN {size} > 0 THEN {binned} END"


def _from_unix(ticks: int) -> str:
    """The moment a number of units of so many ticks after 1970."""
    least, most = -(UNIX_EPOCH_TICKS // ticks), (MAX_TICKS - UNIX_EPOCH_TICKS) // ticks
    moment = f"{{0}} * {ticks} + {UNIX_EPOCH_TICKS}"
    return f"CASE WHEN {{0}} BETWEEN {least} AND {most} THEN {moment} END"


def _start_of(part: str) -> Lowering:
    return lambda call: ticks_of(f"date_trunc('{part}', {timestamp(call.arguments[0])})")


ROWS: dict[str, Lowering] = {
    "time_add": _shifted("+"),
    "time_subtract": _shifted("-"),
    "time_difference": "({0} - {1})",
    "span_add": "({0} + {1})",
    "span_subtract": "({0} - {1})",
    "span_scale": _scale,
    "span_divide": "(CAST({0} AS DOUBLE) / CAST({1} AS DOUBLE))",
    "bin_time": _bin_time,
    "bin_span": _bin_span,
    "time_from_unix_milliseconds": _from_unix(10_000),
    "time_from_unix_seconds": _from_unix(TICKS_PER_SECOND),
    "time_from_unix_microseconds": _from_unix(10),
    "time_from_unix_nanoseconds": f"({{0}} // 100 - CAST({{0}} % 100 < 0 AS BIGINT) + {UNIX_EPOCH_TICKS})",
    "time_to_unix_milliseconds": f"({{0}} // 10000 - {_EPOCH_MILLISECONDS})",
    "time_format_java": lambda call: format_java(call, timestamp(call.arguments[0])),
    "time_parse_java": "py_java_time({0}, {1}, {2})",
    "start_of_day": f"({{0}} // {TICKS_PER_DAY} * {TICKS_PER_DAY})",
    "start_of_week": f"nullif((({{0}} // {TICKS_PER_DAY} + 1) // 7 * 7 - 1) * {TICKS_PER_DAY}, -{TICKS_PER_DAY})",
    "start_of_month": _start_of("month"),
    "start_of_year": _start_of("year"),
    "hour_of_day": f"CAST({{0}} // {3600 * TICKS_PER_SECOND} % 24 AS INTEGER)",
    "day_of_week": f"((nullif({{0}} // {TICKS_PER_DAY}, {_LAST_DAY}) + 1) % 7 * {TICKS_PER_DAY})",
    "time_format": lambda call: format_time(call, timestamp(call.arguments[0])),
    "span_format": format_span,
    "time_to_zone": "py_time_to_zone({0}, {1})",
    "time_from_zone": "py_time_from_zone({0}, {1})",
    **PERIOD_ROWS,
}
