"""Lines that syslog carries: takes a line, gives the row of the message in it, whatever its format.

One file of a collector holds CEF, LEEF, Windows events as text or XML, and plain messages side by
side; so each reader of such lines reads all of them, and a row's ``log_format`` is its own.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from vedette.logs.access_log import RequestRows
from vedette.logs.base import Made, Origin
from vedette.logs.cef import read_cef
from vedette.logs.devices import DeviceEvent, DeviceRows, Names, device_of
from vedette.logs.leef import java_moment, read_leef
from vedette.logs.lines import decoded, head_text
from vedette.logs.records import RecordRows
from vedette.logs.syslog import FACILITIES, NO_HEADER, PRIORITIES, Envelope, Header
from vedette.logs.times import epoch_ticks, iso_ticks
from vedette.logs.windows import WindowsRows
from vedette.logs.windows_text import is_snare, is_wincollect, snare_event, wincollect_event
from vedette.logs.windows_xml import event_of

Outcome = Made | str | None

_CEF = Names("request", "app", "src", "dst", "suser", "duser", "Universal CEF", has_sign_ins=False)
_LEEF = Names(
    "url", "app", "src", "dst", "sender", "recipient", "Universal LEEF", has_sign_ins=True
)
CEF_MOMENTS = ("rt", "end", "start")
"""Fields of CEF that say when an event happened; the first that can be read counts. A device's own
stand before them."""

_MAX_PREFIX = 1024
_MAX_MARKS = 8
_MAX_WORDS = 4
_MAX_KEPT = 4096
_STAMP = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d", re.ASCII
)
_ANY_STAMP = "Jan 11 00:00:00"
_ZONE = re.compile(r"(?:UTC|GMT|Z|(?:UTC|GMT)?[+-]\d\d:?\d\d)")
_ZONED = re.compile(r"(?:[A-Za-z]{1,5}|[+-]\d\d:?\d\d)(?: \d{4})?$")
_MARK = re.compile(r"(C|LE)EF: ?\d(?:\.\d+)?\|")
_BARE_MARK = re.compile(r"(C|LE)EF:")
_EPOCH = re.compile(r"(\d{10})((?:\d{3}){0,3})(?:\.(\d+))?", re.ASCII)
_WEEKDAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? ")
_SPOTTED = re.compile(r"(?:[^|]{0,1023}?[\s:>])?(C|LE)EF: ?\d(?:\.\d+)?\|")
_LINE_ENDS = ("#000", "#012", "#015")
"""As rsyslog writes control characters."""
_NO_WORD = re.compile(
    rf"-|\d+|(?:{'|'.join(FACILITIES)})\.(?:{'|'.join(PRIORITIES)}|warn|error|notify)",
    re.IGNORECASE,
)
_WINDOWS = ("AgentDevice=", "MSWinEventLog", "<Event")
_OF_CALLS = ("UC_", "CCM_")
"""How message ids of Cisco's Unified Communications Manager begin."""
_MESSAGE_ID = re.compile(r"%([A-Z][A-Z0-9_]*(?:-[A-Za-z0-9_]+)*)-([0-7])-([A-Za-z0-9_]+)")


