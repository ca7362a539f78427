"""Dropping what nobody reads: takes a plan, gives the same rows from fewer columns."""

from __future__ import annotations

from dataclasses import replace

from vedette.plan.expressions import Column, Field, fields_of
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    Fold,
    Plan,
    Project,
    Relation,
    Scan,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import each_once, expressions, inputs, with_inputs


def prune_columns(plan: Plan) -> Plan:
    """The plan whose scans, rows, projections and unions give only fields that are read above."""
    order = each_once(plan.root)
    wanted: dict[int, set[Field]] = {id(plan.root): set(plan.root.fields)}
    for relation in reversed(order):
        for below, fields in zip(inputs(relation), _reads(relation, wanted), strict=True):
            wanted.setdefault(id(below), set()).update(fields)
    new: dict[int, Relation] = {}
    for relation in order:
        below_new = tuple(new[id(below)] for below in inputs(relation))
        new[id(relation)] = _pruned(relation, below_new, wanted[id(relation)])
    return replace(plan, root=new[id(plan.root)])


def _reads(relation: Relation, wanted: dict[int, set[Field]]) -> list[set[Field]]:
    """What the relation needs of each of its inputs; every relation keeps a field for its rows."""
    above = wanted[id(relation)]
    match relation:
        case Filter():
            return [above | fields_of(relation.condition)]
        case Project():
            read: set[Field] = set()
            for _, value in _some(relation.assignments, above) or relation.assignments[:1]:
                if isinstance(value, Column):
                    read.add(value.field)
                else:
                    read |= fields_of(value)
            return [read]
        case Aggregate():
            return [{f for e in expressions(_kept(relation, above)) for f in fields_of(e)}]
        case Fold():
            state = {running.field for running in relation.state}
            used = {f for e in expressions(relation) for f in fields_of(e)}
            return [(above | used) - state]
        case Window():
            computed = {f for f, _ in relation.computed}
            used = {f for e in expressions(_windows(relation, above)) for f in fields_of(e)}
            return [(above - computed) | used]
        case Union():
            places = _places(relation, above)
            return [{below.fields[i] for i in places} for below in relation.inputs]
        case _:
            reads = above | {f for e in expressions(relation) for f in fields_of(e)}
            return [reads & set(below.fields) for below in inputs(relation)]


def _some(assignments: tuple[Assignment, ...], above: set[Field]) -> tuple[Assignment, ...]:
    return tuple([a for a in assignments if a[0] in above])


def _kept(relation: Aggregate, above: set[Field]) -> Aggregate:
    aggregates = tuple(a for a in relation.aggregates if a[0] in above)
    if not aggregates and not relation.groups:
        aggregates = relation.aggregates[:1]
    return replace(relation, aggregates=aggregates)


def _windows(window: Window, above: set[Field]) -> Window:
    return replace(window, computed=tuple(a for a in window.computed if a[0] in above))


def _places(union: Union, above: set[Field]) -> list[int]:
    return [i for i, f in enumerate(union.fields) if f in above] or [0] * bool(union.fields)


def _pruned(relation: Relation, below: tuple[Relation, ...], above: set[Field]) -> Relation:
    match relation:
        case Scan():
            pairs = list(zip(relation.fields, relation.columns, strict=True))
            kept = [p for p in pairs if p[0] in above] or pairs[:1]
            if len(kept) == len(pairs):
                return relation
            fields, columns = (tuple(part) for part in zip(*kept, strict=True))
            return replace(relation, fields=fields, columns=columns)
        case Values():
            places = [i for i, f in enumerate(relation.fields) if f in above] or [0]
            if len(places) >= len(relation.fields):
                return relation
            rows = tuple(tuple(row[i] for i in places) for row in relation.rows)
            return Values(tuple(relation.fields[i] for i in places), rows)
        case Project():
            some = _some(relation.assignments, above) or relation.assignments[:1]
            if len(some) == len(relation.assignments):
                return with_inputs(relation, below)
            return Project(below[0], some)
        case Aggregate():
            return with_inputs(_kept(relation, above), below)
        case Window():
            return with_inputs(_windows(relation, above), below)
        case Union():
            return _pruned_union(relation, below, _places(relation, above))
        case _:
            return with_inputs(relation, below)


def _pruned_union(union: Union, below: tuple[Relation, ...], places: list[int]) -> Union:
    inputs = []
    for old, new in zip(union.inputs, below, strict=True):
        fields = tuple(old.fields[i] for i in places)
        if new.fields != fields:  # what is below kept more than was asked for
            new = Project(new, tuple((f, Column(f)) for f in fields))
        inputs.append(new)
    return Union(tuple(inputs), tuple(union.fields[i] for i in places))
