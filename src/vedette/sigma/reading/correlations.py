"""What a correlation asks: takes its document, gives it in a form that can be bound.

pySigma reads the document; conditions of a range (``gt`` and ``lte``, say), which the specification
has and pySigma does not, are taken apart first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)
from sigma.exceptions import SigmaError
from sigma.policy.profiles import SafePolicy

from vedette.plan.types import TICKS_PER_SECOND
from vedette.sigma import codes
from vedette.sigma.reading.documents import Document
from vedette.sigma.reading.rules import MALFORMED, said
from vedette.syntax import Findings
from vedette.syntax.problem import Kind

TEMPORAL = frozenset({SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED})
NUMERIC = frozenset({
    SigmaCorrelationType.VALUE_SUM, SigmaCorrelationType.VALUE_AVG,
    SigmaCorrelationType.VALUE_MEDIAN, SigmaCorrelationType.VALUE_PERCENTILE,
})  # fmt: skip
MOST_RULES = 100
MOST_LEVELS = 50
LONGEST_SPAN = 10_000 * 366 * 24 * 3600 * TICKS_PER_SECOND
_OPERATORS = SigmaCorrelationConditionOperator.operators()
_LONGEST_CONDITION = 10_000
_BEYOND = 2**63

Tree = tuple["str", tuple["Tree", ...]] | str
"""A condition over rules: a rule's reference, or ``and``, ``or``, ``not`` over others."""


class Refused(Exception):
    """The correlation has a problem, which is recorded."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of what is counted with a number: ``gte`` and 3, say."""

    operator: str
    number: int | float

    def holds(self, value: float) -> bool:
        """Whether a value passes."""
        return {
            "gt": value > self.number, "gte": value >= self.number, "lt": value < self.number,
            "lte": value <= self.number, "eq": value == self.number, "neq": value != self.number,
        }[self.operator]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A correlation: of which rules what is counted, by which fields, and what must hold of it.

    ``span`` is in ticks; ``share`` is the percentile's, from 0 to 1. Temporal ones have either
    comparisons or a ``tree``.
    """

    sigma: SigmaCorrelationRule
    type: SigmaCorrelationType
    rules: tuple[str, ...]
    span: int
    comparisons: tuple[Comparison, ...]
    tree: Tree | None
    share: float

    @property
    def groups(self) -> tuple[str, ...]:
        """The fields that events must have in common."""
        return tuple(self.sigma.group_by or ())

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose values are counted."""
        condition = self.sigma.condition
        written = condition.fieldref if isinstance(condition, SigmaCorrelationCondition) else None
        listed = written if isinstance(written, list) else [written] if written else []
        return tuple(str(each) for each in listed)

    @property
    def aliases(self) -> dict[str, dict[str, str]]:
        """What each alias stands for, by the rules as it names them."""
        return {
            str(alias): {str(rule.reference): str(f) for rule, f in each.mapping.items()}
            for alias, each in self.sigma.aliases.aliases.items()
        }


def read_correlation(document: Document, findings: Findings) -> Asked:
    """What a correlation asks; raises Refused."""
    return _Reading(document, findings).read()


