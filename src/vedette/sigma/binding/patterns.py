"""Sigma's strings as tests: takes parts and wildcards, gives the simplest core operation.

A string is a sequence of literal texts, ``ANY`` (a run of any length) and ``ONE`` (one character).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vedette.plan.build import apply, text
from vedette.plan.expressions import Expression
from vedette.syntax import Span

ANY: Final = "*"
ONE: Final = "?"


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters that stand for themselves."""

    text: str


Part = Literal | str


def joined(parts: Sequence[Part]) -> list[Part]:
    """The parts with neighbours made one: literals, and runs of any length."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Literal):
            if not part.text:
                continue
            if isinstance(last, Literal):
                found[-1] = Literal(last.text + part.text)
                continue
        elif part == ANY and last == ANY:
            continue
        found.append(part)
    return found


def matches_short(parts: Sequence[Part], value: str) -> bool:
    """Whether the pattern takes a text of at most one character."""
    fixed = [part for part in parts if part != ANY]
    characters = [part.text if isinstance(part, Literal) else part for part in fixed]
    if not value:
        return not fixed
    if not fixed:
        return ANY in parts
    return len(fixed) == 1 and (characters[0] == value or fixed[0] == ONE)


def is_exactly(parts: Sequence[Part], value: str) -> bool:
    """Whether the pattern is just this text."""
    return list(parts) == ([Literal(value)] if value else [])


def test(subject: Expression, parts: Sequence[Part], cased: bool, span: Span) -> Expression:
    """Whether the whole text is as the pattern says; *parts* come from ``joined``."""
    suffix = "_cs" if cased else ""

    def applied(operation: str, needle: str) -> Expression:
        return apply(operation, subject, text(needle, span), span=span)

    match list(parts):
        case []:
            return applied("equals", "")
        case [Literal(text=whole)]:
            return applied("equals" if cased else "text_equals_ignore_case", whole)
        case ["*"]:
            return apply("not", apply("is_null", subject, span=span), span=span)
        case ["*", Literal(text=inside), "*"]:
            return applied(f"text_contains{suffix}", inside)
        case [Literal(text=start), "*"]:
            return applied(f"text_starts_with{suffix}", start)
        case ["*", Literal(text=end)]:
            return applied(f"text_ends_with{suffix}", end)
    return applied(f"text_is_like{suffix}", written(parts))


def written(parts: Sequence[Part]) -> str:
    """The pattern in the notation of ``text_is_like``."""
    return "".join(p if isinstance(p, str) else _escaped(p.text) for p in parts)


def _escaped(literal: str) -> str:
    return literal.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
