"""``activity_counts_metrics``: how many ids there are in each period, and how many are new then."""

from __future__ import annotations

from vedette.kql.binding.scope import Rows
from vedette.kql.plugins.base import Evaluation, Plugin
from vedette.plan.build import apply, every
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import Aggregate, Filter, Project, Relation, Sort, SortKey, Window
from vedette.plan.types import Type


def activity_counts_metrics(evaluation: Evaluation) -> Rows:
    """A row a period and combination of the dimensions that have events.

    Periods of the length *step* begin at *start*; events up to *end* count.
    """
    evaluation.expect(5, None)
    identity = evaluation.column(evaluation.given[0])
    time = evaluation.column(evaluation.given[1])
    countable(evaluation, identity)
    if time.type is not Type.DATETIME:
        construct = f"{evaluation.name}() over a timeline of type {time.type}"
        raise evaluation.binder.later(construct, evaluation.given[1].span)
    (start, end), step = moments(evaluation), positive_span(evaluation, 4)
    dimensions = evaluation.distinct(evaluation.given[5:])
    for dimension in dimensions:
        countable(evaluation, dimension)
    return _counted(evaluation, identity, time, (start, end, step), dimensions)


def moments(evaluation: Evaluation) -> tuple[Expression, Expression]:
    """The constant start and end that are the plug-in's third and fourth arguments."""
    binder, scope = evaluation.binder, evaluation.scope
    bounds: list[Expression] = []
    for node in evaluation.given[2:4]:
        bound = binder.fixed(node, scope)
        if bound.type is not Type.DATETIME:
            message = "The expression must have the type datetime"
            raise binder.fail("KS141", "type", message, node.span)
        bounds.append(bound)
    return bounds[0], bounds[1]


def positive_span(evaluation: Evaluation, index: int) -> Literal:
    """The constant timespan above zero that an argument is."""
    binder, scope, length = evaluation.binder, evaluation.scope, evaluation.given[index]
    if binder.fixed(length, scope).type is not Type.TIMESPAN:
        raise binder.later(f"a step of {evaluation.name}() that is no timespan", length.span)
    step = binder.constant(length, scope, Type.TIMESPAN, "a timespan")
    if not isinstance(step.value, int) or step.value <= 0:
        message = "The expression value must be greater than zero"
        raise binder.fail("KS134", "type", message, length.span)
    return step


def countable(evaluation: Evaluation, field: Field) -> None:
    """Refuse a column whose values cannot be told apart."""
    if field.type is Type.DYNAMIC:
        message = f"The column '{field.name}' of type dynamic cannot tell rows apart here"
        hint = "give its text or number: tostring(), tolong() …"
        raise evaluation.binder.fail("KS116", "type", message, evaluation.span, hint=hint)


def _counted(
    evaluation: Evaluation, identity: Field, time: Field,
    period: tuple[Expression, Expression, Literal], dimensions: list[Field],
) -> Rows:  # fmt: skip
    fields, (start, end, step) = evaluation.binder.fields, period
    moment = Column(time)
    inside = every([apply("greater_or_equal", moment, start), apply("less_or_equal", moment, end)])
    begins = apply(
        "time_add", start, apply("bin_span", apply("time_difference", moment, start), step)
    )
    at = fields.new(time.name, Type.DATETIME)
    who = fields.new(identity.name, identity.type)
    own = tuple((f, Column(f)) for f in dimensions)
    records = fields.new("records", Type.LONG)
    each: Relation = Aggregate(
        Filter(evaluation.rows.relation, inside),
        ((at, begins), *own, (who, Column(identity))),
        ((records, apply("count_rows")),),
    )
    in_time = (SortKey(Column(at), False, True),)
    place = fields.new("place", Type.LONG)
    one = Literal(1, Type.LONG)
    ids = (*(Column(f) for f in dimensions), Column(who))
    seen = Window(Sort(each, in_time), ((place, apply("row_position")),), ids)
    names = ("count", "dcount", "new_dcount", "aggregated_dcount")
    count, distinct, new, so_far = (fields.new(name, Type.LONG) for name in names)
    known = apply("not", apply("is_null", Column(who)))
    is_new = apply("and", known, apply("equals", Column(place), one))
    folded = Aggregate(
        seen,
        ((at, Column(at)), *own),
        (
            (count, apply("sum_of", Column(records))),
            (distinct, apply("count_values", Column(who))),
            (new, apply("count_if", is_new)),
        ),
    )
    total = (so_far, apply("running_sum", Column(new)))
    summed = Window(Sort(folded, in_time), (total,), tuple(Column(f) for f in dimensions))
    shown = (at, *dimensions, count, distinct, new, so_far)
    return Rows(Project(summed, tuple((f, Column(f)) for f in shown)))


PLUGINS: dict[str, Plugin] = {"activity_counts_metrics": activity_counts_metrics}
