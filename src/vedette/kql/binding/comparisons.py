"""Kusto's comparisons: equality, order and ``between``, with its rules for null.

``==`` with one null operand is false and ``!=`` true, with two they are null; order gives null as
soon as one operand is. Strings have no null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.kql.binding import across
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import make, widen
from vedette.kql.reading.syntax_tree import Between, Binary
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
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
        found = across.equal(binder, operator, left, right, sign)
        return found if equal else apply("not", found, span=span)
    if pair[0].type is Type.STRING:
        return apply("equals" if equal else "not_equals", *pair, span=span)
    return apply("equals_or_false" if equal else "not_equals_or_true", *pair, span=span)


def order(
    binder: Binder, operator: str, left: Expression, right: Expression, sign: Span, span: Span
) -> Expression:
    """Which of two operands is greater."""
    if Type.DYNAMIC in (left.type, right.type):
        return _order_of_dynamic(binder, operator, left, right, sign)
    pair = alike(left, right)
    if pair is None or pair[0].type not in _ORDERED:
        raise _not_ordered(binder, operator, left, right, sign)
    ordered = apply(_ORDER[operator], *pair, span=span)
    real = next((side for side in (left, right) if side.type is Type.REAL), None)
    if pair[0].type is not Type.DECIMAL or real is None or _is_small(real):
        return ordered
    beyond = apply("is_null", widen(real, Type.DECIMAL), span=span)  # as 1e30 and infinity are
    reals = (widen(side, Type.REAL) for side in (left, right))
    return apply("case", beyond, apply(_ORDER[operator], *reals, span=span), ordered, span=span)


def _is_small(number: Expression) -> bool:
    """Whether a number is written down that a decimal can be."""
    value = number.value if isinstance(number, Literal) else None
    return isinstance(value, float) and abs(value) < 1e19


def _not_ordered(
    binder: Binder, operator: str, left: Expression, right: Expression, sign: Span
) -> Unbound:
    message = (
        f"The operator '{operator}' is not defined for the operand types"
        f" {left.type} and {right.type}"
    )
    hint = "compare strings with strcmp()" if left.type is right.type is Type.STRING else ""
    if Type.DYNAMIC in (left.type, right.type):
        hint = "say what the dynamic value is with tolong(), todatetime() or their like"
    return binder.fail("KS106", "type", message, sign, hint=hint)


def _order_of_dynamic(
    binder: Binder, operator: str, left: Expression, right: Expression, sign: Span
) -> Expression:
    """A dynamic value against a number, as one of its type; a fraction must change no answer."""
    if left.type is right.type:
        reason = "Kusto itself compares dynamic values only behind a conversion, as tolong()"
        raise binder.later(f"'{operator}' of two dynamic values", sign, reason)
    number = right.type if left.type is Type.DYNAMIC else left.type
    if number not in NUMBERS:
        raise _not_ordered(binder, operator, left, right, sign)

    def compared(type: Type) -> Expression:
        sides = [
            across.converted(s, type) if s.type is Type.DYNAMIC else widen(s, type)
            for s in (left, right)
        ]
        return apply(_ORDER[operator], *sides, span=sign)

    if number not in (Type.INT, Type.LONG):
        return compared(number)
    what = f"'{operator}' of a dynamic value with a fraction and a {number}"
    return across.agreed(compared(Type.LONG), compared(Type.REAL), what, sign)


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
