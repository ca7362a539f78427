"""From a KQL text to a plan: takes a source and the tables it may name, gives the plan."""

from __future__ import annotations

from vedette.kql.advice import advise
from vedette.kql.binding import gathering, sources
from vedette.kql.binding.beside import parameters
from vedette.kql.binding.beside.given import NOTHING, Given
from vedette.kql.binding.binder import Binder
from vedette.kql.binding.context import Context, GivenUp, NeedsRows, Unbound
from vedette.kql.binding.scope import Rows, Scope, Tabular
from vedette.kql.lookback import lookback
from vedette.kql.operators.making import Print
from vedette.kql.reading import grammar
from vedette.kql.reading.syntax_tree import Node, Query
from vedette.plan.expressions import Column
from vedette.plan.passes.prune_columns import prune_columns
from vedette.plan.relations import Plan, Project, Relation, Values
from vedette.plan.rewrite import each_once, inputs
from vedette.syntax.problem import Findings, did_you_mean
from vedette.syntax.recent import Recent
from vedette.syntax.source import Source, Span
from vedette.tables.catalog import Catalog

DEEPEST_RELATIONS = 200

LONGEST_REMEMBERED = 100_000
_TREES: Recent[tuple[str, bool], Query] = Recent(256)
"""Texts that are read again: at another moment, in another workspace."""

NO_PLAN = Plan(Values((), ()))


def bind(
    source: Source, catalog: Catalog, now: int, findings: Findings, output: str | None = None,
    given: Given = NOTHING,
) -> Plan:  # fmt: skip
    """The plan of a query whose clock shows *now*, in ticks.

    *output* names a ``let`` table whose rows are given instead of the last statement's, *given*
    says what the query may count on beside its text. What is wrong is recorded in *findings*; where
    that is an error, the plan given is no result.
    """
    try:
        return _bound(source, catalog, now, findings, output, given)
    except GivenUp:
        return NO_PLAN
    except RecursionError:
        message = "The query is nested too deeply"
        findings.add("KS245", "limit", message, Span(0, 0), hint="split it with let")
        return NO_PLAN


def _bound(
    source: Source, catalog: Catalog, now: int, findings: Findings, output: str | None, given: Given
) -> Plan:
    query = _read(source, findings)
    binder = Binder(source, catalog, now, findings, given)
    scope = Scope()
    rows: Rows | None = None
    result: Node | None = None
    try:
        result = binder.statements(query, scope)
        parameters.check(binder)
        if result is not None:
            rows = _rows(binder, result, scope)
        elif output is None and not findings.failed:
            message = "The text holds no query"
            if query.statements:
                message = "The text defines names, but asks for no rows"
            raise binder.fail("VD006", "type", message, Span(0, 0))
    except Unbound:
        rows = None
    if output is not None:
        rows = _output(binder, output, scope)
    advise(findings, scope, result)
    if findings.failed or rows is None:
        return NO_PLAN
    return _plan(binder, rows)


def _read(source: Source, findings: Findings) -> Query:
    """The statements of a text; those of one without any mistake are remembered."""
    key = (source.text, findings.strict)
    known = _TREES.get(key)
    if known is not None:
        return known
    query = grammar.read(source, findings)
    if findings.problems or findings.repairs or len(source.text) > LONGEST_REMEMBERED:
        return query
    return _TREES.keep(key, query)


def _rows(binder: Binder, result: Node, scope: Scope) -> Rows:
    """The rows of a result; those of a value alone as ``print`` has them."""
    if not binder.findings.strict:
        try:
            given = sources.bind(binder, result, Context(scope))
        except NeedsRows:
            given = None
        if isinstance(given, Rows):
            return given
        message = "the result is a value, no table: it is read as 'print' of it"
        binder.findings.repair("value-alone", message, result.span)
        return Print(result.span, (result,)).bind(binder, None, scope)
    return binder.rows(result, scope)


def _output(binder: Binder, name: str, scope: Scope) -> Rows | None:
    entry = scope.find(name)
    if isinstance(entry, Tabular):
        return entry.rows
    tables = [n for n, e in scope.entries() if isinstance(e, Tabular)]
    hint = did_you_mean(name, tables) or (f"there are {', '.join(tables)}" if tables else "")
    message = f"The query defines no table '{name}' that could be given"
    binder.fail("VD003", "name", message, Span(0, 0), hint=hint)
    return None


def _plan(binder: Binder, rows: Rows) -> Plan:
    if _depth(rows) > DEEPEST_RELATIONS:
        message = f"The query has more than {DEEPEST_RELATIONS} steps behind each other"
        binder.fail("KS245", "limit", message, Span(0, 0))
        return NO_PLAN
    plan = prune_columns(Plan(_shown(binder, rows.relation)))
    if binder.gathered:
        plan = prune_columns(Plan(gathering.expanded(binder, plan.root)))
    clock = binder.clock
    if not clock.is_read:
        return Plan(plan.root, timeless=True)
    reaches = lookback(plan.root, clock.now, clock.moments)
    return Plan(plan.root, reaches, hides_clock=clock.is_hidden)


def _shown(binder: Binder, relation: Relation) -> Relation:
    """The result without the columns that only tables without rows have, if these are many."""
    fields = gathering.shown_fields(binder, relation.fields)
    if fields == relation.fields:
        return relation
    return Project(relation, tuple((f, Column(f)) for f in fields))


def _depth(rows: Rows) -> int:
    depths: dict[int, int] = {}
    for relation in each_once(rows.relation):
        depths[id(relation)] = 1 + max((depths[id(r)] for r in inputs(relation)), default=0)
    return depths[id(rows.relation)]
