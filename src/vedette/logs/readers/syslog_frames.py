"""Syslog in frames: takes messages that each stand behind their length, gives a row a message.

So a stream of TCP looks that was kept as it came (RFC 6587, octet counting): a message may hold
line ends, and none stands between messages. With a line end behind each message it is ``syslog``.
Where a length does not fit, reading goes on at the next place that looks like a frame's beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vedette.logs.base import (
    MAX_RECORD_BYTES,
    SAMPLE_BYTES,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Unreadable,
)
from vedette.logs.lines import head_text
from vedette.logs.messages import MessageRows
from vedette.logs.readers.lines import LinesReader

_FRAME = re.compile(rb"([1-9]\d{0,5}) (?=<\d{1,3}>)")
_NO_FRAME = "no frame of syslog begins here"
_NO_END = "the last frame has no end yet"


def last_frame_end(held: bytes, must: bool) -> int:
    """The offset behind the last frame that is whole."""
    end = 0
    for _, stop, whole in _frames(held):
        if not whole:
            break
        end = stop
    return end or (held.rfind(b"\n") + 1 if len(held) > MAX_RECORD_BYTES else 0)


def _frames(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each frame begins and ends, and whether it is whole; what is no frame is told alike."""
    place = 0
    while place < len(data):
        begin = _FRAME.match(data, place)
        if begin is None:
            following = _FRAME.search(data, place)
            stop = following.start() if following is not None else len(data)
            yield place, stop, following is not None
        else:
            stop = begin.end() + int(begin[1])
            # A length that leads into the middle of a message is the damaged one.
            if stop < len(data) and _FRAME.match(data, stop) is None:
                following = _FRAME.search(data, begin.end())
                behind = data[stop : stop + 8]
                if following is not None and not _begins(behind):
                    stop = following.start()
            yield place, min(stop, len(data)), stop <= len(data)
        place = stop


def _begins(behind: bytes) -> bool:
    """Whether bytes at the end of what is held may be the beginning of a frame."""
    return len(behind) < 8 and re.fullmatch(rb"[1-9]\d{0,5}(?: (?:<\d{0,3})?)?", behind) is not None


class SyslogFramesReader(LinesReader):
    """Reads frames of syslog."""

    name = "syslog_frames"
    cut = staticmethod(last_frame_end)
    line_by_line = False

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where a frame follows the first one without a line end between."""
        text = head_text(head)
        first = _FRAME.match(text)
        second = _FRAME.match(text, first.end() + int(first[1])) if first is not None else None
        return 90 if second is not None else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a frame."""
        rows = MessageRows(origin)
        return lambda piece: _parsed(piece, rows)


def _parsed(piece: Piece, rows: MessageRows) -> Parsed:
    parsed, data = Parsed(), piece.data
    for start, stop, whole in _frames(data):
        offset, frame = piece.offset + start, data[start:stop]
        begin = _FRAME.match(frame)
        if piece.open and not whole:
            parsed.is_left = True
            parsed.unreadable.append(Unreadable(offset, _NO_END, frame[:SAMPLE_BYTES]))
            continue
        made = rows.row(frame[begin.end() :], offset, True) if begin is not None else _NO_FRAME
        if isinstance(made, tuple):
            parsed.rows.append(made)
        elif made is not None and frame.strip():
            parsed.unreadable.append(Unreadable(offset, made, frame[:SAMPLE_BYTES]))
    parsed.size = 3 * len(data) + 1500 * len(parsed.rows)
    return parsed
