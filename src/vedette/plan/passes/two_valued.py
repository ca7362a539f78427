"""A condition without nulls: takes a condition with its operations' null rules, gives a formula.

The formula holds of a row exactly where the condition is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vedette.plan.build import apply, boolean
from vedette.plan.expressions import Apply, Column, Expression, Literal
from vedette.plan.formulas import ALWAYS, NEVER, Formula, Test, every, negation, some
from vedette.plan.operations import OPERATIONS, Null
from vedette.plan.types import Type

DEEPEST = 150
"""How deep a condition may nest, chains of and-or counting once."""

_TEXT_TESTS = frozenset({
    "text_equals_ignore_case", "text_is_in_ignore_case", "text_contains", "text_contains_cs",
    "text_contains_any", "text_starts_with", "text_starts_with_cs", "text_ends_with",
    "text_ends_with_cs", "text_has_term", "text_has_term_cs", "text_has_prefix",
    "text_has_prefix_cs", "text_has_suffix", "text_has_suffix_cs", "text_has_any_term",
    "text_has_all_terms", "text_like", "text_like_ignore_case", "text_is_like", "text_is_like_cs",
    "text_matches", "text_matches_whole", "text_is_empty",
})  # fmt: skip
TOTAL = _TEXT_TESTS | {
    "equals", "less", "less_or_equal", "greater", "greater_or_equal", "is_in",
}  # fmt: skip
"""Tests that, with constants that are not null, are null only where their subject is."""
_TOTAL_VALUES = frozenset({"text_lower", "text_upper", "text_concat", "text_length", "or_empty"})
"""Values that are null only where an argument is."""


class TooDeep(Exception):
    """The condition nests deeper than it is looked at."""


def two_valued(condition: Expression) -> Formula:
    """The formula of a condition; raises TooDeep."""
    return _Lowering().true(condition)


class _Lowering:
    """Four questions of a condition: is it true, is it false, and is it not so."""

    def __init__(self) -> None:
        self._depth = 0

    def true(self, node: Expression) -> Formula:
        return self._asked(node, True, True)

    def _asked(self, node: Expression, value: bool, holds: bool) -> Formula:
        """Whether the condition is *value*, or with *holds* unset whether it is not."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooDeep
        try:
            return self._ask(node, value, holds)
        finally:
            self._depth -= 1

    def _ask(self, node: Expression, value: bool, holds: bool) -> Formula:
        if isinstance(node, Literal):
            return ALWAYS if (node.value is value) == holds else NEVER
        if isinstance(node, Apply):
            if node.operation in ("and", "or"):
                parts = [self._asked(p, value, holds) for p in chained(node)]
                return (
                    every(parts) if (node.operation == "and") == (value == holds) else some(parts)
                )
            if node.operation == "not":
                return self._asked(node.arguments[0], not value, holds)
            if node.operation == "is_true":
                return self._asked(node.arguments[0], True, value == holds)
        found = self._test(node, value)
        return found if holds else negation(found)

    def _test(self, node: Expression, value: bool) -> Formula:
        """Whether a test, which is sure, is true (false)."""
        if not isinstance(node, Apply):
            return Test(node if value else apply("not", node))
        if node.operation == "is_null":
            absent = self._absent(node.arguments[0])
            return absent if value else negation(absent)
        split = self._of_first(node, value)
        if split is not None:
            return split
        if node.operation == "not_equals" and _has_constants(node):
            equal = Test(apply("equals", *node.arguments))
            there = negation(self._absent(node.arguments[0]))
            return every([negation(equal), there]) if value else equal
        plain, turned = _plain(node)
        if turned:  # Kusto's inequality is the negation of its equality
            return negation(Test(plain)) if value else Test(plain)
        if value:
            return Test(plain)
        if OPERATIONS[node.operation].null is Null.NEVER or plain is not node:
            return negation(Test(plain))
        if node.operation in TOTAL and _has_constants(node):
            return every([negation(Test(node)), negation(self._absent(node.arguments[0]))])
        return Test(apply("not", node))

    def _of_first(self, node: Apply, value: bool) -> Formula | None:
        """A test of the first of several values that is not null, as tests of each."""
        subject = node.arguments[0] if node.arguments else None
        is_first = isinstance(subject, Apply) and subject.operation == "first_not_null"
        if not is_first or not isinstance(subject, Apply) or not _has_constants(node):
            return None
        if node.operation not in TOTAL or any(
            a.type is not subject.type for a in subject.arguments
        ):
            return None
        found: list[Formula] = []
        before: list[Formula] = []
        for option in subject.arguments:
            tested = replace(node, arguments=(option, *node.arguments[1:]))
            found.append(every([*before, self._test(tested, value)]))
            before.append(self._absent(option))
        return some(found)

    def _absent(self, node: Expression) -> Formula:
        """Whether a value is null."""
        if isinstance(node, Literal):
            return ALWAYS if node.value is None else NEVER
        if isinstance(node, Apply):
            if OPERATIONS[node.operation].null is Null.NEVER:
                return NEVER
            if node.operation == "first_not_null":
                return every(map(self._absent, node.arguments))
            if node.operation in _TOTAL_VALUES or _is_shown(node):
                return some(map(self._absent, node.arguments))
        return Test(apply("is_null", node))


def _is_shown(node: Apply) -> bool:
    """Whether it is the text of a plain column of texts, whole numbers or truths."""
    if node.operation != "plain_text_of":
        return False
    inside = node.arguments[0]
    plain = (Type.STRING, Type.INT, Type.LONG, Type.BOOL)
    return isinstance(inside, Column) and inside.type in plain


def _has_constants(node: Apply) -> bool:
    """Whether all but the first argument are constants, none of them null."""
    return all(isinstance(a, Literal) and a.value is not None for a in node.arguments[1:])


def _plain(node: Apply) -> tuple[Apply, bool]:
    """The comparison that Kusto's is with a constant, and whether that is its negation."""
    one_constant = any(isinstance(a, Literal) and a.value is not None for a in node.arguments)
    if node.operation == "equals_or_false" and one_constant:
        return apply("equals", *node.arguments), False
    if node.operation == "not_equals_or_true" and one_constant:
        return apply("equals", *node.arguments), True
    if node.operation == "is_in_or_false" and _has_constants(node):
        return apply("is_in", *node.arguments), False
    return node, False


def chained(node: Apply) -> Sequence[Expression]:
    """The parts of a conjunction or disjunction, of those inside of the same kind, too."""
    found: list[Expression] = []
    stack: list[Expression] = list(reversed(node.arguments))
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.operation == node.operation:
            stack.extend(reversed(part.arguments))
        else:
            found.append(part)
    return found or [boolean(node.operation == "and")]
