"""Compiled queries that are asked again: takes what a compilation depends on, gives it back.

What a text means hangs on its language, on strictness, on the table that is asked for, on the
window, on the values of its parameters, on the tables that are known and, if it reads the clock, on
that. What a statement is hangs on what is stored, too: the workspace forgets everything when that
changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.syntax.recent import Recent

if TYPE_CHECKING:
    from vedette.workspace.result import Compilation

MOST_COMPILATIONS = 256
LONGEST_STATEMENT = 1_000_000
"""Characters of a statement that is kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a compilation depends on, but for the clock; *window* is in ticks."""

    text: str
    language: str
    strict: bool
    output: str | None
    window: tuple[int, int] | None
    tables: int
    parameters: str = ""


class Compilations:
    """The compilations that were asked for last; the text's name is no part of any."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: Recent[tuple[Question, int | None], Compilation] = Recent(MOST_COMPILATIONS)

    def find(self, question: Question, clock: int | None) -> Compilation | None:
        """The compilation of a question; *clock*, in ticks, is None where it shows real time."""
        at_any_time = self._kept.get((question, None))
        if at_any_time is not None or clock is None:
            return at_any_time
        return self._kept.get((question, clock))

    def keep(self, question: Question, clock: int | None, compilation: Compilation) -> None:
        """Keep a compilation, but not one whose clock will never show the same again."""
        timeless = compilation.plan is not None and compilation.plan.timeless
        if (clock is None and not timeless) or len(compilation.sql) > LONGEST_STATEMENT:
            return
        self._kept.keep((question, None if timeless else clock), compilation)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def __len__(self) -> int:
        """How many compilations are kept."""
        return len(self._kept)
