"""What syslog puts around a message: takes a line, gives its header and the message in it.

Read are RFC 3164 and RFC 5424, ISO moments in the older form, a relay's sequence number, the octet
count of RFC 6587, what Cisco's devices put before their message ids, and headers with parts
missing. Forms and names: RFC 3164 sections 4 and 5, RFC 5424 section 6, rsyslog's default
templates, Cisco's guides to system messages of IOS and NX-OS.

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
_OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)$")
_MAX_KEPT = 4096
_MAX_ORIGIN = 400

_COUNT = re.compile(r"\d{1,7} (?=<\d{1,3}>)")
_WRAPPED = re.compile(
    r"(?:\d{1,7} )?<\d{1,3}>(?:\d{1,2} \S|\d{4}-\d\d-\d\d[T ]|[A-Z][a-z]{2} |:|\d{1,10}: )"
)
_PRIORITY = re.compile(r"<(\d{1,3})>")
_NEW = re.compile(r"\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+)(?: |$)")
_VERSION = re.compile(r"\d{1,2} (?=\d{4}-\d\d-\d\dT\d\d:)")
_DIGIT = re.compile(r"\d")
_NO_NAME = re.compile(r"[=|<]|:$")
_ELEMENT = re.compile(r'\[([^\s=\]"]+)((?: +[^\s=\]"]+="[^"\\]*(?:\\.[^"\\]*)*")*) *\]', re.DOTALL)
_PARAMETER = re.compile(r' +([^\s=\]"]+)="([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')
_DATE = re.compile(
    # What relays and network devices write before it: a sequence number, the mark of a clock that
    # was never set, or lost touch.
    r" ?(?:\d{1,10}: )?(?P<unset>\*)?\.?(?P<stamp>(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
    r"(?:(?P<first_year>(?:19|20)\d\d) )?"
    r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}),? (?:(?P<year>\d{4}),? )?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?: (?P<half>[AP]M)\.(?P<part>\d{1,9}))?(?: (?P<late_year>(?:19|20)\d\d)(?=[: ]|$))?"
    # Any word may be a host's name: only zones that are known, or what a colon ends.
    r"(?: (?P<zone>(?:(?:GMT|UTC)?[+-]\d\d:?\d\d|(?:GMT|UTC)[+-]\d:\d\d"
    rf"|{'|'.join(_ZONES)})(?=[: ]|$)|[A-Z]{{2,5}}(?=: ))"
    r"(?: (?P<last_year>(?:19|20)\d\d)(?=[: ]|$))?)?)"
    r"(?::(?= |$))?(?: |$)"
)
_ISO = re.compile(
    r"(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)"
    r"(?:[: ]+|$)"
)
_TAG = re.compile(
    r"(?!(?:CEF|LEEF):|<\d{1,3}>)"
    r"([^\s:\[\]=]{1,128})(?:\[([^\]\s]{0,128})\](?::|(?= |$))|:)(?: +|$)"
)
_HOST = re.compile(
    # A moment behind the moment is no host.
    r"(?![A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:|\d{4}-\d\d-\d\dT\d\d:)"
    r"[^\s\[\]=|{}<>\"']{1,255}(?= |$)"
)
_NUMBER = re.compile(r"\d{1,10}")
# Of a device of Cisco's: the message's number, its own name, another number; the id's beginning.
_ORIGIN = re.compile(
    r":? ?(?:\d{1,10}: )?(?:: )?"
    r"(?:(?!\d+:|\d+[ywd]\d+[wdh]:)([^\s:\[\]=|{}<>\"'%*]{1,255}) ?: )?(?:\d{1,10}: )?"
)
# Of IOS XR: its own name, the card; behind the moment the process.
_CARD = re.compile(
    r"(?:([^\s:\[\]=|{}<>\"'%*/]{1,255}) )?(?:[A-Z]{2,4}/)?\d{1,3}/[A-Z0-9]{1,6}/[A-Z0-9]{1,8}:"
)
_PROCESS = re.compile(r"(?:: ?)?[^\s:\[\]%]{1,100}(?:\[(\d{1,10})\])? ?: (?=%)")
_COLON = re.compile(r": +(?=%)")
_SPACED = re.compile(r"(%[A-Z][A-Za-z0-9_-]{0,100}-[0-7]-[A-Za-z0-9_]{1,100}) :(?: +|$)")
_ONE_WORD = re.compile(r"[^\s:]+: ?")
_NAME = re.compile(r"([^\s:\[\]=|{}<>\"'%*]{1,255}) ?:? (?=%)")
_UPTIME = re.compile(r"\*?(?:\d{1,2}:\d\d:\d\d|\d{1,3}[ywd]\d{1,2}[wdh]): ")
_MESSAGE_ID = re.compile(r"%[A-Z][A-Za-z0-9_-]{0,100}-[0-7]-")


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
        return self.within(*found) if found is not None and _WRAPPED.match(found[1]) else found

    def within(self, header: Header, message: str) -> tuple[Header, str]:
        """The header and the message, where that begins with a header of its own."""
        inner = self._split(message, header.time is not None)
        return (_merged(inner[0], header), inner[1]) if inner is not None else (header, message)

    def _split(self, line: str, is_timed: bool = False) -> tuple[Header, str] | None:
        count = _COUNT.match(line)
        place = count.end() if count else 0
        priority = _PRIORITY.match(line, place)
        facility = level = None
        if priority is not None:
            place = priority.end()
            number = int(priority[1])
            if number < 192:
                facility, level = FACILITIES[number >> 3], PRIORITIES[number & 7]
        version = _VERSION.match(line, place)
        if version is not None or priority is not None:
            new = _NEW.match(line, place)
            if new is not None and _is_new(line, new, priority is not None):
                return _new_form(line, new, facility, level)
        header = Header(facility, level)
        device = self._of_device(line, place, header, is_timed)
        if device is not None and (priority is not None or device[0].stamp is not None):
            return _untagged(line, device[1], device[0])
        found = _date(line, place)
        if found is None:
            found = _ISO.match(line, version.end() if version is not None else place)
        if found is None:
            return None if priority is None else self._behind(line, place, header)
        return self._behind(line, found.end(), self._timed(header, found))

    def _timed(self, header: Header, found: re.Match[str]) -> Header:
        time, assumed = self._moment(found, found["stamp"])
        return header._replace(time=time, stamp=found["stamp"], year_assumed=assumed)

    def _of_device(
        self, line: str, place: int, header: Header, is_timed: bool = False
    ) -> tuple[Header, int] | None:
        """The header and where the message id of Cisco's form is, for what is before such a one.

        The moment of a clock that was never set counts where no other is known.
        """
        if line.find("%", place, place + _MAX_ORIGIN) < 0:
            return None
        origin = _ORIGIN.match(line, place)
        if origin is None:
            return None
        inner, place = Header(host=origin[1]), origin.end()
        card = _CARD.match(line, place)
        if card is not None:
            inner, place = inner._replace(host=card[1] or origin[1]), card.end()
        found = _date(line, place) or _ISO.match(line, place)
        if found is not None:
            place = found.end()
            is_unset = found.re is _DATE and found["unset"] is not None
            if not is_unset or not (is_timed or header.time is not None):
                inner = self._timed(inner, found)
            process = _PROCESS.match(line, place) if card is not None else None
            name = _NAME.match(line, place)
            if process is not None:
                inner, place = inner._replace(process=process[1]), process.end()
            elif (colon := _COLON.match(line, place)) is not None:
                place = colon.end()
            elif name is not None:
                inner, place = inner._replace(host=name[1]), name.end()
        elif (uptime := _UPTIME.match(line, place)) is not None:
            place = uptime.end()
        elif header.host is not None and origin[1] and _ONE_WORD.fullmatch(origin[0]):
            return None  # a program's tag
        if _MESSAGE_ID.match(line, place) is None:
            return None
        return _merged(inner, header), place

    def _behind(self, line: str, place: int, header: Header) -> tuple[Header, str]:
        """Host and tag behind the moment; either may be missing, both where there is no moment."""
        device = self._of_device(line, place, header)
        if device is not None:
            return _untagged(line, device[1], device[0])
        tag = _TAG.match(line, place)
        if tag is None and header.stamp is not None:
            host = _HOST.match(line, place)
            if host is not None:
                name, place = host[0].rstrip(":"), host.end()
                header = header._replace(host=name if name not in ("", "-") else None)
                place += line.startswith(" ", place)
                device = self._of_device(line, place, header)
                if device is not None:
                    return _untagged(line, device[1], device[0])
                place += 2 * line.startswith(": ", place)
        return _untagged(line, place, header)

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
        day = int(found["day"])
        year = found["first_year"] or found["year"] or found["late_year"] or found["last_year"]
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


def _date(line: str, place: int) -> re.Match[str] | None:
    found = _DATE.match(line, place)
    return found if found is not None and found["month"].lower() in _MONTHS else None


def _time_of_day(found: re.Match[str]) -> int | None:
    """Ticks since the day's midnight, in UTC; None for no time, or a zone without one meaning."""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    if found["half"] is not None and hour <= 12:
        hour = hour % 12 + 12 * (found["half"] == "PM")
    if hour > 23 or minute > 59 or second > 60:
        return None
    zone = found["zone"]
    if zone is None:
        offset = 0
    elif zone in _ZONES:
        offset = _ZONES[zone]
    elif (behind := _OFFSET.search(zone)) is not None and int(behind[2]) < 24:
        offset = int(behind[1] + behind[2]) * 60 + int(behind[1] + behind[3])
    else:
        return None
    seconds = hour * 3600 + minute * 60 + second - offset * 60
    return seconds * TICKS_PER_SECOND + int(
        (found["fraction"] or found["part"] or "")[:7].ljust(7, "0")
    )


