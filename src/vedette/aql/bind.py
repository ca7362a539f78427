"""Binding a text: takes a source and the tables it may name, gives its plan."""

from __future__ import annotations

from vedette.aql.binding.disagreement import advise_on_cases
from vedette.aql.binding.names import result_name
from vedette.aql.binding.statement import Bound, Surroundings, bind_query
from vedette.aql.properties import Mappings
from vedette.aql.reading.grammar import parse
from vedette.aql.reading.syntax_tree import Query, Star
from vedette.aql.repairs import repair_text
from vedette.plan.relations import Plan
from vedette.syntax.problem import Findings
from vedette.syntax.source import Source
from vedette.tables.catalog import Catalog

DEFAULT = Mappings()


def bind(
    source: Source,
    catalog: Catalog,
    now: int,
    findings: Findings,
    mappings: Mappings = DEFAULT,
) -> Plan:
    """The plan of a query; raises QueryError with every problem of the text.

    *now* is the query's clock in ticks. Problems that do not hinder, and the repairs that were
    made, are left in *findings*.
    """
    query = parse(source, findings, lambda: _names(source, catalog, mappings))
    bound: Bound | None = None
    if query is not None:
        repair_text(query, source, findings)
        advise_on_cases(query, findings)
        bound = bind_query(query, Surroundings(source, catalog, now, findings, mappings))
    findings.raise_errors()
    if bound is None:
        raise AssertionError("a query without a plan has no problem")
    return Plan(bound.rows, bound.lookback)


def _names(source: Source, catalog: Catalog, mappings: Mappings) -> frozenset[str]:
    """Every field that a query may name, in lower case."""
    tables = (catalog.table_folded(name) for name in ("events", "flows"))
    names = [column for table in tables if table is not None for column in table.columns]
    names += [*mappings.properties, *(row.name for row in mappings.custom), "sessionId"]
    query = parse(source, Findings(source))
    while query is not None and query.source is not None:
        inner = query.source.table
        query = inner if isinstance(inner, Query) else None
        items = query.items if query is not None else ()
        names += [
            result_name(source, item.value, item.alias, first=first)
            for item in items
            if not isinstance(item.value, Star)
            for first in (False, True)
        ]
    return frozenset(name.lower() for name in names)
