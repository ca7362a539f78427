"""Records of event logs, many at once: takes their JSON as the library writes it, gives parts.

Regular is a record whose System part has the usual elements and whose fields are texts, whole
numbers and truths. What stands around the moment, number and process of a record says all that
stands for many: it is taken apart once, by the way of one record, with values of our own in the
place of those that pass. Fields are read by Arrow, into columns. Every other record is left to
``WindowsRows.row``, which makes the same of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from vedette.logs.base import Text
from vedette.logs.batches import identities
from vedette.logs.columnar.spans import Places, escapes
from vedette.logs.columnar.texts import filled_columns
from vedette.logs.columns import Kind
from vedette.logs.json_values import json_bytes
from vedette.logs.parts import Column, Part, over
from vedette.logs.windows import MAX_KEPT, Standing, WindowsRows, event_times, taken_apart

FEWEST = 96
"""Records with the same fields that are worth to be read together: fewer are quicker by one."""

_BEFORE = b'"SystemTime":"'
_NUMBER = rb"(?:0|[1-9][0-9]{0,8})"
_PASSING = re.compile(
    rb'([^"\\\x00-\x1f]*)"\}\},"EventRecordID":(0|[1-9][0-9]{0,17}),"Correlation":'
    rb'(?:null|\{"#attributes":\{"ActivityID":"[0-9A-F-]*"(?:,"RelatedActivityID":"[0-9A-F-]*")?'
    rb'\}\}),"Execution":\{"#attributes":\{"ProcessID":(%b),"ThreadID":(%b)'
    rb'(?:,"ProcessorID":%b,"KernelTime":%b,"UserTime":%b)?\}\},' % ((_NUMBER,) * 5)
)
_FIELDS = b'"EventData":{'
_BEHIND = b"}}"
_OUR_PASSING = ("our time", 987_654_321, None, 23, 42)
_OUR_MIDDLE = (
    b'our time"}},"EventRecordID":987654321,"Correlation":null,'
    b'"Execution":{"#attributes":{"ProcessID":23,"ThreadID":42}},'
)
_OUR_FIELDS = {"ours": "all"}
_TYPES: Mapping[type, pa.DataType] = {
    str: pa.string(), int: pa.int64(), bool: pa.bool_(), type(None): pa.string(),
}  # fmt: skip


Written = tuple[bytes, int, str, str | None]
"""A record: its JSON, its number, what tells it apart where that does not, and its moment."""


@dataclass(slots=True, eq=False)
class _Fields:
    """Fields of one order and types."""

    schema: pa.Schema
    fit: bool = True
    """Whether all records so far that promised to have these fields had them."""


@dataclass(slots=True, eq=False)
class _Frame:
    """What stands around the values of a record that pass, as its first record shows it."""

    standing: Standing
    fields: _Fields


@dataclass(slots=True)
class _Group:
    """Records with the same fields: where they stand among all, and their parts."""

    places: list[int] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    passing: list[tuple[bytes, ...]] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    written: Sequence[Text | None] | None = None
    """The same as it is kept, where that differs."""


@dataclass(slots=True)
class Gathered:
    """Records, those of them that seem to be regular by their fields, and the others' places."""

    records: list[Written] = field(default_factory=list)
    groups: dict[_Fields, _Group] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)


