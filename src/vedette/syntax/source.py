"""Source text and places in it: takes a query's text, gives lines, columns and caret displays."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets, ``start`` included and ``end`` excluded."""

    start: int
    end: int

    def __or__(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)
_LINE_END = re.compile("\n")


@dataclass(frozen=True, slots=True)
class Source:
    """A text to be read, under the name that messages show for it."""

    text: str
    name: str = "query"
    line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the line starts once, so that a position is a binary search."""
        starts = [0]
        starts += [match.end() for match in _LINE_END.finditer(self.text)]
        object.__setattr__(self, "line_starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line *number* (from 1) without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def at(self, span: Span) -> str:
        """The text that a span covers."""
        return self.text[span.start : span.end]
