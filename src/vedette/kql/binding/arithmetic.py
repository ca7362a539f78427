"""Kusto's arithmetic over numbers, datetimes and timespans: which operands fit, what they give.

Whole numbers give long, whatever their own type; a real or decimal operand makes the result real or
decimal. Null in, null out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.kql.binding.context import Unbound
from vedette.kql.binding.fold import make, widen
from vedette.kql.reading.syntax_tree import Binary
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import NUMBERS, Type, common_type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo"}

_TIMES = {
    ("+", Type.DATETIME, Type.TIMESPAN): "time_add",
    ("-", Type.DATETIME, Type.TIMESPAN): "time_subtract",
    ("-", Type.DATETIME, Type.DATETIME): "time_difference",
    ("+", Type.TIMESPAN, Type.TIMESPAN): "span_add",
    ("-", Type.TIMESPAN, Type.TIMESPAN): "span_subtract",
    ("/", Type.TIMESPAN, Type.TIMESPAN): "span_divide",
}


def arithmetic(binder: Binder, node: Binary, left: Expression, right: Expression) -> Expression:
    """``+ - * / %`` of two operands."""
    kinds = (left.type, right.type)
    if Type.DYNAMIC in kinds:
        left, right = _typed(binder, node, left, right)
    if left.type in NUMBERS and right.type in NUMBERS:
        return _numbers(node, left, right)
    operation = _TIMES.get((node.operator, left.type, right.type))
    if operation == "time_difference":
        binder.clock.apart(left, right)
    if operation is not None:
        value = make(operation, left, right, span=node.span)
        return binder.clock.followed(value, left, moves=True)
    if node.operator == "+" and kinds == (Type.TIMESPAN, Type.DATETIME):
        value = make("time_add", right, left, span=node.span)
        return binder.clock.followed(value, right, moves=True)
    if node.operator == "*" and left.type in NUMBERS and right.type is Type.TIMESPAN:
        return make("span_scale", right, widen(left, Type.REAL), span=node.span)
    if node.operator == "*" and left.type is Type.TIMESPAN and right.type in NUMBERS:
        return make("span_scale", left, widen(right, Type.REAL), span=node.span)
    if node.operator == "/" and left.type is Type.TIMESPAN and right.type in NUMBERS:
        return _shrunk(binder, node, left, right)
    if _in_kusto_only(node.operator, left.type, right.type):
        raise binder.later(f"'{node.operator}' of {left.type} and {right.type}", node.sign)
    raise _undefined(binder, node, left, right)


def _undefined(binder: Binder, node: Binary, left: Expression, right: Expression) -> Unbound:
    kinds = (left.type, right.type)
    message = (
        f"The operator '{node.operator}' is not defined for the operand types"
        f" {left.type} and {right.type}"
    )
    hint = "strcat() joins strings" if Type.STRING in kinds and node.operator == "+" else ""
    return binder.fail("KS106", "type", message, node.sign, hint=hint)


_READ_BESIDE = {
    Type.INT: "whole_of", Type.LONG: "whole_of", Type.REAL: "to_real", Type.DECIMAL: "to_decimal",
}  # fmt: skip


def _typed(
    binder: Binder, node: Binary, left: Expression, right: Expression
) -> tuple[Expression, Expression]:
    """A dynamic operand in the type that the other one asks for."""
    if left.type is right.type:
        reason = "convert both, as with tolong()"
        raise binder.later(f"'{node.operator}' of two dynamic values", node.sign, reason)
    other = right.type if left.type is Type.DYNAMIC else left.type
    operation = _READ_BESIDE.get(other, "")
    if node.operator in "+-" and other is Type.TIMESPAN:
        operation = "to_timespan"
    elif node.operator in "+-" and other is Type.DATETIME:
        operation = "to_timespan" if node.operator == "+" else "to_datetime"
    if not operation:
        raise _undefined(binder, node, left, right)

    def read(value: Expression) -> Expression:
        return apply(operation, value) if value.type is Type.DYNAMIC else value

    return read(left), read(right)


def _numbers(node: Binary, left: Expression, right: Expression) -> Expression:
    shared = common_type(left.type, right.type) or Type.REAL
    shared = Type.LONG if shared is Type.INT else shared
    operands = (widen(left, shared), widen(right, shared))
    wraps = shared is Type.LONG and node.operator in "+-*"
    operation = SIGNS[node.operator]
    return make(f"{operation}_wrapping" if wraps else operation, *operands, span=node.span)


def _shrunk(binder: Binder, node: Binary, left: Expression, right: Expression) -> Expression:
    """A timespan divided by a number: worked out where both are constants and it comes out even."""
    if isinstance(left, Literal) and isinstance(right, Literal):
        span, divisor = left.value, right.value
        if isinstance(span, int) and isinstance(divisor, int) and divisor and span % divisor == 0:
            return Literal(span // divisor, Type.TIMESPAN, node.span)
    factor = apply("divide", Literal(1.0, Type.REAL), widen(right, Type.REAL), span=node.span)
    if isinstance(right, Literal) and right.value in (2, 4, 8, 16, 0.5, 0.25):
        return apply("span_scale", left, factor, span=node.span)
    raise binder.later("a timespan divided by a number", node.sign)


def _in_kusto_only(operator: str, left: Type, right: Type) -> bool:
    """Whether Kusto takes operands that are refused here: it counts times as numbers there."""
    times = (Type.DATETIME, Type.TIMESPAN)
    if operator == "%":
        return left is Type.TIMESPAN and right is Type.TIMESPAN
    if operator == "+":
        return left is Type.DATETIME and right is Type.DATETIME
    if operator == "*":
        return left in times and (right in NUMBERS or right in times)
    return False
