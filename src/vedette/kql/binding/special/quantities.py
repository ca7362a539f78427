"""Functions whose result has their arguments' type: rounding up, the greatest and the least.

Takes a call, gives its core expression.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import widen
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.build import apply
from vedette.plan.expressions import Expression
from vedette.plan.types import NUMBERS, Type, common_type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]

_MOST = 64
_COMPARED = NUMBERS | {Type.DATETIME, Type.TIMESPAN}


def _ceiling(binder: Binder, node: Call, context: Context) -> Expression:
    if len(node.arguments) != 1:
        raise wrong_count(binder, node, 1, 1)
    value = arguments(binder, node.arguments, context)[0]
    if value.type is Type.DYNAMIC:
        raise binder.later("ceiling() of a dynamic value", node.arguments[0].span)
    if value.type not in NUMBERS:
        message = f"The expression must be a number, not a {value.type}"
        raise binder.fail("KS141", "type", message, node.arguments[0].span)
    if value.type in (Type.INT, Type.LONG):
        return value
    return apply("round_up", value, span=node.span)


def _extreme(operation: str) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        if not 2 <= len(node.arguments) <= _MOST:
            raise wrong_count(binder, node, 2, _MOST)
        values = arguments(binder, node.arguments, context)
        for value, place in zip(values, node.arguments, strict=True):
            if value.type not in _COMPARED:
                name = node.function.text
                raise binder.later(f"{name}() of a {value.type}", place.span)
        types: list[Type | None] = [v.type for v in values]
        shared = reduce(lambda a, b: a and b and common_type(a, b), types)
        if shared is None:
            message = "No common type can be determined from the arguments"
            raise binder.fail("KS232", "type", message, node.function.span)
        fitted = [widen(v, shared) if shared in NUMBERS else v for v in values]
        return apply(operation, *fitted, span=node.span)

    return rule


_MOVED = {
    Type.DATETIME: ("time_subtract", "time_add"),
    Type.TIMESPAN: ("span_subtract", "span_add"),
}


def _around(binder: Binder, node: Call, context: Context) -> Expression:
    """Whether a value lies no further than a distance from a centre."""
    if len(node.arguments) != 3:
        raise wrong_count(binder, node, 3, 3)
    value, centre, distance = arguments(binder, node.arguments, context)
    if value.type in _MOVED and centre.type is value.type and distance.type is Type.TIMESPAN:
        down, up = _MOVED[value.type]
    elif {value.type, centre.type, distance.type} <= {Type.INT, Type.LONG, Type.REAL}:
        down, up = "subtract", "add"
        is_real = Type.REAL in (value.type, centre.type, distance.type)
        shared = Type.REAL if is_real else Type.LONG
        value, centre, distance = (widen(v, shared) for v in (value, centre, distance))
    else:
        shown = f"{value.type}, {centre.type}, {distance.type}"
        raise binder.later(f"around() of types {shown}", node.function.span)
    least = apply("greater_or_equal", value, apply(down, centre, distance), span=node.span)
    most = apply("less_or_equal", value, apply(up, centre, distance), span=node.span)
    return apply("and", least, most, span=node.span)


RULES: dict[str, Rule] = {
    "around": _around,
    "ceiling": _ceiling,
    "max_of": _extreme("greatest_of"),
    "min_of": _extreme("least_of"),
}
