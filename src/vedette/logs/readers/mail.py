"""Mail: takes a message a file (.eml, a maildir's, plain text), gives one row.

Headers and parts are read by the standard library; where it gives up on a message's parts, the row
has its headers. Source: RFC 5322; Defender's EmailEvents for what columns mean.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import html
import ipaddress
import re
from collections.abc import Iterator, Sequence
from email.errors import MessageError
from email.message import Message
from email.parser import HeaderParser, Parser
from itertools import islice
from typing import Any

from vedette.logs.base import (
    MAX_RECORD_BYTES,
    Chunk,
    Layout,
    Origin,
    Reading,
    Row,
    Unreadable,
    event_layout,
)
from vedette.logs.json_values import json_text
from vedette.logs.lines import WholeContent, content_digest, decoded
from vedette.logs.mail_headers import Part, bytes_as_text, decoded_words, piece_text, unfolded
from vedette.logs.mailboxes import first_mailbox, mailboxes
from vedette.logs.sources import DAMAGE, Overgrown, Source
from vedette.logs.times import iso_ticks
from vedette.plan.types import MAX_TICKS, TICKS_PER_SECOND, ticks_of

LOG_SOURCE_TYPE = "Universal DSM"
"""QRadar's name for log sources that it has no module for: it has none that reads messages."""

RAW_CHARACTERS = 1024 * 1024
_BLOCK = 1024 * 1024
_MAX_HEADER = 64 * 1024
_MAX_HEADERS = 1024 * 1024
_MAX_ADDRESSES = 1000
_MAX_PARTS = 1000
_MAX_URLS = 1000
_MAX_TEXT = 1024 * 1024
_USUAL = frozenset({
    b"from", b"to", b"subject", b"date", b"received", b"return-path", b"message-id",
    b"delivered-to", b"mime-version", b"reply-to", b"cc", b"content-type", b"x-mailer", b"sender",
})  # fmt: skip
_OF_MESSAGES = _USUAL - {b"content-type"}
UTF8_MARK = b"\xef\xbb\xbf"
_HEADER_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_MBOX_LINE = re.compile(r"From ([^\s@]+@([^\s@]+))\s")
_NO_DOMAINS = frozenset({"xxx", "???"})
"""What Gmail's export and others write where they know no sender."""
_CLIENT = re.compile(r"from\s+(\S+)(.*?)(?:\sby\s|$)", re.IGNORECASE | re.DOTALL)
_GREETING = re.compile(
    r"\b(?:helo|ehlo|HELO|EHLO)=[^\s)]*"
    r"|\((?:HELO|EHLO) [^\s)]*\)(?=\s*\()"
    r"|(?<=[^(\s] )(?:HELO|EHLO) [^\s)]*"
)
"""What a client calls itself: as Exim, qmail and CommuniGate write it."""

