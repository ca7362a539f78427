"""Rows into Arrow: takes rows of several tables and days, gives record batches of bounded size."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout, Row, Text
from vedette.logs.columnar.spans import Places
from vedette.logs.times import day_of
from vedette.plan.types import TICKS_PER_DAY, Type

# Arrow asks for dateutil each time it takes Python values, a quarter of a millisecond where it is
# absent: Python is told once that it is.
if importlib.util.find_spec("dateutil") is None:
    sys.modules.setdefault("dateutil", None)  # type: ignore[arg-type]

ARROW_TYPES: dict[Type, pa.DataType] = {
    Type.BOOL: pa.bool_(),
    Type.INT: pa.int32(),
    Type.LONG: pa.int64(),
    Type.REAL: pa.float64(),
    Type.DECIMAL: pa.string(),
    Type.STRING: pa.string(),
    Type.DATETIME: pa.int64(),
    Type.TIMESPAN: pa.int64(),
    Type.DYNAMIC: pa.string(),
    Type.GUID: pa.string(),
    Type.BINARY: pa.binary(),
}
"""How a value lies in Parquet: ticks for datetime and timespan, JSON text for dynamic."""


LONG = frozenset({"raw", "event_data", "message"})
"""Columns whose values are long and hardly repeat; which is least or greatest helps no query."""

_MOST_JOINED = 2**31 - 1
_MOST_KEPT = 8192
_LEAST_SHARE = 4


def record_batch(layout: Layout, rows: Sequence[Row]) -> pa.RecordBatch:
    """The rows as one batch in the layout's columns."""
    columns = zip(zip(*rows, strict=True), layout.columns.values(), strict=True)
    arrays = [arrow_array(values, ARROW_TYPES[type]) for values, type in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(layout))


def column_batch(
    layout: Layout, columns: Mapping[str, pa.Array], constants: Row, count: int
) -> pa.RecordBatch:
    """A batch of these columns, and of a row of constants for the others."""
    arrays = []
    for (name, type), constant in zip(layout.columns.items(), constants, strict=True):
        array = columns.get(name)
        arrays.append(alike(constant, ARROW_TYPES[type], count) if array is None else array)
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(layout))


@cache
def arrow_schema(layout: Layout) -> pa.Schema:
    """The layout's columns as they lie in Parquet."""
    return pa.schema([pa.field(name, ARROW_TYPES[type]) for name, type in layout.columns.items()])


def is_empty(values: Sequence[Any]) -> bool:
    """Whether there is nothing but None."""
    # Most columns show in their first value: comparing texts with None takes long.
    return not values or (values[0] is None and values.count(None) == len(values))


def alike(value: Any, type: pa.DataType, count: int) -> pa.Array:
    """An array of one value."""
    if value is not None:
        return pa.repeat(_scalar(value, type), count)
    return _nulls(type).slice(0, count) if count <= _MOST_KEPT else pa.nulls(count, type)


@cache
def _nulls(type: pa.DataType) -> pa.Array:
    """What all columns that hold nothing share."""
    return pa.nulls(_MOST_KEPT, type)


@lru_cache(1024, typed=True)
def _scalar(value: Any, type: pa.DataType) -> pa.Scalar:
    try:
        return pa.scalar(value, type)
    except UnicodeEncodeError:
        return pa.scalar(_whole(value), type)


def identities(lineage: str, places: pa.Array) -> pa.Array:
    """What tells records apart: the lineage of their source, and their *places* within it."""
    return pc.binary_join_element_wise(lineage, places.cast(pa.string()), "-")


