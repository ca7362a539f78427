"""Values into column types: takes what CSV, JSON and Parquet hold, gives what columns store.

A value that its column's type cannot hold is a ValueError that says so; an empty text is null in
every column but a string's.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import decimal
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.iso_times import iso_array, iso_column
from vedette.logs.json_values import json_text
from vedette.logs.parts import Column
from vedette.logs.times import iso_ticks
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND, Type, ticks_of, timespan_ticks

_SPAN = re.compile(r"(-)?(?:(\d+)\.)?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?", re.ASCII)
_UNITS = {
    "d": TICKS_PER_DAY, "h": 3600 * TICKS_PER_SECOND, "m": 60 * TICKS_PER_SECOND,
    "s": TICKS_PER_SECOND, "ms": TICKS_PER_SECOND // 1000, "microsecond": 10, "tick": 1,
}  # fmt: skip
_NoneType = type(None)
_STORED = {Type.STRING: {str}, Type.REAL: {float}, Type.BOOL: {bool}}
"""Of which Python type values are as they are stored."""

_ARRAYS = {
    Type.STRING: pa.string(), Type.LONG: pa.int64(), Type.REAL: pa.float64(),
    Type.BOOL: pa.bool_(),
}  # fmt: skip
"""Which arrays are as they are stored."""

_LIMITS = {Type.INT: 2**31, Type.LONG: 2**63}
_UNIT_SPAN = re.compile(r"(-?\d+(?:\.\d+)?)(d|h|m|s|ms|microsecond|tick)s?", re.ASCII)


def converter(type: Type, *, json: bool) -> Callable[[Any], Any]:
    """What turns a value into this type's stored form; it raises ValueError for one it cannot.

    In JSON (*json*) a text in a dynamic column is a text, unless an object or array is written in
    it; elsewhere it is JSON where it can be read as such.
    """
    return _dynamic_in_json if json and type is Type.DYNAMIC else _CONVERTERS[type]


def are_stored(values: Sequence[Any], kind: Type) -> bool:
    """Whether all values but None are as this type's column stores them."""
    types = set(map(type, values)) - {_NoneType}
    if types == {int} and kind in _LIMITS:
        numbers = values if None not in values else [one for one in values if one is not None]
        return bool(min(numbers) >= -_LIMITS[kind] and max(numbers) < _LIMITS[kind])
    return not types or types == _STORED.get(kind)


def converted(values: Column, kind: Type, *, json: bool) -> Column:
    """A column of values as :func:`converter` makes each; None and, but for strings, "" are None.

    Raises ValueError where the type cannot hold one of them.
    """
    if isinstance(values, pa.Array):
        made: Column | None = _array(values, kind)
        if made is not None:
            return made
        values = values.to_pylist()
    if are_stored(values, kind):
        return values
    types = set(map(type, values)) - {_NoneType}
    if types == {str} and kind is Type.DATETIME:
        moments = iso_column(values)
        if None in moments and any(m is None and v for m, v in zip(moments, values, strict=True)):
            raise ValueError("no datetime in ISO 8601")
        return moments
    if types == {int} and kind in (Type.STRING, Type.DYNAMIC):
        return [None if value is None else str(value) for value in values]
    convert = converter(kind, json=json)
    nothing = (None,) if kind is Type.STRING else (None, "")
    return [None if value in nothing else convert(value) for value in values]


def _array(values: pa.Array, kind: Type) -> pa.Array | None:
    """The same of an array; None where its values are to be looked at one by one."""
    if values.type == _ARRAYS.get(kind):
        return values
    if pa.types.is_integer(values.type):
        if kind in (Type.STRING, Type.DYNAMIC):
            return values.cast(pa.string())
        limit = _LIMITS[Type.INT]
        outside = pc.or_(pc.less(values, -limit), pc.greater_equal(values, limit))
        return values.cast(pa.int32()) if kind is Type.INT and not pc.any(outside).as_py() else None
    if pa.types.is_string(values.type) and kind is Type.DATETIME:
        moments = iso_array(values)
        nothing = pc.sum(pc.equal(values, "")).as_py() or 0
        return moments if moments.null_count == values.null_count + nothing else None
    return None


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    written = {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())
    if written is None:
        raise ValueError("no bool")
    return written