class MessageRows:
    """Makes rows of the lines of one source."""

    def __init__(self, origin: Origin) -> None:
        """Every row says which file it came from."""
        name, lineage = origin.name, origin.lineage
        self._envelope = Envelope(origin.written)
        self.cef = DeviceRows("cef", lineage, name, _CEF)
        self._leef = DeviceRows("leef", lineage, name, _LEEF)
        self._plain = RecordRows("syslog", lineage, name)
        self._requests = RequestRows(lineage, name)
        self._text = WindowsRows("windows_text", lineage, name)
        self._xml = WindowsRows("windows_xml", lineage, name)
        self._prefixes: dict[str, Header | None] = {}
        self._stamps: dict[str, int | None] = {}

    def row(self, line: bytes, offset: int, ended: bool) -> Outcome:
        """The row of a line, the reason why it is none, or None for an empty line."""
        raw = decoded(line).strip("\ufeff\r\n\x00")
        if not raw.strip():
            return None
        if raw.find("EF:", 0, _MAX_PREFIX) >= 0:
            special = self._of_device(raw, offset)
            if special is not None:
                return special
        found = self._envelope.split(raw)
        header, message = found if found is not None else (NO_HEADER, raw)
        special = self._windows(header, message, raw, offset)
        if special is None and found is not None and any(one in message for one in _WINDOWS):
            special = self._windows(*self._envelope.within(header, message), raw, offset)
        if special is not None:
            return special
        if found is None or _is_of_program(header):
            return "no header of syslog, and no message of a known format"
        if '] "' in message:  # nginx sends its access log so
            request = self._requests.made(message, raw, offset, host=header.host)
            if not isinstance(request, str):
                return request
        return self._plain_row(header, message, raw, offset)

    def _of_device(self, raw: str, offset: int) -> Outcome:
        """The row of CEF or LEEF that the line holds, or why it has none; None where it is other.

        What counts is the first mark behind a header, with a version; else the first without one.
        """
        for mark in (_MARK, _BARE_MARK):
            for found in islice(mark.finditer(raw, 0, _MAX_PREFIX), _MAX_MARKS):
                header = self.header(raw[: found.start()])
                if header is not None:
                    made = self._cef_row if found[1] == "C" else self._leef_row
                    return made(_without_line_ends(raw[found.start() :]), header, raw, offset)
        return None

    def header(self, prefix: str) -> Header | None:
        """The header that a text before a mark is; None where it is more than one."""
        stamp = _STAMP.search(prefix)
        if stamp is not None and _ANY_STAMP not in prefix:
            # Lines differ in their moments only: what is around is read once.
            header = self._around(prefix[: stamp.start()] + _ANY_STAMP + prefix[stamp.end() :])
            if header is not None and header.stamp == _ANY_STAMP and header.time is not None:
                time = self._stamps.get(stamp[0])
                if time is None:
                    if len(self._stamps) >= _MAX_KEPT:
                        self._stamps.clear()
                    time = self._stamps[stamp[0]] = self._envelope.moment(stamp[0])[0]
                if time is not None:
                    return header._replace(time=time, stamp=stamp[0])
        return self._around(prefix)

    def _around(self, prefix: str) -> Header | None:
        if prefix in self._prefixes:
            return self._prefixes[prefix]
        if len(self._prefixes) >= _MAX_KEPT:
            self._prefixes.clear()
        header = self._prefixes[prefix] = self._header_of(prefix) if prefix.strip() else NO_HEADER
        return header

    def _header_of(self, prefix: str) -> Header | None:
        found = self._envelope.split(prefix)
        if found is None:  # a relay's own way to begin a line
            words = prefix.split(None, 1)
            if len(prefix.split()) > 8 or "=" in prefix:
                return None
            found = self._envelope.split(words[1]) if len(words) > 1 else None
            return found[0] if found is not None and _is_bare(found[1]) else NO_HEADER
        if not _is_bare(found[1]):
            found = self._envelope.within(*found)
        return found[0] if _is_bare(found[1]) else None  # else somebody's text

    # --- devices ------------------------------------------------------------------------------

    def _cef_row(self, message: str, header: Header, raw: str, offset: int) -> Outcome:
        record = read_cef(message)
        if isinstance(record, str):
            return record
        fields = record.fields
        time, assumed = header.time, header.year_assumed
        for name in device_of(record.vendor, record.product).moments + CEF_MOMENTS:
            written = fields.get(name)
            if written:
                ticks, guessed = self.moment(written, fields.get("dtz", ""))
                if ticks is not None:
                    time, assumed = ticks, guessed
                    break
        host = header.host or fields.get("dvchost") or None
        event = DeviceEvent(*record, time, host, assumed)
        return self.cef.row(event, raw, offset)

    def _leef_row(self, message: str, header: Header, raw: str, offset: int) -> Outcome:
        record = read_leef(message)
        if isinstance(record, str):
            return record
        vendor, product, version, code, fields = record
        time, assumed = header.time, header.year_assumed
        written, pattern = fields.get("devTime", ""), fields.get("devTimeFormat", "")
        if written and pattern:
            iso = java_moment(written, pattern)
            ticks = iso_ticks(iso) if iso is not None else None
            time, assumed = (ticks, False) if ticks is not None else (time, assumed)
        elif written:
            ticks, guessed = self.moment(written, "")
            time, assumed = (ticks, guessed) if ticks is not None else (time, assumed)
        event = DeviceEvent(
            vendor, product, version, code, "", fields.get("sev", ""), fields, time, header.host,
            assumed,
        )  # fmt: skip
        return self._leef.row(event, raw, offset)

    def moment(self, written: str, zone: str) -> tuple[int | None, bool]:
        """Ticks of a moment that stands in a field; whether its year is a guess.

        It is written in one of syslog's forms, or as a number since 1970: ten digits are seconds,
        13, 16 and 19 have parts of one behind.
        """
        written = written.strip()
        epoch = _EPOCH.fullmatch(written)
        if epoch is not None:
            return epoch_ticks(f"{epoch[1]}.{epoch[2]}{epoch[3] or ''}", 1), False
        if zone and _ZONE.fullmatch(zone) and _ZONED.search(written) is None:
            written = f"{written} {zone}"
        return self._envelope.moment(written)

    # --- Windows ------------------------------------------------------------------------------

    def _windows(self, header: Header, message: str, raw: str, offset: int) -> Outcome:
        """The row of a Windows event that the line holds; None where it holds none."""
        if message.startswith("<Event"):
            record = event_of(_without_line_ends(message))
            if isinstance(record, str):
                return record
            _name_host(record, header)
            row = self._xml.row(record, raw, offset)
            return row or "no Windows event"
        if is_wincollect(message):
            event = wincollect_event(_without_line_ends(message), header.time)
        elif is_snare(message) or is_snare(raw):
            text = _without_line_ends(message if is_snare(message) else raw)
            event = snare_event(text, header, self._envelope)
        else:
            return None
        if isinstance(event, str):
            return event
        return self._text.row(event, raw, offset) or "no Windows event"

    # --- plain --------------------------------------------------------------------------------

    def _plain_row(self, header: Header, message: str, raw: str, offset: int) -> Outcome:
        application = header.application
        own: dict[str, Any] = {"timestamp": header.stamp} if header.stamp else {}
        if header.year_assumed:
            own["year assumed"] = True
        if header.message_kind:
            own["msgid"] = header.message_kind
        if header.structured:
            own["structured_data"] = header.structured
        record: dict[str, Any] = {
            "host": header.host, "facility": header.facility, "priority": header.priority,
            "application": application, "process": header.process, "message": message,
        }  # fmt: skip
        if application is not None and application.startswith("%"):
            named = _MESSAGE_ID.fullmatch(application)
            if named is not None:
                family = named[1].partition("-")[0]
                if family.startswith(_OF_CALLS):
                    family = "UC"
                record |= {"device": family, "message severity": named[2]}
                record["message id"] = application[1:]
        elif application is not None and application.startswith("/"):
            record["program path"] = application
            record["application"] = application.rpartition("/")[2]
        return self._plain.row(record, raw, offset, own=own, time=header.time)


