"""CSV, JSON and Parquet into one given table: takes columns by their names, gives typed rows.

A name counts exactly, or in any letter case where only one column is meant. A record with a value
that its column cannot hold is told with that column; columns that the table lacks are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.logs.base import (
    CHUNK_RECORDS,
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
)
from vedette.logs.columnar.json_alike import Forms
from vedette.logs.json_documents import JsonDocuments, first_value
from vedette.logs.json_values import parse_json
from vedette.logs.lines import (
    WholeContent,
    content_digest,
    decoded,
    head_text,
)
from vedette.logs.readers.delimited import CsvLinesReader, csv_header, parse_records
from vedette.logs.readers.lines import LinesReader, parse_lines
from vedette.logs.table_lines import read_together
from vedette.logs.table_rows import TableRows, Target, put
from vedette.plan.types import UNIX_EPOCH_TICKS, Type

_TICKS = {"s": 10_000_000, "ms": 10_000, "us": 10}


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
        forms = Forms()

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
            if piece.open:
                parsed = parse_lines(piece, line)
            else:
                parsed = read_together(piece, rows, forms, line)
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

        def parse(value: Any, raw: Text, offset: int, _: str) -> tuple[Layout, Row] | str:
            return rows.row(value, raw, offset) if isinstance(value, dict) else "no JSON object"

        return self.chunks(reading, parse, rows.take_ignored)


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
    values: Sequence[str], names: Sequence[str], targets: Sequence[Target | None],
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