_ADDRESS = re.compile(r"[\[(](?:IPv6:)?([0-9A-Fa-f.:]{3,45}(?:%\w+)?)[\])]", re.IGNORECASE)
_PORT = re.compile(r"(\d+(?:\.\d+){3}):\d+")
_URL = re.compile(r"""\b(?:https?|ftp)://[^\s<>"'`{}|\\^]{1,2000}""", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
"""A character reference with its end: in a link, ``&copy=1`` is none."""
_READ = ("text/", "multipart/")
"""What URLs are looked for in; of the second what has no parts, for want of a boundary."""
_MESSAGES = frozenset({"message/rfc822", "message/global"})
_MAX_INSIDE = 10
_IN_DELIVERY = re.compile(r"(?:^|[/!])tmp/\d{6,}\.[^/!]+$")
_ISO_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d(?:[T ]|$)", re.ASCII)
_ZONE = re.compile(
    r"(?:(?<=\s)|\b(?:GMT|UTC|UT) ?)([+-])(\d{1,2})(?::?(\d\d))?(?=\s|\(|$)", re.ASCII
)


class MailReader(WholeContent):
    """Reads messages, a file each."""

    name = "mail"
    known_by_name = False

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of a block of headers that mail has; one suffices where the name says .eml."""
        if in_delivery(name):
            return 0
        lines = head.removeprefix(UTF8_MARK).split(b"\n")[:60]
        if lines[0].startswith(b"From "):
            lines = lines[1:]
        found: set[bytes] = set()
        for line in lines:
            if line[:1] in (b" ", b"\t"):
                continue
            match = _HEADER_NAME.match(line)
            if match is None:
                break
            found.add(match[1].lower())
        least = 1 if name.lower().endswith(".eml") else 3
        return 70 if len(found & _USUAL) >= least else 0

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """The message's row."""
        data, size, damage = _bytes_of(reading.source)
        chunk = Chunk(1, content=content_digest(reading.source))
        chunk.digest = chunk.content or b""
        if damage is not None:
            chunk.unreadable.append(damage)
        if reading.start == 0 and data.strip():
            chunk.rows.append(message_row(data, size, reading.origin, self.name))
            chunk.size = 4 * min(len(data), RAW_CHARACTERS) + 4000
        yield chunk


def in_delivery(name: str) -> bool:
    """Whether a file is a message that is being delivered to a maildir, where it is moved then."""
    return _IN_DELIVERY.search(name) is not None


def _bytes_of(source: Source) -> tuple[bytes, int, Unreadable | None]:
    """The message behind NULs up to the record limit, its size, and what broke the reading."""
    pieces: list[bytes] = []
    size = 0
    damage: Unreadable | None = None
    try:
        with source.open() as stream:
            nuls = source.nuls
            while nuls and (piece := stream.read1(min(nuls, _BLOCK))):
                nuls -= len(piece)
            while piece := stream.read1(_BLOCK):
                if size < MAX_RECORD_BYTES:
                    pieces.append(piece)
                size += len(piece)
    except (*DAMAGE, Overgrown) as error:
        damage = Unreadable(size, f"the source ends early or is damaged: {error}")
    return b"".join(pieces), size, damage


def message_row(
    data: bytes,
    size: int,
    origin: Origin,
    log_format: str,
    offset: int = 0,
    raw: bytes | None = None,
) -> tuple[Layout, Row]:
    """The row of a message at *offset* of its source; *raw* where it was received otherwise."""
    layout = event_layout("mail_event")
    row = layout.empty_row()
    values = {
        "event_id": f"{origin.lineage}-{offset}",
        "log_format": log_format,
        "log_source_type": LOG_SOURCE_TYPE,
        "log_file": origin.name,
        "log_offset": offset,
        "raw": decoded(data if raw is None else raw)[:RAW_CHARACTERS],
        "size": size,
        **message_columns(data),
    }
    for column, value in values.items():
        row[layout.index[column]] = value
    return layout, row


def message_columns(data: bytes) -> dict[str, Any]:
    """The columns that a message's headers and parts give; never raises for any bytes."""
    # Latin-1 keeps every byte through the parser, which works on text.
    text = _headers_mended(data).decode("latin-1")
    message: Message[str, str]
    try:
        message = Parser(Part).parsestr(text)
        parts = _parts(message)
    except (MessageError, RecursionError, ValueError, LookupError, AssertionError, IndexError):
        message, parts = HeaderParser(Part).parsestr(text), {}
    return _headers(message) | parts


def _headers_mended(data: bytes) -> bytes:
    """The message without what would end its headers early, or hide one.

    A mark of UTF-8, carriage returns doubled, a blank before a colon, and a line that is no header
    (such as ``>From``) where headers that only messages have follow before the empty line.
    """
    data = data.removeprefix(UTF8_MARK)
    if b"\r\r\n" in data[:_MAX_HEADERS]:
        data = data.replace(b"\r\r\n", b"\r\n")
    empty = _EMPTY_LINE.search(data, 0, _MAX_HEADERS)
    end = len(data) if empty is None else empty.start()
    if end > _MAX_HEADERS:
        return data
    lines = data[:end].splitlines(keepends=True)
    names = [_HEADER_NAME.match(line) for line in lines]
    last = max(
        (n for n, name in enumerate(names) if name and name[1].lower() in _OF_MESSAGES), default=0
    )
    kept: list[bytes] = []
    is_kept = True
    for place, (line, name) in enumerate(zip(lines, names, strict=True)):
        if place > last or line.startswith(b"--") or not line.strip(b"\r\n"):
            kept += lines[place:]
            break
        if line[:1] not in (b" ", b"\t"):
            is_kept = name is not None or (place == 0 and line.startswith(b"From "))
        if is_kept:
            kept.append(line if name is None else name[1] + b":" + line[name.end() :])
    return b"".join(kept) + data[end:]


def _headers(message: Message[str, str]) -> dict[str, Any]:
    name, address = _first_address(message, "From")
    received = [unfolded(str(v)) for v in message.get_all("Received", [])]
    envelope = _envelope(message)
    to, copies = (_addresses(message, header) for header in ("To", "Cc"))
    delivered = _addresses(message, "Delivered-To") or _addresses(message, "X-Original-To") or to
    recipient = delivered[0] if delivered else None
    sender_ip = _sender_ip(received)
    version = sender_ip.version if sender_ip else 0
    written = str(sender_ip) if sender_ip else None
    return {
        "time": _time(message.get("Date"), received),
        "sender_address": address,
        "sender_domain": _domain(address),
        "sender_name": name,
        "envelope_sender": envelope,
        "envelope_sender_domain": _domain(envelope),
        "reply_to": _first_address(message, "Reply-To")[1],
        "recipient": recipient,
        "recipient_domain": _domain(recipient),
        "recipients": _array(to),
        "copy_recipients": _array(copies),
        "recipient_count": len(to) + len(copies),
        "user": recipient,
        "subject": _header(message, "Subject"),
        "message_id": _header(message, "Message-ID"),
        "in_reply_to": _header(message, "In-Reply-To"),
        "date_header": _header(message, "Date"),
        "direction": "Inbound" if sender_ip else None,
        "sender_ip": written,
        "source_ip": written,
        "sender_ipv4": written if version == 4 else None,
        "sender_ipv6": written if version == 6 else None,
        "authentication_results": _header(message, "Authentication-Results"),
        "mailer": _header(message, "X-Mailer") or _header(message, "User-Agent"),
        "mailing_list": _header(message, "List-Id"),
        "content_type": message.get_content_type(),
    }


def _header(message: Message[str, str], name: str) -> str | None:
    """A header's text, unfolded, its encoded words decoded; None where it is absent or empty."""
    value = message.get(name)
    return None if value is None else decoded_words(unfolded(str(value))[:_MAX_HEADER]) or None


def _written(message: Message[str, str], name: str) -> Iterator[str]:
    """The lines of a header that may stand several times, all together to a limit."""
    left = _MAX_HEADER
    for value in message.get_all(name, []):
        text = unfolded(str(value))[:left]
        yield text
        left -= len(text)
        if left <= 0:
            break


def _addresses(message: Message[str, str], name: str) -> list[str]:
    """Addresses of a header, of all its lines."""
    found: list[str] = []
    for text in _written(message, name):
        boxes = mailboxes(text)
        if not boxes and "=?" in text:  # the addresses are encoded as well
            boxes = [box for box in mailboxes(decoded_words(text)) if "@" in box.address]
        found += [box.address for box in boxes]
    return [bytes_as_text(address) for address in found[:_MAX_ADDRESSES]]


def _first_address(message: Message[str, str], name: str) -> tuple[str | None, str | None]:
    """Display name and address of a header that says whose a message is."""
    for text in _written(message, name):
        box = first_mailbox(text)
        if box is not None and not box.address and "=?" in text:  # the address is encoded as well
            inner = first_mailbox(decoded_words(text))
            box = inner if inner is not None and "@" in inner.address else box
        if box is not None:
            return decoded_words(box.name) or None, bytes_as_text(box.address) or None
    return None, None


def _envelope(message: Message[str, str]) -> str | None:
    path = _first_address(message, "Return-Path")[1]
    if path is not None:
        return path
    match = _MBOX_LINE.match(message.get_unixfrom() or "")
    return match[1] if match and match[2] not in _NO_DOMAINS else None


def _domain(address: str | None) -> str | None:
    return (address.rpartition("@")[2].lower() or None) if address and "@" in address else None


def _array(values: Sequence[Any]) -> str | None:
    return json_text(values) if values else None


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _sender_ip(received: Sequence[str]) -> _Address | None:
    """The first public address that a Received header, newest first, says mail came from."""
    clients = (_client(header[:1000]) for header in received)
    return next((address for address in clients if address is not None and address.is_global), None)


def _client(header: str) -> _Address | None:
    """The client's address as the server saw it, beside what the client calls itself.

    The word behind ``from`` is the client's own (RFC 5321, section 4.4), but for servers such as
    Exim, which have the address there and what the client says as ``helo=``.
    """
    said = _CLIENT.match(header)
    if said is None:
        return None
    seen = _first_ip(_GREETING.sub(" ", said[2]))
    return seen if seen is not None else _first_ip(said[1])


def _first_ip(text: str) -> _Address | None:
    for match in _ADDRESS.finditer(text):
        port = _PORT.fullmatch(match[1])
        try:
            address = ipaddress.ip_address(match[1] if port is None else port[1])
        except ValueError:
            continue
        mapped = address.ipv4_mapped if address.version == 6 else None
        return address if mapped is None else mapped
    return None


def _time(date: object, received: Sequence[str]) -> int | None:
    """Ticks of the Date header, else of the newest Received header that has a date."""
    written = [unfolded(str(date))] if date is not None else []
    written += [header.rpartition(";")[2] for header in received]
    return next((ticks for text in written if (ticks := _date_ticks(text[:200])) is not None), None)


def _date_ticks(text: str) -> int | None:
    if _ISO_DATE.match(text):
        return iso_ticks(text)
    try:
        parsed = email.utils.parsedate_tz(_ZONE.sub(_zone, text))
        if parsed is None:
            return None
        year, month, day, hour, minute, second, *_, offset = parsed
        local = dt.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=dt.UTC)
        ticks = ticks_of(local) - (offset or 0) * TICKS_PER_SECOND
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return ticks if 0 <= ticks <= MAX_TICKS else None


