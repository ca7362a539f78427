"""Moments in time zones: takes ticks of UTC or of a zone's own clock, gives the other."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import MAX_TICKS, TICKS_PER_SECOND, Type

_FIRST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone '{name}'; write it like Europe/Berlin") from error


def _offset(moment: dt.datetime) -> int:
    offset = moment.utcoffset() or dt.timedelta(0)
    return (offset.days * 86_400 + offset.seconds) * TICKS_PER_SECOND


def _moment(ticks: int) -> dt.datetime:
    return _FIRST + dt.timedelta(microseconds=ticks // 10)


def _to_local(ticks: int, name: str) -> int | None:
    zone = _zone(name)
    try:
        local = _moment(ticks).astimezone(zone)
    except OverflowError:
        return None
    return _within(ticks + _offset(local))


def _to_utc(ticks: int, name: str) -> int | None:
    """Of an hour that comes twice the first one; one that is left out counts as before the gap."""
    return _within(ticks - _offset(_moment(ticks).replace(tzinfo=_zone(name))))


def _within(ticks: int) -> int | None:
    return ticks if 0 <= ticks <= MAX_TICKS else None


FUNCTIONS_OF_ZONES: dict[str, Computed] = {
    "time_to_zone": Computed((Type.DATETIME, Type.STRING), Type.DATETIME, _to_local),
    "time_from_zone": Computed((Type.DATETIME, Type.STRING), Type.DATETIME, _to_utc),
}
