"""Series in DuckDB's SQL: bins by integer arithmetic, everything else in ``computed.series``."""

from __future__ import annotations

from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Column, walk
from vedette.plan.operations.series import OPERATIONS
from vedette.plan.types import Type


def _divided(value: str, step: str) -> str:
    """A quotient of whole numbers, rounded down."""
    return f"CAST(({value} - ({value} % {step} + {step}) % {step}) // {step} AS BIGINT)"


def _place(call: Call) -> str:
    value, origin, step = call.arguments
    if call.nodes[0].type is Type.REAL:
        number = f"CAST(floor(({value} - {origin}) / {step}) AS BIGINT)"
    else:
        number = _divided(f"({value} - {origin})", step)
    return f"CASE WHEN {step} > 0 THEN {number} END"


def _last_place(call: Call) -> str:
    end, origin, step = call.arguments
    if call.nodes[0].type is Type.REAL:
        number = f"CAST(ceil(({end} - {origin}) / {step}) AS BIGINT) - 1"
    else:
        number = _divided(f"({end} - {origin} - 1)", step)
    return f"CASE WHEN {step} > 0 THEN {number} END"


def _for_all(call: Call, index: int) -> str:
    """An argument that is the same in every row of a group."""
    reads = any(isinstance(node, Column) for node in walk(call.nodes[index]))
    return f"any_value({call.arguments[index]})" if reads else call.arguments[index]


def _filled(call: Call) -> str:
    place, value = call.arguments[:2]
    rest = ", ".join(_for_all(call, index) for index in (2, 3, 4))
    pair = f"CAST({place} AS VARCHAR) || ' ' || coalesce({value}, 'null')"
    return f"py_series_filled(list({pair}), {rest})"


def _axis(call: Call) -> str:
    kind = call.nodes[1].type
    rest = ", ".join(_for_all(call, index) for index in (1, 2, 3, 4))
    if kind is Type.REAL:
        return f"py_series_axis_of_reals(list({call.arguments[0]}), {rest})"
    return f"py_series_axis(list({call.arguments[0]}), {rest}, '{kind}')"


def _called(name: str, count: int) -> str:
    return f"py_{name}({', '.join(f'{{{index}}}' for index in range(count))})"


ROWS: dict[str, Lowering] = {
    operation.name: _called(operation.name, len(operation.signature.parameters))
    for operation in OPERATIONS
} | {
    "series_place": _place,
    "series_last_place": _last_place,
    "series_filled": _filled,
    "series_axis": _axis,
}