def _zone(found: re.Match[str]) -> str:
    """An offset from Greenwich as RFC 5322 writes it: ``GMT+2`` and ``+02:00`` are ``+0200``."""
    return f" {found[1]}{found[2]:0>2}{found[3] or '00'}"


def _parts(message: Message[str, str]) -> dict[str, Any]:
    attachments: list[dict[str, Any]] = []
    urls: dict[str, None] = {}
    left = _MAX_TEXT
    for part in islice(_walked(message), _MAX_PARTS):
        kind, name = part.get_content_type(), part.get_filename()
        if part.is_multipart():
            continue
        if name is not None or _is_attached(part):
            attachments.append(_attachment(part, name))
        elif left > 0 and kind.startswith(_READ):
            text = _part_text(part)[:left]
            left -= len(text)
            if kind == "text/html":
                text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
            urls |= dict.fromkeys(url.rstrip(".,;:!?)]*_") for url in _URL.findall(text))
    found = list(urls)[:_MAX_URLS]
    return {
        "attachment_count": len(attachments),
        "attachments": _array(attachments),
        "url_count": len(urls),
        "urls": _array(found),
    }


def _walked(message: Message[str, str]) -> Iterator[Message[str, str]]:
    """The message's parts, also those of messages inside; these inside each other to a limit."""
    inner: list[tuple[Message[str, str], int]] = [(message, 0)]
    while inner:
        outer, depth = inner.pop()
        for part in outer.walk():
            yield part
            if depth < _MAX_INSIDE and part.get_content_type() in _MESSAGES:
                text = _headers_mended(_payload(part)).decode("latin-1")
                inner.insert(0, (Parser(Part).parsestr(text), depth + 1))


def _is_attached(part: Message[str, str]) -> bool:
    """Whether a part without a name is an attachment: by its word, or by what else it can be."""
    said = part.get_content_disposition()
    if said is not None:
        return said == "attachment"
    main = part.get_content_type().partition("/")[0]
    return main not in ("text", "multipart", "message") and part.get("Content-ID") is None


def _attachment(part: Message[str, str], name: str | None) -> dict[str, Any]:
    data = _payload(part)
    return {
        "name": decoded_words(unfolded(name[:_MAX_HEADER])) if name else None,
        "type": part.get_content_type(),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _payload(part: Message[str, str]) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _part_text(part: Message[str, str]) -> str:
    return piece_text(_payload(part), part.get_content_charset())