def _whole(value: Any, limit: int, name: str) -> int:
    if isinstance(value, bool):
        raise ValueError(f"no {name}")
    if isinstance(value, float | decimal.Decimal):
        if value != value // 1:  # also refuses NaN
            raise ValueError(f"no {name}")
        number = int(value)
    elif isinstance(value, int):
        number = value
    else:
        number = _parsed_whole(str(value).strip(), name)
    if not -limit <= number < limit:
        raise ValueError(f"outside the range of {name}")
    return number


def _parsed_whole(written: str, name: str) -> int:
    try:
        return int(written, 16 if written[:2].lower() == "0x" else 10)
    except ValueError:
        raise ValueError(f"no {name}") from None


def _int(value: Any) -> int:
    return _whole(value, 2**31, "int")


def _long(value: Any) -> int:
    return _whole(value, 2**63, "long")


def _real(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError("no real")
    try:
        return float(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError("no real") from None


def _decimal(value: Any) -> str:
    if isinstance(value, bool):
        raise ValueError("no decimal")
    try:
        number = decimal.Decimal(str(value).strip())
    except decimal.InvalidOperation:
        raise ValueError("no decimal") from None
    if not number.is_finite():
        raise ValueError("no decimal")
    return format(number, "f")


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | decimal.Decimal):
        return str(value)
    if isinstance(value, dt.datetime | dt.date | uuid.UUID):
        return value.isoformat() if not isinstance(value, uuid.UUID) else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return _json(value)


def _datetime(value: Any) -> int:
    if isinstance(value, dt.datetime):
        return ticks_of(value)
    if isinstance(value, dt.date):
        return ticks_of(dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC))
    ticks = iso_ticks(value) if isinstance(value, str) else None
    if ticks is None:
        raise ValueError("no datetime in ISO 8601")
    return ticks


def _timespan(value: Any) -> int:
    if isinstance(value, dt.timedelta):
        return timespan_ticks(value)
    written = str(value).strip().lower()
    if match := _UNIT_SPAN.fullmatch(written):
        return int(decimal.Decimal(match[1]) * _UNITS[match[2]])
    match = _SPAN.fullmatch(written)
    if match is None:
        raise ValueError("no timespan such as 1.02:03:04.5 or 5m")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    whole = int(days or 0) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    ticks = whole * TICKS_PER_SECOND + int((fraction or "").ljust(7, "0"))
    return -ticks if sign else ticks


def _dynamic(value: Any) -> str:
    """JSON text; a text that is no JSON is a JSON string, as Kusto's parse of a dynamic column."""
    if not isinstance(value, str):
        return _json(value)
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return _json(value)
    return value


def _dynamic_in_json(value: Any) -> str:
    written_out = isinstance(value, str) and value.lstrip()[:1] in ("{", "[")
    return _dynamic(value) if written_out else _json(value)


def _json(value: Any) -> str:
    return json_text(value, _string)


def _guid(value: Any) -> str:
    try:
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(str(value).strip()))
    except ValueError:
        raise ValueError("no guid") from None


def _binary(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(str(value), validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None


_CONVERTERS: dict[Type, Callable[[Any], Any]] = {
    Type.BOOL: _bool, Type.INT: _int, Type.LONG: _long, Type.REAL: _real, Type.DECIMAL: _decimal,
    Type.STRING: _string, Type.DATETIME: _datetime, Type.TIMESPAN: _timespan,
    Type.DYNAMIC: _dynamic, Type.GUID: _guid, Type.BINARY: _binary,
}  # fmt: skip