class ManyRecords:
    """Makes parts of tables of the records of one source that are regular."""

    def __init__(self, rows: WindowsRows) -> None:
        """What makes rows of single records says what all have in common."""
        self._rows = rows
        self._frames: dict[tuple[bytes, bytes], _Frame | None] = {}
        self._fields: dict[tuple[tuple[str, type], ...], _Fields] = {}

    def gathered(self, records: Iterable[Written]) -> Gathered:
        """Records as they come, cut while they are at hand."""
        found = Gathered()
        frames, groups, match = self._frames, found.groups, _PASSING.match
        for place, record in enumerate(records):
            found.records.append(record)
            raw = record[0]
            begin = raw.find(_BEFORE) + len(_BEFORE)
            passing = match(raw, begin)
            if passing is None:
                found.left.append(place)
                continue
            end = passing.end()
            data = raw.find(_FIELDS, end) + len(_FIELDS) - 1
            around = raw[:begin], raw[end:data]
            own = raw[data:-2]
            try:
                frame = frames[around]
            except KeyError:
                frame = self._new_frame(around, own)
            if frame is None or not frame.fields.fit or raw[-2:] != _BEHIND:
                found.left.append(place)
                continue
            group = groups.get(frame.fields)
            if group is None:
                group = groups[frame.fields] = _Group()
            group.places.append(place)
            group.frames.append(frame)
            group.passing.append(passing.groups())
            group.data.append(own)
        return found

    def parts(self, gathered: Gathered) -> tuple[list[Part], list[int]]:
        """The rows of regular records, and the places of those that are to be read one by one."""
        parts: list[Part] = []
        left = gathered.left.copy()
        for fields, group in gathered.groups.items():
            lines = b"\n".join(group.data) if len(group.data) >= FEWEST else b""
            columns = _read(fields.schema, lines, len(group.data)) if lines else None
            if columns is None:
                fields.fit = len(group.data) < FEWEST
                left += group.places
            else:
                if b"{}" in group.data or _has_numbered(lines):
                    group.written = _as_written(group.data)
                parts += self._parts_of(group, columns, gathered.records)
        return parts, sorted(left)

    def _new_frame(self, around: tuple[bytes, bytes], data: bytes) -> _Frame | None:
        """What stands for all records with this around; None where they are not regular."""
        if len(self._frames) >= MAX_KEPT:
            self._frames.clear()
            self._fields.clear()
        frame = self._frames[around] = self._frame(around, data)
        return frame

    def _frame(self, around: tuple[bytes, bytes], data: bytes) -> _Frame | None:
        begin, end = around
        try:
            record = orjson.loads(begin + _OUR_MIDDLE + end + orjson.dumps(_OUR_FIELDS) + _BEHIND)
            fields = orjson.loads(data)
            event = record["Event"]
            standing, passing = taken_apart(event)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        # Each value of ours is found where it was put: so will any other be.
        if passing != _OUR_PASSING or event.get("EventData") != _OUR_FIELDS:
            return None
        if type(fields) is not dict or not fields or json_bytes(fields) != data:
            return None
        types = tuple((name, type(value)) for name, value in fields.items())
        if "#attributes" in fields or not all(type in _TYPES for _, type in types):
            return None
        kept = self._rows.standing(fields, standing, record)
        if kept is None:
            return None
        known = self._fields.get(types)
        if known is None:
            schema = pa.schema([(name, _TYPES[type]) for name, type in types])
            known = self._fields[types] = _Fields(schema)
        return _Frame(kept, known)

    def _parts_of(
        self, group: _Group, fields: Mapping[str, pa.Array], records: Sequence[Written]
    ) -> list[Part]:
        """The rows of records whose fields are read."""
        kinds, codes = _kinds(group.frames, fields)
        events = self._events(group, fields, records)
        families: dict[Any, list[int]] = {}
        for code, kind in enumerate(kinds):
            families.setdefault(kind.family, []).append(code)
        if len(families) == 1:
            return [_part(events, kinds, codes)]
        parts = []
        for those in families.values():
            rows = np.flatnonzero(np.isin(codes, those))
            own = np.searchsorted(those, codes[rows])
            parts.append(_part(events.taken(rows), [kinds[code] for code in those], own))
        return parts

    def _events(
        self, group: _Group, fields: Mapping[str, pa.Array], records: Sequence[Written]
    ) -> _Events:
        raws, numbers, places, stamps = zip(*map(records.__getitem__, group.places), strict=True)
        times, written, process, thread = zip(*group.passing, strict=True)
        offsets = pa.array(numbers, pa.int64())
        within = offsets.cast(pa.string())
        if any(places):
            within = pc.if_else(pc.equal(places := pa.array(places), ""), within, places)
        beside: dict[str, Column] = {
            "record_number": _whole(written, pa.int64()),
            "logging_process_id": _whole(process, pa.int32()),
            "logging_thread_id": _whole(thread, pa.int32()),
            "event_data": group.written or group.data,
            "event_id": identities(self._rows.lineage, within),
            "log_offset": offsets,
            "raw": raws,
        }
        return _Events(fields, beside, stamps, times, np.array(group.places))


