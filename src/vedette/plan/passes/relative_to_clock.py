"""The clock in a plan: takes the plans of one query at several moments, gives one for any moment.

A query's ``now`` is a constant by the time it is a plan. What moves with the clock in all of the
plans is written as a span before a field that stands for it; what changes otherwise (the hour of
``now``, say) has no such form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import Plan, Relation, Values
from vedette.plan.types import Type


class ClockBound(Exception):
    """The plans differ, or may differ, by more than moments that move with the clock."""


def relative_to_clock(plans: Sequence[tuple[int, Plan]], clock: Field) -> Plan:
    """The plan with moments that move with the clock as spans before the field *clock*.

    *plans* are those of one query at different clocks, in ticks; the more unlike these are, the
    surer is what comes out. Raises ClockBound.
    """
    if any(plan.hides_clock for _, plan in plans):
        raise ClockBound
    clocks = [moment for moment, _ in plans]
    root = _merged([plan.root for _, plan in plans], clocks, clock)
    return replace(plans[0][1], root=cast("Relation", root))


def _merged(nodes: Sequence[Any], clocks: Sequence[int], clock: Field) -> Any:
    first = nodes[0]
    if all(node is first or node == first for node in nodes[1:]):
        return first
    if any(type(node) is not type(first) for node in nodes[1:]) or isinstance(first, Values):
        raise ClockBound
    if isinstance(first, Literal):
        return _moving(nodes, clocks, clock)
    if isinstance(first, tuple):
        if any(len(node) != len(first) for node in nodes[1:]):
            raise ClockBound
        return tuple(_merged(parts, clocks, clock) for parts in zip(*nodes, strict=True))
    if not is_dataclass(first) or isinstance(first, Field):
        raise ClockBound
    names = [f.name for f in fields(first) if f.init and f.name != "span"]
    parts = {n: _merged([getattr(node, n) for node in nodes], clocks, clock) for n in names}
    return replace(cast("Any", first), **parts)


def _moving(literals: Sequence[Literal], clocks: Sequence[int], clock: Field) -> Expression:
    before = set()
    for literal, moment in zip(literals, clocks, strict=True):
        if literal.type is not Type.DATETIME or not isinstance(literal.value, int):
            raise ClockBound
        before.add(moment - literal.value)
    if len(before) != 1:
        raise ClockBound
    span = Literal(before.pop(), Type.TIMESPAN, literals[0].span)
    return apply("time_subtract", Column(clock), span, span=literals[0].span)


def before_clock(expression: Expression, clock: Field) -> int | None:
    """How many ticks before the clock a moment lies, where it moves with it; else None."""
    match expression:
        case Column(field) if field == clock:
            return 0
        case _ if getattr(expression, "operation", "") == "time_subtract":
            moment, span = cast("Any", expression).arguments
            if moment == Column(clock) and isinstance(span, Literal):
                return cast("int", span.value)
    return None
