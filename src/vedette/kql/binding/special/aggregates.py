"""Aggregates that look at their argument's type: sums and means widen, conditions become nulls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.special import sketches
from vedette.kql.binding.special.rules import Rule
from vedette.kql.functions.aggregates import ALL
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Expression, Literal, fields_of
from vedette.plan.types import NUMBERS, Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_SUMMABLE = NUMBERS | {Type.TIMESPAN}
_ORDERED = NUMBERS | {Type.TIMESPAN, Type.DATETIME, Type.STRING, Type.BOOL}


def _given(binder: Binder, node: Call, context: Context, conditional: bool) -> list[Expression]:
    count = 2 if conditional else 1
    if len(node.arguments) != count:
        raise wrong_count(binder, node, count, count)
    values = arguments(binder, node.arguments, context.inside_aggregate())
    if conditional:
        _condition(binder, node, values[1])
    return [plain(v) for v in values]


def _condition(binder: Binder, node: Call, value: Expression) -> None:
    if value.type is not Type.BOOL:
        message = f"A value of type bool expected, not {value.type}"
        raise binder.fail("KS107", "type", message, node.arguments[1].span)


def _unfit(binder: Binder, node: Call, value: Expression, code: str, wanted: str) -> Exception:
    message = f"The argument value must be {wanted}, not {value.type}"
    return binder.fail(code, "type", message, node.arguments[0].span)


def _sum(conditional: bool) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        values = _given(binder, node, context, conditional)
        value = values[0]
        if value.type is Type.DATETIME:
            raise binder.later("a sum of datetimes", node.function.span)
        if value.type not in _SUMMABLE:
            raise _unfit(binder, node, value, "KS138", "a number or timespan")
        value = widen(value, Type.LONG) if value.type is Type.INT else value
        if value.type is Type.LONG:
            given = apply("case", values[1], value, null(Type.LONG)) if conditional else value
            total = apply("sum_wrapping", given)
        else:
            total = apply("sum_if", value, values[1]) if conditional else apply("sum_of", value)
        zero = (
            widen(Literal(0, Type.LONG, node.span), value.type)
            if value.type in NUMBERS
            else (Literal(0, value.type, node.span))
        )
        return apply("first_not_null", total, zero, span=node.span)

    return rule


def _extreme(operation: str, conditional: bool) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        values = _given(binder, node, context, conditional)
        if values[0].type not in _ORDERED:
            wanted = "a number, timespan, datetime, string or bool"
            raise _unfit(binder, node, values[0], "KS206", wanted)
        return apply(operation, _chosen(values), span=node.span)

    return rule


def _mean(conditional: bool) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        values = _given(binder, node, context, conditional)
        type = values[0].type
        if type in (Type.DECIMAL, Type.TIMESPAN, Type.DATETIME):
            return apply("mean_of", _chosen(values), span=node.span)
        if type not in NUMBERS:
            name = node.function.text
            message = f"The function '{name}' is not compatible with arguments ({type})"
            raise binder.fail("KS127", "type", message, node.function.span)
        values[0] = widen(values[0], Type.REAL)
        mean = apply("average_of", _chosen(values), span=node.span)
        return apply("first_not_null", mean, Literal(math.nan, Type.REAL, node.span))

    return rule


def _any(conditional: bool) -> Rule:
    """The value of any row, of one that is not empty where there is one."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        value = _chosen(_given(binder, node, context, conditional))
        if value.type is Type.STRING:
            value = apply("null_if_equal", value, text(""))
        return apply("any_of", value, span=node.span)

    return rule


def _limited(
    binder: Binder, node: Call, context: Context, conditional: bool, default: str
) -> tuple[list[Expression], Expression]:
    """The value and its condition, if it has one; then how many elements the result has at most."""
    least = 2 if conditional else 1
    if not least <= len(node.arguments) <= least + 1:
        raise wrong_count(binder, node, least, least + 1)
    values = arguments(binder, node.arguments, context.inside_aggregate())
    if conditional:
        _condition(binder, node, values[1])
    most: Expression = Literal(int(default), Type.LONG, node.span)
    if len(values) > least:
        if values[least].type not in (Type.INT, Type.LONG):
            message = "The expression value must be an integer"
            raise binder.fail("KS134", "type", message, node.arguments[least].span)
        if fields_of(values[least]):
            construct = f"{node.function.text}() of as many elements as a row says"
            hint = "give a constant, and cut the array with array_slice()"
            raise binder.later(construct, node.arguments[least].span, hint=hint)
        most = widen(values[least], Type.LONG)
    return [plain(values[0]), *values[1:least]], most


def _collected(kind: str, conditional: bool, default: str = ALL) -> Rule:
    """An array: of dynamic values the elements of arrays one by one, nulls as elements too."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        values, most = _limited(binder, node, context, conditional, default)
        if values[0].type is not Type.DYNAMIC:
            return apply(f"collect_{kind}", _chosen(values), most, span=node.span)
        operation = "collect_elements" if kind == "list" else "collect_element_set"
        return apply(operation, values[0], most, *values[1:], span=node.span)

    return rule


def _merged(conditional: bool, default: str = ALL) -> Rule:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        values, most = _limited(binder, node, context, conditional, default)
        if values[0].type is not Type.DYNAMIC:
            message = "The expression must be a dynamic bag"
            raise binder.fail("KS235", "type", message, node.arguments[0].span)
        return apply("merge_bags", _chosen(values), most, span=node.span)

    return rule


def _chosen(values: list[Expression]) -> Expression:
    """The value; with a condition, null where that is not true, so that it does not count."""
    if len(values) == 1:
        return values[0]
    value, condition = values
    return apply("case", condition, value, null(value.type), span=value.span)


RULES: dict[str, Rule] = {
    **sketches.RULES,
    "sum": _sum(conditional=False),
    "sumif": _sum(conditional=True),
    "min": _extreme("minimum_of", conditional=False),
    "minif": _extreme("minimum_of", conditional=True),
    "max": _extreme("maximum_of", conditional=False),
    "maxif": _extreme("maximum_of", conditional=True),
    "avg": _mean(conditional=False),
    "avgif": _mean(conditional=True),
    "take_any": _any(conditional=False),
    "any": _any(conditional=False),
    "take_anyif": _any(conditional=True),
    "anyif": _any(conditional=True),
    "make_list": _collected("list", conditional=False),
    "make_list_if": _collected("list", conditional=True),
    "make_set": _collected("set", conditional=False),
    "make_set_if": _collected("set", conditional=True),
    "make_bag": _merged(conditional=False),
    "make_bag_if": _merged(conditional=True),
    # Deprecated names, which stop at fewer elements.
    "makelist": _collected("list", conditional=False, default="128"),
    "makeset": _collected("set", conditional=False, default="128"),
    "make_dictionary": _merged(conditional=False, default="128"),
}
