"""Dropping what nobody reads: takes a plan, gives the same rows from fewer columns."""

from __future__ import annotations

from dataclasses import replace

from vedette.plan.expressions import Column, Field, fields_of
from vedette.plan.relations import (
    Aggregate,
    Filter,
    FirstPer,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Scan,
    Sort,
    Union,
    Values,
)
from vedette.plan.rewrite import expressions, with_inputs


def prune_columns(plan: Plan) -> Plan:
    """The plan whose scans, projections and unions give only fields that are read above them."""
    return replace(plan, root=_prune(plan.root, set(plan.root.fields)))


def _prune(relation: Relation, wanted: set[Field]) -> Relation:
    """The relation with at least the wanted fields; a relation keeps one field to keep its rows."""
    match relation:
        case Scan():
            pairs = list(zip(relation.fields, relation.columns, strict=True))
            kept = [p for p in pairs if p[0] in wanted] or pairs[:1]
            fields, columns = zip(*kept, strict=True)
            return replace(relation, fields=fields, columns=columns)
        case Values():
            return relation
        case Project():
            assignments = relation.assignments
            some = tuple(a for a in assignments if a[0] in wanted) or assignments[:1]
            reads = {f for _, e in some for f in fields_of(e)}
            return Project(_prune(relation.input, reads), some)
        case Aggregate():
            aggregates = tuple(a for a in relation.aggregates if a[0] in wanted)
            if not aggregates and not relation.groups:
                aggregates = relation.aggregates[:1]
            new = replace(relation, aggregates=aggregates)
            reads = {f for e in expressions(new) for f in fields_of(e)}
            return replace(new, input=_prune(relation.input, reads))
        case Union():
            return _prune_union(relation, wanted)
        case Join():
            reads = wanted | fields_of(relation.condition)
            sides = (_prune(relation.left, reads), _prune(relation.right, reads))
            return with_inputs(relation, sides)
        case Filter() | FirstPer() | Sort() | Limit():
            reads = wanted | {f for e in expressions(relation) for f in fields_of(e)}
            return with_inputs(relation, (_prune(relation.input, reads),))


def _prune_union(union: Union, wanted: set[Field]) -> Union:
    kept = [i for i, f in enumerate(union.fields) if f in wanted] or [0]
    inputs = []
    for below in union.inputs:
        fields = [below.fields[i] for i in kept]
        pruned = _prune(below, set(fields))
        if list(pruned.fields) != fields:  # a filter or join below kept more than was asked for
            pruned = Project(pruned, tuple((f, Column(f)) for f in fields))
        inputs.append(pruned)
    return Union(tuple(inputs), tuple(union.fields[i] for i in kept))
