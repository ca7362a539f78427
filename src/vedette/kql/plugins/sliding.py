"""``sliding_window_counts`` and ``rolling_percentile``: periods that look back over others."""

from __future__ import annotations

from vedette.kql.binding.fold import make, plain, widen
from vedette.kql.binding.scope import Rows
from vedette.kql.plugins.activity import countable, moments, positive_span
from vedette.kql.plugins.base import Evaluation, Plugin
from vedette.kql.reading.syntax_tree import Node
from vedette.plan.build import apply, boolean, every, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    Join,
    Project,
    Relation,
    Sort,
    SortKey,
    Values,
    Window,
)
from vedette.plan.types import Type

MOST_PERIODS = 10_000
"""How many periods a window may hold."""
_RANKED = frozenset({Type.INT, Type.LONG, Type.REAL, Type.DATETIME, Type.TIMESPAN})


def sliding_window_counts(evaluation: Evaluation) -> Rows:
    """A row a period from *start* to *end* and combination of the dimensions that have events.

    Counted are the events of the period and of those before it, as far as the window looks back,
    rounded down to whole periods.
    """
    evaluation.expect(6, None)
    who = evaluation.column(evaluation.given[0])
    time = _timeline(evaluation, evaluation.given[1])
    countable(evaluation, who)
    start, end = moments(evaluation)
    lookback = positive_span(evaluation, 4)
    step = positive_span(evaluation, 5)
    dimensions = _dimensions(evaluation, 6)
    fields = evaluation.binder.fields
    at, records = fields.new(time.name, Type.DATETIME), fields.new("records", Type.LONG)
    passed = apply("bin_span", apply("time_difference", Column(time), start), step)
    own = tuple((f, Column(f)) for f in dimensions)
    identity = fields.new(who.name, who.type)
    each: Relation = Aggregate(
        evaluation.rows.relation,
        ((at, apply("time_add", start, passed)), *own, (identity, Column(who))),
        ((records, apply("count_rows")),),
    )
    spread, shown = _spread(evaluation, each, at, step, _whole(lookback, step))
    inside = every([apply("greater_or_equal", shown, start), apply("less_or_equal", shown, end)])
    period = fields.new(time.name, Type.DATETIME)
    count, distinct = fields.new("Count", Type.LONG), fields.new("Dcount", Type.LONG)
    folded = Aggregate(
        Filter(spread, inside),
        ((period, shown), *own),
        (
            (count, apply("sum_of", Column(records))),
            (distinct, apply("count_distinct", Column(identity))),
        ),
    )
    return Rows(folded)


def rolling_percentile(evaluation: Evaluation) -> Rows:
    """A row a period that has values, with a percentile of its values and those before it.

    How Kusto shows a period without values between others is not documented: it ends the run.
    """
    evaluation.expect(5, None)
    value = evaluation.column(evaluation.given[0])
    if value.type not in _RANKED:
        construct = f"rolling_percentile() of a {value.type}"
        raise evaluation.binder.later(construct, evaluation.given[0].span)
    rank, shown_rank = _rank(evaluation)
    time = _timeline(evaluation, evaluation.given[2])
    step = positive_span(evaluation, 3)
    count = _periods(evaluation)
    dimensions = _dimensions(evaluation, 5)
    fields = evaluation.binder.fields
    at = fields.new(time.name, Type.DATETIME)
    own = tuple((f, Column(f)) for f in dimensions)
    rows: Relation = Project(
        evaluation.rows.relation,
        ((at, make("bin_time", Column(time), step)), *own, (value, Column(value))),
    )
    bins = _without_gaps(evaluation, rows, at, dimensions, step)
    spread, later = _spread(evaluation, rows, at, step, count)
    period, name = fields.new(time.name, Type.DATETIME), f"rolling_{count}_percentile_{value.name}"
    ranked = widen(Column(value), Type.LONG) if value.type is Type.INT else Column(value)
    found = fields.new(f"{name}_{shown_rank}", value.type)
    whole = fields.new("percentile", ranked.type)
    folded = Aggregate(
        spread,
        ((period, later), *own),
        ((whole, apply("percentile_of", ranked, rank)),),
    )
    same = [apply("equals_or_both_null", Column(period), Column(bins.fields[0]))]
    for dimension, other in zip(dimensions, bins.fields[1:], strict=False):
        same.append(apply("equals_or_both_null", Column(dimension), Column(other)))
    kept = Join("left_semi", folded, bins, every(same))
    cast = apply("to_int", Column(whole)) if value.type is Type.INT else Column(whole)
    return Rows(Project(kept, ((period, Column(period)), *own, (found, cast))))


