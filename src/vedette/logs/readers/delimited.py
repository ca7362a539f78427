"""What readers of CSV share: takes pieces of whole records, gives a row a record, or the reason.

The first line names the columns; the most frequent delimiter there counts. A quoted value may hold
line ends; of a quote that never closes only its line is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vedette.logs.base import (
    MAX_RECORD_BYTES,
    SAMPLE_BYTES,
    Layout,
    Parsed,
    Piece,
    Row,
    Unreadable,
)
from vedette.logs.lines import (
    OPENING_BYTES,
    decoded,
    has_byte_order_mark,
    head_text,
    opening_of,
)
from vedette.logs.readers.lines import LinesReader
from vedette.logs.sources import Source

_DELIMITERS = ",;\t|"
_TYPE = b"#TYPE "
"""Begins what PowerShell 5 writes first (``Export-Csv``)."""

csv.field_size_limit(MAX_RECORD_BYTES)

Record = Callable[[Sequence[str], bytes, int], "tuple[Layout, Row] | str | None"]
"""Takes a record's values, its bytes and its offset; gives a row, the reason why not, or None."""


def last_record_end(held: bytes, must: bool) -> int:
    """Behind the last line end outside quotes; of one quote that never closes, its line's end."""
    cut = held.rfind(b"\n") + 1
    inside = held.count(b'"', 0, cut) % 2
    while cut and inside:
        before = held.rfind(b"\n", 0, cut - 1) + 1
        inside ^= held.count(b'"', before, cut) % 2
        cut = before
    return cut or (held.find(b"\n") + 1 if must else 0)


class CsvLinesReader(LinesReader):
    """A reader of CSV whose first line names the columns."""

    cut = staticmethod(last_record_end)

    def opening(self, source: Source) -> bytes:
        """The first line, which many sources share, and the second."""
        first = opening_of(source)
        rest = head_text(source.head)[len(first) : len(first) + OPENING_BYTES]
        end = rest.find(b"\n") + 1
        if first.startswith(_TYPE):
            end = rest.find(b"\n", end) + 1
        return first + rest[:end]


@dataclass(frozen=True, slots=True)
class Header:
    """The column names, the delimiter, and how many bytes the line with them ends at."""

    names: tuple[str, ...]
    delimiter: str
    length: int


def csv_header(head: bytes) -> Header:
    """What the first line of a source says, the second where PowerShell's type stands before it."""
    mark = 3 if has_byte_order_mark(head) else 0
    text = head_text(head)
    start = text.find(b"\n") + 1 if text.startswith(_TYPE) else 0
    end = text.find(b"\n", start) + 1 or len(text)
    line = decoded(text[start:end]).rstrip("\r\n")
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # no CSV at all
        names = []
    return Header(tuple(n.strip() for n in names), delimiter, end + mark)


def parse_records(piece: Piece, header: Header, record: Record) -> Parsed:
    """What a piece of a source holds; its first line is passed over."""
    data = piece.data[header.length :] if piece.offset == piece.begins else piece.data
    parsed = Parsed()
    _records(data, piece.offset + len(piece.data) - len(data), header, record, parsed)
    parsed.is_left = piece.open and bool(parsed.unreadable)
    parsed.size = 4 * len(data) + 500 * len(parsed.rows)
    return parsed


def _records(data: bytes, offset: int, header: Header, record: Record, parsed: Parsed) -> None:
    lines = data.splitlines(keepends=True) if b"\r" not in data else _kept_lines(data)
    reader = csv.reader((decoded(line) for line in lines), delimiter=header.delimiter)
    taken, columns = 0, len(header.names)
    while taken < len(lines):
        start, problem, values = offset, None, None
        try:
            values = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problem = str(error)
        used, taken = lines[taken : reader.line_num], reader.line_num
        raw = b"".join(used)
        offset += len(raw)
        if not values and problem is None:
            continue
        if raw.count(b'"') % 2:
            problem = "a quote that does not close"
        elif values is not None and len(values) != columns:
            problem = f"{len(values)} values; the first line names {columns} columns"
        if problem is None and values is not None:
            made = record(values, raw, start)
            if made is None:
                continue
            if not isinstance(made, str):
                parsed.rows.append(made)
                continue
            problem = made
        parsed.unreadable.append(Unreadable(start, problem or "no CSV", raw[:SAMPLE_BYTES]))


def _kept_lines(text: bytes) -> list[bytes]:
    """Lines with their ends; a lone carriage return ends none."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
