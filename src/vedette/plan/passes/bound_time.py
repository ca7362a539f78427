"""A clock in the past: takes a plan, gives it over a world in which nothing later has happened yet.

A query that is run as of a past moment must not see what came after it, and where its rule looks
back over a fixed period, not what came before that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vedette.plan.build import apply, every
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import Filter, Plan, Project, Relation, Scan
from vedette.plan.rewrite import rewrite_relation
from vedette.plan.types import Type


def bound_time(
    plan: Plan,
    time_column: Callable[[str], str | None],
    fields: Fields,
    after: int | None = None,
    until: int | None = None,
) -> Plan:
    """The plan whose scans give rows with ``after < time <= until``, in ticks; None is no bound.

    *time_column* names the datetime column of a table, or None for a table without one.
    """

    def bound(relation: Relation) -> Relation:
        column = time_column(relation.table) if isinstance(relation, Scan) else None
        if column is None or not isinstance(relation, Scan):
            return relation
        if column in relation.columns:
            time = relation.fields[relation.columns.index(column)]
            return Filter(relation, _between(time, after, until))
        time = fields.new(column, Type.DATETIME)
        wider = Scan(relation.table, (*relation.fields, time), (*relation.columns, column))
        kept = tuple((f, Column(f)) for f in relation.fields)
        return Project(Filter(wider, _between(time, after, until)), kept)

    if after is None and until is None:
        return plan
    return replace(plan, root=rewrite_relation(plan.root, bound))


def _between(time: Field, after: int | None, until: int | None) -> Expression:
    bounds: list[Expression] = []
    if after is not None:
        bounds.append(apply("greater", Column(time), Literal(after, Type.DATETIME)))
    if until is not None:
        bounds.append(apply("less_or_equal", Column(time), Literal(until, Type.DATETIME)))
    return every(bounds)