def _spread(
    evaluation: Evaluation, rows: Relation, at: Field, step: Literal, count: int
) -> tuple[Relation, Expression]:
    """Each row once a period that looks back to its own, and the period's beginning."""
    offset = evaluation.binder.fields.new("offset", Type.TIMESPAN)
    width = step.value if isinstance(step.value, int) else 0
    if count > MOST_PERIODS:
        construct = f"a window of more than {MOST_PERIODS:,} periods"
        raise evaluation.binder.later(construct, evaluation.span)
    offsets = tuple((Literal(place * width, Type.TIMESPAN),) for place in range(count))
    spread = Join("inner", rows, Values((offset,), offsets), boolean(True))
    return spread, apply("time_add", Column(at), Column(offset))


def _without_gaps(
    evaluation: Evaluation, rows: Relation, at: Field, dimensions: list[Field], step: Literal
) -> Relation:
    """The periods that have rows, the beginning first; the run ends where one between has none."""
    fields = evaluation.binder.fields
    period = fields.new(at.name, Type.DATETIME)
    own: list[Assignment] = [(fields.new(f.name, f.type), Column(f)) for f in dimensions]
    bins = Aggregate(rows, ((period, Column(at)), *own), ())
    before = fields.new("before", Type.DATETIME)
    moved = apply("value_before", Column(period), Literal(1, Type.LONG), Column(period))
    in_time = Sort(bins, (SortKey(Column(period), False, True),))
    window = Window(in_time, ((before, moved),), tuple(Column(f) for f, _ in own))
    gap = apply("time_difference", Column(period), Column(before))
    message = (
        "rolling_percentile() over a period without values is not supported yet: how Kusto"
        " shows it is not documented"
    )
    follows = apply("first_not_null", apply("less_or_equal", gap, step), boolean(True))
    return Filter(window, apply("agreed", follows, boolean(True), text(message)))


def _timeline(evaluation: Evaluation, node: Node) -> Field:
    time = evaluation.column(node)
    if time.type is not Type.DATETIME:
        construct = f"{evaluation.name}() over a timeline of type {time.type}"
        raise evaluation.binder.later(construct, node.span)
    return time


def _dimensions(evaluation: Evaluation, first: int) -> list[Field]:
    dimensions = evaluation.distinct(evaluation.given[first:])
    for dimension in dimensions:
        countable(evaluation, dimension)
    return dimensions


def _whole(lookback: Literal, step: Literal) -> int:
    """How many periods the window holds: at least its own."""
    if not isinstance(lookback.value, int) or not isinstance(step.value, int):
        return 1
    return max(1, lookback.value // step.value)


def _rank(evaluation: Evaluation) -> tuple[Literal, str]:
    node = evaluation.given[1]
    given = plain(evaluation.binder.fixed(node, evaluation.scope))
    if not isinstance(given, Literal) or not isinstance(given.value, int | float):
        message = "The expression must be a constant number"
        raise evaluation.binder.fail("KS134", "type", message, node.span)
    if not 0 <= given.value <= 100:
        message = "A percentile must be a number from 0 to 100"
        raise evaluation.binder.fail("KS134", "type", message, node.span)
    return Literal(float(given.value), Type.REAL, node.span), f"{given.value:.10g}"


def _periods(evaluation: Evaluation) -> int:
    node = evaluation.given[4]
    count = evaluation.constant(node, Type.LONG, "a whole number")
    if not isinstance(count, int) or not 1 <= count <= MOST_PERIODS:
        message = f"The number of periods must be from 1 to {MOST_PERIODS:,}"
        raise evaluation.binder.fail("KS134", "limit", message, node.span)
    return count


PLUGINS: dict[str, Plugin] = {
    "sliding_window_counts": sliding_window_counts,
    "rolling_percentile": rolling_percentile,
}
