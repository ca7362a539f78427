"""Rows of platforms' tables as they were exported: takes records, gives rows of events or tables.

Tables that have a class of event (``EVENT_TABLES``) become events by ``mappings/defender.toml`` and
keep every column in ``event_data``, in the column's type; rows of other tables go into that table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from vedette.logs.base import Layout, Origin, Row, Text, count_ignored, event_layout
from vedette.logs.columnar.exports import Raised, Target, kept_columns, written_rows
from vedette.logs.columnar.records import Records, taken
from vedette.logs.conversions import kept
from vedette.logs.convert import converter
from vedette.logs.export_tables import (
    ABOUT,
    EVENT_TABLES,
    NoTable,
    folded,
    table_of_columns,
    unwrapped,
)
from vedette.logs.json_values import parse_json
from vedette.logs.parts import Part
from vedette.logs.records import RecordRows
from vedette.logs.table_rows import TableRows
from vedette.logs.times import iso_ticks
from vedette.plan.types import Type
from vedette.plan.value_text import datetime_text

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z", re.ASCII)
_LONGEST = 40
_TICKS = converter(Type.DATETIME, json=True)
_MAX_SHAPES = 1000
_WIDEST = 8
"""How many times as many columns as a record has others may have that it is put together with."""


class ExportRows:
    """Makes rows of the records of one source of exports."""

    def __init__(self, log_format: str, origin: Origin, json: bool) -> None:
        """*json* says that values come from JSON, which has types of its own."""
        self._log_format = log_format
        self._origin = origin
        self._json = json
        self._tables: dict[str, _EventRows | _TableRows] = {}
        self._names: dict[tuple[str | None, ...], tuple[str, ...]] = {}

    def row(
        self, record: dict[str, Any], raw: Text, offset: int, name: str = ""
    ) -> tuple[Layout, Row] | str:
        """The row of a record, or why it is none."""
        try:
            names, columns = self.named(record)
            return self.of_table(names[0]).row(columns, raw, offset)
        except ValueError as error:
            return str(error)

    def named(self, record: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The name of a record's table and those of its columns, and these; raises NoTable."""
        table, columns = unwrapped(record)
        action = columns["ActionType"] if "ActionType" in columns else columns.get("actionType")
        if type(action) is not str:
            action = None
        told = (table, action, *columns)
        names = self._names.get(told)
        if names is None:
            names = (table or table_of_columns(columns, action), *columns)
            if len(self._names) < _MAX_SHAPES:
                self._names[told] = names
        return names, columns

    def of_table(self, table: str) -> _EventRows | _TableRows:
        """What makes rows of one table's records."""
        rows = self._tables.get(table)
        if rows is None:
            made = _EventRows if table in EVENT_TABLES else _TableRows
            rows = self._tables[table] = made(table, self._log_format, self._origin, self._json)
        return rows

    def take_ignored(self) -> dict[str, int]:
        """Counts of values without a column since they were taken last."""
        counts: dict[str, int] = {}
        for rows in self._tables.values():
            count_ignored(counts, rows.take_ignored())
        return counts

    def many(self) -> ManyExports:
        """What makes the same rows of many records at once."""
        return ManyExports(self)


