"""Queries in the text of a page: takes a part of the text, gives where the query starts and ends.

A page's text may run on behind the query, on its very last line. So a query ends where its
language's grammar can read no further; no words of the page are looked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from vedette.detections.model import Language
from vedette.detections.pages.lines import Line
from vedette.syntax import Findings, Problem, Source, Span

MOST_STARTS = 12
MOST_ENDS = 200
LONGEST = 30_000
MOST_READ = 600_000

# A reading of a text by a language's grammar: its errors in the order of the text.
Check = Callable[[str], tuple[Problem, ...]]

_WORD = re.compile(r"\w+|\S")
_FENCE = re.compile(r"(?:```|~~~)\s*(?P<language>[\w-]*).*")

# How a query opens that cannot be read even to its first part.
_OPENS: dict[Language, re.Pattern[str]] = {
    "kql": re.compile(r"(?:let|union|search|find|print|range|datatable|declare|set)\b"),
    "aql": re.compile(r"select\b", re.IGNORECASE),
}
# How the rest of a line starts, and how later lines start, that go on with a query behind a
# mistake. AQL's keywords count in the letter case that the query itself writes them in, for prose
# too starts with "And" and "Where".
_KEYWORDS = (
    r"(?:SELECT|FROM|WHERE|AND|OR|CASE|WHEN|THEN|ELSE|END|GROUP BY|HAVING|ORDER BY|LIMIT|LAST \d+"
    r"|START '|STOP ')(?![\w'])"
)
_GOES_ON: dict[Language, str] = {
    "kql": r"[|;,)(\]\[}{=<>!\"'*/+]",
    "aql": rf"[;,)(\]\[=<>!\"'*/+%]|{_KEYWORDS}",
}
_LINE_GOES_ON: dict[Language, str] = {"kql": r"[|)\]}]", "aql": rf"[,)]|{_KEYWORDS}"}
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
    reads furthest, and ends where that reading ends. At most LONGEST characters are looked at.
    """
    fence = _fenced(lines)
    if fence is not None:
        return _trimmed(source, fence.start, fence.end)
    check = _bounded(checker(language))
    end = min(end, (lines[0].start if lines else end) + LONGEST)
    best: Span | None = None
    for line in [line for line in lines if line.bare][:MOST_STARTS]:
        start = line.start + line.indent
        read = Span(start, start + _readable(source.text[start:end], check))
        if read.end > start and (best is None or _weight(source, read) > _weight(source, best)):
            best = read
    if best is not None and language == "kql":
        best = _without_prose(source, best, end, check)
    opened = best or _opened(lines, language)
    if opened is None:
        return None
    stop, goes_on = _continued(source, opened, lines, language)
    goes_on = goes_on or best is None
    span = Span(opened.start, stop)
    problems = _stops(check(source.at(span))) if goes_on else ()
    return Found(span, problems[0] if problems else None)


def _weight(source: Source, read: Span) -> tuple[bool, int]:
    """How likely what was read is the query: a label such as "Sentinel (KQL)" is a call in KQL."""
    text = source.at(read)
    return "|" in text or ";" in text, len(text)


def checker(language: Language) -> Check:
    """The syntax check of a language."""
    if language == "kql":
        return lambda text: _errors(text, _read_kql)
    from vedette.aql.reading import grammar as aql

    return lambda text: _errors(text, aql.parse)


def _read_kql(source: Source, findings: Findings) -> None:
    """Record what is wrong with a KQL text, as far as its reader goes on."""
    from vedette.kql.binding.context import GivenUp
    from vedette.kql.reading import grammar

    with suppress(GivenUp):
        grammar.read(source, findings)


def _bounded(check: Check) -> Check:
    """The check, which calls a text wrong from its start once MOST_READ characters were read.

    A page may be made so that every end has to be tried.
    """
    left = MOST_READ

    def within(text: str) -> tuple[Problem, ...]:
        nonlocal left
        left -= len(text)
        if left < 0:
            place = Span(0, 0)
            return (Problem("VD322", "syntax", "error", "too long to be read", place, 1, 1),)
        return check(text)

    return within


def _errors(text: str, parse: Callable[[Source, Findings], object]) -> tuple[Problem, ...]:
    findings = Findings(Source(text))
    parse(findings.source, findings)
    return tuple(p for p in findings.ordered() if p.severity == "error")


def _stops(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(p for p in problems if p.kind in ("syntax", "limit"))


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


def _readable(text: str, check: Check) -> int:
    """The length of the longest start of the text that is a query; 0 where none is."""
    ends = [match.end() for match in _WORD.finditer(text)]
    last = len(ends)
    for _ in range(MOST_ENDS):
        if last == 0:
            return 0
        problems = _stops(check(text[: ends[last - 1]]))
        if not problems:
            return ends[last - 1]
        first = min(p.span.start for p in problems)
        last = min(bisect_right(ends, first), last - 1)
    return 0


def _without_prose(source: Source, found: Span, end: int, check: Check) -> Span | None:
    """What was read as KQL, without words of prose that KQL's grammar takes for a part of it.

    A word alone is a query that names a table, and behind a ``;`` the last statement; an operator
    that its grammar does not read goes on to the next ``|`` or the end. None if only prose is left.
    """
    rest = source.text[found.end : end].split("\n", 1)[0].strip()
    text = source.at(found)
    if rest and text.isidentifier():
        return None
    above, _, last = text.rpartition("\n")
    if rest and last.strip().isidentifier() and above.rstrip().endswith(";"):
        return Span(found.start, found.start + len(above.rstrip()))
    unread = [p for p in check(text) if p.kind not in ("syntax", "limit")]
    if not unread or re.search(r"\n\s*\|", text[unread[-1].span.start :]):
        return found
    goes_on = re.compile(_GOES_ON["kql"] + r"|(?:by|on|with|and|or)\b")
    stop = unread[-1].span.start
    while True:
        line_end = text.find("\n", stop)
        if line_end < 0:
            return found
        if not goes_on.match(text[line_end:].lstrip()):
            return Span(found.start, found.start + line_end)
        stop = line_end + 1


def _opened(lines: tuple[Line, ...], language: Language) -> Span | None:
    """The first line that opens a query whose grammar can read nothing of it."""
    for line, below in zip(lines, (*lines[1:], None), strict=True):
        piped = language == "kql" and below is not None and below.bare.startswith("|")
        if line.bare and (piped or _OPENS[language].match(line.bare)):
            start = line.start + line.indent
            return Span(start, start + len(line.text.strip()))
    return None


def _continued(
    source: Source, found: Span, lines: tuple[Line, ...], language: Language
) -> tuple[int, bool]:
    """Where a query ends that was read to *found*'s end, and whether a mistake stands before it."""
    stop = found.end
    upper = language == "kql" or source.text[found.start : found.start + 6].isupper()
    here, below = (p[language] if upper else p[language].lower() for p in (_GOES_ON, _LINE_GOES_ON))
    inside = [line for line in lines if line.start + len(line.text) > stop]
    rest = inside[0].text[max(0, stop - inside[0].start) :].strip() if inside else ""
    tail = [one for one in inside if one.start >= stop and re.match(below, one.text.strip())]
    if not tail and not re.match(here, rest):
        return stop, False
    last = tail[-1] if tail else inside[0]
    window = _WINDOW.match(last.text.strip()) if language == "aql" else None
    if window is not None:
        return last.start + last.indent + window.end(), True
    return last.start + len(last.text.rstrip()), True