def arrow_array(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    """Values as an array, which they may be already.

    Halves of surrogate pairs become question marks.
    """
    if isinstance(values, pa.Array):
        return values
    if is_empty(values):  # most columns of an event table: four times as fast
        return alike(None, type, len(values))
    try:
        first = values[0] if values[0] is not None else next(v for v in values if v is not None)
        if isinstance(first, bytes) and type == pa.string():
            joined = _joined(values)
            if joined is not None:
                return joined
        return pa.array(values, type)
    except UnicodeEncodeError:
        return pa.array([_whole(v) for v in values], type)


def _joined(values: Sequence[Any]) -> pa.Array | None:
    """Texts in UTF-8 as one copy of their bytes; None where others are among them."""
    valid = None
    if None in values:
        valid = pa.py_buffer(np.packbits([value is not None for value in values], None, "little"))
        values = [b"" if value is None else value for value in values]
    try:
        joined = b"".join(values)
    except TypeError:
        return None
    if len(joined) > _MOST_JOINED:
        return None
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, values), np.int32, len(values)), out=offsets[1:])
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(joined)]
    array = pa.Array.from_buffers(pa.string(), len(values), buffers)
    array.validate(full=True)  # whether all is UTF-8
    return array


def _whole(text: Text | None) -> Text | None:
    """Text without halves of surrogate pairs, which no encoding holds; the raw record has them."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


class _Waiting:
    """Batches of one table and day."""

    __slots__ = ("batches", "layout", "size")

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.batches: list[pa.RecordBatch] = []
        self.size = 0


class Buffer:
    """Rows waiting to be written, apart by table and day; about how many bytes they take."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: dict[tuple[str, int | None], _Waiting] = {}
        self.size = 0

    def add(self, layout: Layout, batch: pa.RecordBatch) -> None:
        """Take rows."""
        if not batch.num_rows:
            return
        share = _bytes_of(batch) // batch.num_rows + 1
        self.size += share * batch.num_rows
        for day, part in _by_day(layout, batch):
            waiting = self._waiting.get((layout.table, day))
            if waiting is None:
                waiting = self._waiting[layout.table, day] = _Waiting(layout)
            waiting.batches.append(part)
            waiting.size += share * part.num_rows

    def drain_largest(self) -> tuple[Layout, str, list[pa.RecordBatch]] | None:
        """Give up the rows of the table and day that take most; None where nothing waits."""
        key = max(self._waiting, key=lambda key: self._waiting[key].size, default=None)
        if key is None:
            return None
        waiting = self._waiting.pop(key)
        self.size -= waiting.size
        day = day_of(None if key[1] is None else key[1] * TICKS_PER_DAY)
        return waiting.layout, day, waiting.batches


def _bytes_of(batch: pa.RecordBatch) -> int:
    """About how many bytes the columns take that hold anything."""
    # What RecordBatch.nbytes does for each of a hundred columns takes fifty times as long.
    filled = (column for column in batch.columns if column.null_count < batch.num_rows)
    return sum(column.get_total_buffer_size() for column in filled)


def _by_day(layout: Layout, batch: pa.RecordBatch) -> Iterator[tuple[int | None, pa.RecordBatch]]:
    """The rows of each day, in their order."""
    columns = [batch.column(index) for index in layout.time_indexes]
    if not columns:
        yield None, batch
        return
    ticks = pc.coalesce(*columns) if len(columns) > 1 else columns[0]
    known = np.asarray(ticks.is_valid())
    days = np.asarray(ticks.fill_null(-1).to_numpy()) // TICKS_PER_DAY
    days[~known] = -1
    found = np.unique(days).tolist()
    for day in found:
        part = batch if len(found) == 1 else _some(batch, np.flatnonzero(days == day))
        yield (None if day < 0 else day), part


def _some(batch: pa.RecordBatch, rows: Places) -> pa.RecordBatch:
    """Some rows, without a copy where they follow each other and are not few.

    All of a batch stays in memory while such a part does.
    """
    first, count = int(rows[0]), len(rows)
    if int(rows[-1]) - first < count and count * _LEAST_SHARE >= batch.num_rows:
        return batch.slice(first, count)
    return batch.take(pa.array(rows))


def moment(layout: Layout, row: Row) -> int | None:
    """When a row happened: the first of its time columns that is not null."""
    for index in layout.time_indexes:
        if row[index] is not None:
            ticks: int = row[index]
            return ticks
    return None