class ManyExports:
    """Makes parts of tables of many records of one source."""

    def __init__(self, rows: ExportRows) -> None:
        """*rows* are of that source."""
        self.wanted = _Columns(rows)
        self._rows = rows

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of records of one table with the same columns; what is none is left."""
        return self._rows.of_table(records.names[0]).parts(records)


class _Columns:
    """All columns of a record, as they were read; the table, which is named first, is one too."""

    as_read = True

    def __init__(self, rows: ExportRows) -> None:
        self._rows = rows

    def values(self, record: dict[str, Any]) -> tuple[tuple[str, ...], tuple[Any, ...]] | None:
        """The names, and the values."""
        try:
            names, columns = self._rows.named(record)
        except NoTable:
            return None
        return None if names[0] in columns else (names, (None, *columns.values()))

    def joined(self, few: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], Sequence[Any]]:
        """All columns of records of each table of events, in an order that is that of each."""
        whole: dict[str, list[str]] = {}
        those: dict[str, list[tuple[str, ...]]] = {}
        for names in sorted(few, key=len, reverse=True):
            table = names[0]
            together = _in_order(whole.get(table, []), names) if table in EVENT_TABLES else None
            if together is not None and len(together) <= _WIDEST * len(names):
                whole[table] = together
                those.setdefault(table, []).append(names)
        return {tuple(whole[table]): names for table, names in those.items() if len(names) > 1}


def _in_order(known: list[str], names: tuple[str, ...]) -> list[str] | None:
    """All of the names known and these, in the order of both; None where they differ in it."""
    rest = iter(known)
    if all(name in rest for name in names):
        return known
    places = {name: place for place, name in enumerate(known)}
    found: list[str] = []
    reached = 0
    for name in names:
        place = places.get(name)
        if place is None:
            found.append(name)
        elif place < reached:
            return None
        else:
            found += known[reached : place + 1]
            reached = place + 1
    return found + known[reached:]


def _columns_of(records: Records) -> dict[str, Any]:
    """The columns of records but for what is said of a column beside it."""
    names = (name for name in records.names[1:] if not name.endswith(ABOUT))
    return {name: records.fields[name] for name in names}


class _TableRows:
    """Rows of a table that has no class of event."""

    def __init__(self, table: str, log_format: str, origin: Origin, json: bool) -> None:
        layout = event_layout(table)
        self._rows = TableRows(layout, origin, log_format, json)
        self._named = {"Type": table} if "Type" in layout.columns else {}

    def row(self, columns: dict[str, Any], raw: Text, offset: int) -> tuple[Layout, Row] | str:
        named = {n: v for n, v in columns.items() if not n.endswith(ABOUT)}
        return self._rows.row(self._named | named, raw, offset)

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of records with the same columns; what is none is left."""
        named = {name: [value] * len(records) for name, value in self._named.items()}
        named |= _columns_of(records)
        shape = self._rows.shape(tuple(named))
        columns: Sequence[Any] = shape.values(named)
        part = self._rows.part(shape, columns, records.offsets, records.raws)
        if part is not None:
            return [part], ()
        left = self._rows.refused(shape, columns)
        fit = np.setdiff1d(np.arange(len(records)), sorted(left))
        offsets, raws, *columns = (taken(c, fit) for c in (records.offsets, records.raws, *columns))
        part = self._rows.part(shape, columns, offsets, raws) if len(fit) else None
        return ([], range(len(records))) if part is None else ([part], left)

    def take_ignored(self) -> dict[str, int]:
        return self._rows.take_ignored()


class _EventRows:
    """Rows of a table that is a class of event."""

    def __init__(self, table: str, log_format: str, origin: Origin, json: bool) -> None:
        self._table = table
        self._rows = RecordRows(log_format, origin.lineage, origin.name, mapping="defender")
        self._json = json
        self._types = event_layout(table).columns
        self._targets: dict[str, Target | None] = {}
        self._raised = _RAISED.get(table)
        self._many = self._rows.many()

    def row(self, columns: dict[str, Any], raw: Text, offset: int) -> tuple[Layout, Row] | str:
        typed: dict[str, Any] = {}
        targets = self._targets
        for name, value in columns.items():
            if value is None:
                continue
            target = targets.get(name) or self._target(name)
            if target is None:
                continue
            column, kept, convert = target
            if type(value) is kept:
                typed[column] = value
            elif value != "":
                try:
                    typed[column] = convert(value)
                except ValueError as error:
                    kind = self._types[column]
                    return f"column {column} ({kind}): {str(value)[:80]!r} is {error}"
        if typed.keys() <= {"Type"}:
            return "no column has a value"
        time = iso_ticks(typed.get("TimeGenerated") or typed.get("Timestamp") or "")
        typed["Type"] = self._table
        more = self._raised(typed) if self._raised is not None else {}
        return self._rows.row(typed, raw, offset, time=time, **more)

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of records with the same columns; what is none is left."""
        kept = kept_columns(_columns_of(records), self._target, self._types)
        if kept is None or not kept.columns:
            return [], range(len(records))
        own, columns = written_rows(kept, self._table, self._raised)
        fields = kept.fields(self._rows.fields)
        fields["Type"] = pa.repeat(self._table, len(records))
        found = replace(records, fields=fields, own=own)
        if kept.refused:
            fit = np.setdiff1d(np.arange(len(records)), sorted(kept.refused))
            found, columns = found.taken(fit), {n: taken(v, fit) for n, v in columns.items()}
        return (self._many.parts(found, columns) if len(found) else []), kept.refused

    def take_ignored(self) -> dict[str, int]:
        return {}  # what the table lacks is kept in event_data

    def _target(self, name: str) -> Target | None:
        """Where a column's values go; None for what is said of a column beside it."""
        if name in self._targets or name.endswith(ABOUT):
            return self._targets.get(name)
        column = name if name in self._types else folded(self._table).get(name.lower())
        target: Target = (name, object, _as_it_is)
        if column is not None:
            target = _target_of(column, self._types[column], self._json)
        if len(self._targets) <= _MAX_SHAPES:
            self._targets[name] = target
        return target