def score_of_lines(head: bytes, kind: str) -> int:
    """How sure a reader of this kind is of a source that begins so.

    The first line that is of any kind decides: it stays when the source grows.
    """
    lines = [line for line in head_text(head).split(b"\n")[:20] if line.strip()]
    first = next((found for line in lines if (found := kind_of_line(line[:8192]))), None)
    return (60 if kind == "syslog" else 85) if first == kind else 0


def kind_of_line(line: bytes) -> str | None:
    """Which reader a line is for: syslog, cef, leef or windows_text; None where it is none's."""
    raw = decoded(line).strip("\ufeff\r\n\x00")
    found = _SPOTTED.match(raw)
    if found is not None:
        return "cef" if found[1] == "C" else "leef"
    envelope = Envelope(0)
    split = envelope.split(raw)
    message = split[1] if split is not None else raw
    if is_wincollect(message) or is_snare(message) or is_snare(raw):
        return "windows_text"
    if split is None:
        return None
    header = split[0]
    if header.facility is not None:
        return "syslog"
    if _is_of_program(header):
        return None
    # Many programs begin their own lines with a moment in ISO form, and a word behind it.
    stamp, application = header.stamp or "", header.application
    is_iso = stamp[:1].isdigit() and not (application is not None and application.startswith("%"))
    named = application is not None or (header.host is not None and not is_iso)
    return "syslog" if named and not (is_iso and " " in stamp) else None


def _without_line_ends(message: str) -> str:
    end = len(message)
    while message.endswith(_LINE_ENDS, 0, end):
        end -= len(_LINE_ENDS[0])
    return message[:end]


def _is_of_program(header: Header) -> bool:
    """Whether a moment is as programs write it that keep a log of their own, with the weekday."""
    return header.facility is None and _WEEKDAY.match(header.stamp or "") is not None


def _is_bare(message: str) -> bool:
    """Whether what stands between a header and a mark is at most one word that says something."""
    words = message.split()
    return len(words) <= _MAX_WORDS and sum(_NO_WORD.fullmatch(one) is None for one in words) <= 1


def _name_host(record: dict[str, Any], header: Header) -> None:
    """Give an event without a computer's name the envelope's."""
    system = record["Event"]["System"]
    if header.host and not system.get("Computer"):
        system["Computer"] = header.host
