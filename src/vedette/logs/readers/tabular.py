"""CSV, JSON and Parquet into one given table: takes columns by their names, gives typed rows.

A name counts exactly, or in any letter case where only one column is meant. A record with a value
that its column cannot hold is told with that column; columns that the table lacks are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.logs.base import (
    CHUNK_RECORDS,
    MAX_IGNORED,
    Chunk,
    Layout,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Reading,
    Row,
    Text,
    Unreadable,
    count_ignored,
)
from vedette.logs.batches import moment
from vedette.logs.convert import converter
from vedette.logs.json_values import JsonDocuments, first_value, parse_json
from vedette.logs.lines import (
    WholeContent,
    content_digest,
    decoded,
    head_text,
)
from vedette.logs.readers.delimited import CsvLinesReader, csv_header, parse_records
from vedette.logs.readers.lines import LinesReader, parse_lines
from vedette.plan.types import UNIX_EPOCH_TICKS, Type
from vedette.tables.catalog import event_tables

_MAX_SHAPES = 1024
_TICKS = {"s": 10_000_000, "ms": 10_000, "us": 10}

Column = tuple[int, Callable[[Any], Any], str]


class _Shape:
    """What the names of a record decide: where each value goes, and which have no column."""

    __slots__ = ("ignored", "records", "steps")

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, Callable[[Any], Any], bool]] = []
        self.ignored: list[str] = []
        self.records = 0


class TableRows:
    """Makes rows of one table out of one source's records."""

    def __init__(self, layout: Layout, origin: Origin, log_format: str, json: bool) -> None:
        """The source's name and lineage fill the columns that an event table has for them."""
        self.layout = layout
        self._ignored: dict[str, int] = {}
        self._lineage = origin.lineage
        self._json = json
        self._empty = layout.empty_row()
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._targets: dict[str, Column | None] = {}
        self._spelled: dict[str, list[str]] = {}
        for name in layout.columns:
            self._spelled.setdefault(name.lower(), []).append(name)
        own = {"log_format": log_format, "log_file": origin.name}
        is_event = layout.table in event_tables()
        self._defaults = [(layout.index[c], v) for c, v in own.items() if is_event]
        self._offset = layout.index["log_offset"] if is_event else None
        self._raw = layout.index["raw"] if is_event else None
        has_identity = layout.columns.get("event_id") is Type.STRING
        self._identity = layout.index["event_id"] if has_identity else None

    def target(self, name: str) -> Column | None:
        """The column that a name means, with its place and conversion; None for none."""
        if name not in self._targets:
            if len(self._targets) > MAX_IGNORED:  # names are the source's: they may be endless
                return self._find(name)
            self._targets[name] = self._find(name)
        return self._targets[name]

    def _find(self, name: str) -> Column | None:
        column = name
        if name not in self.layout.columns:
            spellings = self._spelled.get(name.lower(), [])
            if len(spellings) != 1:
                return None
            column = spellings[0]
        kind = self.layout.columns[column]
        return self.layout.index[column], converter(kind, json=self._json), column

    def ignore(self, name: str) -> None:
        """Count a value whose column the table lacks."""
        count_ignored(self._ignored, {name: 1})

    def take_ignored(self) -> dict[str, int]:
        """What was counted since it was taken last."""
        self._count_shapes()
        taken, self._ignored = self._ignored, {}
        return taken

    def row(self, record: Mapping[str, Any], raw: Text, offset: int) -> tuple[Layout, Row] | str:
        """The row of a record, or the reason why it is none."""
        names = tuple(record)
        shape = self._shapes.get(names) or self._new_shape(names)
        row = self._empty.copy()
        try:
            for name, place, convert, is_text in shape.steps:
                value = record[name]
                if is_text and type(value) is str:
                    row[place] = value
                elif value is not None and (is_text or value != ""):
                    row[place] = convert(value)
        except ValueError:
            return self._row_by_names(record, raw, offset)
        if not shape.steps:
            return self._row_by_names(record, raw, offset)
        shape.records += 1
        return self.finished(row, raw, offset)

    def _new_shape(self, names: tuple[str, ...]) -> _Shape:
        """What the names of a record decide; how many are kept of them is bounded."""
        if len(self._shapes) >= _MAX_SHAPES:
            self._count_shapes()
            self._shapes.clear()
        shape = self._shapes[names] = _Shape()
        for name in names:
            target = self.target(name)
            if target is None or (name != target[2] and target[2] in names):
                shape.ignored.append(name)
            else:
                place, convert, column = target
                is_text = self.layout.columns[column] is Type.STRING
                shape.steps.append((name, place, convert, is_text))
        return shape

    def _count_shapes(self) -> None:
        for shape in self._shapes.values():
            if shape.records:
                count_ignored(self._ignored, dict.fromkeys(shape.ignored, shape.records))
                shape.records = 0

    def _row_by_names(
        self, record: Mapping[str, Any], raw: Text, offset: int
    ) -> tuple[Layout, Row] | str:
        """The same name by name, up to the value that its column cannot hold."""
        row = self.layout.empty_row()
        matched = False
        for name, value in record.items():
            target = self.target(name)
            if target is None or (name != target[2] and target[2] in record):
                self.ignore(name)
                continue
            matched = True
            if value is not None:
                problem = put(row, target, value, self.layout)
                if problem:
                    return problem
        return self.finished(row, raw, offset) if matched else "no column of the table"

    def finished(self, row: Row, raw: Text, offset: int) -> tuple[Layout, Row]:
        """The row with its identity, and what else the source says where the record does not."""
        if self._identity is not None and row[self._identity] is None:
            row[self._identity] = f"{self._lineage}-{offset}"
        for place, value in self._defaults:
            if row[place] is None:
                row[place] = value
        if self._offset is not None and row[self._offset] is None:
            row[self._offset] = offset
        if self._raw is not None and row[self._raw] is None:
            row[self._raw] = raw
        time = moment(self.layout, row)
        for place in self.layout.time_indexes:
            row[place] = time if row[place] is None else row[place]
        return self.layout, row


