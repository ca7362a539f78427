"""``range``: one row a step, from a start to an end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import make, widen
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator
from vedette.kql.reading.syntax_tree import Name, Node
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import (
    Expand,
    Filter,
    Join,
    Project,
    Relation,
    Sort,
    SortKey,
    Values,
)
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

MOST_WRITTEN = 1_000
"""Steps whose values are written down; those of more are worked out by the engine."""

MOST_STEPS = 10_000_000
_BLOCK = 1_024
_EXACT = 2**53
"""Ticks that a span may be scaled to, which goes by way of a real."""


@dataclass(frozen=True, slots=True)
class Range(Operator):
    """``range name from start to end step size``."""

    name: Name
    start: Node
    end: Node
    step: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row a step, from start to end, both included."""
        context = Context(scope, Rows(Values((), ())), additions=[])
        nodes = (self.start, self.end, self.step)
        values = binder.each(nodes, lambda node: binder.value(node, context))
        kinds = tuple(Type.LONG if v.type is Type.INT else v.type for v in values)
        if Type.REAL in kinds and set(kinds) <= NUMBERS:
            kinds = (Type.REAL,) * 3
        moments = kinds == (Type.DATETIME, Type.DATETIME, Type.TIMESPAN)
        alike = ((Type.LONG,) * 3, (Type.TIMESPAN,) * 3, (Type.REAL,) * 3)
        if not moments and kinds not in alike:
            shown = ", ".join(v.type for v in values)
            raise binder.later(f"a range of types {shown}", self.span)
        if set(kinds) <= NUMBERS:
            values = [widen(v, kinds[0]) for v in values]
        field = binder.fields.new(self.name.text, kinds[0])
        constants = [v for v in values if isinstance(v, Literal)]
        if len(constants) == len(values):
            return Rows(self._of_constants(binder, field, constants))
        if kinds[0] is not Type.LONG:
            raise binder.later(f"a range of {kinds[0]} whose bounds are not constants", self.span)
        one = Values((binder.fields.new("row", Type.LONG),), ((Literal(1, Type.LONG),),))
        return Rows(self._of_values(binder, field, context.widened(one), values))

    def _of_constants(self, binder: Binder, field: Field, bounds: list[Literal]) -> Relation:
        numbers = [b.value for b in bounds if isinstance(b.value, int | float)]
        if len(numbers) < 3 or not all(math.isfinite(n) for n in numbers):
            raise binder.later("a range without a bound", self.span)
        start, end, step = numbers
        if step == 0:
            raise binder.fail("KS134", "type", "The step of a range is 0", self.step.span)
        steps = _steps(start, end, step)
        if steps > MOST_STEPS:
            raise binder.later(f"a range of more than {MOST_STEPS:,} steps", self.span)
        if steps <= MOST_WRITTEN:
            written = (Literal(start + k * step, field.type) for k in range(steps))
            return Values((field,), tuple((value,) for value in written))
        if field.type in (Type.DATETIME, Type.TIMESPAN) and abs(end - start) > _EXACT:
            raise binder.later(f"a range of {field.type} over more than 28 years", self.span)
        one = Values((binder.fields.new("row", Type.LONG),), ((Literal(1, Type.LONG),),))
        last = Literal(steps - 1, Type.LONG)
        relation, number = _numbers(binder, one, last)
        kept = Filter(relation, apply("less_or_equal", number, last))
        return _sorted(kept, field, _value(field.type, bounds[0], bounds[2], number), step < 0)

    def _of_values(
        self, binder: Binder, field: Field, relation: Relation, values: list[Expression]
    ) -> Relation:
        start, end, step = values
        last = make("divide", make("subtract", end, start), step)
        relation, number = _numbers(binder, relation, last)
        value = _value(field.type, start, step, number)
        zero = Literal(0, Type.LONG)
        inside = apply(
            "case",
            apply("greater", step, zero), apply("less_or_equal", value, end),
            apply("greater_or_equal", value, end),
            span=self.span,
        )  # fmt: skip
        downwards = isinstance(step, Literal) and isinstance(step.value, int) and step.value < 0
        return _sorted(Filter(relation, inside), field, value, downwards)


def _steps(start: float, end: float, step: float) -> int:
    """How many values there are; reals are those that lie inside as they are worked out."""
    last = int((end - start) // step)
    following = start + (last + 1) * step
    is_inside = following <= end if step > 0 else following >= end  # 1.0 // 0.1 is 9
    moves = following != start + last * step  # reals may be too large for the step
    return last + 1 + (is_inside and moves)


def _sorted(relation: Relation, field: Field, value: Expression, downwards: bool) -> Relation:
    key = SortKey(Column(field), downwards, nulls_first=not downwards)
    return Sort(Project(relation, ((field, value),)), (key,))


def _numbers(binder: Binder, relation: Relation, last: Expression) -> tuple[Relation, Expression]:
    """Rows with the numbers from 0 to *last*, and some more that fill up a block."""
    zero, one, block = (Literal(n, Type.LONG) for n in (0, 1, _BLOCK))
    high = binder.fields.new("block", Type.DYNAMIC)
    low = binder.fields.new("place", Type.LONG)
    blocks = apply("range_of_longs", zero, make("divide", last, block), one)
    places = Values((low,), tuple((Literal(n, Type.LONG),) for n in range(_BLOCK)))
    every = Literal(True, Type.BOOL)
    made = binder.fields.new("block", Type.LONG)
    relation = Expand(relation, ((high, blocks),))
    kept = tuple((f, Column(f)) for f in relation.input.fields)
    relation = Project(relation, (*kept, (made, apply("to_long", Column(high)))))
    relation = Join("inner", relation, places, every)
    return relation, apply("add", apply("multiply", Column(made), block), Column(low))


def _value(type: Type, start: Expression, step: Expression, number: Expression) -> Expression:
    """The start and so many steps."""
    if type is Type.LONG:
        return apply("add", start, apply("multiply", number, step))
    times = apply("to_real", number)
    if type is Type.REAL:
        return apply("add", start, apply("multiply", times, step))
    added = "time_add" if type is Type.DATETIME else "span_add"
    return apply(added, start, apply("span_scale", step, times))


def read_range(grammar: Grammar, keyword: Token) -> Range:
    """Name and bounds behind ``range``."""
    name = grammar.name(declared=True)
    grammar.expect("from")
    start = grammar.expression()
    grammar.expect("to")
    end = grammar.expression()
    grammar.expect("step")
    step = grammar.expression()
    return Range(grammar.since(keyword.span.start), name, start, end, step)
