"""Moments as Microsoft's portals write them into CSV: takes a column's text, gives ticks.

Portals write times in the language of who exports: ``6/17/2021, 9:00:21.543 AM``, ``17.06.2021,
09:00:21``, ``Jun 17, 2021 9:00:21 AM``, ``2021/06/17 9:00:21``; the API writes ISO 8601. Whether
the day or the month comes first between slashes, a number over 12 says, or AM and PM in capitals;
else nothing does, and the text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from vedette.logs.times import iso_ticks
from vedette.plan.types import TICKS_PER_SECOND

Order = Literal["day", "month"]
"""What comes first between slashes."""

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
_HALF = r"(?: ?(?P<half>[AaPp]\.? ?[Mm]\.?))?"
_DATE = (
    r"(?:(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<between>[/.-])(?P<second_part>\d{1,2})(?P=between)(?P<late_year>\d{4})"
    r"|(?P<name>[A-Za-z]{3,9})\.? (?P<named_day>\d{1,2}), (?P<named_year>\d{4})"
    r"|(?P<day_before>\d{1,2}) (?P<name_after>[A-Za-z]{3,9})\.? (?P<year_after>\d{4}))"
)
_PORTAL = re.compile(rf"{_DATE},?(?: at)? +{_CLOCK}{_HALF}", re.ASCII)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}", re.ASCII)
_BLANKS = re.compile(r"[\s\u202f\u00a0\u200e]+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONE = re.compile(r"UTC(?:([+-])(\d\d?):?(\d\d)?)?", re.ASCII)


def slash_order(texts: Iterable[str]) -> Order | None:
    """What comes first between slashes in these texts, where one has a number over 12."""
    found: set[Order] = set()
    for text in texts:
        match = _SLASHES.match(text)
        if match is not None:
            if int(match[1]) > 12:
                found.add("day")
            elif int(match[2]) > 12:
                found.add("month")
    return found.pop() if len(found) == 1 else None


def portal_ticks(text: str, order: Order | None = None, zone_seconds: int = 0) -> int | None:
    """Ticks of a moment in ISO 8601 or as a portal writes it; *zone_seconds* is east of UTC.

    Raises ValueError for a date that can be read in two ways; gives None for what is no moment.
    """
    ticks = iso_ticks(text)
    if ticks is None:
        match = _PORTAL.fullmatch(_BLANKS.sub(" ", text).strip())
        ticks = iso_ticks(_as_iso(match, order)) if match is not None else None
    return None if ticks is None else ticks - zone_seconds * TICKS_PER_SECOND


def zone_seconds(zone: str) -> int | None:
    """How far east of UTC a column's zone is, as a header names it; None for one without number."""
    match = _ZONE.fullmatch(zone.strip())
    if match is None:
        return None
    seconds = int(match[2] or 0) * 3600 + int(match[3] or 0) * 60
    return -seconds if match[1] == "-" else seconds


def _as_iso(match: re.Match[str], order: Order | None) -> str:
    year, month, day = _date(match, order)
    hour, half = int(match["hour"]), (match["half"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = f".{match['fraction']}" if match["fraction"] else ""
    clock = f"{hour:02}:{match['minute']}:{match['second'] or '00'}{fraction}"
    return f"{year:04}-{month:02}-{day:02} {clock}"


def _date(match: re.Match[str], order: Order | None) -> tuple[int, int, int]:
    if match["year"]:
        return int(match["year"]), int(match["month"]), int(match["day"])
    name = match["name"] or match["name_after"]
    if name:
        month = _MONTHS.index(name[:3].lower()) + 1 if name[:3].lower() in _MONTHS else 0
        year, day = match["named_year"] or match["year_after"], match["named_day"]
        return int(year), month, int(day or match["day_before"])
    first, second = int(match["first"]), int(match["second_part"])
    if match["between"] != "/" or _first_is_day(first, second, match["half"] or "", order):
        first, second = second, first
    return int(match["late_year"]), first, second


def _first_is_day(first: int, second: int, half: str, order: Order | None) -> bool:
    if first > 12:
        return True
    if second > 12 or first == second:
        return False
    if order is not None:
        return order == "day"
    if half in ("AM", "PM"):
        return False
    raise ValueError("a date whose day and month cannot be told apart; export it in ISO 8601")
