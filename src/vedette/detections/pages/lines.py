"""The shape of a published page: takes its text, gives its sections, each with its lines.

Pages reach us as text with the layout gone: headings may be bare lines or markdown, lists may have
lost their bullets. So a heading is a whole line that reads as one of the headings that such pages
have, and lines keep their offsets, so that whatever is found can be pointed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vedette.syntax import Source, Span

_MARK = re.compile(r"(?P<hashes>#{1,6}\s+)|(?P<bullet>(?:[-*•·]|\d{1,3}[.)])\s+)")

# A section's name, and the whole line that heads it; the first that fits counts.
HEADINGS: tuple[tuple[str, str], ...] = (
    ("attack", r"mitre att&ck(?:®|™)?(?: mapping)?"),
    ("query", r"(?P<label>(?:[\w./()&-]+ ){0,4}?)(?:(?:detection|hunting|search) )?query"),
    ("data_sources", r"data sources?"),
    ("tables", r"(?:required )?(?:data )?tables?"),
    ("false_positives", r"(?:known )?false positives?(?: (?:&|and) tuning)?"),
    ("other", r"other platforms(?: for .*)?"),
    ("tests", r"test(?:ing methodology|ing|s)|atomic tests?"),
    ("references", r"(?:external )?references?(?: \((?P<count>\d+)\))?"),
    ("description", r"description|overview|summary"),
    ("guidance", r"detection|detection guidance"),
    ("details", r"technical details"),
    ("end", r"unlock pro content|related (?:detections|techniques)"),
)
_HEADINGS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in HEADINGS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: where it starts, its text, and ``bare`` without list and heading marks.

    ``marked`` is the offset of the bare text within the line.
    """

    start: int
    text: str
    bare: str
    marked: int
    bullet: bool

    @property
    def indent(self) -> int:
        """How many characters of white space the line starts with."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def span(self) -> Span:
        """The span of the bare text."""
        start = self.start + self.marked
        return Span(start, start + len(self.bare))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under a heading; the part before the first has the name ``lead``.

    ``match`` is the heading's own, ``start`` and ``end`` bound the lines below it.
    """

    name: str
    heading: Line | None
    match: re.Match[str] | None
    lines: tuple[Line, ...]
    start: int
    end: int

    @property
    def filled(self) -> tuple[Line, ...]:
        """The lines that hold anything."""
        return tuple(line for line in self.lines if line.bare)


@dataclass(frozen=True, slots=True)
class Page:
    """A page cut into sections, in their order."""

    source: Source
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The first section of this name, or None."""
        return next((s for s in self.sections if s.name == name), None)

    def all(self, name: str) -> Iterator[Section]:
        """Every section of this name."""
        return (s for s in self.sections if s.name == name)

    def line_of(self, offset: int) -> int:
        """The number of the line that an offset lies on, from 1."""
        return self.source.position(offset)[0]


def read_page(source: Source, start: int = 0) -> Page:
    """The page's text from offset *start*, cut at its headings."""
    sections: list[Section] = []
    name, heading, match, body = "lead", None, None, list[Line]()
    begin, fenced = start, False
    for line in lines_between(source, start, len(source.text)):
        fenced ^= line.bare.startswith(("```", "~~~"))
        found = None if fenced else _heading(line)
        if name == "query" and " " not in line.bare:
            found = None  # a column of the query may stand alone on its line: Description, Query
        if found is None:
            body.append(line)
            continue
        sections.append(Section(name, heading, match, tuple(body), begin, line.start))
        (name, match), heading, body = found, line, []
        begin = line.start + len(line.text)
    sections.append(Section(name, heading, match, tuple(body), begin, len(source.text)))
    return Page(source, tuple(sections))


def lines_between(source: Source, start: int, end: int) -> Iterator[Line]:
    """The lines of a part of the text, of which the first and last may be cut."""
    offset = start
    for raw in source.text[start:end].splitlines(keepends=True):
        text = raw.rstrip("\r\n")
        stripped = text.strip()
        mark = _MARK.match(stripped)
        bare = stripped[mark.end() :].strip() if mark else stripped
        bullet = mark is not None and mark["bullet"] is not None
        marked = text.find(bare) if bare else len(text)
        yield Line(offset, text, bare, marked, bullet)
        offset += len(raw)


def _heading(line: Line) -> tuple[str, re.Match[str]] | None:
    words = line.bare.strip("*_: ")
    if line.bullet or not words or len(words) > 80:
        return None
    for name, pattern in _HEADINGS:
        match = pattern.fullmatch(words)
        if match is not None:
            return name, match
    return None
