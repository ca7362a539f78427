"""From a rule's text to a plan: takes a source, gives a plan over the event tables."""

from __future__ import annotations

from sigma.rule import SigmaRule

from vedette.plan.build import null
from vedette.plan.expressions import Column, Expression, Field, Fields
from vedette.plan.relations import Filter, Plan, Project, Relation, Scan, Union, Values
from vedette.plan.types import Type
from vedette.sigma import codes
from vedette.sigma.binding.conditions import Conditions, Unbound
from vedette.sigma.binding.fields import Event, UnknownField
from vedette.sigma.binding.log_sources import Branch, hint, log_source
from vedette.sigma.binding.values import both
from vedette.sigma.reading.documents import Document, read_documents
from vedette.sigma.reading.rules import read_rule
from vedette.syntax import NOWHERE, Findings, Source
from vedette.tables.catalog import event_tables

NO_PLAN = Plan(Values((), ()))
EVERYWHERE = ("time", "host")
"""Columns that every rule's result has first."""


def bind(source: Source, findings: Findings) -> Plan:
    """The plan of a rule; problems are recorded in *findings*."""
    documents = read_documents(findings)
    if not documents:
        return NO_PLAN
    if len(documents) > 1 or "correlation" in documents[0].values:
        first = documents[0] if len(documents) == 1 else documents[1]
        message = "Correlations, and several rules in one text, are not supported yet"
        place = first.key("correlation")
        findings.add(codes.CORRELATION, "unsupported", message, place, hint="ask one rule")
        return NO_PLAN
    rule = read_rule(documents[0], findings)
    if rule is None:
        return NO_PLAN
    try:
        return Plan(rule_rows(documents[0], rule, findings), timeless=True)
    except Unbound:
        return NO_PLAN


def rule_rows(document: Document, rule: SigmaRule, findings: Findings) -> Relation:
    """The events that a rule matches; raises Unbound."""
    source = log_source(rule.logsource.product, rule.logsource.category, rule.logsource.service)
    if source is None:
        names = (rule.logsource.product, rule.logsource.category, rule.logsource.service)
        message = f"No events are known for the log source {', '.join(n for n in names if n)}"
        place = document.key("logsource")
        findings.add(codes.UNKNOWN_LOG_SOURCE, "source", message, place, hint=hint(*names))
        raise Unbound(message)
    fields = Fields()
    bound: list[_Bound] = []
    for branch in source.branches:
        event = Event(branch.table, fields)
        conditions = Conditions(document, rule, event, branch, findings)
        condition = conditions.condition()
        if getattr(condition, "value", None) is not False or branch is source.branches[0]:
            bound.append(_Bound(branch, event, condition, tuple(conditions.fields)))
    possible = [b for b in bound if getattr(b.condition, "value", None) is not False]
    return _rows(rule, possible or bound[:1], fields)


class _Bound:
    """A rule bound to one event table."""

    def __init__(
        self, branch: Branch, event: Event, condition: Expression, asked: tuple[str, ...]
    ) -> None:
        self.branch = branch
        self.event = event
        self.condition = condition
        self.asked = asked

    def where(self) -> Expression:
        """The condition of the log source and of the rule."""
        parts = [self.condition]
        if self.branch.where:
            parts.insert(0, self.event.notation(self.branch.where))
        return both(parts)

    def value(self, name: str, is_column: bool) -> Expression | None:
        """What a result column holds; None where the table has nothing of the kind."""
        if is_column:
            return self.event.column(name) if self.event.has(name) else None
        try:
            return self.event.meaning(name, NOWHERE).known
        except UnknownField:
            return None


def _rows(rule: SigmaRule, bound: list[_Bound], fields: Fields) -> Relation:
    names = _names(rule, bound)
    made: list[Relation] = []
    for one in bound:
        values = [one.value(name, is_column) for name, is_column in names]
        where = one.where()
        columns = one.event.columns
        scan = Scan(one.event.table, tuple(columns.values()), tuple(columns))
        assignments: list[tuple[Field, Expression]] = []
        for (name, is_column), value in zip(names, values, strict=True):
            type = _type_of(name, bound) if is_column else Type.STRING
            shown = value if value is not None else null(type)
            if isinstance(shown, Column) and len(bound) == 1:
                assignments.append((shown.field, shown))
            else:
                assignments.append((fields.new(name, type), shown))
        made.append(Project(Filter(scan, where), tuple(assignments)))
    if len(made) == 1:
        return made[0]
    shared = tuple(fields.new(f.name, f.type) for f in made[0].fields)
    return Union(tuple(made), shared)


def _names(rule: SigmaRule, bound: list[_Bound]) -> list[tuple[str, bool]]:
    """The columns of the result, and whether each is a column of the tables or a field."""
    shown = [*EVERYWHERE]
    for one in bound:
        shown += [c for c in one.event.description.shown if c not in shown]
    columns = {name: True for name in shown if any(one.event.has(name) for one in bound)}
    fields: dict[str, bool] = {}
    asked = [name for one in bound for name in one.asked] + [str(f) for f in rule.fields or ()]
    for name in dict.fromkeys(asked):
        column = bound[0].event.column_of(name)
        if column is not None and all(one.event.column_of(name) == column for one in bound):
            columns.setdefault(column, True)
        elif any(one.value(name, False) is not None for one in bound):
            fields.setdefault(name, False)
    return [*columns.items(), *((n, c) for n, c in fields.items() if n not in columns)]


def _type_of(column: str, bound: list[_Bound]) -> Type:
    table = next(one.event.table for one in bound if one.event.has(column))
    return event_tables()[table][column]
