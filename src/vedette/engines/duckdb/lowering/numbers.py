"""Arithmetic in DuckDB's SQL; what does not fit into its type fails the run, with DuckDB's words."""

from __future__ import annotations

from vedette.engines.duckdb.lowering.logic import as_type, may_be_nan
from vedette.engines.duckdb.macros.base import is_dear, let
from vedette.engines.duckdb.writing import type_name
from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Apply, Expression, walk
from vedette.plan.operations import OPERATIONS
from vedette.plan.types import Type

_WHOLE = frozenset({Type.INT, Type.LONG})


def _arithmetic(symbol: str) -> Lowering:
    return lambda call: f"({as_type(call, 0)} {symbol} {as_type(call, 1)})"


_FAILING = ("error(", "whole_of_json(", "array_of_part(")
"""SQL that may fail the run: DuckDB calls it volatile."""


def _not_in_try(node: Expression) -> bool:
    """Whether DuckDB takes an operation in no TRY: aggregates and random numbers."""
    if not isinstance(node, Apply):
        return False
    operation = OPERATIONS[node.operation]
    return operation.aggregate or operation.by_chance


def _wrapping(symbol: str) -> Lowering:
    """64 bits; where they do not hold the result, it is worked out in 128 and cut."""

    def row(call: Call) -> str:
        left, right = call.arguments
        wide = f"CAST({left} AS HUGEINT) {symbol} CAST({right} AS HUGEINT)"
        fails = any(word in left or word in right for word in _FAILING)
        if fails or any(_not_in_try(n) for argument in call.nodes for n in walk(argument)):
            return f"wrapped_long({wide})"
        return f"coalesce(TRY({left} {symbol} {right}), wrapped_long({wide}))"

    return row


def _multiply(call: Call) -> str:
    left, right = as_type(call, 0), as_type(call, 1)
    if call.type is not Type.DECIMAL:
        return f"({left} * {right})"
    return f"py_decimal_product({left}, {right})"


def _not_zero(call: Call) -> str:
    """The divisor, null where it is zero."""
    if call.is_constant(1) and call.constant(1) != 0:
        return as_type(call, 1)
    return f"nullif({as_type(call, 1)}, 0)"


def _divide(call: Call) -> str:
    if call.type in _WHOLE:
        return f"({as_type(call, 0)} // {_not_zero(call)})"
    if call.type is Type.DECIMAL:
        return f"py_decimal_quotient({as_type(call, 0)}, {as_type(call, 1)})"
    return f"({as_type(call, 0)} / {as_type(call, 1)})"


def _remainder(call: Call) -> str:
    return f"({as_type(call, 0)} % {_not_zero(call)})"


def _modulo(call: Call) -> str:
    value, size = call.constant(1), _not_zero(call)
    if isinstance(value, (int, float)) and value > 0:
        return f"(({as_type(call, 0)} % {size} + {size}) % {size})"
    return f"(({as_type(call, 0)} % {size} + abs({size})) % abs({size}))"


def floor_to(value: str, size: str, whole: bool) -> str:
    """The value rounded down to a multiple of a positive size."""
    if whole:
        return f"({value} - ({value} % {size} + {size}) % {size})"
    return f"(floor({value} / {size}) * {size})"


def _bin_number(call: Call) -> str:
    value, size = as_type(call, 0), as_type(call, 1)
    if call.type is Type.DECIMAL:
        return f"py_decimal_rounded_down({value}, {size})"
    binned = floor_to(value, size, call.type in _WHOLE)
    known = call.constant(1)
    if isinstance(known, (int, float)) and known > 0:
        return binned
    return f"CASE WHEN {size} > 0 THEN {binned} END"


def _round_up(call: Call) -> str:
    if call.type in _WHOLE:
        return as_type(call, 0)
    return f"CAST(ceil({as_type(call, 0)}) AS {type_name(call.type)})"


def _extreme(name: str) -> Lowering:
    def row(call: Call) -> str:
        values = [as_type(call, i) for i in range(len(call.arguments))]
        found = f"{name}({', '.join(values)})"
        doubtful = [v for i, v in enumerate(values) if may_be_nan(call, i)]
        if call.type is not Type.REAL or not doubtful:
            return found
        any_nan = " OR ".join(f"isnan({v})" for v in doubtful)
        return f"CASE WHEN {any_nan} THEN CAST('nan' AS DOUBLE) ELSE {found} END"

    return row


def _where(condition: str, body: str) -> Lowering:
    """The body where the condition holds, else null; a NaN is above every number in DuckDB."""
    return f"CASE WHEN {condition} THEN {body} END"


def _round_to(call: Call) -> str:
    value, digits = call.arguments
    if call.type is Type.REAL:
        return f"round({value}, int_of_real(CAST({digits} AS DOUBLE)))"
    if call.type is Type.DECIMAL:
        return f"py_decimal_rounded({value}, {digits})"
    known = call.constant(1)
    if isinstance(known, int) and known >= 0:
        return value
    rounded = f"long_rounded({value}, {digits})"
    if is_dear(value):
        rounded = let("n", value, f"long_rounded(n, {digits})")
    return f"TRY_CAST({rounded} AS {type_name(call.type)})"


ROWS: dict[str, Lowering] = {
    "shift_left_wrapping": "shift_left_wrapping({0}, {1})",
    "bit_not": "(~{0})",
    "bits_set": "CAST(bit_count({0}) AS BIGINT)",
    "round_up": _round_up,
    "greatest_of": _extreme("greatest"),
    "least_of": _extreme("least"),
    "square_root": "sqrt({0})",
    "exponential": "exp({0})",
    "logarithm": _where("{0} >= 0", "ln({0})"),
    "logarithm_2": _where("{0} >= 0", "log2({0})"),
    "logarithm_10": _where("{0} >= 0", "log10({0})"),
    "sine": "sin({0})",
    "cosine": "cos({0})",
    "tangent": "tan({0})",
    "arc_sine": _where("abs({0}) <= 1", "asin({0})"),
    "arc_cosine": _where("abs({0}) <= 1", "acos({0})"),
    "arc_tangent": "atan({0})",
    "angle_of": "atan2({0}, {1})",
    "add": _arithmetic("+"),
    "subtract": _arithmetic("-"),
    "add_wrapping": _wrapping("+"),
    "subtract_wrapping": _wrapping("-"),
    "multiply_wrapping": _wrapping("*"),
    "multiply": _multiply,
    "divide": _divide,
    "modulo": _modulo,
    "remainder": _remainder,
    "negate": "(-{0})",
    "absolute": "abs({0})",
    "bin_number": _bin_number,
    "power": "power({0}, {1})",
    "bit_and": "({0} & {1})",
    "bit_or": "({0} | {1})",
    "bit_xor": "xor({0}, {1})",
    "shift_left": "({0} << {1})",
    "shift_right": "({0} >> {1})",
    "round_to": _round_to,
    "hex_of": "lower(to_hex({0}))",
}
