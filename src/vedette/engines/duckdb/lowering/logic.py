"""Truth, comparison and choice in DuckDB's SQL.

DuckDB orders NaN above every number and holds it equal to itself; a plan's reals compare as IEEE 754
says, so a comparison of reals that may be NaN gets a guard.
"""

from __future__ import annotations

from vedette.engines.duckdb.writing import type_name
from vedette.engines.sql import Call, Lowering
from vedette.plan.types import NUMBERS, Type


def _joined(separator: str, alone: str) -> Lowering:
    def row(call: Call) -> str:
        return "(" + separator.join(call.arguments) + ")" if call.arguments else alone

    return row


def may_be_nan(call: Call, index: int) -> bool:
    """Whether an argument is a real that is not written down as a number."""
    value = call.constant(index)
    return call.nodes[index].type is Type.REAL and (value is None or value != value)


def equality(call: Call) -> str:
    """``equals`` of the first two arguments."""
    left, right = call.arguments
    if may_be_nan(call, 0) and may_be_nan(call, 1):
        return f"({left} = {right} AND NOT isnan({left}))"
    return f"({left} = {right})"


def _inequality(call: Call) -> str:
    left, right = call.arguments
    if may_be_nan(call, 0) and may_be_nan(call, 1):
        return f"({left} <> {right} OR isnan({left}))"
    return f"({left} <> {right})"


def _order(symbol: str, greater: int) -> Lowering:
    """A comparison; *greater* is the argument that NaN, the greatest, would make true."""

    def row(call: Call) -> str:
        left, right = call.arguments
        compared = f"{left} {symbol} {right}"
        if may_be_nan(call, greater):
            return f"({compared} AND NOT isnan({call.arguments[greater]}))"
        return f"({compared})"

    return row


def _known(call: Call) -> bool:
    return call.is_constant(0) or call.is_constant(1)


def _equals_or_false(call: Call) -> str:
    equal = equality(call)
    if call.truth:
        return equal
    if _known(call):
        return f"coalesce({equal}, false)"
    left, right = call.arguments
    both = f"{left} IS NULL AND {right} IS NULL"
    return f"CASE WHEN {both} THEN NULL ELSE coalesce({equal}, false) END"


def _not_equals_or_true(call: Call) -> str:
    left, right = call.arguments
    distinct = f"({left} IS DISTINCT FROM {right})"
    if may_be_nan(call, 0) and may_be_nan(call, 1):
        distinct = f"({left} IS DISTINCT FROM {right} OR isnan({left}))"
    if call.truth or _known(call):
        return distinct
    both = f"{left} IS NULL AND {right} IS NULL"
    return f"CASE WHEN {both} THEN NULL ELSE {distinct} END"


def _is_in(call: Call) -> str:
    value, *items = call.arguments
    return f"({value} IN ({', '.join(items)}))"


def _is_in_or_false(call: Call) -> str:
    return _is_in(call) if call.truth else f"coalesce({_is_in(call)}, false)"


def as_type(call: Call, index: int) -> str:
    """An argument, cast where a number of another type than the result's stands there."""
    given = call.nodes[index].type
    if given is call.type or given not in NUMBERS:
        return call.arguments[index]
    if given is Type.REAL and call.type is Type.DECIMAL:
        return decimal_of_real(call.arguments[index])
    return f"CAST({call.arguments[index]} AS {type_name(call.type)})"


def decimal_of_real(value: str) -> str:
    """The decimal that a real is written as, null where it is none; DuckDB's own cast adds digits."""
    return f"TRY_CAST(CAST({value} AS VARCHAR) AS {type_name(Type.DECIMAL)})"


def _case(call: Call) -> str:
    last = len(call.arguments) - 1
    branches = [f"WHEN {call.arguments[i]} THEN {as_type(call, i + 1)}" for i in range(0, last, 2)]
    return f"CASE {' '.join(branches)} ELSE {as_type(call, last)} END"


def _first_not_null(call: Call) -> str:
    return f"coalesce({', '.join(as_type(call, i) for i in range(len(call.arguments)))})"


def _agreed(call: Call) -> str:
    one, other, message = call.arguments
    return f"CASE WHEN {one} IS NOT DISTINCT FROM {other} THEN {one} ELSE error({message}) END"


ROWS: dict[str, Lowering] = {
    "agreed": _agreed,
    "and": _joined(" AND ", "true"),
    "or": _joined(" OR ", "false"),
    "not": "(NOT {0})",
    "is_null": "({0} IS NULL)",
    "is_true": lambda call: (
        call.arguments[0] if call.truth else f"coalesce({call.arguments[0]}, false)"
    ),
    "equals": equality,
    "not_equals": _inequality,
    "less": _order("<", 1),
    "less_or_equal": _order("<=", 1),
    "greater": _order(">", 0),
    "greater_or_equal": _order(">=", 0),
    "equals_or_false": _equals_or_false,
    "not_equals_or_true": _not_equals_or_true,
    "equals_or_both_null": "({0} IS NOT DISTINCT FROM {1})",
    "is_in": _is_in,
    "is_in_or_false": _is_in_or_false,
    "case": _case,
    "first_not_null": _first_not_null,
    "null_if_equal": "nullif({0}, {1})",
    "or_empty": "coalesce({0}, '')",
}