def put(row: Row, target: Column, value: Any, layout: Layout) -> str | None:
    """Put a value into its place; the reason where its column cannot hold it."""
    place, convert, column = target
    kind = layout.columns[column]
    if value == "" and kind is not Type.STRING:
        return None
    try:
        row[place] = convert(value)
    except ValueError as error:
        return f"column {column[:200]} ({kind}): {str(value)[:80]!r} is {error}"
    return None


class JsonLinesReader(LinesReader):
    """Reads JSON objects, one a line."""

    name = "json_lines"

    def __init__(self, layout: Layout) -> None:
        """The table that rows are for."""
        self._layout = layout

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line is an object."""
        line = head_text(head).lstrip().partition(b"\n")[0].strip()
        return 80 if line[:1] == b"{" and not isinstance(parse_json(line), str) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a line."""
        rows = TableRows(self._layout, origin, self.name, json=True)

        def line(line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
            if not line.strip():
                return None
            record = parse_json(line)
            if isinstance(record, str):
                return record
            if not isinstance(record[0], dict):
                return "no JSON object"
            return rows.row(record[0], record[1], offset)

        def parse(piece: Piece) -> Parsed:
            parsed = parse_lines(piece, line)
            parsed.ignored = rows.take_ignored()
            return parsed

        return parse


class JsonRowsReader(JsonDocuments):
    """Reads JSON documents: arrays of objects, single objects, several behind each other."""

    name = "json"

    def __init__(self, layout: Layout) -> None:
        """The table that rows are for."""
        self._layout = layout

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first value is an object."""
        text = head_text(head).lstrip()
        return 70 if text[:1] in (b"{", b"[") and isinstance(first_value(text), dict) else 0

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """A row an object."""
        rows = TableRows(self._layout, reading.origin, self.name, json=True)
        return self.chunks(reading, rows.row, rows.take_ignored)


class CsvReader(CsvLinesReader):
    """Reads CSV whose first line names the columns; the most frequent delimiter there counts."""

    name = "csv"

    def __init__(self, layout: Layout) -> None:
        """The table that rows are for."""
        self._layout = layout

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line names a column of the table."""
        known = {c.lower() for c in self._layout.columns}
        return 50 if any(c.lower() in known for c in csv_header(head).names) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a record."""
        header = csv_header(origin.head)
        rows = TableRows(self._layout, origin, self.name, json=False)
        targets = [rows.target(name) for name in header.names]

        def record(values: Sequence[str], raw: bytes, offset: int) -> tuple[Layout, Row] | str:
            return _record(values, header.names, targets, rows, raw, offset)

        def parse(piece: Piece) -> Parsed:
            parsed = parse_records(piece, header, record)
            parsed.ignored = rows.take_ignored()
            return parsed

        return parse


def _record(
    values: Sequence[str], names: Sequence[str], targets: Sequence[Column | None],
    rows: TableRows, raw: bytes, offset: int,
) -> tuple[Layout, Row] | str:  # fmt: skip
    row = rows.layout.empty_row()
    for name, target, value in zip(names, targets, values, strict=True):
        if target is None:
            rows.ignore(name)
        elif (problem := put(row, target, value, rows.layout)) is not None:
            return problem
    return rows.finished(row, decoded(raw).rstrip("\r\n"), offset)


class ParquetReader(WholeContent):
    """Reads Parquet; a source's position counts rows."""

    name = "parquet"
    known_by_name = False

    def __init__(self, layout: Layout) -> None:
        """The table that rows are for."""
        self._layout = layout

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of files that begin as Parquet does."""
        return 100 if head.startswith(b"PAR1") else 0

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """A row a row."""
        rows = TableRows(self._layout, reading.origin, self.name, json=False)
        content, offset = content_digest(reading.source), 0
        problem: str | None = None
        try:
            with pq.ParquetFile(reading.source.local()) as file:
                for batch in file.iter_batches(CHUNK_RECORDS):
                    if offset >= reading.start:
                        yield self._chunk(batch, rows, offset, content)
                    offset += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            problem = f"not readable as Parquet: {error}"
        last = Chunk(max(offset, reading.start), content, content=content)
        if problem is not None:
            last.unreadable.append(Unreadable(offset, problem))
        yield last

    def _chunk(self, batch: pa.RecordBatch, rows: TableRows, offset: int, content: bytes) -> Chunk:
        made = [self._layout.empty_row() for _ in range(batch.num_rows)]
        problems: dict[int, str] = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            target = rows.target(name)
            if target is None:
                rows.ignore(name)
                continue
            for index, value in enumerate(_values(column, self._layout.columns[target[2]])):
                if value is not None and index not in problems:
                    ready = isinstance(value, _Ready)
                    place = (target[0], int, target[2]) if ready else target
                    problem = put(made[index], place, value, self._layout)
                    if problem is not None:
                        problems[index] = problem
        chunk = Chunk(offset + batch.num_rows, content, ignored=rows.take_ignored())
        for index, row in enumerate(made):
            if index in problems:
                chunk.unreadable.append(Unreadable(offset + index, problems[index]))
            else:
                chunk.rows.append(rows.finished(row, "", offset + index))
        chunk.size = 2 * batch.nbytes + 500 * batch.num_rows
        return chunk


class _Ready(int):
    """Ticks, which need no conversion."""


def _values(column: pa.Array, kind: Type) -> list[Any]:
    """A column's values; moments as ticks, exact to the 100 ns that a tick is."""
    if kind is Type.DATETIME and pa.types.is_timestamp(column.type):
        units = pc.cast(column, pa.int64())
        if column.type.unit == "ns":
            ticks = pc.divide(units, 100)
        else:
            ticks = pc.multiply_checked(units, _TICKS[column.type.unit])
        return [None if v is None else _Ready(v + UNIX_EPOCH_TICKS) for v in ticks.to_pylist()]
    values: list[Any] = column.to_pylist()
    return values
