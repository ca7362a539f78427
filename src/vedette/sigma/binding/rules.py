"""From a rule's text to a plan: takes a source, gives a plan over the event tables."""

from __future__ import annotations

from collections.abc import Sequence

from sigma.rule import SigmaRule

from vedette.plan.build import null
from vedette.plan.expressions import Column, Expression, Field, Fields
from vedette.plan.relations import Plan, Project, Relation, Union, Values
from vedette.plan.types import Type
from vedette.sigma import codes
from vedette.sigma.binding.conditions import Unbound
from vedette.sigma.binding.correlations import correlated
from vedette.sigma.binding.matches import Matches, matches
from vedette.sigma.binding.prepared import MOST_RULES, Prepared
from vedette.sigma.reading.beside import Beside
from vedette.sigma.reading.documents import Document, read_documents
from vedette.sigma.reading.named import asked_by
from vedette.syntax import Findings, Source, Span
from vedette.tables.catalog import event_tables

NO_PLAN = Plan(Values((), ()))
EVERYWHERE = ("time", "host")
"""Columns that every rule's result has first."""


def bind(source: Source, findings: Findings, beside: Beside | None = None) -> Plan:
    """The plan of a rule, or of a correlation; problems are recorded in *findings*."""
    documents = read_documents(findings)
    if not documents:
        return NO_PLAN
    try:
        return Plan(_asked(Prepared(documents, beside or Beside(), findings)), timeless=True)
    except Unbound:
        return NO_PLAN


def _asked(prepared: Prepared) -> Relation:
    """The rows of the one rule of a text, or of its correlation; raises Unbound."""
    findings, rules = prepared.findings, prepared.rules
    correlations = [each for each in rules if "correlation" in each.values]
    below = {
        id(found)
        for each in correlations
        for name in asked_by(each.values)
        if (found := prepared.named(name)) is not None
    }
    asked = [each for each in correlations if id(each) not in below] if correlations else rules
    if len(asked) > 1 or len(rules) > MOST_RULES:
        second = asked[1] if len(asked) > 1 else rules[MOST_RULES]
        message = "A text asks one rule, or one correlation of the rules beside it"
        place, hint = second.span(second.root), "ask each in a text of its own"
        findings.add(codes.CORRELATION, "unsupported", message, place, hint=hint)
        raise Unbound(message)
    if not asked:
        raise _nothing_asked(correlations, findings)
    fields = Fields()
    if correlations:
        return correlated(asked[0], prepared, fields)
    rule = prepared.rule(asked[0])
    return _rows(rule.sigma, matches(rule, findings, fields), fields)


def _nothing_asked(correlations: Sequence[Document], findings: Findings) -> Unbound:
    """What is wrong with a text of filters, or of correlations that ask each other."""
    if correlations:
        message = "The correlations ask each other in a circle"
        place = correlations[0].key("correlation", "rules")
        findings.add(codes.CORRELATION, "unsupported", message, place)
    else:
        message = "The text holds no rule, only filters"
        findings.add(codes.NO_RULE, "source", message, Span(0, 0), hint="ask a rule beside them")
    return Unbound(message)


def _rows(rule: SigmaRule, bound: list[Matches], fields: Fields) -> Relation:
    names = _names(rule, bound)
    made: list[Relation] = []
    for one in bound:
        values = [one.value(name, is_column) for name, is_column in names]
        assignments: list[tuple[Field, Expression]] = []
        for (name, is_column), value in zip(names, values, strict=True):
            type = _type_of(name, bound) if is_column else Type.STRING
            shown = value if value is not None else null(type)
            if isinstance(shown, Column) and len(bound) == 1:
                assignments.append((shown.field, shown))
            else:
                assignments.append((fields.new(name, type), shown))
        made.append(Project(one.filtered(), tuple(assignments)))
    if len(made) == 1:
        return made[0]
    shared = tuple(fields.new(f.name, f.type) for f in made[0].fields)
    return Union(tuple(made), shared)


def _names(rule: SigmaRule, bound: list[Matches]) -> list[tuple[str, bool]]:
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


def _type_of(column: str, bound: list[Matches]) -> Type:
    table = next(one.event.table for one in bound if one.event.has(column))
    return event_tables()[table][column]
