"""Mimecast's SIEM logs: takes ``key=value|…`` lines and JSON, gives a row a record.

Both come from its APIs: older ones write short names (``acc``, ``aCode``, ``Rcpt``), newer ones
long names with milliseconds since 1970. A bar inside a value is not escaped: what does not begin
with a name goes on with the value before, as does a name that stands twice where it is a subject's.
Source: Mimecast's guide to its SIEM logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vedette.logs.base import Layout, Origin, Row
from vedette.logs.json_values import json_text
from vedette.logs.lines import decoded, head_text
from vedette.logs.readers.json_records import JsonLines, JsonRecords, MappedRows, Prepared, Rows
from vedette.logs.readers.lines import Line, LinesReader

_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,39})=(.*)", re.DOTALL)
_LINE = re.compile(rb"datetime=[^|\n]{10,40}\|[^\n]*\b(?:acc|aCode)=")
_NO_RECORD = "no record of Mimecast: it has no account and time"
_OUTCOMES = {"rej": "Blocked", "hld": "Blocked", "bnc": "Blocked", "dlv": "Delivered"}
_SUBJECTS = ("Subject", "subject")
_RECIPIENTS = ("Rcpt", "Recipient", "recipient", "recipients")
_DIRECTIONS = ("Dir", "direction", "Route", "route")
_NAME = "mimecast"


class MimecastLinesReader(LinesReader):
    """Reads lines of keys and values."""

    name = _NAME

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where one of the first lines begins with a time and names an account."""
        lines = head_text(head).split(b"\n")[:20]
        return 94 if any(_LINE.match(line) for line in lines) else 0

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        rows = MappedRows(self.name, origin, _prepared)

        def parse(line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
            text = decoded(line).strip("\ufeff\r")
            return rows.row(pairs(text), text, offset) if text.strip() else None

        return parse


def pairs(text: str) -> dict[str, Any]:
    """The names and values of a line.

    Of a name that stands twice the first is Mimecast's where it lies before the subject, which its
    sender chose, else the last.
    """
    pieces = text.split("|")
    matches = [_PAIR.fullmatch(piece) for piece in pieces]
    names = [match[1] if match is not None else "" for match in matches]
    subject = next((n for n, name in enumerate(names) if name in _SUBJECTS), len(names))
    first = {name: n for n, name in reversed(list(enumerate(names)))}
    last = {name: n for n, name in enumerate(names)}
    found: dict[str, Any] = {}
    begun = ""
    for place, (piece, match) in enumerate(zip(pieces, matches, strict=True)):
        name = names[place]
        kept = first[name] if first[name] <= subject else last[name]
        if match is not None and place == kept:
            begun = name
            found[begun] = match[2]
        elif begun:
            found[begun] += f"|{piece}"
    return found


class MimecastFormat:
    """JSON of either API."""

    name = _NAME
    inside = frozenset({b'"data"', b'"value"'})

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of an account with a time, and of what only Mimecast names so."""
        return 93 if _is_record(record) else 0

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return MappedRows(self.name, origin, _prepared)


def _is_record(record: Mapping[str, Any]) -> bool:
    if "acc" in record and "datetime" in record:
        return True
    if "accountId" not in record or "timestamp" not in record:
        return False
    return not {"processingId", "aggregateId", "senderEnvelope"}.isdisjoint(record)


def _prepared(record: dict[str, Any], _: str) -> Prepared | str:
    if not _is_record(record):
        return _NO_RECORD
    if record.get("url") and "Subject" not in record:  # a line of a message has no url of its own
        return Prepared(record | {"kind": "click"}, record, {})
    fields = record | {"kind": "message"}
    many = _list(_first_of(record, _RECIPIENTS))
    direction = _first_of(record, _DIRECTIONS)
    columns = {
        "delivery_action": _outcome(record),
        "threat_types": "Malware" if record.get("Virus") or record.get("virusFound") else None,
        "recipients": json_text(many) if many else None,
        "recipient": many[0] if many else None,
        "user": many[0] if many else None,
        "direction": str(direction).capitalize() if direction else None,
    }
    return Prepared(fields, record, columns)


def _first_of(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((record[name] for name in names if record.get(name)), None)


def _list(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value if one]
    return [part for part in re.split(r"[;,\s]+", str(value or "")) if part]


def _outcome(record: Mapping[str, Any]) -> str | None:
    """What became of the message, in Defender's words; None where that is not told yet."""
    delivered = record.get("Delivered", record.get("delivered"))
    if delivered not in (None, ""):
        return "Delivered" if str(delivered).lower() == "true" else "Blocked"
    if record.get("Hld") or record.get("holdReason"):
        return "Blocked"
    action = record.get("Act", record.get("action"))
    return _OUTCOMES.get(str(action).lower()) if action else None


MIMECAST_READERS = (
    MimecastLinesReader(), JsonLines(MimecastFormat()), JsonRecords(MimecastFormat()),
)  # fmt: skip
