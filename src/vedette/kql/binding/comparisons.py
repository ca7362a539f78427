"""Kusto's comparisons: equality, order and ``between``, with its rules for null.

``==`` with one null operand is false and ``!=`` true, with two they are null; order gives null as
soon as one operand is. Strings have no null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import make, widen
from vedette.kql.reading.syntax_tree import Between, Binary
from vedette.plan.build import apply
from vedette.plan.expressions import Expression
from vedette.plan.types import NUMBERS, Type, common_type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_ORDER = {"<": "less", "<=": "less_or_equal", ">": "greater", ">=": "greater_or_equal"}
COMPARISONS = frozenset({"==", "!=", "<>", *_ORDER})
_ORDERED = NUMBERS | {Type.DATETIME, Type.TIMESPAN, Type.BOOL}


def compare(binder: Binder, node: Binary, left: Expression, right: Expression) -> Expression:
    """``== != <> < <= > >=`` of two operands."""
    if node.operator in _ORDER:
        return order(binder, node.operator, left, right, node.sign, node.span)
    return equality(binder, node.operator, left, right, node.sign, node.span)


def equality(
    binder: Binder, operator: str, left: Expression, right: Expression, sign: Span, span: Span
) -> Expression:
    """Equality, or inequality for any other operator than ``==``."""
    equal = operator == "=="
    pair = alike(left, right)
    if pair is None:
        raise binder.later(f"'{operator}' of {left.type} and {right.type}", sign)
    if pair[0].type is Type.STRING:
        return apply("equals" if equal else "not_equals", *pair, span=span)
    return apply("equals_or_false" if equal else "not_equals_or_true", *pair, span=span)


def order(
    binder: Binder, operator: str, left: Expression, right: Expression, sign: Span, span: Span
) -> Expression:
    """Which of two operands is greater."""
    if Type.DYNAMIC in (left.type, right.type):
        raise binder.later(f"'{operator}' over a dynamic value", sign)
    pair = alike(left, right)
    if pair is None or pair[0].type not in _ORDERED:
        message = (
            f"The operator '{operator}' is not defined for the operand types"
            f" {left.type} and {right.type}"
        )
        hint = "compare strings with strcmp()" if left.type is right.type is Type.STRING else ""
        raise binder.fail("KS106", "type", message, sign, hint=hint)
    return apply(_ORDER[operator], *pair, span=span)


def alike(left: Expression, right: Expression) -> tuple[Expression, Expression] | None:
    """Both operands as one type; None where they have none in common, or it is dynamic."""
    shared = common_type(left.type, right.type)
    if shared is None or shared is Type.DYNAMIC:
        return None
    if shared in NUMBERS:
        return widen(left, shared), widen(right, shared)
    return left, right


def between(binder: Binder, node: Between, context: Context) -> Expression:
    """``between (low .. high)``, both bounds included; its negation is null where it is."""
    parts = (node.operand, node.low, node.high)
    value, low, high = binder.each(parts, lambda part: binder.value(part, context))
    if low.type is Type.DATETIME and high.type is Type.TIMESPAN:
        high = make("time_add", low, high, span=high.span)
    if value.type is Type.STRING:
        message = "The operator 'between' is not defined for strings"
        raise binder.fail("KS106", "type", message, node.sign)
    bounds = (
        order(binder, ">=", value, low, node.sign, node.span),
        order(binder, "<=", value, high, node.sign, node.span),
    )
    inside = apply("and", *bounds, span=node.span)
    return apply("not", inside, span=node.span) if node.negated else inside
