"""From platforms' tables to stored ones: takes a plan over any, gives a plan over stored ones.

A platform's table holds the events that its view maps (``tables/views/*.toml``) and the rows that
were ingested straight into it. What nothing is stored of becomes an empty relation.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from vedette.plan.build import null
from vedette.plan.expressions import Column, Expression, Fields
from vedette.plan.meaning import express, names_in
from vedette.plan.relations import (
    Expand,
    Filter,
    Plan,
    Project,
    Relation,
    Scan,
    Union,
    Values,
)
from vedette.plan.rewrite import relations, rewrite_relation
from vedette.plan.types import Type
from vedette.tables.catalog import Catalog, event_tables, view_sources
from vedette.tables.schema import Table, ViewSource

ELEMENT = "element"
"""What notations call an element of the column that a source takes apart."""


def expand_views(plan: Plan, catalog: Catalog, stored: Container[str]) -> Plan:
    """The plan with every scan replaced by scans of the stored tables behind it.

    *stored* holds the names of the tables that have rows.
    """
    fields = fields_after(plan)

    def expand(relation: Relation) -> Relation:
        if not isinstance(relation, Scan):
            return relation
        table = catalog.table(relation.table)
        if table is None:
            raise KeyError(relation.table)
        return _rows(relation, table, stored, fields)

    return replace(plan, root=rewrite_relation(plan.root, expand))


def fields_after(plan: Plan) -> Fields:
    """A source of fields whose numbers the plan does not use yet."""
    used = [f.number for r in relations(plan.root) for f in r.fields]
    fresh = Fields()
    fresh.skip_to(max(used, default=0))
    return fresh


def _rows(scan: Scan, table: Table, stored: Container[str], fields: Fields) -> Relation:
    inputs: list[Relation] = []
    if scan.table in stored:
        inputs.append(replace(scan, fields=tuple(fields.new(f.name, f.type) for f in scan.fields)))
    if table.platform in ("sentinel", "qradar"):
        for source in view_sources(scan.table):
            if source.event_table in stored:
                inputs.append(_mapped(scan, source, fields))
    if not inputs:
        return Values(scan.fields, ())
    if len(inputs) == 1:
        pairs = zip(scan.fields, inputs[0].fields, strict=True)
        return Project(inputs[0], tuple((f, Column(below, scan.span)) for f, below in pairs))
    return Union(tuple(inputs), scan.fields)


def _mapped(scan: Scan, source: ViewSource, fields: Fields) -> Relation:
    types = event_tables()[source.event_table]
    notations = [source.columns.get(column, "") for column in scan.columns]
    wanted = {n for notation in (*notations, source.where) if notation for n in names_in(notation)}
    wanted = (wanted - {ELEMENT}) | ({source.each} if source.each else set())
    wanted = wanted or {"event_id"}  # a scan needs a column, if only to count its rows
    below = {name: fields.new(name, types[name]) for name in sorted(wanted)}
    relation: Relation = Scan(source.event_table, tuple(below.values()), tuple(below), scan.span)

    def lookup(name: str) -> tuple[Expression, ...]:
        return (Column(below[name], scan.span),)

    if source.where:
        relation = Filter(relation, express(source.where, lookup, scan.span))
    if source.each:
        below[ELEMENT] = fields.new(ELEMENT, Type.DYNAMIC)
        elements = Column(below[source.each], scan.span)
        relation = Expand(relation, ((below[ELEMENT], elements),))
        relation = Filter(relation, express(f"not(is_null({ELEMENT}))", lookup, scan.span))
    assignments = []
    for field, notation in zip(scan.fields, notations, strict=True):
        value = express(notation, lookup, scan.span) if notation else null(field.type, scan.span)
        assignments.append((fields.new(field.name, field.type), value))
    return Project(relation, tuple(assignments))
