"""Values from neighbouring rows in DuckDB's SQL; ``order`` of a call is what stands in ``OVER``.

Moments are whole numbers, so that a frame of moments is one of numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from vedette.engines.duckdb.lowering.logic import as_type
from vedette.engines.duckdb.writing import type_name
from vedette.engines.sql import Call, Lowering
from vedette.plan.types import Type

_UP_TO_HERE = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


def _neighbour(name: str) -> Lowering:
    def row(call: Call) -> str:
        offset = call.constant(1)
        if not isinstance(offset, int):
            raise call.refuse("how many rows away must be a constant")
        value, otherwise = as_type(call, 0), as_type(call, 2)
        return f"{name}({value}, {offset}, {otherwise}) OVER ({call.order})"

    return row


def _running(call: Call, inside: str) -> str:
    return f"{inside} OVER ({call.order} {_UP_TO_HERE})"


def _sum(call: Call) -> str:
    total = _running(call, f"sum({call.arguments[0]})")
    if call.type in (Type.INT, Type.LONG, Type.TIMESPAN):
        half = 2 ** (31 if call.type is Type.INT else 63)
        total = f"((({total} + {half}) % {2 * half} + {2 * half}) % {2 * half} - {half})"
    return f"CAST({total} AS {type_name(call.type)})"


def _sliding(inside: str) -> Callable[[Call], str]:
    """An aggregate over the rows up to the row's moment; its last arguments are moment and reach."""

    def row(call: Call) -> str:
        *values, moment, reach = call.arguments
        frame = f"ORDER BY {moment} RANGE BETWEEN {reach} PRECEDING AND CURRENT ROW"
        return f"{inside.format(*values)} OVER ({call.order} {frame})"

    return row


def _quantile(call: Call) -> str:
    if not call.is_constant(1):
        raise call.refuse("the share must be a constant")
    return _SLIDING_QUANTILE(call)


def _least_ahead(call: Call) -> str:
    value, moment, reach = call.arguments
    frame = f"ORDER BY {moment} RANGE BETWEEN CURRENT ROW AND {reach} FOLLOWING"
    return f"min({value}) OVER ({call.order} {frame})"


_SLIDING_QUANTILE = _sliding("quantile_cont({0}, {1})")

ROWS: dict[str, Lowering] = {
    "row_position": lambda call: f"row_number() OVER ({call.order})",
    "value_before": _neighbour("lag"),
    "value_behind": _neighbour("lead"),
    "running_sum": _sum,
    "running_maximum": lambda call: _running(call, f"max({call.arguments[0]})"),
    "sliding_count": _sliding("count(*)"),
    "sliding_distinct": _sliding("count(DISTINCT {0})"),
    "sliding_sum": _sliding("sum({0})"),
    "sliding_average": _sliding("avg({0})"),
    "sliding_quantile": _quantile,
    "sliding_minimum": _sliding("min({0})"),
    "sliding_maximum": _sliding("max({0})"),
    "least_ahead": _least_ahead,
}
