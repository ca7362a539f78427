"""Generic walks over a plan: a pass says what it changes, these visit everything else for it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace

from vedette.plan.expressions import Apply, Expression, walk
from vedette.plan.operations import OPERATIONS
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    FirstPer,
    Fold,
    Join,
    Project,
    Relation,
    Running,
    Scan,
    Sort,
    Union,
    Values,
    Window,
)


def inputs(relation: Relation) -> tuple[Relation, ...]:
    """The relations directly below."""
    if isinstance(relation, Join):
        return (relation.left, relation.right)
    if isinstance(relation, Union):
        return relation.inputs
    if isinstance(relation, Scan) or isinstance(relation, Values):  # noqa: SIM101 - twice as fast
        return ()
    return (relation.input,)


def with_inputs(relation: Relation, new: tuple[Relation, ...]) -> Relation:
    """The relation over other relations in place of those directly below."""
    old = inputs(relation)
    if len(new) == len(old) and all(map(operator.is_, new, old)):
        return relation
    match relation:
        case Filter():
            return Filter(new[0], relation.condition)
        case Project():
            return Project(new[0], relation.assignments)
        case Join():
            return Join(relation.kind, new[0], new[1], relation.condition)
        case Union():
            return Union(new, relation.fields)
        case Scan() | Values():
            return relation
        case _:
            return replace(relation, input=new[0])


def is_by_chance(expression: Expression) -> bool:
    """Whether an expression draws a value by chance, so that no two evaluations need agree."""
    return any(isinstance(n, Apply) and OPERATIONS[n.operation].by_chance for n in walk(expression))


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
    if isinstance(relation, Expand):
        return tuple(e for _, e in relation.lists)
    if isinstance(relation, Sort):
        return tuple(key.expression for key in relation.keys)
    if isinstance(relation, Fold):
        return tuple(running.value for running in relation.state)
    if isinstance(relation, Window):
        return (*(e for _, e in relation.computed), *relation.partitions)
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
    if isinstance(relation, Expand):
        return replace(relation, lists=tuple((f, change(e)) for f, e in relation.lists))
    if isinstance(relation, FirstPer):
        return replace(relation, keys=tuple(change(k) for k in relation.keys))
    if isinstance(relation, Sort):
        keys = tuple(replace(k, expression=change(k.expression)) for k in relation.keys)
        return replace(relation, keys=keys)
    if isinstance(relation, Fold):
        return replace(relation, state=_changed(relation.state, change))
    if isinstance(relation, Window):
        computed = tuple((f, change(e)) for f, e in relation.computed)
        partitions = tuple(change(e) for e in relation.partitions)
        return replace(relation, computed=computed, partitions=partitions)
    return relation


def _changed(
    state: tuple[Running, ...], change: Callable[[Expression], Expression]
) -> tuple[Running, ...]:
    return tuple(replace(running, value=change(running.value)) for running in state)


def relations(root: Relation) -> Iterator[Relation]:
    """The relation and everything below it, outermost first; what stands in two places once."""
    stack = [root]
    seen: set[int] = set()
    while stack:
        relation = stack.pop()
        if id(relation) not in seen:
            seen.add(id(relation))
            yield relation
            stack.extend(reversed(inputs(relation)))


def each_once(root: Relation) -> list[Relation]:
    """Every relation of the plan once, what is below before what stands on it."""
    order: list[Relation] = []
    seen: set[int] = set()
    stack: list[tuple[Relation, bool]] = [(root, False)]
    while stack:
        relation, ready = stack.pop()
        if ready:
            order.append(relation)
        elif id(relation) not in seen:
            seen.add(id(relation))
            stack.append((relation, True))
            stack.extend((below, False) for below in reversed(inputs(relation)))
    return order


def rewrite_relation(root: Relation, change: Callable[[Relation], Relation]) -> Relation:
    """The plan with ``change`` applied to every relation, innermost first.

    A relation that stands in several places is changed once and stands in all of them again.
    """
    new: dict[int, Relation] = {}
    for relation in each_once(root):
        below = tuple(new[id(r)] for r in inputs(relation))
        new[id(relation)] = change(with_inputs(relation, below))
    return new[id(root)]


def rewrite_expression(
    expression: Expression, change: Callable[[Expression], Expression]
) -> Expression:
    """The expression with ``change`` applied to every part, innermost first; depth is no limit."""
    outermost_first: list[Expression] = []
    stack = [expression]
    while stack:
        node = stack.pop()
        outermost_first.append(node)
        if isinstance(node, Apply):
            stack.extend(node.arguments)
    done: list[Expression] = []
    for node in reversed(outermost_first):  # so the first argument comes first
        if isinstance(node, Apply):
            cut = len(done) - len(node.arguments)
            arguments = tuple(done[cut:])
            del done[cut:]
            if any(map(operator.is_not, arguments, node.arguments)):
                node = Apply(node.operation, arguments, node.type, node.span)
        done.append(change(node))
    return done[0]
