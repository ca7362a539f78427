"""A plan as text, for ``explain`` and for golden files: one line a relation, inputs indented."""

from __future__ import annotations

import json

from vedette.plan.expressions import Apply, Column, Expression, Field, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Expand,
    Filter,
    FirstPer,
    Fold,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Running,
    Scan,
    Sort,
    SortKey,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import inputs
from vedette.plan.types import Type, datetime_of, timedelta_of


def show(plan: Plan) -> str:
    """The plan, its result first; a field is shown as ``name#number``."""
    lines: list[str] = []
    stack = [(plan.root, 0)]
    while stack:
        relation, depth = stack.pop()
        lines.append("  " * depth + _line(relation))
        stack.extend((below, depth + 1) for below in reversed(inputs(relation)))
    return "\n".join(lines) + "\n"


def _line(relation: Relation) -> str:
    match relation:
        case Scan():
            pairs = zip(relation.fields, relation.columns, strict=True)
            shown = [_field(f) if f.name == c else f"{_field(f)} = {c}" for f, c in pairs]
            return f"scan {relation.table}: {', '.join(shown)}"
        case Values():
            return f"values ({', '.join(map(_typed, relation.fields))}) x {len(relation.rows)}"
        case Filter():
            return f"filter {show_expression(relation.condition)}"
        case Project():
            return f"project {_assignments(relation.assignments)}"
        case Aggregate():
            by = f" by {_assignments(relation.groups)}" if relation.groups else ""
            return f"aggregate {_assignments(relation.aggregates)}{by}".replace("  ", " ")
        case FirstPer():
            return f"first per {', '.join(map(show_expression, relation.keys))}"
        case Join():
            return f"join {relation.kind} on {show_expression(relation.condition)}"
        case Union():
            return f"union ({', '.join(map(_typed, relation.fields))})"
        case Sort():
            return f"sort {', '.join(map(_key, relation.keys))}"
        case Limit():
            return f"limit {relation.count}"
        case Fold():
            return f"fold {', '.join(map(_running, relation.state))}"
        case Window():
            within = ", ".join(map(show_expression, relation.partitions))
            values = _assignments(relation.computed) or "rows as they come"
            return f"window {values}" + (f" within {within}" if within else "")
        case Expand():
            return f"expand {_expanded(relation)}"


def _expanded(relation: Expand) -> str:
    lists = ", ".join(f"{_field(f)} = {show_expression(e)}" for f, e in relation.lists)
    pairs = " as pairs" if relation.pairs else ""
    index = f" index {_field(relation.index)}" if relation.index else ""
    most = f" at most {relation.most}" if relation.most is not None else ""
    return f"{lists}{pairs}{index}{most}"


def _running(running: Running) -> str:
    start, value = show_expression(running.start), show_expression(running.value)
    return f"{_field(running.field)} = {start} then {value}"


def _field(field: Field) -> str:
    return f"{field.name}#{field.number}"


def _typed(field: Field) -> str:
    return f"{_field(field)}: {field.type}"


def _key(key: SortKey) -> str:
    direction = "desc" if key.descending else "asc"
    nulls = "first" if key.nulls_first else "last"
    return f"{show_expression(key.expression)} {direction} nulls {nulls}"


def _assignments(pairs: tuple[Assignment, ...]) -> str:
    return ", ".join(
        _field(f)
        if isinstance(e, Column) and e.field == f
        else f"{_field(f)} = {show_expression(e)}"
        for f, e in pairs
    )


def show_expression(expression: Expression) -> str:
    """An expression in core notation."""
    parts: list[str] = []
    stack: list[Expression | str] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Column):
            parts.append(_field(node.field))
        elif isinstance(node, Apply):
            parts.append(f"{node.operation}(")
            stack.append(")")
            for index, argument in reversed(list(enumerate(node.arguments))):
                stack += [argument, ", "] if index else [argument]
        else:
            parts.append(_literal(node))
    return "".join(parts)


def _literal(literal: Literal) -> str:
    if literal.value is None:
        return f"null_{literal.type}"
    if literal.type is Type.DATETIME and isinstance(literal.value, int):
        return datetime_of(literal.value).isoformat()
    if literal.type is Type.TIMESPAN and isinstance(literal.value, int):
        return f"span({timedelta_of(literal.value)})"
    if isinstance(literal.value, str):
        return json.dumps(literal.value, ensure_ascii=False)
    return str(literal.value)