def _as_it_is(value: Any) -> Any:
    return value


def _target_of(column: str, kind: Type, json: bool) -> Target:
    """How a column's values are kept in event_data, from which its type is read again exactly."""
    convert = converter(kind, json=json)
    if kind is Type.DATETIME:
        return column, object, _moment
    if kind is Type.DYNAMIC:
        return column, dict, lambda value: _parsed(convert(value))
    return column, {Type.STRING: str, Type.BOOL: bool}.get(kind, object), convert


def _moment(value: Any) -> str:
    """A moment in ISO, as it is where it is written so."""
    return _written(value) if type(value) is str and len(value) <= _LONGEST else _as_iso(value)


def _as_iso(value: Any) -> str:
    ticks = _TICKS(value)
    is_so = type(value) is str and _ISO.fullmatch(value) is not None
    return str(value) if is_so else datetime_text(ticks)


_written = lru_cache(4096)(_as_iso)
"""The same: a record has the moment that it was generated twice, others have it again."""


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        parsed = parse_json(text.encode("utf-8", "surrogatepass"))
        if isinstance(parsed, str):
            raise ValueError("no JSON") from None
        return parsed[0]


def _registry(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Paths as Sysmon writes them, so that one query finds both."""
    key, before = (_hive(columns.get(c, "")) for c in ("RegistryKey", "PreviousRegistryKey"))
    if columns.get("ActionType") == "RegistryKeyRenamed" and before:
        return {"registry_key": before, "target_object": before, "new_name": key or None}
    value = columns.get("RegistryValueName", "")
    is_value = str(columns.get("ActionType", "")).startswith("RegistryValue")
    whole = f"{key}\\{value or '(Default)'}" if is_value and key else key
    return {"registry_key": key or None, "target_object": whole or None}


_HIVES = (
    ("HKEY_LOCAL_MACHINE", "HKLM"), ("HKEY_USERS", "HKU"), ("HKEY_CLASSES_ROOT", "HKCR"),
    ("HKEY_CURRENT_USER", "HKCU"),
)  # fmt: skip


def _hive(path: str) -> str:
    short, rest = _begin(path[:20])
    return short + path[rest:]


@lru_cache(4096)
def _begin(begin: str) -> tuple[str, int]:
    """The short name of the hive that a path begins with, and where its rest does."""
    upper = begin.upper()
    for long, short in _HIVES:
        if upper.startswith(long) and begin[len(long) : len(long) + 1] in ("", "\\"):
            return short, len(long)
    return "", 0


_ADDITIONAL = {
    "Command": "script_text", "PipeName": "pipe_name", "ServiceName": "service_name",
    "TaskName": "task_name", "DesiredAccess": "granted_access",
}  # fmt: skip


def _device(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What only AdditionalFields says, of events that Windows logs as well."""
    more = columns.get("AdditionalFields")
    if not isinstance(more, dict):
        return {}
    return {_ADDITIONAL[n]: kept(v) for n, v in more.items() if n in _ADDITIONAL and v is not None}


_RAISED: Mapping[str, Raised] = {
    "DeviceRegistryEvents": _registry,
    "DeviceEvents": _device,
}
"""Columns of events that no one column of a table says."""
