"""What readers of fields under a header share: takes a piece of lines, gives its rows as columns.

A line of the header changes what the lines behind it mean: those between two are read together.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vedette.logs.base import Layout, Made, Parsed, Piece, Row
from vedette.logs.columnar.fields import FieldLines
from vedette.logs.columnar.spans import Places
from vedette.logs.parts import Part
from vedette.logs.readers.lines import FEWEST, in_order, rows_of_lines

_HEADER = frozenset(b"#\0\r\xef")
"""What lines of a header begin with, and what may stand before that."""


class FieldRows(Protocol):
    """Makes rows of the lines of one source, of which those of a header say what others mean."""

    def row(self, line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
        """The row of a line, the reason why it is none, or None for a line of the header."""
        ...

    def parts(self, lines: FieldLines, numbers: Places, before: int) -> tuple[list[Part], Places]:
        """The rows of many lines under the present header, and the numbers of those it leaves.

        *before* is where the text of the lines begins in its source.
        """
        ...


def parse_field_lines(
    piece: Piece, separator: bytes, rows: FieldRows, *, padded: bool = False
) -> Parsed:
    """What a piece holds, whose fields may be *padded* by more separators."""
    lines = FieldLines.of(piece.data, separator, padded=padded)
    starts, ends = lines.lines.starts, lines.lines.ends
    firsts = np.frombuffer(piece.data, np.uint8)[np.minimum(starts, len(piece.data) - 1)]
    header = np.flatnonzero(np.isin(firsts, list(_HEADER)) & (ends > starts))
    parsed = Parsed(size=3 * len(piece.data))
    parts: list[Part] = []
    made: list[Made] = []
    offsets: list[int] = []
    begin = 0
    for end in (*header.tolist(), len(starts)):
        left = np.arange(begin, end)
        if end - begin >= FEWEST:
            many, left = rows.parts(lines, left, piece.offset)
            parts += many
        singly = [*left.tolist(), *([end] if end < len(starts) else [])]
        found = rows_of_lines(piece, starts[singly].tolist(), rows.row, parsed)
        made += found[0]
        offsets += found[1]
        begin = end + 1
    return in_order(parsed, parts, made, offsets)
