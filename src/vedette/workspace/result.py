"""What a query gives back: takes an engine's rows and types, gives Python and Arrow values."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.engines.base import Compiled
from vedette.plan.relations import Plan
from vedette.plan.types import UNIX_EPOCH_TICKS, Type, datetime_of, timedelta_of
from vedette.plan.value_text import datetime_text, read_json, timespan_text
from vedette.syntax.problem import Problem, Repair


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its name as the query's language gives it, its KQL type's name."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Compilation:
    """A query that was read and understood: the engine's statement and the plan it came from.

    ``problems`` holds advice only (an error raises), ``repairs`` what was read otherwise than
    written. ``plan`` is over the tables that the query names, ``stored_plan`` the same over stored
    ones, as the statement carries it out; they are None for SQL, which needs none.
    """

    compiled: Compiled
    problems: tuple[Problem, ...]
    repairs: tuple[Repair, ...]
    plan: Plan | None
    stored_plan: Plan | None = None

    @property
    def sql(self) -> str:
        """The engine's statement."""
        return self.compiled.sql

    @property
    def columns(self) -> tuple[ResultColumn, ...]:
        """The result's columns."""
        return tuple(ResultColumn(name, str(type)) for name, type in self.compiled.columns)


class Result:
    """The rows of a query, with its columns, advice and repairs."""

    def __init__(self, compilation: Compilation, table: pa.Table) -> None:
        """Keep the engine's table; values are converted when they are asked for."""
        self.columns = compilation.columns
        self.problems = compilation.problems
        self.repairs = compilation.repairs
        self._table = table

    def __len__(self) -> int:
        """How many rows there are."""
        return int(self._table.num_rows)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as Python values.

        Datetimes are aware and in UTC, timespans are timedeltas (both cut to microseconds),
        dynamic values are what their JSON says, guids are ``uuid.UUID``; null is None.
        """
        return list(self.iterate())

    def iterate(self) -> Iterator[tuple[Any, ...]]:
        """The rows of :meth:`rows`, one by one."""
        return self._converted(_CONVERTERS)

    def written(self) -> Iterator[tuple[Any, ...]]:
        """The same, with datetimes and timespans as text that has all seven digits."""
        return self._converted(_CONVERTERS | _WRITERS)

    def _converted(self, by_type: Mapping[str, Callable[[Any], Any]]) -> Iterator[tuple[Any, ...]]:
        for batch in self._table.to_batches(max_chunksize=10_000):
            pairs = zip(batch.columns, self.columns, strict=True)
            columns = [_each(values, by_type.get(column.type)) for values, column in pairs]
            yield from zip(*columns, strict=True)

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table.

        Datetimes are ``timestamp[us, UTC]``, timespans ``duration[us]``, dynamic values JSON text.
        """
        arrays = [
            _ARROW.get(column.type, _unchanged)(array)
            for column, array in zip(self.columns, self._table.columns, strict=True)
        ]
        return pa.Table.from_arrays(arrays, names=[c.name for c in self.columns])

    def ticks(self, column: int) -> list[int | None]:
        """The 100 ns ticks of a datetime or timespan column, uncut."""
        values: list[int | None] = self._table.column(column).to_pylist()
        return values


def python_values(values: pa.Array, type: str) -> list[Any]:
    """Values of a plan's type, as :meth:`Result.rows` has them."""
    return _each(values, _CONVERTERS.get(type))


def _each(values: pa.Array, convert: Callable[[Any], Any] | None) -> list[Any]:
    listed = values.to_pylist()
    return listed if convert is None else [None if v is None else convert(v) for v in listed]


def _guid(value: object) -> uuid.UUID:
    if isinstance(value, bytes):
        return uuid.UUID(bytes=value)
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    Type.DATETIME: datetime_of,
    Type.TIMESPAN: timedelta_of,
    Type.DYNAMIC: read_json,
    Type.GUID: _guid,
}
_WRITERS: dict[str, Callable[[Any], Any]] = {
    Type.DATETIME: datetime_text,
    Type.TIMESPAN: timespan_text,
}


def _unchanged(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return array


def _microseconds(array: pa.ChunkedArray, epoch: int, type: pa.DataType) -> pa.ChunkedArray:
    return pc.divide(pc.subtract(array, epoch), 10).cast(type)


_ARROW: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    Type.DATETIME: partial(_microseconds, epoch=UNIX_EPOCH_TICKS, type=pa.timestamp("us", "UTC")),
    Type.TIMESPAN: partial(_microseconds, epoch=0, type=pa.duration("us")),
}
