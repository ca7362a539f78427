"""Conditions that are true or false of every row: takes tests, gives formulas of them.

A ``Test`` holds of a row where its expression is true; null counts as false. ``Not``, ``Every`` and
``Some`` are plain logic: nothing in a formula is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vedette.plan.expressions import Expression


@dataclass(frozen=True, slots=True)
class Test:
    """Whether an expression of type bool is true of a row."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold."""

    part: Formula


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; of none, it holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; of none, it does not."""

    parts: tuple[Formula, ...]


Formula = Test | Not | Every | Some

ALWAYS = Every(())
NEVER = Some(())


def every(parts: Iterable[Formula]) -> Formula:
    """All of the parts, constants worked out."""
    kept: list[Formula] = []
    for part in parts:
        if part == NEVER:
            return NEVER
        kept.extend(part.parts if isinstance(part, Every) else (part,))
    return kept[0] if len(kept) == 1 else Every(tuple(kept))


def some(parts: Iterable[Formula]) -> Formula:
    """At least one of the parts, constants worked out."""
    kept: list[Formula] = []
    for part in parts:
        if part == ALWAYS:
            return ALWAYS
        kept.extend(part.parts if isinstance(part, Some) else (part,))
    return kept[0] if len(kept) == 1 else Some(tuple(kept))


def negation(part: Formula) -> Formula:
    """What holds where the part does not."""
    if isinstance(part, Not):
        return part.part
    if part == ALWAYS:
        return NEVER
    return ALWAYS if part == NEVER else Not(part)


def tests(formula: Formula) -> Iterator[Test]:
    """The tests of a formula, as often as they stand in it."""
    stack = [formula]
    while stack:
        node = stack.pop()
        if isinstance(node, Test):
            yield node
        elif isinstance(node, Not):
            stack.append(node.part)
        else:
            stack.extend(reversed(node.parts))
