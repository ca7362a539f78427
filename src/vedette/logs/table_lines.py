"""JSON lines into one given table: takes a piece of lines, gives their rows as columns.

Records written alike are made columns together, and are not parsed (columnar/json_alike.py); others
with the same names are parsed first. Any other line is read by itself, which is the meaning and
says what is wrong; so is each of records with the same names where a column cannot hold a value of
one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import orjson

from vedette.logs.base import Layout, Parsed, Piece, Row
from vedette.logs.columnar.json_alike import Alike, Forms
from vedette.logs.columnar.json_forms import Place
from vedette.logs.columnar.spans import Places
from vedette.logs.parts import Part, batch_of, part_of_rows
from vedette.logs.readers.lines import rows_of_lines
from vedette.logs.table_rows import Shape, TableRows

_FEW = 8
"""Of fewer records columns take longer than one row after the other."""

TableLine = Callable[[bytes, int, bool], "tuple[Layout, Row] | str | None"]
"""As ``readers.lines.Line``, of rows that are filled."""


class _Named:
    """Records of the same names: where their lines begin, their values, their lines if needed."""

    __slots__ = ("begins", "bodies", "lines", "shape")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.begins: list[int] = []
        self.bodies: list[tuple[Any, ...]] = []
        self.lines: list[bytes] = []


def read_together(piece: Piece, rows: TableRows, forms: Forms, line: TableLine) -> Parsed:
    """What the lines of a piece hold, in their order."""
    parsed = Parsed(size=3 * len(piece.data))
    singly: list[int] = []
    of_form = partial(_of_form, rows=rows, before=piece.offset)
    parts, others = forms.of_lines(piece.data, of_form)
    for alike in _gathered(others, rows, singly):
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


def _of_form(
    alike: Alike, begins: Places, rows: TableRows, before: int
) -> tuple[list[Part], Places]:
    """The rows of lines of one form, which begin there behind an offset; those that are left."""
    shape = rows.shape(tuple(alike.form.record))
    places = shape.values(alike.form.record)
    if not all(isinstance(place, Place) for place in places):
        return [], alike.rows
    raws = alike.raws() if rows.keeps_raw else ()
    columns = [[None] * len(alike.rows) if v is None else v for v in alike.values(places)]
    part = rows.part(shape, columns, begins[alike.rows] + before, raws)
    return ([], alike.rows) if part is None else ([part], alike.rows[:0])


def _gathered(
    lines: Iterable[tuple[int, bytes]], rows: TableRows, singly: list[int]
) -> Iterator[_Named]:
    """The records by their names; where lines begin that are to be read by themselves."""
    found: dict[tuple[str, ...], _Named] = {}
    loads, keeps_raw = orjson.loads, rows.keeps_raw
    for begin, line in lines:
        try:
            record = loads(line)
        except orjson.JSONDecodeError:
            record = None
        if type(record) is dict:
            names = tuple(record)
            alike = found.get(names)
            if alike is None:
                alike = found[names] = _Named(rows.shape(names))
            alike.begins.append(begin)
            alike.bodies.append(alike.shape.values(record))
            if keeps_raw:
                alike.lines.append(line.strip())
        elif line:
            singly.append(begin)
    return iter(found.values())
