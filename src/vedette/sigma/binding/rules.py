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
from vedette.sigma.reading.documents import Document, read_documents
from vedette.sigma.reading.rules import read_rule
from vedette.syntax import Findings, Source
from vedette.tables.catalog import event_tables

NO_PLAN = Plan(Values((), ()))
EVERYWHERE = ("time", "host")
"""Columns that every rule's result has first."""


def bind(source: Source, findings: Findings) -> Plan:
    """The plan of a rule; problems are recorded in *findings*."""
    documents = read_documents(findings)
    if not documents:
        return NO_PLAN
    try:
        return Plan(_asked(documents, findings), timeless=True)
    except Unbound:
        return NO_PLAN


def _asked(documents: Sequence[Document], findings: Findings) -> Relation:
    """The rows of the one rule of a text, or of its correlation; raises Unbound."""
    correlations = [each for each in documents if "correlation" in each.values]
    if len(correlations) > 1 or (not correlations and len(documents) > 1):
        second = (correlations or documents)[1]
        message = "A text asks one rule, or one correlation of the rules beside it"
        place, hint = second.span(second.root), "ask each in a text of its own"
        findings.add(codes.CORRELATION, "unsupported", message, place, hint=hint)
        raise Unbound(message)
    if correlations:
        return correlated(correlations[0], documents, findings)
    rule = read_rule(documents[0], findings)
    if rule is None:
        raise Unbound("the rule has a problem")
    fields = Fields()
    return _rows(rule, matches(documents[0], rule, findings, fields), fields)


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
