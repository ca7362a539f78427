"""Generic walks over a plan: a pass says what it changes, these visit everything else for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from vedette.plan.expressions import Apply, Expression
from vedette.plan.relations import (
    Aggregate,
    Filter,
    FirstPer,
    Join,
    Limit,
    Project,
    Relation,
    Sort,
    Union,
)


def inputs(relation: Relation) -> tuple[Relation, ...]:
    """The relations directly below."""
    if isinstance(relation, Join):
        return (relation.left, relation.right)
    if isinstance(relation, Union):
        return relation.inputs
    if isinstance(relation, Filter | Project | Aggregate | FirstPer | Sort | Limit):
        return (relation.input,)
    return ()


def with_inputs(relation: Relation, new: tuple[Relation, ...]) -> Relation:
    """The relation over other relations in place of those directly below."""
    if all(a is b for a, b in zip(new, inputs(relation), strict=True)):
        return relation
    if isinstance(relation, Join):
        return replace(relation, left=new[0], right=new[1])
    if isinstance(relation, Union):
        return replace(relation, inputs=new)
    if isinstance(relation, Filter | Project | Aggregate | FirstPer | Sort | Limit):
        return replace(relation, input=new[0])
    return relation


def expressions(relation: Relation) -> tuple[Expression, ...]:
    """The expressions that the relation itself holds."""
    if isinstance(relation, Filter | Join):
        return (relation.condition,)
    if isinstance(relation, Project):
        return tuple(e for _, e in relation.assignments)
    if isinstance(relation, Aggregate):
        return tuple(e for _, e in relation.groups + relation.aggregates)
    if isinstance(relation, FirstPer):
        return relation.keys
    if isinstance(relation, Sort):
        return tuple(key.expression for key in relation.keys)
    return ()


def with_expressions(relation: Relation, change: Callable[[Expression], Expression]) -> Relation:
    """The relation with each expression that it holds itself replaced by ``change`` of it."""
    if isinstance(relation, Filter | Join):
        return replace(relation, condition=change(relation.condition))
    if isinstance(relation, Project):
        return replace(relation, assignments=tuple((f, change(e)) for f, e in relation.assignments))
    if isinstance(relation, Aggregate):
        groups = tuple((f, change(e)) for f, e in relation.groups)
        aggregates = tuple((f, change(e)) for f, e in relation.aggregates)
        return replace(relation, groups=groups, aggregates=aggregates)
    if isinstance(relation, FirstPer):
        return replace(relation, keys=tuple(change(k) for k in relation.keys))
    if isinstance(relation, Sort):
        keys = tuple(replace(k, expression=change(k.expression)) for k in relation.keys)
        return replace(relation, keys=keys)
    return relation


def relations(root: Relation) -> Iterator[Relation]:
    """The relation and everything below it, outermost first."""
    stack = [root]
    while stack:
        relation = stack.pop()
        yield relation
        stack.extend(reversed(inputs(relation)))


def rewrite_relation(root: Relation, change: Callable[[Relation], Relation]) -> Relation:
    """The plan with ``change`` applied to every relation, innermost first."""
    return change(with_inputs(root, tuple(rewrite_relation(r, change) for r in inputs(root))))


def rewrite_expression(
    expression: Expression, change: Callable[[Expression], Expression]
) -> Expression:
    """The expression with ``change`` applied to every part of it, innermost first."""
    if isinstance(expression, Apply):
        new = tuple(rewrite_expression(a, change) for a in expression.arguments)
        if any(a is not b for a, b in zip(new, expression.arguments, strict=True)):
            expression = replace(expression, arguments=new)
    return change(expression)
