"""The events that a rule matches: takes a rule, gives a filter over each event table."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.plan.expressions import Expression, Fields, Literal
from vedette.plan.relations import Filter, Relation, Scan
from vedette.sigma import codes
from vedette.sigma.binding.conditions import Conditions, Unbound
from vedette.sigma.binding.fields import Event, UnknownField
from vedette.sigma.binding.log_sources import Branch, hint, log_source
from vedette.sigma.binding.values import both
from vedette.sigma.reading.rules import Rule
from vedette.syntax import NOWHERE, Findings


@dataclass(frozen=True, slots=True)
class Matches:
    """A rule bound to one event table, and the fields that it asks for."""

    branch: Branch
    event: Event
    condition: Expression
    asked: tuple[str, ...]

    def filtered(self) -> Relation:
        """The events that match; every column that is to be seen above was asked for before."""
        parts = [self.condition]
        if self.branch.where:
            parts.insert(0, self.event.notation(self.branch.where))
        where = both(parts)
        columns = self.event.columns
        return Filter(Scan(self.event.table, tuple(columns.values()), tuple(columns)), where)

    def value(self, name: str, is_column: bool) -> Expression | None:
        """What a result column holds; None where the table has nothing of the kind."""
        if is_column:
            return self.event.column(name) if self.event.has(name) else None
        try:
            return self.event.meaning(name, NOWHERE).known
        except UnknownField:
            return None


def matches(rule: Rule, findings: Findings, fields: Fields) -> list[Matches]:
    """The rule over each table that may hold events it matches; raises Unbound."""
    asked = rule.sigma.logsource
    names = (asked.product, asked.category, asked.service)
    source = log_source(*names)
    if source is None:
        message = f"No events are known for the log source {', '.join(n for n in names if n)}"
        place = rule.document.key("logsource")
        findings.add(codes.UNKNOWN_LOG_SOURCE, "source", message, place, hint=hint(*names))
        raise Unbound(message)
    bound: list[Matches] = []
    for branch in source.branches:
        event = Event(branch.table, fields, branch.own_fields)
        conditions = Conditions(rule, event, branch, findings)
        condition = conditions.condition()
        bound.append(Matches(branch, event, condition, tuple(conditions.fields)))
    return [one for one in bound if not _is_never(one.condition)] or bound[:1]


def _is_never(condition: Expression) -> bool:
    return isinstance(condition, Literal) and condition.value is False
