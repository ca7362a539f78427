"""Exchange's message logs: takes tracking logs and message traces, gives a row a record.

A server's tracking log is CSV under ``#Fields:``, which may change inside a file. Exchange Online's
trace is CSV of the admin centre (its extended report has a tracking log's fields) or of
``Get-MessageTrace`` and ``Get-MessageTraceV2``, or JSON of the same or of Graph. Source:
Microsoft's references of the tracking log and of the message trace.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

from vedette.logs.base import Layout, Origin, Parsed, Piece, PieceParser, Row
from vedette.logs.json_values import json_text
from vedette.logs.lines import decoded, head_text
from vedette.logs.portal_times import portal_ticks, slash_order
from vedette.logs.readers.delimited import (
    CsvLinesReader,
    Header,
    csv_header,
    parse_records,
)
from vedette.logs.readers.json_records import JsonLines, JsonRecords, MappedRows, Prepared, Rows
from vedette.logs.readers.lines import Line, LinesReader
from vedette.logs.records import RecordRows
from vedette.logs.times import epoch_ticks

_FIELDS = "#Fields:"
_TRACKED = {
    "DELIVER": "Delivered", "SENDEXTERNAL": "Delivered", "FAIL": "Blocked", "BADMAIL": "Blocked",
    "POISONMESSAGE": "Blocked",
}  # fmt: skip
"""Events that end a message's way, in Defender's words; of others nothing is known yet."""

_TRACED = {
    "delivered": "Delivered", "failed": "Blocked", "quarantined": "Blocked",
    "filteredasspam": "Junked",
}  # fmt: skip
_DIRECTIONS = {
    "incoming": "Inbound", "originating": "Outbound", "1": "Inbound", "2": "Outbound",
}  # fmt: skip
_DATE = re.compile(r"/Date\((-?\d{1,15})\)/", re.ASCII)


class TrackingLogReader(LinesReader):
    """Reads message tracking logs."""

    name = "exchange_tracking"
    directive = b"#"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of the header's kind of log, and of fields that only this log has."""
        text = head_text(head)[:8192].lower()
        if not text.startswith(b"#"):
            return 0
        return 97 if b"message tracking log" in text or b"internal-message-id" in text else 0

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        rows = RecordRows(self.name, origin.lineage, origin.name)
        names: list[str] = []

        def parse(line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
            text = decoded(line).strip("\ufeff\r")
            if text.startswith("#"):
                if text.startswith(_FIELDS):
                    names[:] = [n.strip() for n in text[len(_FIELDS) :].split(",")]
                return None
            if not text.strip():
                return None
            if not names:
                return "no #Fields line says what the values are"
            try:
                values = next(csv.reader([text], strict=True))
            except csv.Error as error:
                return f"no CSV: {error}"
            if len(values) != len(names):
                return f"{len(values)} values; the #Fields line names {len(names)}"
            fields = {name: value for name, value in zip(names, values, strict=True) if value}
            return rows.row(fields, text, offset, **_tracked(fields))

        return parse


def _tracked(fields: Mapping[str, str]) -> dict[str, Any]:
    recipients = [r for r in fields.get("recipient-address", "").split(";") if r]
    return {
        "delivery_action": _TRACKED.get(fields.get("event-id", "").upper()),
        "direction": _direction(fields.get("directionality")),
        "recipients": json_text(recipients) if recipients else None,
        "recipient": recipients[0] if recipients else None,
        "user": recipients[0] if recipients else None,
    }


def _direction(written: Any) -> str | None:
    return _DIRECTIONS.get(str(written).lower(), str(written)) if written else None


_NEEDED = frozenset({"senderaddress", "recipientaddress", "status"})
_REPORT = frozenset({"origin_timestamp_utc", "sender_address", "recipient_status"})
_EXTENDED = frozenset({"date_time_utc", "event_id", "sender_address", "recipient_address"})
_SETS = (_NEEDED, _REPORT, _EXTENDED)
_TIMES = (
    "received", "origin_timestamp_utc", "date", "datereceived", "receiveddatetime", "date_time_utc",
)  # fmt: skip


def _trace_fields(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """A trace's fields in lower case; None for what is none."""
    fields = {name.lower(): value for name, value in record.items() if value not in (None, "")}
    names = {name.lower() for name in record}
    if not any(names >= one for one in _SETS) or not names.intersection(_TIMES):
        return None
    return fields


class TraceFormat:
    """Exchange Online's message trace in JSON."""

    name = "message_trace"
    inside = frozenset({b'"value"', b'"results"'})

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of sender, recipient, status and a time of receipt."""
        return 93 if _trace_fields(record) is not None else 0

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return MappedRows(self.name, origin, lambda record, _: _traced(record, None))


def _traced(record: Mapping[str, Any], order: Any) -> Prepared | str:
    fields = _trace_fields(record)
    if fields is None:
        return "no message trace: it lacks sender, recipient, status or time"
    try:
        time = _moment(next((fields[n] for n in _TIMES if n in fields), ""), order)
    except ValueError as error:
        return str(error)
    if {name.lower() for name in record} >= _EXTENDED:
        return Prepared(fields, dict(record), {"time": time, **_extended(fields)})
    if "recipient_status" in fields:
        fields.update(_statuses(str(fields["recipient_status"])))
    status = str(fields.get("status", ""))
    recipients = fields.get("recipients") or [fields.get("recipientaddress")]
    columns = {
        "time": time,
        "delivery_action": _TRACED.get(status.lower(), status) or None,
        "direction": _direction(fields.get("directionality")),
        "recipients": json_text(recipients) if recipients[0] else None,
    }
    return Prepared(fields, dict(record), columns)


def _extended(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the extended report, a line an event, has as a tracking log has it."""
    named = ("event_id", "recipient_address", "directionality")
    return _tracked({n.replace("_", "-"): str(fields[n]) for n in named if n in fields})


def _statuses(written: str) -> dict[str, Any]:
    """Recipients and the status of the first: ``a@b.example##Receive, Deliver;c@d.example##…``."""
    pairs = [one.partition("##") for one in written.split(";") if one.strip()]
    recipients = [address.strip() for address, _, _ in pairs]
    last = pairs[0][2].rpartition(",")[2].strip() if pairs else ""
    words = {
        "Deliver": "Delivered", "Send": "Delivered", "Fail": "Failed",
        "Quarantine": "Quarantined", "Filtered as spam": "FilteredAsSpam",
    }  # fmt: skip
    return {
        "recipients": recipients,
        "recipientaddress": recipients[0] if recipients else "",
        "status": words.get(last, last),
    }


def _moment(written: Any, order: Any) -> int | None:
    text = str(written)
    date = _DATE.fullmatch(text)
    return epoch_ticks(date[1], 1000) if date is not None else portal_ticks(text, order)


class TraceCsvReader(CsvLinesReader):
    """Reads Exchange Online's message trace as CSV."""

    name = TraceFormat.name

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line names sender, recipient, status and a time of receipt."""
        header = csv_header(head)
        return 93 if _trace_fields(dict.fromkeys(header.names, "x")) is not None else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a record."""
        header = csv_header(origin.head)
        order = slash_order(_times_of(origin.head, header))
        rows = MappedRows(self.name, origin, lambda record, _: _traced(record, order))

        def record(values: Sequence[str], raw: bytes, offset: int) -> tuple[Layout, Row] | str:
            read = dict(zip(header.names, values, strict=True))
            return rows.row(read, decoded(raw).rstrip("\r\n"), offset)

        def parse(piece: Piece) -> Parsed:
            return parse_records(piece, header, record)

        return parse


def _times_of(head: bytes, header: Header) -> list[str]:
    """The times of the first records, which show what comes first in a date."""
    places = [place for place, name in enumerate(header.names) if name.lower() in _TIMES]
    found: list[str] = []

    def take(values: Sequence[str], raw: bytes, offset: int) -> None:
        found.extend(values[place] for place in places)

    end = head.rfind(b"\n") + 1
    parse_records(Piece(head[:end], 0, end, b""), header, take)
    return found


EXCHANGE_READERS = (
    TrackingLogReader(), TraceCsvReader(), JsonLines(TraceFormat()), JsonRecords(TraceFormat()),
)  # fmt: skip
