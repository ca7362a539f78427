"""Queries in the text of a page: takes a part of the text, gives where the query starts and ends.

A page's text may run on behind the query, on its very last line. So a query ends where its
language's grammar can read no further; no words of the page are looked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vedette.detections.model import Language
from vedette.detections.page_lines import Line
from vedette.syntax import Findings, Problem, Source, Span

MOST_STARTS = 12
MOST_ENDS = 200

# A syntax check: the text's problems, in its order, of which only those of kind "syntax" count.
Check = Callable[[str], tuple[Problem, ...]]

_WORD = re.compile(r"\w+|\S")
_FENCE = re.compile(r"(?:```|~~~)\s*(?P<language>[\w-]*).*")

# How a line starts that goes on with a query. Keywords count in the letter case that the query
# itself writes them in, for prose too starts with "And" and "Where".
_CONTINUES: dict[Language, str] = {
    "kql": r"[|;,)(\]\[}{=<>!\"'*/+]",
    "aql": r"[;,)(\]\[=<>!\"'*/+%]|(?:SELECT|FROM|WHERE|AND|OR|CASE|WHEN|THEN|ELSE|END|GROUP BY"
    r"|HAVING|ORDER BY|LIMIT|LAST \d+|START '|STOP ')(?![\w'])",
}
_WINDOW = re.compile(r"LAST\s+\d+\s+[A-Z]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A query found in a page: its span, and the place at which its grammar stopped inside it.

    ``broken`` is None for a query that reads to its end.
    """

    span: Span
    broken: Problem | None = None


def find_query(
    source: Source, lines: tuple[Line, ...], end: int, language: Language
) -> Found | None:
    """The query that stands in *lines*, whose text goes to the offset *end*; None if none does.

    Fences mark it where there are any. Otherwise it starts at the line from which its grammar
    reads furthest, and ends where that reading ends.
    """
    fence = _fenced(lines)
    if fence is not None:
        return _trimmed(source, fence.start, fence.end)
    check = checker(language)
    best: tuple[int, int] | None = None
    for line in _starts(lines):
        start = line.start + line.indent
        length = _readable(source.text[start:end], check)
        if length and (best is None or length > best[1] - best[0]):
            best = (start, start + length)
    if best is None:
        return None
    start, stop = best
    stop, goes_on = _continued(source, start, stop, lines, language)
    problems = check(source.text[start:stop]) if goes_on else ()
    return Found(Span(start, stop), problems[0] if problems else None)


def checker(language: Language) -> Check:
    """The syntax check of a language."""
    if language == "kql":
        from vedette.kql import grammar as kql

        return lambda text: _syntax(text, kql.read)
    from vedette.aql import grammar as aql

    return lambda text: _syntax(text, aql.parse)


def _syntax(text: str, parse: Callable[[Source, Findings], object]) -> tuple[Problem, ...]:
    findings = Findings(Source(text))
    parse(findings.source, findings)
    return tuple(p for p in findings.ordered() if p.severity == "error" and p.kind == "syntax")


def _fenced(lines: tuple[Line, ...]) -> Span | None:
    start: int | None = None
    for line in lines:
        if not _FENCE.fullmatch(line.bare):
            continue
        if start is not None:
            return Span(start, line.start)
        start = line.start + len(line.text)
    return None


def _trimmed(source: Source, start: int, end: int) -> Found | None:
    text = source.text[start:end]
    if not text.strip():
        return None
    left = len(text) - len(text.lstrip())
    return Found(Span(start + left, start + len(text.rstrip())))


def _starts(lines: tuple[Line, ...]) -> Iterator[Line]:
    filled = [line for line in lines if line.bare]
    yield from filled[:MOST_STARTS]


def _readable(text: str, check: Check) -> int:
    """The length of the longest start of the text that is a query; 0 where none is."""
    ends = [match.end() for match in _WORD.finditer(text)]
    last = len(ends)
    for _ in range(MOST_ENDS):
        if last == 0:
            return 0
        problems = check(text[: ends[last - 1]])
        if not problems:
            return ends[last - 1]
        first = min(p.span.start for p in problems)
        last = min(bisect_right(ends, first), last - 1)
    return 0


def _continued(
    source: Source, start: int, stop: int, lines: tuple[Line, ...], language: Language
) -> tuple[int, bool]:
    """Where a query ends that was read to *stop*, and whether it goes on behind a mistake there."""
    upper = language == "kql" or source.text[start : start + 6].isupper()
    pattern = _CONTINUES[language]
    more = re.compile(pattern if upper else pattern.lower())
    inside = [line for line in lines if line.start + len(line.text) > stop]
    rest = inside[0].text[max(0, stop - inside[0].start) :].strip() if inside else ""
    tail = [line for line in inside if line.start >= stop and more.match(line.text.strip())]
    if not tail and not more.match(rest):
        return stop, False
    last = tail[-1] if tail else inside[0]
    window = _WINDOW.match(last.text.strip()) if language == "aql" else None
    if window is not None:
        return last.start + last.indent + window.end(), True
    return last.start + len(last.text.rstrip()), True
