"""Mailboxes in one file: takes messages behind each other, gives a row a message.

A message begins with a line ``From ADDRESS DATE`` at the file's start or behind an empty line, with
a header under it. Where a header tells the body's length (``Content-Length``), what follows it is
such a line or the end, and a record can be as long, that counts. Lines of the body that were quoted
(``>From``, ``>>From``) are read without one mark; ``raw`` has them as received. Source: RFC 4155
and the forms mboxo, mboxrd, mboxcl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vedette.logs.base import (
    MAX_RECORD_BYTES,
    SAMPLE_BYTES,
    Layout,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Row,
    Unreadable,
)
from vedette.logs.readers.lines import LinesReader
from vedette.logs.readers.mail import RAW_CHARACTERS, UTF8_MARK, message_row

_BEGIN = re.compile(
    rb"From [^\n]{0,400}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
    rb"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2}|\d{1,2} +[A-Z][a-z]{2}) +"
    rb"[^\n]{0,60}\d\d:\d\d[^\n]{0,60}\r?\n(?=>?[!-9;-~]+[ \t]?:|>From )"
)
_BEHIND_EMPTY = re.compile(rb"\n\r{0,2}\n(?=From )")
_EMPTY = re.compile(rb"\n\r{0,2}\n")
_BEFORE_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def _next_message(data: bytes, start: int, is_all: bool) -> int | None:
    """Where the message behind the one at *start* begins; None where no such is in sight."""
    headers_end = _EMPTY.search(data, start)
    length = _LENGTH.search(data, start, headers_end.end()) if headers_end is not None else None
    if headers_end is not None and length is not None:
        behind = headers_end.end() + int(length[1])
        # One that no record can have would hide the messages behind it until the mailbox rests.
        can_be = behind - start <= MAX_RECORD_BYTES
        while data[behind : behind + 1] in (b"\n", b"\r"):
            behind += 1
        if can_be and _BEGIN.match(data, behind):
            return behind
        if can_be and (behind == len(data) or (behind > len(data) and not is_all)):
            return None
    for empty in _BEHIND_EMPTY.finditer(data, start):
        if _BEGIN.match(data, empty.end()):
            return empty.end()
    return None


def _starts(data: bytes, is_all: bool) -> Iterator[int]:
    """Where each message begins; first what stands behind empty lines, whatever it is."""
    before = _BEFORE_FIRST.match(data)
    start = before.end() if before is not None else None
    while start is not None:
        yield start
        start = _next_message(data, start, is_all)


def last_message(held: bytes, must: bool) -> int:
    """Where the last message begins, which may go on; of one that is too long its last line end."""
    *_, last = _starts(held, False)
    if last or not must:
        return last
    if len(held) > MAX_RECORD_BYTES:
        return held.rfind(b"\n") + 1
    return len(held) if held.endswith(b"\n") else 0


class MboxReader(LinesReader):
    """Reads mailboxes."""

    name = "mbox"
    cut = staticmethod(last_message)

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of a line that begins a message, with a header under it."""
        return 80 if _BEGIN.match(head.removeprefix(UTF8_MARK)) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a message."""

        def parse(piece: Piece) -> Parsed:
            parsed = Parsed(size=4 * len(piece.data))
            data, starts = piece.data, list(_starts(piece.data, True))
            for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
                message, offset = _without_separator(data[start:end]), piece.offset + start
                if _BEGIN.match(message):
                    parsed.rows.append(_row(message, offset, origin))
                elif message.strip():
                    parsed.unreadable.append(
                        Unreadable(offset, _NO_BEGINNING, message[:SAMPLE_BYTES])
                    )
            parsed.is_left = piece.open and not parsed.rows
            return parsed

        return parse


_NO_BEGINNING = (
    "no line From ADDRESS DATE begins it: the rest of a message over"
    f" {MAX_RECORD_BYTES:,} bytes, or of one that was read before it had its end"
)


def _without_separator(message: bytes) -> bytes:
    """The message without the empty line that stands before the next."""
    for end in (b"\r\n\r\n", b"\n\n"):
        if message.endswith(end):
            return message[: -len(end) // 2]
    return message


def _row(message: bytes, offset: int, origin: Origin) -> tuple[Layout, Row]:
    line_end = message.find(b"\n") + 1
    body_at = _EMPTY.search(message)
    read = message
    if body_at is not None:
        read = message[: body_at.end()] + _QUOTED.sub(rb"\1", message[body_at.end() :])
    return message_row(
        read,
        len(message) - line_end,
        origin,
        MboxReader.name,
        offset=offset,
        raw=message[: 4 * RAW_CHARACTERS],
    )