def _ticks(year: int, month: int, day: int, of_day: int) -> int | None:
    try:
        days = dt.date(year, month, day).toordinal() - 1
    except ValueError:
        return None
    return max(0, days * TICKS_PER_DAY + of_day)


def _is_new(line: str, new: re.Match[str], has_priority: bool) -> bool:
    """Whether these words are the new form's; senders leave out some of them."""
    moment = new[1]
    if moment != "-" and not (moment[0].isdigit() and "T" in moment):
        return False
    if line.startswith(("- ", "["), new.end()) or line[new.end() :] == "-":
        return True
    # Without structured data the words may be the message's own.
    is_header = new[5] == "-" or new[4] == "-" or _DIGIT.search(new[4]) is not None
    return has_priority and is_header and _NO_NAME.search(new[3]) is None


def _new_form(
    line: str, new: re.Match[str], facility: str | None, level: str | None
) -> tuple[Header, str]:
    stamp, host, application, process, kind = (None if v == "-" else v for v in new.groups())
    place, structured = _structured(line, new.end())
    header = Header(
        facility, level, iso_ticks(stamp) if stamp else None, host, application, process, kind,
        structured, stamp,
    )  # fmt: skip
    message = line[place:].removeprefix("\ufeff")
    if application is None and _MESSAGE_ID.match(message) is not None:
        return _untagged(message, 0, header)
    return header, message


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


def _untagged(line: str, place: int, header: Header) -> tuple[Header, str]:
    """The program that a tag names, and what is behind."""
    tag = _TAG.match(line, place)
    spaced = _SPACED.match(line, place) if tag is None else None
    if spaced is not None:
        return header._replace(application=spaced[1]), line[spaced.end() :]
    # A message's number is no program.
    if tag is None or (tag[2] is None and _NUMBER.fullmatch(tag[1])):
        return header, line[place:]
    return header._replace(application=tag[1], process=tag[2] or header.process), line[tag.end() :]


def _merged(inner: Header, outer: Header) -> Header:
    """What a header says and, where that says nothing, the one around it."""
    pairs = zip(inner, outer, strict=True)
    merged = Header._make(i if i is not None else o for i, o in pairs)
    if inner.time is not None or outer.time is None:
        return merged
    return merged._replace(time=outer.time, stamp=outer.stamp, year_assumed=outer.year_assumed)
