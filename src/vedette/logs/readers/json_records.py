"""What readers of JSON records share: takes one format's rules, gives its readers.

A format that comes a record a line and in documents (arrays, objects that wrap arrays, records
behind each other) has two readers of the same name; which of them a source needs shows in its first
lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from vedette.logs.base import (
    Chunk,
    Layout,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Reading,
    Row,
    Text,
)
from vedette.logs.columnar.records import Records, with_texts
from vedette.logs.columnar.texts import Values
from vedette.logs.json_documents import JsonDocuments, Parse, first_line_values
from vedette.logs.json_values import parse_json
from vedette.logs.lines import head_text
from vedette.logs.parts import Part
from vedette.logs.readers.json_lines import ManyLines, ManyRows, Wanted, many_parser
from vedette.logs.readers.lines import LinesReader, parse_lines
from vedette.logs.records import RecordRows
from vedette.logs.wrapped import RecordSplitter, first_records

_LOOKED_AT = 20


class Rows(Protocol):
    """Makes rows of one source's records."""

    def row(
        self, record: dict[str, Any], raw: Text, offset: int, name: str
    ) -> tuple[Layout, Row] | str:
        """The row of a record, or why there is none; *name* is that of the array around it."""
        ...

    def take_ignored(self) -> dict[str, int]:
        """Counts of values without a column since they were taken last.

        None are counted where what has no column is kept as the record's own data.
        """
        return {}

    def many(self) -> ManyLines | None:
        """What makes the same rows of many records at once; None for nothing."""
        ...


class JsonFormat(Protocol):
    """What tells one format of JSON records from another, and what makes rows of them."""

    @property
    def name(self) -> str:
        """The format's name."""
        ...

    @property
    def inside(self) -> frozenset[bytes]:
        """The names, in quotes, of arrays that wrap records."""
        ...

    def knows(self, record: dict[str, Any], name: str) -> int:
        """How sure it is, 0 to 100, that a record is its own; *name* is of the array around it."""
        ...

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        ...


def parsed_line(rows: Rows, line: bytes, offset: int) -> tuple[Layout, Row] | str | None:
    """The row of a line that holds one record, the reason why not, or None for an empty line."""
    if not line.strip():
        return None
    value = parse_json(line)
    if isinstance(value, str):
        return value
    if not isinstance(value[0], dict):
        return "no JSON object"
    return rows.row(value[0], value[1], offset, "")


class JsonLines(LinesReader):
    """Reads one format's records, one a line."""

    def __init__(self, format: JsonFormat) -> None:
        """Read records of *format*."""
        self._format = format
        self.name = format.name

    def sniff(self, head: bytes, name: str) -> int:
        """As sure as the format is of the surest of the first lines, read alone."""
        records = first_line_values(head_text(head))
        return max((self._format.knows(r, "") for r in records if isinstance(r, dict)), default=0)

    def parser(self, origin: Origin) -> PieceParser:
        """A row a line."""
        rows = self._format.rows(origin)
        many = rows.many()

        def line(line: bytes, offset: int, _: bool) -> tuple[Layout, Row] | str | None:
            return parsed_line(rows, line, offset)

        of_piece = partial(parse_lines, parse=line) if many is None else many_parser(line, many)

        def parse(piece: Piece) -> Parsed:
            parsed = of_piece(piece)
            parsed.ignored = rows.take_ignored()
            return parsed

        return parse


class JsonRecords(JsonDocuments):
    """Reads one format's records in documents."""

    def __init__(self, format: JsonFormat, parsed: Parse = parse_json) -> None:
        """Read records of *format*, whose texts *parsed* reads."""
        self._format = format
        self._parsed = parsed
        self.name = format.name
        self.inside = format.inside

    def sniff(self, head: bytes, name: str) -> int:
        """As sure as the format is of the surest of the first records, a little less than lines."""
        text = head_text(head).lstrip()
        if text[:1] not in (b"{", b"["):
            return 0
        found = first_records(text, self._format.inside, _LOOKED_AT)
        sure = [self._format.knows(r, inside) for inside, r in found if isinstance(r, dict)]
        return max(0, max(sure, default=0) - 2)

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """A row a record."""
        rows = self._format.rows(reading.origin)
        of_many = rows.many()
        many = None if of_many is None else ManyRows(of_many).of_texts

        def parse(value: Any, raw: Text, offset: int, name: str) -> tuple[Layout, Row] | str:
            if not isinstance(value, dict):
                return "no JSON object"
            try:
                return rows.row(value, raw, offset, name)
            except (ValueError, RecursionError) as error:
                return f"not readable: {error}"

        splitter = RecordSplitter(self._format.inside)
        return self.chunks(reading, parse, rows.take_ignored, splitter, many, self._parsed)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record's fields for its mapping, what is kept as its own data, and columns worked out."""

    fields: Mapping[str, Any]
    own: Mapping[str, Any]
    columns: Mapping[str, Any]


Prepare = Callable[[dict[str, Any], str], "Prepared | str"]
"""Takes a record and the name of the array around it; gives what rows need, or why it is none."""


def _nothing_more(records: Records) -> Mapping[str, Values]:
    return {}


@dataclass(frozen=True, slots=True)
class Usual:
    """What ``Prepare`` does, of many records that it takes as they stand.

    Such a record has a text under each of the names that are ``needed``, and its names suit
    ``takes``, which looks at those of ``looked_at``. ``columns`` gives the columns worked out.
    """

    needed: frozenset[str]
    looked_at: frozenset[str]
    takes: Callable[[AbstractSet[str]], bool]
    columns: Callable[[Records], Mapping[str, Values]] = _nothing_more


class MappedRows(Rows):
    """Makes rows of one source's records by the mapping of their format."""

    def __init__(
        self,
        log_format: str,
        origin: Origin,
        prepare: Prepare,
        mapping: str | None = None,
        usual: Usual | None = None,
    ) -> None:
        """*mapping* names another format's mapping."""
        self._rows = RecordRows(log_format, origin.lineage, origin.name, mapping)
        self._prepare = prepare
        self._usual = usual

    def row(
        self, record: dict[str, Any], raw: Text, offset: int, name: str = ""
    ) -> tuple[Layout, Row] | str:
        """The row of a record, or why there is none."""
        made = self._prepare(record, name)
        if isinstance(made, str):
            return made
        return self._rows.row(made.fields, raw, offset, own=made.own, **made.columns)

    def many(self) -> ManyLines | None:
        """What makes the same rows of many records, where it is said what they look like."""
        return None if self._usual is None else _ManyMapped(self._rows, self._usual)


class _ManyMapped:
    """Makes parts of tables of many records that are as usual."""

    def __init__(self, rows: RecordRows, usual: Usual) -> None:
        own = usual.needed | usual.looked_at
        self.wanted = Wanted(rows.fields | own, looked_at=own)
        self._usual = usual
        self._many = rows.many()

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of records that are as usual; all others are left."""
        usual = self._usual
        if not usual.takes(frozenset(records.names)):
            return [], range(len(records))
        fit, left = with_texts(records, usual.needed)
        return (self._many.parts(fit, usual.columns(fit)) if len(fit) else []), left
