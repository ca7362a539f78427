"""Moments in logs: takes text, gives 100 ns ticks since 0001-01-01T00:00Z, None for no moment."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND

_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?"
    r"\s*(?:(Z|UTC|GMT)(?: UTC)?|([+-])(\d\d):?(\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_SECOND = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)", re.ASCII)
_ACCESS = re.compile(
    r"(\d\d?)/([A-Za-z]{3})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?: ([+-])(\d\d)(\d\d))?",
    re.ASCII,
)
_NUMBER = re.compile(r"(\d{1,20})(?:\.(\d*))?", re.ASCII)
_EPOCH_DAYS = dt.date(1970, 1, 1).toordinal() - 1
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


@lru_cache(4096)
def _days(year: int, month: int, day: int) -> int | None:
    """Days since 0001-01-01, or None for a date that is none."""
    try:
        return dt.date(year, month, day).toordinal() - 1
    except ValueError:
        return None


@lru_cache(4096)
def _second_ticks(text: str) -> int | None:
    """Ticks of a moment written as 2026-03-11 05:16:41, with a blank or T between."""
    match = _SECOND.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    days = _days(year, month, day)
    return None if days is None else _moment(days * TICKS_PER_DAY, hour, minute, second, None, 0)


def iso_ticks(text: str) -> int | None:
    """Ticks of a moment in ISO 8601's forms; without a zone it is read as UTC.

    The date may stand alone, the seconds may lack; digits behind the seventh are cut.
    """
    # Logs are in order: the second is one that was just read, in Sysmon's and System's own form.
    known = _second_ticks(text[:19])
    if known is not None:
        tail = text[19:]
        tail = tail[:-6] if tail[-6:] == "+00:00" else tail.rstrip("Z")
        if not tail:
            return known
        if tail[0] == "." and tail[1:].isdigit() and tail.isascii():
            return known + int(tail[1:8].ljust(7, "0"))
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, _zone, sign, hours, minutes = match.groups()
    days = _days(int(year), int(month), int(day))
    if days is None:
        return None
    offset = _offset(sign, hours, minutes)
    return _moment(
        days * TICKS_PER_DAY, int(hour or 0), int(minute or 0), int(second or 0), fraction, offset
    )


def access_ticks(text: str) -> int | None:
    """Ticks of an access log's moment, such as 17/May/2015:10:05:03 +0000."""
    match = _ACCESS.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    days = _days(int(year), _MONTHS.get(month.lower(), 0), int(day))
    if days is None:
        return None
    offset = _offset(sign, hours, minutes)
    return _moment(days * TICKS_PER_DAY, int(hour), int(minute), int(second), fraction, offset)


def epoch_ticks(text: str, parts: int) -> int | None:
    """Ticks of a number of seconds since 1970, or of *parts* of a second: 1000 for milliseconds."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, fraction = match.groups()
    unit = TICKS_PER_SECOND // parts
    ticks = _EPOCH_DAYS * TICKS_PER_DAY + int(whole) * unit
    if fraction:
        ticks += int(fraction[:9].ljust(9, "0")) * unit // 10**9
    return ticks if 0 <= ticks <= MAX_TICKS else None


def day_of(ticks: int | None) -> str:
    """The UTC day as 2026-03-11, or ``unknown``."""
    return "unknown" if ticks is None else _day_text(ticks // TICKS_PER_DAY)


@lru_cache(4096)
def _day_text(days: int) -> str:
    return dt.date.fromordinal(days + 1).isoformat()


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    seconds = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return -seconds if sign == "-" else seconds


def _moment(
    midnight: int, hour: int, minute: int, second: int, fraction: str | None, offset: int
) -> int | None:
    # A leap second is the first of the next minute; Kusto and ISO allow 24:00:00.
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    seconds = hour * 3600 + minute * 60 + second - offset
    ticks = midnight + seconds * TICKS_PER_SECOND
    if fraction:
        ticks += int(fraction[:7].ljust(7, "0"))
    return ticks if 0 <= ticks <= MAX_TICKS else None
