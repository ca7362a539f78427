"""What syslog puts around a message: takes a line, gives its header and the message in it.

Read are RFC 3164 and RFC 5424, ISO moments in the older form, a relay's sequence number, the octet
count of RFC 6587, and headers with parts missing. Forms and names: RFC 3164 section 4, RFC 5424
section 6, rsyslog's default templates.

RFC 3164 names no year. It is taken to be the newest in which the moment is not later than a day
after :class:`Envelope`'s *newest*; ``Header.year_assumed`` tells of that guess.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import NamedTuple

from vedette.logs.times import iso_ticks
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
)  # fmt: skip
PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {  # RFC 822's, whose meaning is fixed, and central Europe's
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "CET": 60, "CEST": 120,
}  # fmt: skip
_MAX_KEPT = 4096

_COUNT = re.compile(r"\d{1,7} (?=<\d{1,3}>)")
_WRAPPED = re.compile(r"(?:\d{1,7} )?<\d{1,3}>(?:\d{1,2} \S|[A-Z][a-z]{2} )")
_PRIORITY = re.compile(r"<(\d{1,3})>")
_NEW = re.compile(r"\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+)(?: |$)")
_ELEMENT = re.compile(r'\[([^\s=\]"]+)((?: +[^\s=\]"]+="[^"\\]*(?:\\.[^"\\]*)*")*) *\]', re.DOTALL)
_PARAMETER = re.compile(r' +([^\s=\]"]+)="([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')
_DATE = re.compile(
    # What relays and network devices write before it: a sequence number, a mark of a bad clock.
    r"(?:\d{1,10}: )?[*.]?(?P<stamp>"
    r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}),? (?:(?P<year>\d{4}),? )?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?: (?P<late_year>(?:19|20)\d\d)(?=[: ]|$))?"
    # Any word may be a host's name: only zones that are known, or what a colon ends.
    rf"(?: (?P<zone>(?:{'|'.join(_ZONES)}|[+-]\d\d:?\d\d)(?=[: ]|$)|[A-Z]{{2,5}}(?=: )))?)"
    r"(?::(?= |$))?(?: |$)"
)
_ISO = re.compile(
    r"(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)"
    r"(?:[: ]+|$)"
)
_TAG = re.compile(
    r"(?!(?:CEF|LEEF):)([^\s:\[\]=]{1,128})(?:\[([^\]\s]{0,128})\](?::|(?= |$))|:)(?: +|$)"
)
_HOST = re.compile(r"[^\s\[\]=|{}<>\"']{1,255}(?= |$)")


class Header(NamedTuple):
    """What stands before a message; what is not there is None.

    ``facility`` and ``priority`` are names, ``time`` is in ticks, ``stamp`` the moment as written.
    """

    facility: str | None = None
    priority: str | None = None
    time: int | None = None
    host: str | None = None
    application: str | None = None
    process: str | None = None
    message_kind: str | None = None
    structured: Mapping[str, Mapping[str, str]] | None = None
    stamp: str | None = None
    year_assumed: bool = False


NO_HEADER = Header()


class Envelope:
    """Takes the header off the lines of one source."""

    def __init__(self, newest: int) -> None:
        """*newest* is when the source was last written, in ticks; no line is a day later."""
        self._newest = newest + TICKS_PER_DAY
        self._moments: dict[str, tuple[int | None, bool]] = {}

    def split(self, line: str) -> tuple[Header, str] | None:
        """The header and the message; None where the line has no moment and no priority.

        Of a message that a relay wrapped again, what the inner header says counts first.
        """
        found = self._split(line)
        if found is not None and _WRAPPED.match(found[1]):
            inner = self._split(found[1])
            if inner is not None:
                pairs = zip(inner[0], found[0], strict=True)
                return Header._make(i if i is not None else o for i, o in pairs), inner[1]
        return found

    def _split(self, line: str) -> tuple[Header, str] | None:
        count = _COUNT.match(line)
        place = count.end() if count else 0
        priority = _PRIORITY.match(line, place)
        facility = level = None
        if priority is not None:
            place = priority.end()
            number = int(priority[1])
            if number < 192:
                facility, level = FACILITIES[number >> 3], PRIORITIES[number & 7]
            new = _NEW.match(line, place)
            if new is not None and (new[1] == "-" or (new[1][0].isdigit() and "T" in new[1])):
                return _new_form(line, new, facility, level)
        found = _DATE.match(line, place)
        if found is not None and found["month"].lower() not in _MONTHS:
            found = None
        if found is None:
            found = _ISO.match(line, place)
        if found is None:
            if priority is None:
                return None
            header = Header(facility, level)
            return _behind(line, place, header, priority_only=True)
        stamp = found["stamp"]
        time, assumed = self._moment(found, stamp)
        header = Header(facility, level, time, stamp=stamp, year_assumed=assumed)
        return _behind(line, found.end(), header)

    def moment(self, written: str) -> tuple[int | None, bool]:
        """Ticks of a text that is a moment in a form of syslog's; whether its year is a guess."""
        text = written.strip()
        found = _DATE.match(text) or _ISO.match(text)
        if found is None or found.end() != len(text):
            return None, False
        return self._moment(found, found["stamp"])

    def _moment(self, found: re.Match[str], stamp: str) -> tuple[int | None, bool]:
        known = self._moments.get(stamp)
        if known is None:
            if len(self._moments) >= _MAX_KEPT:
                self._moments.clear()
            dated = found.re is _DATE
            known = self._dated(found) if dated else (iso_ticks(stamp.replace(",", ".")), False)
            self._moments[stamp] = known
        return known

    def _dated(self, found: re.Match[str]) -> tuple[int | None, bool]:
        if found["month"].lower() not in _MONTHS:
            return None, False
        month = _MONTHS.index(found["month"].lower()) + 1
        day, year = int(found["day"]), found["year"] or found["late_year"]
        of_day = _time_of_day(found)
        if of_day is None:
            return None, False
        if year is not None:
            return _ticks(int(year), month, day, of_day), False
        newest = (dt.date(1, 1, 1) + dt.timedelta(days=self._newest // TICKS_PER_DAY)).year
        for guess in range(newest + 1, newest - 9, -1):  # eight years hold a 29 February
            ticks = _ticks(guess, month, day, of_day) if 1 <= guess <= 9999 else None
            if ticks is not None and ticks <= self._newest:
                return ticks, True
        return None, False


def _time_of_day(found: re.Match[str]) -> int | None:
    """Ticks since the day's midnight, in UTC; None for no time, or a zone without one meaning."""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    if hour > 23 or minute > 59 or second > 60:
        return None
    zone = found["zone"]
    if zone is None:
        offset = 0
    elif zone[0] in "+-":
        offset = int(zone[:3] + "0") * 6 + int(zone[0] + zone[-2:])
    elif zone in _ZONES:
        offset = _ZONES[zone]
    else:
        return None
    seconds = hour * 3600 + minute * 60 + second - offset * 60
    return seconds * TICKS_PER_SECOND + int((found["fraction"] or "")[:7].ljust(7, "0"))


def _ticks(year: int, month: int, day: int, of_day: int) -> int | None:
    try:
        days = dt.date(year, month, day).toordinal() - 1
    except ValueError:
        return None
    return max(0, days * TICKS_PER_DAY + of_day)


def _new_form(
    line: str, new: re.Match[str], facility: str | None, level: str | None
) -> tuple[Header, str]:
    stamp, host, application, process, kind = (None if v == "-" else v for v in new.groups())
    place, structured = _structured(line, new.end())
    header = Header(
        facility, level, iso_ticks(stamp) if stamp else None, host, application, process, kind,
        structured, stamp,
    )  # fmt: skip
    return header, line[place:].removeprefix("\ufeff")


def _structured(line: str, place: int) -> tuple[int, Mapping[str, Mapping[str, str]] | None]:
    """Where the message begins behind structured data, and the data."""
    if line.startswith("-", place):
        place += 1
        return place + line.startswith(" ", place), None
    found: dict[str, Mapping[str, str]] = {}
    while (element := _ELEMENT.match(line, place)) is not None:
        pairs = _PARAMETER.findall(element[2])
        found[element[1]] = {name: _ESCAPED.sub(r"\1", value) for name, value in pairs}
        place = element.end()
    return place + line.startswith(" ", place), found or None


def _behind(
    line: str, place: int, header: Header, priority_only: bool = False
) -> tuple[Header, str]:
    """Host and tag behind the moment; either may be missing."""
    tag = _TAG.match(line, place)
    # "host: %ASA-6-…" names the device, not a program.
    of_device = tag is not None and tag[2] is None and line.startswith("%", tag.end())
    if tag is not None and not of_device:
        return _tagged(line, tag, header)
    if of_device and tag is not None:
        header, place = header._replace(host=tag[1]), tag.end()
    elif not priority_only:
        host = _HOST.match(line, place)
        if host is not None:
            header, place = header._replace(host=host[0].rstrip(":")), host.end()
            place += line.startswith(" ", place)
            place += 2 * line.startswith(": ", place)
    tag = _TAG.match(line, place)
    return _tagged(line, tag, header) if tag is not None else (header, line[place:])


def _tagged(line: str, tag: re.Match[str], header: Header) -> tuple[Header, str]:
    return header._replace(application=tag[1], process=tag[2] or None), line[tag.end() :]
