"""What is wrong with a text, and what was repaired in it: takes spans, gives messages with carets.

Codes are the vendor's own where it has one (Kusto's ``KS121``, QRadar's ``2000``); ours start with
``VD``. Every problem of a text is collected before any is raised, so a reader sees them all.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from vedette.syntax.source import Source, Span

_NEAR = 0.7  # of the letters of two names, how many must stand alike for one to be meant

Kind = Literal["syntax", "name", "type", "source", "unsupported", "advice", "limit"]
Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that removes a problem: replace *span* by *text*."""

    span: Span
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a text; ``line`` and ``column`` count from 1."""

    code: str
    kind: Kind
    severity: Severity
    message: str
    span: Span
    line: int
    column: int
    reason: str = ""
    hint: str = ""
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A named change of reading that made a published text runnable; listed with every result."""

    name: str
    message: str
    span: Span
    line: int
    column: int


class QueryError(Exception):
    """A query was refused or failed; ``problems`` holds every reason, ``source`` the text."""

    def __init__(self, problems: Sequence[Problem], source: Source) -> None:
        """Keep the problems and show them all as the message."""
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.source = source
        errors = [p for p in self.problems if p.severity == "error"] or list(self.problems)
        super().__init__("\n".join(f"{one_line(p, source)}" for p in errors))


@dataclass(slots=True)
class Findings:
    """Collects the problems and repairs of one text while it is read and bound."""

    source: Source
    strict: bool = False
    problems: list[Problem] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    # A text may have a problem at each of its characters: looking through the list is too slow.
    _told: set[Problem] = field(default_factory=set, init=False, repr=False, compare=False)

    def add(
        self,
        code: str,
        kind: Kind,
        message: str,
        span: Span,
        *,
        severity: Severity = "error",
        reason: str = "",
        hint: str = "",
        fix: Fix | None = None,
    ) -> None:
        """Record a problem at a span; the same one twice is recorded once."""
        line, column = self.source.position(span.start)
        problem = Problem(code, kind, severity, message, span, line, column, reason, hint, fix)
        if problem not in self._told:
            self._told.add(problem)
            self.problems.append(problem)

    def advise(
        self, code: str, message: str, span: Span, *, reason: str = "", hint: str = "",
        fix: Fix | None = None,
    ) -> None:  # fmt: skip
        """Record advice: the text runs, but not as its author meant."""
        self.add(
            code, "advice", message, span, severity="warning", reason=reason, hint=hint, fix=fix
        )

    def repair(self, name: str, message: str, span: Span) -> None:
        """Record that a named repair was applied; never called when strict."""
        line, column = self.source.position(span.start)
        repair = Repair(name, message, span, line, column)
        if repair not in self.repairs:
            self.repairs.append(repair)

    @property
    def failed(self) -> bool:
        """Whether any problem is an error."""
        return any(p.severity == "error" for p in self.problems)

    def raise_errors(self) -> None:
        """Raise all problems, in the order of the text, if any is an error."""
        if self.failed:
            raise QueryError(self.ordered(), self.source)

    def ordered(self) -> tuple[Problem, ...]:
        """The problems in the order of the text."""
        return tuple(sorted(self.problems, key=lambda p: (p.span.start, p.span.end)))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known spellings, or an empty string."""
    by_lower = {k.lower(): k for k in known}
    if name.lower() in by_lower:
        return f"did you mean '{by_lower[name.lower()]}'? (names are case-sensitive)"
    near = difflib.get_close_matches(name.lower(), _alike(name.lower(), by_lower), 3, _NEAR)
    return f"did you mean {' or '.join(repr(by_lower[n]) for n in near)}?" if near else ""


def _alike(name: str, known: Iterable[str]) -> list[str]:
    """Those of the known names that share enough letters to be near, before order counts."""
    letters, needed = _letters(name), _NEAR / 2
    return [
        k
        for k in known
        if min(len(name), len(k)) >= needed * (len(name) + len(k))
        and len(letters & _letters(k)) >= needed * (len(name) + len(k))
    ]


@lru_cache(maxsize=8192)
def _letters(name: str) -> frozenset[tuple[str, int]]:
    """Each letter with a number, so that a common subset is what two names share."""
    counted: Counter[str] = Counter()
    numbered = set()
    for letter in name:
        counted[letter] += 1
        numbered.add((letter, counted[letter]))
    return frozenset(numbered)


def one_line(problem: Problem, source: Source) -> str:
    """The problem as ``name:line:column: severity CODE: message``."""
    place = f"{source.name}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity} {problem.code}: {problem.message}"


def render(problem: Problem, source: Source) -> str:
    """The problem with its line of text, a caret under its place, its reason and its hint."""
    text = source.line(problem.line)
    width = max(1, min(problem.span.end - problem.span.start, len(text) - problem.column + 1))
    indent = "".join("\t" if c == "\t" else " " for c in text[: problem.column - 1])
    shown, caret = text, indent + "^" * width
    if len(text) > 200:  # a line of any length is shown around its place only
        start = max(0, problem.column - 61)
        shown = text[start : start + 160]
        caret = " " * (problem.column - 1 - start) + "^" * min(width, 100)
    lines = [one_line(problem, source)]
    if source.text:  # what is wrong with a file or folder as a whole has no line
        lines += [f"  {shown}", f"  {caret}"]
    if problem.reason:
        lines.append(f"  why: {problem.reason}")
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    if problem.fix:
        lines.append(f"  fix: {problem.fix.title}")
    return "\n".join(lines)
