"""Functions of datetimes and timespans that are more than a row: takes a call, gives its value.

Periods and parts are constants, in any letter case. What is worked out from "now" is remembered.
"""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Callable
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import make, widen
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.build import text
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.types import NUMBERS, Type, common_type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Rule = Callable[["Binder", Call, Context], Expression]

_PERIODS = (
    "year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond",
    "microsecond", "nanosecond",
)  # fmt: skip
_PARTS = (
    "year", "quarter", "month", "week_of_year", "day", "dayofyear", "hour", "minute", "second",
    "millisecond", "microsecond", "nanosecond",
)  # fmt: skip


def _bound(binder: Binder, node: Call, context: Context, least: int, most: int) -> list[Expression]:
    if not least <= len(node.arguments) <= most:
        raise wrong_count(binder, node, least, most)
    return arguments(binder, node.arguments, context)


def _of_type(binder: Binder, node: Call, values: list[Expression], index: int, type: Type) -> None:
    """Raise unless an argument has a type; where that is long, an int is widened in place."""
    value, span = values[index], node.arguments[index].span
    if type is Type.LONG and value.type is Type.INT:
        values[index] = widen(value, type)
    elif value.type is Type.DYNAMIC:
        raise binder.later(f"{node.function.text}() of a dynamic value", span)
    elif value.type is not type:
        message = f"The expression must have the type {type}, not {value.type}"
        raise binder.fail("KS141", "type", message, span)


def _named(
    binder: Binder, node: Call, values: list[Expression], index: int, names: tuple[str, ...]
) -> str:
    """The period or part that an argument names."""
    _of_type(binder, node, values, index, Type.STRING)
    value, span = values[index], node.arguments[index].span
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        raise binder.later(f"{node.function.text}() of a period from the rows", span)
    name = value.value.lower()
    if name == "weekofyear" and "week_of_year" in names:
        raise binder.later("the part weekofyear", span, "week_of_year counts weeks as ISO 8601")
    if name not in names:
        message = f"The expression value must be one of: {', '.join(names)}"
        raise binder.fail("KS134", "type", message, span)
    return name


def _bounds(period: str, is_end: bool) -> Rule:
    """The start or the end of a period, so many periods away."""

    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        values = _bound(binder, node, context, 1, 2)
        _of_type(binder, node, values, 0, Type.DATETIME)
        value = moment = values[0]
        if len(values) == 2 or not is_end:
            value = make(f"start_of_{period}", value, span=node.span)
        if len(values) == 2:
            _of_type(binder, node, values, 1, Type.LONG)
            value = make("time_move", value, values[1], text(period, node.span), span=node.span)
        if is_end:
            value = make("end_of", value, text(period, node.span), span=node.span)
        return binder.clock.followed(value, moment)

    return rule


