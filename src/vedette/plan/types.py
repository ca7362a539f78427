"""The scalar types of a plan: takes type names and pairs of types, gives the type they share.

``datetime`` and ``timespan`` count 100 ns ticks (datetimes from 0001-01-01T00:00Z), ``dynamic`` is
a JSON value that keeps long apart from real, ``binary`` is QRadar's ``byte[]``.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 24 * 3600 * TICKS_PER_SECOND
UNIX_EPOCH_TICKS = 621_355_968_000_000_000
MAX_TICKS = 3_155_378_975_999_999_999  # 9999-12-31T23:59:59.9999999Z
MARK = "\ufdd0"
"""Stands before a string inside a dynamic value that is a datetime or a timespan."""
_ZERO = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


class Type(StrEnum):
    """A scalar type, by its name in KQL."""

    BOOL = "bool"
    INT = "int"
    LONG = "long"
    REAL = "real"
    DECIMAL = "decimal"
    STRING = "string"
    DATETIME = "datetime"
    TIMESPAN = "timespan"
    DYNAMIC = "dynamic"
    GUID = "guid"
    BINARY = "binary"


ALIASES = {
    "boolean": Type.BOOL, "double": Type.REAL, "date": Type.DATETIME, "time": Type.TIMESPAN,
    "uuid": Type.GUID, "uniqueid": Type.GUID, "int32": Type.INT, "int64": Type.LONG,
    "float": Type.REAL, "object": Type.DYNAMIC,
}  # fmt: skip

_BY_NAME = {type.value: type for type in Type}
_NUMBER_ORDER = (Type.INT, Type.LONG, Type.REAL, Type.DECIMAL)
NUMBERS = frozenset(_NUMBER_ORDER)
CLASSES: dict[str, frozenset[Type]] = {
    "any": frozenset(Type),
    "number": NUMBERS,
    "whole": frozenset({Type.INT, Type.LONG}),
    "ordered": NUMBERS | {Type.STRING, Type.DATETIME, Type.TIMESPAN, Type.BOOL, Type.GUID},
    "summable": NUMBERS | {Type.TIMESPAN},
}


def type_named(name: str) -> Type | None:
    """The type of this name or alias, in any letter case; None where there is none."""
    lower = name.lower()
    return _BY_NAME.get(lower) or ALIASES.get(lower)


def common_type(left: Type, right: Type) -> Type | None:
    """The type both can be read as without loss of kind, or None: int < long < real < decimal."""
    if left is right:
        return left
    if left in NUMBERS and right in NUMBERS:
        return max(left, right, key=_NUMBER_ORDER.index)
    return None


def ticks_of(moment: dt.datetime) -> int:
    """100 ns ticks since 0001-01-01T00:00Z of an aware datetime (a naive one is read as UTC)."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return timespan_ticks(aware.astimezone(dt.UTC) - _ZERO)


def timespan_ticks(span: dt.timedelta) -> int:
    """100 ns ticks of a timedelta, exact to its microseconds."""
    return (span.days * 86_400 + span.seconds) * TICKS_PER_SECOND + span.microseconds * 10


def datetime_of(ticks: int) -> dt.datetime:
    """The aware UTC datetime of ticks since 0001-01-01; the seventh fractional digit is cut."""
    return _ZERO + dt.timedelta(microseconds=ticks // 10)


def timedelta_of(ticks: int) -> dt.timedelta:
    """The timedelta of 100 ns ticks; the seventh fractional digit is cut, towards zero."""
    return dt.timedelta(microseconds=ticks // 10 if ticks >= 0 else -(-ticks // 10))
