"""Where a CASE and the WHERE beside it look for different texts: takes a query, gives advice.

A query selects by alternatives such as ``field ILIKE '%tool%'`` and names what it found by a CASE
over the same fields. Two mistakes are told: a WHEN whose pattern is nearly one of WHERE's, so that
one of them misses what the other takes, and alternatives of WHERE that no WHEN names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vedette.aql.binding.patterns import like
from vedette.aql.codes import CASE_LEAVES_OUT, CASE_LOOKS_ELSEWHERE
from vedette.aql.reading.syntax_tree import (
    Case,
    Logic,
    Match,
    Query,
    Star,
    Text,
    walk,
)
from vedette.aql.reading.syntax_tree import Expression as Node
from vedette.syntax.problem import Findings, Fix

SHOWN = 8
"""How many patterns a message lists."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """``field LIKE 'pattern'``: the field's text in lower case, and whether case counts."""

    field: str
    text: Text
    ignore_case: bool

    def takes(self, other: _Pattern) -> bool:
        """Whether every value that the other takes is one that this one takes, so far as told."""
        if self.field != other.field or (other.ignore_case and not self.ignore_case):
            return False
        return like(other.text.value, self.text.value, self.ignore_case)

    def nearly(self, other: _Pattern) -> bool:
        """Whether both look for the same text but for space around it."""
        if self.field != other.field or self.text.value == other.text.value:
            return False
        word, others = (p.text.value.strip("% ").lower() for p in (self, other))
        return word == others != ""


def advise_on_cases(query: Query, findings: Findings) -> None:
    """Tell where a CASE of the SELECT list disagrees with the alternatives of WHERE."""
    if query.where is None:
        return
    wanted = list(_patterns(query.where, findings, alternative=False))
    if not wanted:
        return
    told: set[str] = set()
    for item in query.items:
        if isinstance(item.value, Star):
            continue
        for node in walk(item.value):
            if isinstance(node, Case) and node.subject is None:
                _advise_on(node, wanted, findings, told)


def _advise_on(
    case: Case, wanted: list[_Pattern], findings: Findings, told: set[str]
) -> None:  # fmt: skip
    named = [
        pattern
        for condition, _ in case.branches
        for pattern in _patterns(condition, findings, alternative=True)
    ]
    for pattern in named:
        near = next((w for w in wanted if pattern.nearly(w)), None)
        exact = any(w.text.value == pattern.text.value for w in wanted if w.field == pattern.field)
        if near is not None and not exact and pattern.text.value not in told:
            told.add(pattern.text.value)
            _advise_near(pattern, near, findings)
    left_out = [w for w in wanted if not any(n.takes(w) for n in named)]
    if not left_out or len(left_out) == len(wanted):
        return
    texts = dict.fromkeys(f"'{w.text.value}'" for w in left_out)
    shown = ", ".join([*texts][:SHOWN]) + (" and others" if len(texts) > SHOWN else "")
    gets = "the value of ELSE" if case.default is not None else "null"
    findings.advise(
        CASE_LEAVES_OUT,
        f"WHERE selects by {shown}, which no WHEN names: such events get {gets}",
        (case.default or case).span,
        reason="other alternatives of WHERE have a WHEN of their own",
        hint="add a WHEN for each, unless ELSE is meant for them",
    )


def _advise_near(pattern: _Pattern, near: _Pattern, findings: Findings) -> None:
    written, selected = pattern.text.value, near.text.value
    quoted = "'" + written.replace("'", "''") + "'"
    findings.advise(
        CASE_LOOKS_ELSEWHERE,
        f"CASE looks for '{written}' where WHERE selects '{selected}'",
        pattern.text.span,
        reason="an event that only the pattern of CASE takes is not selected",
        hint="write one pattern in both places",
        fix=Fix(near.text.span, quoted, f"write {quoted} in WHERE, too"),
    )


def _patterns(node: Node, findings: Findings, *, alternative: bool) -> Iterator[_Pattern]:
    """The patterns of LIKE and ILIKE that alone can make a condition true.

    *alternative* says that the condition itself is one of several; else it must be under an OR.
    """
    if isinstance(node, Logic):
        for condition in node.conditions:
            inside = alternative or node.operator == "or"
            yield from _patterns(condition, findings, alternative=inside)
    elif (
        isinstance(node, Match)
        and alternative
        and not node.negated
        and node.operator in ("like", "ilike")
        and isinstance(node.pattern, Text)
    ):
        field = " ".join(findings.source.at(node.value.span).lower().split())
        yield _Pattern(field, node.pattern, node.operator == "ilike")