def _datetime_add(binder: Binder, node: Call, context: Context) -> Expression:
    values = _bound(binder, node, context, 3, 3)
    period = _named(binder, node, values, 0, _PERIODS)
    _of_type(binder, node, values, 1, Type.LONG)
    _of_type(binder, node, values, 2, Type.DATETIME)
    count, moment = values[1:]
    if period == "nanosecond":
        given = count.value if isinstance(count, Literal) else None
        if not isinstance(given, int) or given % 100:
            # What becomes of parts of a tick was not measured.
            raise binder.later("datetime_add() of nanoseconds that are no whole ticks", count.span)
        count, period = Literal(given // 100, Type.LONG, count.span), "tick"
    if period in ("month", "quarter", "year"):
        binder.clock.uneven(moment)
    value = make("time_move", moment, count, text(period, node.span), span=node.span)
    return binder.clock.followed(value, moment)


def _datetime_diff(binder: Binder, node: Call, context: Context) -> Expression:
    """How many of a period begin between two moments."""
    values = _bound(binder, node, context, 3, 3)
    period = _named(binder, node, values, 0, _PERIODS)
    _of_type(binder, node, values, 1, Type.DATETIME)
    _of_type(binder, node, values, 2, Type.DATETIME)
    name = text("tick" if period == "nanosecond" else period, node.span)
    numbers = [make("period_number", v, name, span=node.span) for v in values[1:]]
    count = make("subtract", *numbers, span=node.span)
    if period != "nanosecond":
        return count
    return make("multiply_wrapping", count, Literal(100, Type.LONG, node.span), span=node.span)


def _datetime_part(binder: Binder, node: Call, context: Context) -> Expression:
    values = _bound(binder, node, context, 2, 2)
    part = _named(binder, node, values, 0, _PARTS)
    _of_type(binder, node, values, 1, Type.DATETIME)
    return make("time_part", values[1], text(part, node.span), span=node.span)


def _make_timespan(binder: Binder, node: Call, context: Context) -> Expression:
    """Hours and minutes, then seconds; days stand before them where there are four."""
    values = _bound(binder, node, context, 2, 4)
    seconds = len(values) - 1 if len(values) > 2 else None
    for index, value in enumerate(values):
        if index != seconds or value.type not in NUMBERS:
            _of_type(binder, node, values, index, Type.LONG)
    zero = Literal(0, Type.LONG, node.span)
    whole = [*([] if len(values) == 4 else [zero]), *values[:seconds]]
    rest = zero if seconds is None else values[seconds]
    return make("span_of_parts", *whole, widen(rest, Type.REAL), span=node.span)


def _bin_at(binder: Binder, node: Call, context: Context) -> Expression:
    """Rounded down to bins of which one begins at a point."""
    value, size, point = _bound(binder, node, context, 3, 3)
    if value.type in NUMBERS and size.type in NUMBERS and point.type in NUMBERS:
        shared = common_type(common_type(value.type, size.type) or Type.REAL, point.type)
        shared = Type.LONG if shared in (Type.INT, None) else shared
        number, width, origin = (widen(v, shared or Type.REAL) for v in (value, size, point))
        distance = make("subtract", number, origin, span=node.span)
        return make("add", origin, make("bin_number", distance, width), span=node.span)
    operations = {
        Type.DATETIME: ("time_difference", "time_add"),
        Type.TIMESPAN: ("span_subtract", "span_add"),
    }.get(value.type)
    if operations is None or point.type is not value.type or size.type is not Type.TIMESPAN:
        kinds = f"({value.type}, {size.type}, {point.type})"
        if Type.DYNAMIC in (value.type, size.type, point.type) or size.type in NUMBERS:
            raise binder.later(f"bin_at() of {kinds}", node.function.span)
        message = f"The function 'bin_at' is not compatible with arguments {kinds}"
        raise binder.fail("KS127", "type", message, node.function.span)
    binder.clock.apart(value, point)
    distance = make(operations[0], value, point, span=node.span)
    binned = make("bin_span", distance, size, span=node.span)
    return binder.clock.followed(make(operations[1], point, binned, span=node.span), value)


def _from_unix(binder: Binder, node: Call, context: Context) -> Expression:
    (number,) = values = _bound(binder, node, context, 1, 1)
    if number.type in (Type.REAL, Type.DECIMAL):
        # What becomes of a fraction was not measured.
        construct = f"{node.function.text}() of a {number.type}"
        reason = "tolong() makes a whole number of it"
        raise binder.later(construct, node.arguments[0].span, reason)
    _of_type(binder, node, values, 0, Type.LONG)
    operation = f"time_from_unix_{node.function.text.split('_')[1]}"
    return make(operation, values[0], span=node.span)


def _ingestion_time(binder: Binder, node: Call, context: Context) -> Expression:
    """When a row was received: archived logs do not tell, so it is when its event happened."""
    _bound(binder, node, context, 0, 0)
    if context.rows is None:
        raise binder.fail("KS144", "type", "ingestion_time() needs rows", node.span)
    for name in ("TimeGenerated", "Timestamp"):
        field = context.rows.columns.get(name)
        if field is not None and field.type is Type.DATETIME:
            message = f"ingestion_time() is read as {name}: logs do not tell when they arrived"
            binder.findings.advise("VD103", message, node.span)
            return Column(field, node.span)
    return Literal(None, Type.DATETIME, node.span)


def _time_zones(binder: Binder, node: Call, context: Context) -> Expression:
    _bound(binder, node, context, 0, 0)
    names = json.dumps(sorted(zoneinfo.available_timezones()))
    return Literal(names, Type.DYNAMIC, node.span)


RULES: dict[str, Rule] = {
    "ingestion_time": _ingestion_time,
    "datetime_list_timezones": _time_zones,
    **{
        f"{name}{period}": _bounds(period, name == "endof")
        for name in ("startof", "endof")
        for period in ("day", "week", "month", "year")
    },
    "datetime_add": _datetime_add,
    "datetime_diff": _datetime_diff,
    "datetime_part": _datetime_part,
    "datepart": _datetime_part,
    "make_timespan": _make_timespan,
    "bin_at": _bin_at,
    **{
        f"unixtime_{unit}_todatetime": _from_unix
        for unit in ("seconds", "milliseconds", "microseconds", "nanoseconds")
    },
}
