"""A second copy of a relation: takes one, gives an equal one whose fields are all new.

A plan that reads the same rows in two places needs it, because a field stands once in a plan.
"""

from __future__ import annotations

from dataclasses import replace

from vedette.plan.expressions import Column, Expression, Field, Fields
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Expand,
    Fold,
    Project,
    Relation,
    Scan,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import inputs, rewrite_expression, with_expressions, with_inputs


def renumber(relation: Relation, fields: Fields) -> tuple[Relation, dict[Field, Field]]:
    """The copy, and the new field in place of each old one."""
    new: dict[Field, Field] = {}
    copies: dict[int, Relation] = {}

    def fresh(field: Field) -> Field:
        if field not in new:
            new[field] = fields.new(field.name, field.type)
        return new[field]

    def substitute(expression: Expression) -> Expression:
        if isinstance(expression, Column):
            return replace(expression, field=fresh(expression.field))
        return expression

    def assign(pairs: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
        return tuple((fresh(f), rewrite_expression(e, substitute)) for f, e in pairs)

    def copy(old: Relation) -> Relation:
        if id(old) not in copies:
            copies[id(old)] = copied(with_inputs(old, tuple(map(copy, inputs(old)))))
        return copies[id(old)]

    def copied(below: Relation) -> Relation:
        match below:
            case Scan() | Values():
                return replace(below, fields=tuple(map(fresh, below.fields)))
            case Union():
                return replace(below, fields=tuple(map(fresh, below.fields)))
            case Project():
                return replace(below, assignments=assign(below.assignments))
            case Aggregate():
                groups, aggregates = assign(below.groups), assign(below.aggregates)
                return replace(below, groups=groups, aggregates=aggregates)
            case Expand():
                index = fresh(below.index) if below.index else None
                return replace(below, lists=assign(below.lists), index=index)
            case Fold():
                state = tuple(
                    replace(r, field=fresh(r.field), value=rewrite_expression(r.value, substitute))
                    for r in below.state
                )
                return replace(below, state=state)
            case Window():
                partitions = tuple(rewrite_expression(e, substitute) for e in below.partitions)
                return replace(below, computed=assign(below.computed), partitions=partitions)
            case _:
                return with_expressions(below, lambda e: rewrite_expression(e, substitute))

    return copy(relation), new
