"""Linux's audit log (audit.log, or what audispd sends to syslog): takes lines, gives events' rows.

Pieces are cut where no event is open: behind its last record, or two seconds of the log's own time
later, as the audit tools do. Where a file ends inside an event and grows meanwhile, its position
stays before that event, which is read when all of it is there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from vedette.logs.auditd import (
    BETWEEN,
    DASHES,
    ENDS,
    LINE,
    AuditRecord,
    AuditRows,
    read_record,
    stands_alone,
)
from vedette.logs.base import (
    MAX_RECORD_BYTES,
    SAMPLE_BYTES,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Reading,
    Unreadable,
)
from vedette.logs.lines import head_text
from vedette.logs.readers.lines import LinesReader
from vedette.logs.sources import Source

_OVER_AFTER = 2  # seconds
_WAIT = 0.25
_HELD = b"held"
_NO_END = "the last event has no end yet"


def last_event_end(held: bytes, must: bool) -> int:
    """The offset of the last line end behind which no event goes on.

    Where ausearch's dashes stand between events, these alone count: it turns records around.
    """
    if held.startswith(DASHES) or b"\n" + DASHES in held:
        border = held.rfind(b"\n" + DASHES) + 1
        return border or (held.rfind(b"\n") + 1 if len(held) > MAX_RECORD_BYTES else 0)
    open_events: dict[bytes, int] = {}
    border = place = 0
    for line in held[: held.rfind(b"\n") + 1].split(b"\n")[:-1]:
        begin, place = place, place + len(line) + 1
        found = LINE.match(line)
        if found is not None:
            seconds, type = int(found["seconds"]), found["type"]
            key = (found["node"] or b"") + found["seconds"] + (found["fraction"] or b"")
            key += b":" + found["serial"]
            if open_events and any(seconds >= s + _OVER_AFTER for s in open_events.values()):
                open_events = {k: s for k, s in open_events.items() if seconds < s + _OVER_AFTER}
            if not open_events:
                border = begin
            if type in ENDS:
                open_events.pop(key, None)
            elif not stands_alone(type):
                open_events[key] = seconds
        if not open_events:
            border = place
    return border or (held.rfind(b"\n") + 1 if len(held) > MAX_RECORD_BYTES else 0)


class AuditdReader(LinesReader):
    """Reads Linux's audit log."""

    name = "auditd"
    cut = staticmethod(last_event_end)

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line is a record, but for what ausearch writes between events."""
        first = BETWEEN.sub(b"", head_text(head).lstrip(), 1).split(b"\n", 1)[0]
        return 90 if LINE.match(first) else 0

    def pieces(self, reading: Reading) -> Iterator[Piece]:
        """Blocks of whole events; a last event that may go on is a piece of its own."""
        for piece in super().pieces(reading):
            if piece.open and _grows(reading.source, piece.position):
                piece = replace(piece, context=_HELD)
            yield piece

    def parser(self, origin: Origin) -> PieceParser:
        """The rows of the events of a piece."""
        rows = AuditRows(origin.lineage, origin.name)
        return lambda piece: _parsed(piece, rows)


def _grows(source: Source, told: int) -> bool:
    """Whether a file that was written this very moment has more than was read."""
    try:
        status = source.path.stat()
        if abs(time.time() - status.st_mtime) > _OVER_AFTER:
            return False
        time.sleep(_WAIT)  # the records of an event are written within milliseconds
        return source.path.stat().st_size > told
    except OSError:
        return False


def _parsed(piece: Piece, rows: AuditRows) -> Parsed:
    parsed = Parsed()
    if piece.context == _HELD:
        parsed.is_left = True
        parsed.unreadable.append(Unreadable(piece.offset, _NO_END, piece.data[:SAMPLE_BYTES]))
        return parsed
    events: dict[bytes, list[AuditRecord]] = {}
    offset = piece.offset
    for line in piece.data.split(b"\n"):
        record = read_record(line, offset)
        if record is not None:
            events.setdefault(record.key, []).append(record)
        elif line.strip(b"\xef\xbb\xbf \t\r") and not BETWEEN.fullmatch(line + b"\n"):
            reason = "not a record of the audit log"
            parsed.unreadable.append(Unreadable(offset, reason, line[:SAMPLE_BYTES]))
        offset += len(line) + 1
    for event in events.values():
        parsed.rows.extend(rows.rows(event))
    if piece.open and not parsed.rows and parsed.unreadable:
        parsed.is_left = True
    parsed.size = 3 * len(piece.data) + 1500 * len(parsed.rows)
    return parsed
