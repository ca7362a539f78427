"""Exports of Defender's and Sentinel's tables: takes CSV and JSON, gives a row a row.

CSV is what the portals write: names of columns first, times in who exports' language. JSON comes
from the hunting APIs, the streaming API (a table's name around each row), Log Analytics and
storage. Rows of Defender's tables are told by their columns too, those of others by ``Type``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row
from vedette.logs.export_tables import (
    HUNTING_TABLES,
    NoTable,
    is_enveloped,
    named_table,
    table_of_columns,
    unwrapped,
)
from vedette.logs.exports import ExportRows
from vedette.logs.lines import decoded, has_byte_order_mark, head_text
from vedette.logs.portal_times import Order, portal_ticks, slash_order, zone_seconds
from vedette.logs.readers.delimited import (
    CsvLinesReader,
    Header,
    csv_header,
    parse_records,
)
from vedette.logs.readers.json_records import JsonLines, JsonRecords, Rows
from vedette.plan.types import Type
from vedette.plan.value_text import datetime_text
from vedette.tables.catalog import builtin_table

_INSIDE = frozenset(
    {b'"Results"', b'"results"', b'"records"', b'"Records"', b'"value"', b'"Table"'}
)
_HUNTED = frozenset(HUNTING_TABLES)
_MOMENTS = frozenset({
    "timestamp", "timegenerated", "processcreationtime", "initiatingprocesscreationtime",
    "initiatingprocessparentcreationtime",
})  # fmt: skip


class ExportFormat:
    """JSON rows of one product's tables."""

    inside = _INSIDE

    def __init__(self, name: str, hunted: bool) -> None:
        """Defender's tables where *hunted*, else Sentinel's other ones."""
        self.name = name
        self._hunted = hunted

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of a row that names its table, and of one whose columns only one table has."""
        try:
            table, columns = unwrapped(record)
            if table is None and self._hunted:
                table = table_of_columns(columns, columns.get("ActionType"))
            elif table is not None and columns is record and "TimeGenerated" not in record:
                table = table if table in _HUNTED and "Timestamp" in record else None
        except NoTable:
            return 96 if self._hunted and is_enveloped(record) else 0
        return 96 if table is not None and (table in _HUNTED) == self._hunted else 0

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return ExportRows(self.name, origin, json=True)


class ExportCsvReader(CsvLinesReader):
    """Reads CSV rows of one product's tables."""

    def __init__(self, name: str, hunted: bool) -> None:
        """Defender's tables where *hunted*, else Sentinel's other ones."""
        self.name = name
        self._hunted = hunted

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line has the columns of one table, or a row names its table."""
        header = csv_header(head)
        columns = [_bare(name)[0] for name in header.names]
        if len(set(columns)) < 3 or len(set(columns)) < len(columns):
            return 0
        lowered = [c.lower() for c in columns]
        if "timestamp" not in lowered and "timegenerated" not in lowered:
            return 0
        rows = list(_first_rows(head, header))
        named: str | None = None
        if "type" in lowered and "timegenerated" in lowered:
            place = lowered.index("type")
            said = [row[place] for row in rows if row[place]]
            named = next((t for name in said if (t := named_table(name))), None)
            if said and named is None:
                return 0
        if named is None and self._hunted:
            actions = [r[lowered.index("actiontype")] for r in rows if "actiontype" in lowered]
            named = _table_of_any(columns, actions)
        return 96 if named is not None and (named in _HUNTED) == self._hunted else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a record."""
        header = csv_header(origin.head)
        rows = ExportRows(self.name, origin, json=False)
        columns = _Columns(header, origin.head)

        def record(values: Sequence[str], raw: bytes, offset: int) -> tuple[Layout, Row] | str:
            try:
                read = columns.read(values)
            except ValueError as error:
                return str(error)
            return rows.row(read, decoded(raw).rstrip("\r\n"), offset)

        def parse(piece: Piece) -> Parsed:
            parsed = parse_records(piece, header, record)
            parsed.ignored = rows.take_ignored()
            return parsed

        return parse


def _table_of_any(columns: Sequence[str], actions: Sequence[str]) -> str | None:
    """The table of the first row that tells."""
    for action in dict.fromkeys(actions) or (None,):
        try:
            return table_of_columns(columns, action)
        except NoTable:
            continue
    return None


def unclear_table(head: bytes) -> str | None:
    """Why CSV that begins so is of no one table: of one that is not known, or of several."""
    header = csv_header(head)
    columns = [_bare(name)[0] for name in header.names]
    rows = [dict(zip(columns, row, strict=True)) for row in _first_rows(head, header)]
    try:
        for row in rows if "TimeGenerated" in columns else ():
            unwrapped(row)
    except NoTable as error:
        return str(error)
    try:
        table_of_columns(columns, rows[0].get("ActionType") if rows else None)
    except NoTable as error:
        return str(error) if error.is_of_several else None
    return None


class _Columns:
    """The columns of one CSV: their names without zone, and how their times are read."""

    def __init__(self, header: Header, head: bytes) -> None:
        bare = [_bare(name) for name in header.names]
        self._names = [name for name, _ in bare]
        self._times = {
            place: zone
            for place, (name, zone) in enumerate(bare)
            if zone or name.lower() in _MOMENTS or _is_moment(name)
        }
        rows = list(_first_rows(head, header))
        self._order: Order | None = slash_order(row[p] for row in rows for p in self._times)

    def read(self, values: Sequence[str]) -> dict[str, Any]:
        """A record's values by name, times in ISO; raises ValueError for a time that is none."""
        read: dict[str, Any] = dict(zip(self._names, values, strict=True))
        for place, zone in self._times.items():
            written = values[place]
            if not written:
                continue
            east = zone_seconds(zone or "UTC")
            if east is None:
                raise ValueError(
                    f"column {self._names[place]} is in the time zone '{zone}', whose distance from"
                    " UTC is not known: export in UTC"
                )
            ticks = portal_ticks(written, self._order, east)
            if ticks is None:
                raise ValueError(f"column {self._names[place]}: {written[:80]!r} is no moment")
            read[self._names[place]] = datetime_text(ticks)
        return read


def _bare(name: str) -> tuple[str, str]:
    """A column's name without the time zone in brackets behind it, and that zone."""
    head, bracket, zone = name.partition(" [")
    return (head.strip(), zone.rstrip("] ")) if bracket else (name, "")


def _is_moment(name: str) -> bool:
    """Whether a column holds moments in each of Defender's tables that has it."""
    kinds = {
        found.columns[name]
        for table in HUNTING_TABLES
        if (found := builtin_table(table)) is not None and name in found.columns
    }
    return kinds == {Type.DATETIME}


def _first_rows(head: bytes, header: Header) -> list[list[str]]:
    """The first whole records' values."""
    found: list[list[str]] = []

    def take(values: Sequence[str], raw: bytes, offset: int) -> None:
        found.append(list(values))

    text = head_text(head)
    begin, end = header.length - 3 * has_byte_order_mark(head), text.rfind(b"\n") + 1
    parse_records(Piece(text[begin:end], begin, end, b""), header, take)
    return found


DEFENDER = ExportFormat("defender", hunted=True)
SENTINEL = ExportFormat("sentinel", hunted=False)
DEFENDER_READERS = (
    ExportCsvReader("defender", hunted=True), JsonLines(DEFENDER), JsonRecords(DEFENDER),
)  # fmt: skip
SENTINEL_READERS = (
    ExportCsvReader("sentinel", hunted=False), JsonLines(SENTINEL), JsonRecords(SENTINEL),
)  # fmt: skip
