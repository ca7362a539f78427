"""Windows events in XML: takes documents of events, one event or many, gives a row an event.

Exports are one ``<Events>`` document, or events behind each other, a line or many lines each. An
event without its end costs itself only (logs/windows_xml.py reads the rest).
"""

from __future__ import annotations

import re

from vedette.logs.base import SAMPLE_BYTES, Origin, Parsed, Piece, PieceParser, Unreadable
from vedette.logs.lines import decoded, head_text
from vedette.logs.readers.lines import LinesReader
from vedette.logs.windows import WindowsRows
from vedette.logs.windows_xml import event_of

_BEGIN = re.compile(rb"<(?:\w+:)?Event(?=[\s>])")
_END = b"</Event>"
_BETWEEN = re.compile(
    rb"(?>\s+|\xef\xbb\xbf|<\?[^>]*\?>|<!--.*?-->|</?Events[^>]*>|Record [0-9]+)*+", re.DOTALL
)
_HEAD = re.compile(
    r"(?>\s+|<\?[^>]*\?>|<!--.*?-->|<Events[^>]*>|Record [0-9]+)*+<(?:\w+:)?Event[\s>]", re.DOTALL
)
"""evtx_dump writes each event's number before it."""
_NO_END = "an event without its end"


def last_event_end(held: bytes, must: bool) -> int:
    """The offset behind the last event's end, and behind the line end that follows it."""
    end = held.rfind(_END)
    if end < 0:
        return 0
    end += len(_END)
    return end + len(held[end : end + 2]) - len(held[end : end + 2].lstrip(b"\r\n"))


class WindowsXmlReader(LinesReader):
    """Reads Windows events in XML."""

    name = "windows_xml"
    cut = staticmethod(last_event_end)
    line_by_line = False

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the document begins with an event that has its System part."""
        text = head_text(head).decode("utf-8", "replace")
        return 85 if _HEAD.match(text) and "<System" in text and "<EventID" in text else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row an event."""
        rows = WindowsRows(self.name, origin.lineage, origin.name)
        return lambda piece: _parsed(piece, rows)


def _parsed(piece: Piece, rows: WindowsRows) -> Parsed:
    parsed, data, place = Parsed(), piece.data, 0
    for begin in _BEGIN.finditer(data):
        if begin.start() < place:  # inside an event's text
            continue
        _between(data, place, begin.start(), piece.offset, parsed)
        following = _BEGIN.search(data, begin.end())
        stop = following.start() if following is not None else len(data)
        end = data.find(_END, begin.end(), stop)
        place = end + len(_END) if end >= 0 else stop
        offset, text = piece.offset + begin.start(), data[begin.start() : place]
        if end >= 0:
            _event(rows, text, offset, parsed)
        elif not (piece.open and following is None):
            parsed.unreadable.append(Unreadable(offset, _NO_END, text[:SAMPLE_BYTES]))
        else:
            parsed.is_left = True
            reason = "the last event has no end yet"
            parsed.unreadable.append(Unreadable(offset, reason, text[:SAMPLE_BYTES]))
    _between(data, place, len(data), piece.offset, parsed)
    parsed.size = 3 * len(data) + 1500 * len(parsed.rows)
    return parsed


def _event(rows: WindowsRows, text: bytes, offset: int, parsed: Parsed) -> None:
    raw = decoded(text)
    record = event_of(raw)
    row = rows.row(record, raw, offset) if isinstance(record, dict) else record
    if isinstance(row, tuple):
        parsed.rows.append(row)
    else:
        reason = row or "no Windows event"
        parsed.unreadable.append(Unreadable(offset, reason, text[:SAMPLE_BYTES]))


def _between(data: bytes, start: int, end: int, offset: int, parsed: Parsed) -> None:
    """What stands between events: nothing, or the document's own marks."""
    left = _BETWEEN.sub(b"", data[start:end], count=1) if start < end else b""
    if left.strip():
        reason = "not part of an event"
        parsed.unreadable.append(Unreadable(offset + start, reason, left[:SAMPLE_BYTES]))
