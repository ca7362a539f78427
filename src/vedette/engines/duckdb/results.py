"""Results in the plan's types: takes DuckDB's Arrow tables, gives ticks, JSON text and numbers.

Statements of plans give these types already; a user's SQL may give any of DuckDB's.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.engines.base import Compiled
from vedette.engines.duckdb.computed.json_values import MARK
from vedette.engines.duckdb.writing import ARROW_TYPES
from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, UNIX_EPOCH_TICKS, Type, ticks_of

_EARLIEST = -UNIX_EPOCH_TICKS // 10
_LATEST = (MAX_TICKS - UNIX_EPOCH_TICKS) // 10
"""Microseconds since 1970 of the first and the last moment."""
_NO_MOMENT = "a moment lies outside the years 1 to 9999"


def in_plan_types(table: pa.Table, compiled: Compiled) -> pa.Table:
    """The statement's columns under their names, each in the Arrow type of its plan type.

    Raises pyarrow.ArrowInvalid where a value does not fit, as a sum above 2^63 does not into long.
    """
    arrays = [
        _converted(table.column(index), type) for index, (_, type) in enumerate(compiled.columns)
    ]
    if not arrays:
        return table.select([])
    return pa.Table.from_arrays(arrays, names=[name for name, _ in compiled.columns])


def _converted(column: pa.ChunkedArray, type: Type) -> pa.ChunkedArray:
    wanted = ARROW_TYPES[type]
    if column.type == wanted:
        return unmarked(column) if type is Type.DYNAMIC else column
    if isinstance(column.type, pa.BaseExtensionType):
        return _converted(column.cast(column.type.storage_type), type)
    if type is Type.DATETIME:
        microseconds = column.cast(pa.timestamp("us", column.type.tz if _zoned(column) else None))
        counts = microseconds.cast(pa.int64())
        found = pc.min_max(counts).as_py()
        if found["min"] is not None and (found["min"] < _EARLIEST or found["max"] > _LATEST):
            raise pa.ArrowInvalid(_NO_MOMENT)
        return pc.add(pc.multiply(counts, 10), UNIX_EPOCH_TICKS)
    if type is Type.TIMESPAN:
        return pa.chunked_array([pa.array(map(_span_ticks, column.to_pylist()), wanted)])
    if type is Type.DYNAMIC and not pa.types.is_string(column.type):
        try:
            listed = column.to_pylist()
        except OverflowError as error:
            raise pa.ArrowInvalid(_NO_MOMENT) from error
        return pa.chunked_array([pa.array(map(_json_text, listed), wanted)])
    return column.cast(wanted)


def unmarked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """JSON texts without the marks before datetimes and timespans inside."""
    if not pc.any(pc.match_substring(column, MARK)).as_py():
        return column
    return pc.replace_substring(column, MARK, "")


def _zoned(column: pa.ChunkedArray) -> bool:
    return pa.types.is_timestamp(column.type) and column.type.tz is not None


def _span_ticks(value: Any) -> int | None:
    """The ticks of an interval, whose month counts 30 days as in DuckDB, or of a time of day."""
    if value is None:
        return None
    if isinstance(value, dt.time):
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return seconds * 10_000_000 + value.microsecond * 10
    if isinstance(value, dt.timedelta):
        return ((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 10
    ticks = int((value.months * 30 + value.days) * TICKS_PER_DAY + value.nanoseconds // 100)
    if abs(ticks) >= 2**63:
        raise pa.ArrowInvalid("an interval is longer than a timespan can be")
    return ticks


def _json_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        ticks = ticks_of(value)
        return (
            f"{value.replace(tzinfo=None).isoformat(timespec='seconds')}.{ticks % 10_000_000:07}Z"
        )
    if isinstance(value, Decimal | uuid.UUID | dt.date | dt.time | dt.timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise pa.ArrowInvalid(f"a {type(value).__name__} inside a list or struct has no JSON")