class _Reading:
    def __init__(self, document: Document, findings: Findings) -> None:
        self._document = document
        self._findings = findings

    def read(self) -> Asked:
        values, comparisons = self._parted()
        rule = self._sigma(values)
        condition = rule.condition
        tree: Tree | None = None
        if isinstance(condition, SigmaExtendedCorrelationCondition):
            tree = self._tree(condition.parsed)
            comparisons = []
        elif not comparisons:
            comparisons = [Comparison(condition.op.name.lower(), condition.count)]
        rules = self._rules(rule, condition)
        share = self._share(rule, condition)
        span = min(rule.timespan.seconds * TICKS_PER_SECOND, LONGEST_SPAN)
        asked = Asked(rule, rule.type, rules, span, tuple(comparisons), tree, share)
        self._check(asked)
        return asked

    def _parted(self) -> tuple[dict[str, Any], list[Comparison]]:
        """The values with one comparison only, and all of them where there are several."""
        values = self._document.values
        inside = values.get("correlation")
        if not isinstance(inside, dict):
            return values, []
        condition = inside.get("condition")
        if isinstance(condition, str) and len(condition) > _LONGEST_CONDITION:
            raise self._fail("limit", "The condition is too long", "condition")
        if not isinstance(condition, dict):
            return values, []
        found = [name for name in condition if name in _OPERATORS]
        if len(found) < 2:
            return values, []
        others = {k: v for k, v in condition.items() if k not in found}
        parts = [{**others, name: condition[name]} for name in found]
        try:
            read = [SigmaCorrelationCondition.from_dict(part) for part in parts]
        except (SigmaError, *MALFORMED) as error:
            raise self._fail("syntax", said(error), "condition") from error
        comparisons = [Comparison(each.op.name.lower(), each.count) for each in read]
        return {**values, "correlation": {**inside, "condition": parts[0]}}, comparisons

    def _sigma(self, values: dict[str, Any]) -> SigmaCorrelationRule:
        try:
            rule = SigmaCorrelationRule.from_dict(values, collect_errors=True, policy=SafePolicy)
        except (SigmaError, *MALFORMED) as error:
            raise self._fail("syntax", said(error)) from error
        for problem in rule.errors:
            self._fail("syntax", said(problem))
        if rule.errors:
            raise Refused
        return rule

    def _rules(self, rule: SigmaCorrelationRule, condition: Any) -> tuple[str, ...]:
        if rule.rules is None:
            names = condition.get_referenced_rules()
        else:
            names = [str(r.reference) for r in rule.rules]
        if len(names) > MOST_RULES:
            raise self._fail("limit", f"It asks more than {MOST_RULES} rules", "rules")
        if not names:
            raise self._fail("source", "It asks no rule", "rules")
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            message = f"The rule '{twice}' stands twice: one event would count as two"
            raise self._fail("name", message, "rules")
        return tuple(names)

    def _share(self, rule: SigmaCorrelationRule, condition: Any) -> float:
        if rule.type is not SigmaCorrelationType.VALUE_PERCENTILE:
            return 0.5
        percentile = condition.percentile
        if percentile is None or not 0 <= percentile <= 100:
            message = "A percentile from 0 to 100 is needed"
            raise self._fail("source", message, "condition", hint="add 'percentile: 95', say")
        return float(percentile) / 100

    def _tree(self, node: Any, level: int = 0) -> Tree:
        if level > MOST_LEVELS:
            raise self._fail("limit", "The condition is nested too deeply", "condition")
        match node:
            case SigmaRuleReference():
                return str(node.reference)
            case CorrelationConditionNOT():
                return "not", (self._tree(node.args[0], level + 1),)
            case CorrelationConditionAND() | CorrelationConditionOR():
                word = "and" if isinstance(node, CorrelationConditionAND) else "or"
                return word, tuple(self._tree(each, level + 1) for each in node.args)
        message = "The condition has a part that is not read"
        raise self._fail("unsupported", message, "condition")

    def _check(self, asked: Asked) -> None:
        """Refuse what has no meaning at moments of events, and tell where moments are not seen."""
        if any(abs(c.number) >= _BEYOND for c in asked.comparisons):
            raise self._fail("limit", "The number is beyond 64 bits", "condition")
        if asked.type is SigmaCorrelationType.TEMPORAL_ORDERED:
            self._check_order(asked)
        if len(asked.fields) > 1 and asked.type is not SigmaCorrelationType.VALUE_COUNT:
            message = "Only value_count counts several fields together"
            raise self._fail("unsupported", message, "condition")
        if asked.tree is not None:
            with_none, with_some = _outcomes(asked.tree, asked.rules)
        elif asked.type in (*TEMPORAL, SigmaCorrelationType.EVENT_COUNT):
            highest = len(asked.rules) if asked.type in TEMPORAL else None
            with_none = all(c.holds(0) for c in asked.comparisons)
            with_some = _is_possible(asked.comparisons, highest)
        else:
            with_none = asked.type is SigmaCorrelationType.VALUE_COUNT
            with_none = with_none and all(c.holds(0) for c in asked.comparisons)
            with_some = True
        if not with_some:
            message = "The condition holds at no moment of an event"
            reason = "moments without events are not looked at" if with_none else ""
            hint = "a correlation sees what there is; ask for what is absent in KQL or AQL"
            raise self._fail("unsupported", message, "condition", reason=reason, hint=hint)
        if with_none:
            message = "The condition is looked at where an event is, not where there is none"
            place = self._document.key("correlation", "condition")
            self._findings.add(codes.MOMENTS, "advice", message, place, severity="information")

    def _check_order(self, asked: Asked) -> None:
        if asked.tree is not None:
            flat = asked.tree[1] if asked.tree[0] == "and" else (asked.tree,)
            if not all(isinstance(each, str) for each in flat):
                message = "Rules joined by 'or' and 'not' have no order"
                hint = "join them by 'and', or ask with the type temporal"
                raise self._fail("unsupported", message, "condition", hint=hint)
        elif any(not c.holds(len(asked.rules)) for c in asked.comparisons) or all(
            c.holds(len(asked.rules) - 1) for c in asked.comparisons
        ):
            message = "Some of the rules in an order: which of them is not said"
            hint = "leave the condition out: all rules must match, in the order they are listed"
            raise self._fail("unsupported", message, "condition", hint=hint)

    def _fail(
        self, kind: Kind, message: str, *path: str, reason: str = "", hint: str = ""
    ) -> Refused:
        place = self._document.key("correlation", *path)
        self._findings.add(codes.CORRELATION, kind, message, place, reason=reason, hint=hint)
        return Refused(message)


def _is_possible(comparisons: Sequence[Comparison], highest: int | None) -> bool:
    """Whether a count of one or more, and of at most *highest*, passes all comparisons."""
    near = {1, highest or 1}
    for each in comparisons:
        near |= {int(each.number) + step for step in (-1, 0, 1)}
    possible = [count for count in near if count >= 1 and (highest is None or count <= highest)]
    return any(all(c.holds(count) for c in comparisons) for count in possible)


def _outcomes(tree: Tree, rules: Sequence[str]) -> tuple[bool, bool]:
    """Whether a condition holds where no rule matches, and whether it can where one does."""
    few = rules[:10]
    some = any(_value(tree, frozenset(present)) for present in _subsets(few))
    return _value(tree, frozenset()), some or len(rules) > len(few)


def _subsets(names: Sequence[str]) -> Iterator[list[str]]:
    for bits in range(1, 1 << len(names)):
        yield [n for place, n in enumerate(names) if bits >> place & 1]


def _value(tree: Tree, present: frozenset[str]) -> bool:
    if isinstance(tree, str):
        return tree in present
    word, parts = tree
    if word == "not":
        return not _value(parts[0], present)
    values = [_value(part, present) for part in parts]
    return all(values) if word == "and" else any(values)


__all__ = ["NUMERIC", "TEMPORAL", "Asked", "Refused", "Tree", "read_correlation"]
