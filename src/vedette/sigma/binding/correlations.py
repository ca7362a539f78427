"""Correlation rules: takes a correlation and the rules beside it, gives rows where it holds.

The events of all rules are one sequence in each group. At each of its moments the events that are
not further back than the timespan are counted; a row stands for each moment at which the condition
holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)
from sigma.exceptions import SigmaError
from sigma.policy.profiles import SafePolicy

from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    FirstPer,
    Join,
    Project,
    Relation,
    Union,
)
from vedette.plan.types import TICKS_PER_SECOND, Type
from vedette.sigma import codes
from vedette.sigma.binding.conditions import Unbound
from vedette.sigma.binding.fields import UnknownField
from vedette.sigma.binding.matches import Matches, matches
from vedette.sigma.reading.documents import Document
from vedette.sigma.reading.rules import read_rule, said
from vedette.syntax import NOWHERE, Findings
from vedette.syntax.problem import Kind, did_you_mean

_COUNTED = {
    SigmaCorrelationType.EVENT_COUNT: "count_rows",
    SigmaCorrelationType.VALUE_COUNT: "count_distinct",
    SigmaCorrelationType.TEMPORAL: "count_distinct",
    SigmaCorrelationType.VALUE_SUM: "sum_of",
    SigmaCorrelationType.VALUE_AVG: "average_of",
}
_OPERATIONS = {
    SigmaCorrelationConditionOperator.GT: "greater",
    SigmaCorrelationConditionOperator.GTE: "greater_or_equal",
}
_NUMERIC = (SigmaCorrelationType.VALUE_SUM, SigmaCorrelationType.VALUE_AVG)
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Events:
    """The events of all rules: when each happened, its group, and what is counted of it."""

    relation: Relation
    time: Field
    groups: tuple[Field, ...]
    value: Field


def correlated(document: Document, documents: Sequence[Document], findings: Findings) -> Relation:
    """The moments at which a correlation holds; raises Unbound."""
    return _Correlation(document, documents, findings).rows()


class _Correlation:
    def __init__(
        self, document: Document, documents: Sequence[Document], findings: Findings
    ) -> None:
        self._document = document
        self._documents = documents
        self._findings = findings
        self._fields = Fields()
        self._rule = self._read()
        self._condition = self._supported()

    def rows(self) -> Relation:
        """A row for each moment at which the condition holds."""
        ends, behind = self._events(), self._events()
        keys = (Column(ends.time), *map(Column, ends.groups))
        apart = apply("time_difference", Column(ends.time), Column(behind.time))
        longest = Literal(self._rule.timespan.seconds * TICKS_PER_SECOND, Type.TIMESPAN)
        pairs = zip(ends.groups, behind.groups, strict=True)
        near = [
            *(apply("equals", Column(left), Column(right)) for left, right in pairs),
            apply("greater_or_equal", Column(ends.time), Column(behind.time)),
            apply("less_or_equal", apart, longest),
        ]
        joined = Join("inner", FirstPer(ends.relation, keys), behind.relation, apply("and", *near))
        new = self._fields.new
        groups: list[Assignment] = [(new("time", Type.DATETIME), keys[0])]
        groups += [(new(g.name, g.type), Column(g)) for g in ends.groups]
        counted = self._counted(behind)
        count = new("count", counted.type)
        first = new("first_time", Type.DATETIME)
        earliest = apply("minimum_of", Column(behind.time))
        counts: tuple[Assignment, ...] = ((first, earliest), (count, counted))
        threshold = self._condition.count
        kind = Type.LONG if isinstance(threshold, int) else Type.REAL
        wanted = Literal(threshold, kind)
        operation = _OPERATIONS[self._condition.op]
        aggregate = Aggregate(joined, tuple(groups), counts)
        return Filter(aggregate, apply(operation, Column(count), wanted))

    def _counted(self, behind: _Events) -> Expression:
        operation = _COUNTED[self._rule.type]
        return (
            apply(operation)
            if operation == "count_rows"
            else apply(operation, Column(behind.value))
        )

    def _read(self) -> SigmaCorrelationRule:
        values = self._document.values
        try:
            rule = SigmaCorrelationRule.from_dict(values, collect_errors=True, policy=SafePolicy)
        except (SigmaError, *_MALFORMED) as error:
            raise self._fail("syntax", said(error), "correlation") from error
        for problem in rule.errors:
            self._fail("syntax", said(problem), "correlation")
        if rule.errors:
            raise Unbound("a correlation that Sigma does not allow")
        return rule

    def _supported(self) -> SigmaCorrelationCondition:
        kind, condition = self._rule.type, self._rule.condition
        if kind not in _COUNTED:
            message = f"Correlations of the type {kind.name.lower()} are not supported"
            hint = f"supported are {', '.join(t.name.lower() for t in _COUNTED)}"
            raise self._fail("unsupported", message, "correlation", "type", hint=hint)
        if not isinstance(condition, SigmaCorrelationCondition):
            message = "A correlation's condition over names of rules is not supported"
            raise self._fail("unsupported", message, "correlation", "condition")
        if condition.op not in _OPERATIONS:
            message = f"A correlation's condition '{condition.op.name.lower()}' is not supported"
            hint = "moments without events would have to be counted: ask with gt or gte"
            raise self._fail("unsupported", message, "correlation", "condition", hint=hint)
        if isinstance(condition.fieldref, list) and len(condition.fieldref) != 1:
            message = "A correlation that counts several fields together is not supported"
            raise self._fail("unsupported", message, "correlation", "condition")
        if self._rule.generate:
            message = "'generate' has no effect: ask the rules themselves for their events"
            place = self._document.key("correlation", "generate")
            self._findings.advise(codes.METADATA, message, place)
        return condition

    def _events(self) -> _Events:
        references = [r.reference for r in self._rule.rules or ()]
        made: list[Relation] = []
        for number, name in enumerate(references):
            for match in self._matches(name):
                made.append(self._shown(match, name, number))
        group_names = self._rule.group_by or []
        value_type = Type.REAL if self._rule.type in _NUMERIC else Type.STRING
        time = self._fields.new("time", Type.DATETIME)
        groups = tuple(self._fields.new(name, Type.STRING) for name in group_names)
        value = self._fields.new("value", value_type)
        return _Events(Union(tuple(made), (time, *groups, value)), time, groups, value)

    def _matches(self, name: str) -> list[Matches]:
        document = self._document_of(name)
        rule = read_rule(document, self._findings)
        if rule is None:
            raise Unbound(name)
        return matches(document, rule, self._findings, self._fields)

    def _document_of(self, name: str) -> Document:
        known = {
            str(d.values[key]): d
            for d in self._documents
            for key in ("id", "name")
            if key in d.values and d is not self._document
        }
        found = known.get(name)
        if found is None:
            message = f"The rule '{name}' does not stand beside its correlation"
            hint = did_you_mean(name, known) or "put it into the same text, behind a line '---'"
            raise self._fail("name", message, "correlation", "rules", hint=hint)
        if "correlation" in found.values:
            message = f"'{name}' is a correlation: correlations of correlations are not supported"
            raise self._fail("unsupported", message, "correlation", "rules")
        return found

    def _shown(self, match: Matches, name: str, number: int) -> Relation:
        """The events of one rule in one table, as all others."""
        shown: list[tuple[str, Expression]] = [("time", match.event.column("time"))]
        for group in self._rule.group_by or []:
            shown.append((group, self._value(match, self._meant(group, name), "group-by")))
        value: Expression = text(str(number))
        counted = self._condition.fieldref
        if counted and self._rule.type is not SigmaCorrelationType.TEMPORAL:
            field = counted[0] if isinstance(counted, list) else counted
            value = self._value(match, self._meant(field, name), "condition")
            if self._rule.type in _NUMERIC:
                value = apply("to_real", value)
        shown.append(("value", value))
        assignments = tuple((self._fields.new(n, v.type), v) for n, v in shown)
        return Project(match.filtered(), assignments)

    def _meant(self, field: str, rule: str) -> str:
        """The field that an alias stands for in a rule."""
        alias = self._rule.aliases.aliases.get(field)
        if alias is None:
            return field
        return next((f for r, f in alias.mapping.items() if r.reference == rule), field)

    def _value(self, match: Matches, field: str, key: str) -> Expression:
        try:
            known = match.event.meaning(field, NOWHERE).known
        except UnknownField as unknown:
            message = f"'{field}' is no field of the events of {match.event.table}"
            raise self._fail("name", message, "correlation", key) from unknown
        return known if known.type is Type.STRING else apply("plain_text_of", known)

    def _fail(self, kind: Kind, message: str, *path: str, hint: str = "") -> Unbound:
        place = self._document.key(*path)
        self._findings.add(codes.CORRELATION, kind, message, place, hint=hint)
        return Unbound(message)
