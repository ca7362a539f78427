"""Re-deriving a plan: takes a plan, raises where a node's types or fields do not follow from below.

Run by the tests on every plan they make, and by ``explain --check``.
"""

from __future__ import annotations

from vedette.plan.build import IllTyped, result_type
from vedette.plan.expressions import Apply, Column, Expression, fields_of, walk
from vedette.plan.operations import OPERATIONS
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Expand,
    Filter,
    Fold,
    Join,
    Plan,
    Project,
    Relation,
    Scan,
    Union,
    Window,
)
from vedette.plan.rewrite import expressions, inputs, relations
from vedette.plan.types import Type


def check(plan: Plan) -> None:
    """Raise IllTyped, naming the node, where the plan is not sound."""
    for relation in relations(plan.root):
        _fields(relation)
        for expression in expressions(relation):
            _types(expression)
        _shape(relation)


def _fields(relation: Relation) -> None:
    known = {f for below in inputs(relation) for f in below.fields}
    if isinstance(relation, Fold):
        known |= {running.field for running in relation.state}
    for expression in expressions(relation):
        stray = fields_of(expression) - known
        if stray:
            names = ", ".join(sorted(f"{f.name}#{f.number}" for f in stray))
            raise IllTyped(f"{type(relation).__name__} reads fields it does not get: {names}")
    numbers = [f.number for f in relation.fields]
    if len(set(numbers)) != len(numbers):
        raise IllTyped(f"{type(relation).__name__} gives a field twice")


def _types(expression: Expression) -> None:
    for node in walk(expression):
        if isinstance(node, Apply) and node.type is not result_type(node.operation, node.arguments):
            raise IllTyped(f"{node.operation} is marked {node.type}")


def _shape(relation: Relation) -> None:
    if isinstance(relation, Filter | Join) and relation.condition.type is not Type.BOOL:
        raise IllTyped(f"{type(relation).__name__} has a condition that is not bool")
    for field, expression in _assigned(relation):
        if field.type is not expression.type:
            raise IllTyped(f"field {field.name} is {field.type}, its value {expression.type}")
    if isinstance(relation, Expand):
        for field, expression in relation.lists:
            if not field.type is expression.type is Type.DYNAMIC:
                raise IllTyped(f"{field.name} is expanded, but is not dynamic")
        if relation.index is not None and relation.index.type is not Type.LONG:
            raise IllTyped("the index of an Expand is not a long")
    if isinstance(relation, Union):
        for below in relation.inputs:
            if [f.type for f in below.fields] != [f.type for f in relation.fields]:
                raise IllTyped("union of inputs with other types")
    if isinstance(relation, Scan) and len(relation.fields) != len(relation.columns):
        raise IllTyped(f"scan of {relation.table} does not name a column a field")
    if isinstance(relation, Join) and set(relation.left.fields) & set(relation.right.fields):
        raise IllTyped("both sides of a Join give the same field")
    _neighbours(relation)
    if isinstance(relation, Aggregate):
        _folding(relation)
    else:
        for expression in expressions(relation):
            if any(is_aggregate(n) for n in walk(expression)):
                raise IllTyped(f"an aggregate stands in {type(relation).__name__}")


def _assigned(relation: Relation) -> tuple[Assignment, ...]:
    match relation:
        case Project():
            return relation.assignments
        case Aggregate():
            return relation.groups + relation.aggregates
        case Window():
            return relation.computed
        case Fold():
            starts = tuple((running.field, running.start) for running in relation.state)
            return (*starts, *((running.field, running.value) for running in relation.state))
    return ()


def _neighbours(relation: Relation) -> None:
    """Window operations stand at the top of what a Window computes, and nowhere else."""
    tops: list[Expression] = []
    if isinstance(relation, Window):
        tops = [e for _, e in relation.computed]
        for top in tops:
            if not is_window(top):
                raise IllTyped(f"no window operation: {_top(top)}")
    for expression in expressions(relation):
        for node in walk(expression):
            if is_window(node) and not any(node is top for top in tops):
                raise IllTyped(f"a window operation stands in {type(relation).__name__}")


def _top(expression: Expression) -> str:
    return expression.operation if isinstance(expression, Apply) else type(expression).__name__


def is_window(expression: Expression) -> bool:
    """Whether the expression's own operation looks at a row's neighbours."""
    return isinstance(expression, Apply) and OPERATIONS[expression.operation].window


def _folding(relation: Aggregate) -> None:
    for field, expression in relation.groups:
        if any(is_aggregate(n) for n in walk(expression)):
            raise IllTyped(f"an aggregate stands in a group: {field.name}")
    for field, expression in relation.aggregates:
        stack: list[tuple[Expression, bool]] = [(expression, False)]
        while stack:
            node, folded = stack.pop()
            folds = is_aggregate(node)
            if folds and folded:
                raise IllTyped(f"an aggregate stands inside another: {field.name}")
            if isinstance(node, Column) and not folded:
                raise IllTyped(f"{field.name} reads a field outside of its aggregates")
            if isinstance(node, Apply):
                stack.extend((argument, folded or folds) for argument in node.arguments)


def is_aggregate(expression: Expression) -> bool:
    """Whether the expression's own operation folds many rows into one."""
    return isinstance(expression, Apply) and OPERATIONS[expression.operation].aggregate