@dataclass(frozen=True, slots=True)
class _Events:
    """Records with their fields read, what is beside these by columns, and where each stands.

    Its moment is what the container says and what is written; it counts where no field says it.
    """

    fields: Mapping[str, pa.Array]
    beside: Mapping[str, Column]
    stamps: Sequence[str | None]
    written: Sequence[bytes]
    places: Places

    def taken(self, rows: Places) -> _Events:
        """Some of them."""
        return _Events(
            {name: _taken(column, rows) for name, column in self.fields.items()},
            {name: _taken(column, rows) for name, column in self.beside.items()},
            _taken(self.stamps, rows),
            _taken(self.written, rows),
            self.places[rows],
        )

    def times(self) -> pa.Array:
        """Their moments."""
        written = b"\n".join(self.written).decode().split("\n")
        return pa.array(event_times(self.stamps, written), pa.int64())


def _taken(column: Column, rows: Places) -> Column:
    if isinstance(column, pa.Array):
        taken: Column = column.take(pa.array(rows))
        return taken
    return [column[row] for row in rows.tolist()]


def _part(events: _Events, kinds: Sequence[Kind], codes: Places) -> Part:
    """The rows of events whose kinds, one of which each code is, fill the same columns alike."""
    filler = kinds[0].filler
    index = filler.layout.index
    filled = filled_columns(filler, events.fields)
    known = filled.get("time")
    if known is None or known.null_count:
        filled["time"] = events.times() if known is None else over(known, events.times())
    columns: dict[int, Column] = {index[name]: column for name, column in filled.items()}
    columns |= {index[name]: column for name, column in events.beside.items()}
    constants = [kind.blank for kind in kinds]
    return Part(filler.layout, events.places, columns, constants, codes)


def _kinds(frames: Sequence[_Frame], fields: Mapping[str, pa.Array]) -> tuple[list[Kind], Places]:
    """What fills the rows, and which of these fills each."""
    numbers = {frame: number for number, frame in enumerate(dict.fromkeys(frames))}
    codes = np.fromiter(map(numbers.__getitem__, frames), np.int64, len(frames))
    deciding = sorted({name for frame in numbers for name in frame.standing.deciding})
    if not deciding:
        return [frame.standing.nested({}) for frame in numbers], codes
    for name in deciding:
        coded = fields[name].dictionary_encode()
        count = len(coded.dictionary)
        codes = codes * (count + 1) + coded.indices.fill_null(count).to_numpy()
        _, rows, codes = np.unique(codes, return_index=True, return_inverse=True)
    kinds = [
        frames[row].standing.nested({name: fields[name][row].as_py() for name in deciding})
        for row in rows.tolist()
    ]
    distinct = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    return list(distinct), np.array([distinct[kind] for kind in kinds])[codes]


def _as_written(data: Sequence[bytes]) -> Sequence[Text | None]:
    """Fields as they are kept, None where there are none."""
    # The library writes the numbers of control characters with capitals, and we do not.
    escaped = [json_bytes(orjson.loads(one)) if b"\\u" in one else one for one in data]
    return [None if one == b"{}" else one for one in escaped]


def _has_numbered(lines: bytes) -> bool:
    """Whether a character is written by its number: behind a backslash that none stands for."""
    text = np.frombuffer(lines, np.uint8)
    marks = np.flatnonzero(text == ord("\\"))
    return bool((text[marks[escapes(marks)] + 1] == ord("u")).any())


def _whole(written: Sequence[bytes], type: pa.DataType) -> pa.Array:
    return pa.array(written, pa.string()).cast(type)


def _read(schema: pa.Schema, lines: bytes, count: int) -> Mapping[str, pa.Array] | None:
    """The fields of so many JSON objects, a line each; None where one has others, or is no JSON."""
    if np.count_nonzero(np.frombuffer(lines, np.uint8) == ord("\n")) >= count:
        return None
    reading = arrow_json.ReadOptions(use_threads=False, block_size=len(lines))
    parsing = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    try:
        table = arrow_json.read_json(pa.BufferReader(lines), reading, parsing)
    except pa.ArrowInvalid:
        return None
    if table.num_rows != count:
        return None
    columns = table.combine_chunks().columns
    return {n: c.chunk(0) for n, c in zip(table.column_names, columns, strict=True)}
