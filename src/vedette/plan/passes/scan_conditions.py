"""What a plan asks of each row of a table before anything else: takes a plan, gives conditions.

A row of a scan of which the condition is not true changes nothing: some filter above drops it, and
until then it only meets relations that look at each row alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, fields_of
from vedette.plan.passes.two_valued import chained
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    Join,
    Plan,
    Project,
    Relation,
    Scan,
    Sort,
    Union,
    Values,
)
from vedette.plan.rewrite import each_once, inputs, is_by_chance, rewrite_expression
from vedette.syntax.source import NOWHERE


@dataclass(frozen=True, slots=True)
class ScanCondition:
    """A scan, and conditions over columns that only rows meet which the plan does not drop.

    In a condition the scan's own fields stand.
    """

    scan: Scan
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    """A scan on its way up: what its columns are called here, and what was asked so far."""

    place: int
    scan: Scan
    values: Mapping[Field, Expression]


def scan_conditions(plan: Plan) -> list[ScanCondition]:
    """The condition of each scan of the plan, one without where nothing is asked of its rows."""
    order = each_once(plan.root)
    uses = Counter(id(below) for relation in order for below in inputs(relation))
    scans = [relation for relation in order if isinstance(relation, Scan)]
    found: list[list[Expression]] = [[] for _ in scans]
    places = {id(scan): place for place, scan in enumerate(scans)}
    open_at: dict[int, list[_Open]] = {}
    for relation in order:
        if isinstance(relation, Scan):
            here = [_Open(places[id(relation)], relation, {f: Column(f) for f in relation.fields})]
        else:
            here = _passed(relation, open_at)
        if isinstance(relation, Filter):
            for one in here:
                found[one.place] += _asked(relation.condition, one.values)
        open_at[id(relation)] = here if uses[id(relation)] <= 1 else []
    return [ScanCondition(s, tuple(c)) for s, c in zip(scans, found, strict=True)]


def _passed(relation: Relation, open_at: Mapping[int, list[_Open]]) -> list[_Open]:
    """The scans of which each row stands for itself behind the relation, too."""
    below = [one for each in inputs(relation) for one in open_at[id(each)]]
    match relation:
        case Filter() | Sort() | Expand():
            return below
        case Project():
            return [replace(o, values=_assigned(relation, o.values)) for o in below]
        case Union():
            renamed: list[_Open] = []
            for each in relation.inputs:
                names = list(zip(relation.fields, each.fields, strict=True))
                renamed += [
                    replace(o, values={f: o.values[b] for f, b in names if b in o.values})
                    for o in open_at[id(each)]
                ]
            return renamed
    return []


def _assigned(project: Project, values: Mapping[Field, Expression]) -> Mapping[Field, Expression]:
    made: dict[Field, Expression] = {}
    for field, value in project.assignments:
        if isinstance(value, Column):
            if value.field in values:
                made[field] = values[value.field]
        elif _reads_only(value, values):
            made[field] = _put(value, values)
    return made


def _asked(condition: Expression, values: Mapping[Field, Expression]) -> list[Expression]:
    """The parts of a filter's condition that can be said of the scan's rows."""
    is_and = isinstance(condition, Apply) and condition.operation == "and"
    parts = chained(condition) if is_and and isinstance(condition, Apply) else (condition,)
    return [_put(part, values) for part in parts if _reads_only(part, values)]


def _reads_only(expression: Expression, values: Mapping[Field, Expression]) -> bool:
    return fields_of(expression) <= values.keys() and not is_by_chance(expression)


def _put(expression: Expression, values: Mapping[Field, Expression]) -> Expression:
    def put(node: Expression) -> Expression:
        if isinstance(node, Column):
            return values[node.field]
        if node.span is NOWHERE:
            return node
        if isinstance(node, Apply):
            return Apply(node.operation, node.arguments, node.type)
        return Literal(node.value, node.type)

    return rewrite_expression(expression, put)


def gives_nothing(root: Relation, empty: Collection[str]) -> bool:
    """Whether a plan has no rows if these tables have none."""
    nothing: dict[int, bool] = {}
    for relation in each_once(root):
        below = [nothing[id(each)] for each in inputs(relation)]
        match relation:
            case Scan():
                found = relation.table in empty
            case Values():
                found = not relation.rows
            case Aggregate():
                found = below[0] and bool(relation.groups)
            case Join():
                found = _joins_nothing(relation, *below)
            case Union():
                found = all(below)
            case _:
                found = below[0]
        nothing[id(relation)] = found
    return nothing[id(root)]


def _joins_nothing(join: Join, left: bool, right: bool) -> bool:
    match join.kind:
        case "inner" | "left_semi":
            return left or right
        case "left_outer" | "left_anti":
            return left
        case "right_outer":
            return right
        case "full_outer":
            return left and right
