"""Kusto's string operators: ``has``, ``contains``, ``=~`` and their like, with and without case."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from vedette.kql.binding.fold import plain
from vedette.kql.binding.regular import translation as regular
from vedette.kql.reading.syntax_tree import Binary
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_TESTS = {
    "=~": "text_equals_ignore_case", "has": "text_has_term", "has_cs": "text_has_term_cs",
    "hasprefix": "text_has_prefix", "hasprefix_cs": "text_has_prefix_cs",
    "hassuffix": "text_has_suffix", "hassuffix_cs": "text_has_suffix_cs",
    "contains": "text_contains", "contains_cs": "text_contains_cs",
    "startswith": "text_starts_with", "startswith_cs": "text_starts_with_cs",
    "endswith": "text_ends_with", "endswith_cs": "text_ends_with_cs",
}  # fmt: skip

_NEGATED = {
    **{f"!{name}": name for name in _TESTS if name != "=~"},
    "!~": "=~", "notcontains": "contains", "notcontainscs": "contains_cs",
}  # fmt: skip

_OTHER_NAMES = {"containscs": "contains_cs"}


def test(binder: Binder, node: Binary, left: Expression, right: Expression) -> Expression:
    """A string operator over two operands."""
    if node.operator in ("like", "notlike", "likecs", "notlikecs", ":"):
        raise binder.later(f"'{node.operator}'", node.sign)
    subject = as_text(left)
    needle = as_text(right)
    if subject is None or needle is None:
        raise _undefined(binder, node, left, right)
    if node.operator == "matches regex":
        return matches(binder, subject, needle, node.span)
    positive = _NEGATED.get(node.operator, _OTHER_NAMES.get(node.operator, node.operator))
    found = apply(_TESTS[positive], subject, needle, span=node.span)
    return apply("not", found, span=node.span) if node.operator in _NEGATED else found


def as_text(value: Expression) -> Expression | None:
    """An operand as a string: a dynamic one as its text; None where it is neither."""
    if value.type is Type.DYNAMIC:
        return apply("text_of", value, span=value.span)
    return plain(value) if value.type is Type.STRING else None


def _undefined(binder: Binder, node: Binary, left: Expression, right: Expression) -> Exception:
    message = (
        f"The operator '{node.operator}' is not defined for the operand types"
        f" {left.type} and {right.type}"
    )
    hint = "" if left.type is Type.STRING else "turn the value into text with tostring()"
    return binder.fail("KS106", "type", message, node.sign, hint=hint)


def matches(binder: Binder, subject: Expression, pattern: Expression, span: Span) -> Expression:
    """Whether a pattern is found; it must be a constant that can be carried over exactly."""
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
        raise binder.later("a regular expression that is not a constant", pattern.span)
    translated = carried_over(binder, pattern.value, pattern.span)
    given = Literal(translated, Type.STRING, pattern.span)
    return apply("text_matches", searched(subject, translated), given, span=span)


def carried_over(binder: Binder, pattern: str, span: Span) -> str:
    """A pattern in the engine's notation; one of older notation is read as RE2 reads it."""
    try:
        return regular.translated(pattern)
    except regular.Untranslatable as reason:
        for reading in () if binder.findings.strict else regular.older_readings(pattern):
            with contextlib.suppress(regular.Untranslatable):
                found = regular.translated(reading)
                why = str(reason).split(";", maxsplit=1)[0]
                message = f"{why}: the regular expression is read as RE2 reads it"
                binder.findings.repair("older-regular-expression", message, span)
                return found
        raise binder.later("this regular expression", span, str(reason)) from reason


def searched(subject: Expression, pattern: str) -> Expression:
    """What a translated pattern is looked for in: boundaries of words are known in ASCII only."""
    if not regular.has_boundary(pattern):
        return subject
    return apply("text_of_known_words", subject, span=subject.span)
