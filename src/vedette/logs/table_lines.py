"""JSON lines into one given table: takes a piece of lines, gives their rows as columns.

Records with the same names are made columns together. Any other line is read by itself, which is
the meaning and says what is wrong; so is each of records with the same names where a column cannot
hold a value of one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from vedette.logs.base import Layout, Parsed, Piece, Row
from vedette.logs.parts import Part, batch_of, part_of_rows
from vedette.logs.readers.lines import rows_of_lines
from vedette.logs.table_rows import Shape, TableRows

_FEW = 8
"""Of fewer records columns take longer than one row after the other."""

TableLine = Callable[[bytes, int, bool], "tuple[Layout, Row] | str | None"]
"""As ``readers.lines.Line``, of rows that are filled."""


class _Alike:
    """Records of the same names: where their lines begin, their values, their lines if needed."""

    __slots__ = ("begins", "bodies", "lines", "shape")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.begins: list[int] = []
        self.bodies: list[tuple[Any, ...]] = []
        self.lines: list[bytes] = []


def read_together(piece: Piece, rows: TableRows, line: TableLine) -> Parsed:
    """What the lines of a piece hold, in their order."""
    parsed = Parsed(size=3 * len(piece.data))
    parts: list[Part] = []
    singly: list[int] = []
    for alike in _gathered(piece.data, rows, singly):
        part = None
        if len(alike.begins) >= _FEW:
            offsets = [piece.offset + begin for begin in alike.begins]
            columns = list(zip(*alike.bodies, strict=True))
            part = rows.part(alike.shape, columns, offsets, alike.lines)
        if part is None:
            singly += alike.begins
        else:
            parts.append(part)
    singly.sort()
    made, offsets = rows_of_lines(piece, singly, line, parsed)
    if made:
        parts.append(part_of_rows(rows.layout, offsets, [row for _, row in made]))
    if parts:
        parsed.batches.append((rows.layout, batch_of(parts)))
    return parsed


def _gathered(data: bytes, rows: TableRows, singly: list[int]) -> Iterator[_Alike]:
    """The records by their names; where lines begin that are to be read by themselves."""
    found: dict[tuple[str, ...], _Alike] = {}
    loads, keeps_raw, begin, end = orjson.loads, rows.keeps_raw, 0, len(data)
    while begin < end:
        stop = data.find(b"\n", begin)
        # Not split at once: each line takes the memory that the one before it had.
        line = data[begin : stop if stop >= 0 else end]
        try:
            record = loads(line)
        except orjson.JSONDecodeError:
            record = None
        if type(record) is dict:
            names = tuple(record)
            alike = found.get(names)
            if alike is None:
                alike = found[names] = _Alike(rows.shape(names))
            alike.begins.append(begin)
            alike.bodies.append(alike.shape.values(record))
            if keeps_raw:
                alike.lines.append(line)
        elif line:
            singly.append(begin)
        begin += len(line) + 1
    return iter(found.values())
