"""AWS CloudTrail: takes its documents, lines and what wraps records, gives a row a record.

Records come as CloudTrail delivers them to S3 (``{"Records": […]}``), through EventBridge
(``detail``), from ``lookup-events`` (JSON inside ``CloudTrailEvent``), one by one, or behind a
moment (an export of CloudWatch's logs). Source: AWS's reference of CloudTrail's record contents.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from vedette.logs.base import Layout, Origin, PieceParser, Row
from vedette.logs.json_values import parse_json
from vedette.logs.lines import decoded, head_text
from vedette.logs.readers.json_records import (
    JsonLines,
    JsonRecords,
    MappedRows,
    Prepared,
    Rows,
    Usual,
)
from vedette.logs.readers.lines import LinesReader, parse_lines
from vedette.logs.records import flat

_NO_RECORD = "no record of CloudTrail: it has no eventVersion, eventID and eventTime"
_NEEDED = ("eventVersion", "eventID", "eventTime")
_IN_LINE = "CloudTrailEvent"
_STAMP = re.compile(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z[ \t]+(?=\{)")


class CloudTrailFormat:
    """CloudTrail's records."""

    name = "cloudtrail"
    inside = frozenset({b'"Records"', b'"Events"'})

    def knows(self, record: dict[str, Any], name: str) -> int:
        """Sure of what CloudTrail writes into each record."""
        found = _unwrapped(record)
        return 95 if not isinstance(found, str) and _is_record(found) else 0

    def rows(self, origin: Origin) -> Rows:
        """What makes rows of a source's records."""
        return MappedRows(self.name, origin, _prepared, usual=_USUAL)


def _unwrapped(record: dict[str, Any]) -> dict[str, Any] | str:
    """The record inside what services put around it; the reason where that is not readable."""
    detail = record.get("detail")
    if isinstance(detail, dict) and "detail-type" in record:
        return detail
    written = record.get(_IN_LINE)
    if isinstance(written, str):
        parsed = parse_json(written.encode("utf-8", "surrogatepass"))
        if isinstance(parsed, str):
            return f"{_IN_LINE}: {parsed}"
        return parsed[0] if isinstance(parsed[0], dict) else _NO_RECORD
    return record


def _is_record(record: dict[str, Any]) -> bool:
    return all(isinstance(record.get(name), str) for name in _NEEDED) and (
        "eventSource" in record or "eventType" in record
    )


def _prepared(record: dict[str, Any], _: str) -> Prepared | str:
    found = _unwrapped(record)
    if isinstance(found, str):
        return found
    return Prepared(flat(found), found, {}) if _is_record(found) else _NO_RECORD


_AROUND = frozenset({_IN_LINE, "detail"})
_KINDS = frozenset({"eventSource", "eventType"})
_USUAL = Usual(
    frozenset(_NEEDED),
    _AROUND | _KINDS,
    lambda names: _AROUND.isdisjoint(names) and not _KINDS.isdisjoint(names),
)


class StampedLines(LinesReader):
    """Reads records behind the moment at which CloudWatch took them."""

    name = CloudTrailFormat.name

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first line is such a record."""
        line = head_text(head).lstrip().partition(b"\n")[0].strip()
        stamp = _STAMP.match(line)
        found = parse_json(line[stamp.end() :]) if stamp is not None else ""
        record = None if isinstance(found, str) else found[0]
        return CloudTrailFormat().knows(record, "") if isinstance(record, dict) else 0

    def parser(self, origin: Origin) -> PieceParser:
        """A row a line."""
        rows = CloudTrailFormat().rows(origin)

        def parse(line: bytes, offset: int, _: bool) -> tuple[Layout, Row] | str | None:
            if not line.strip():
                return None
            stamp = _STAMP.match(line)
            value = parse_json(line[stamp.end() if stamp is not None else 0 :])
            if isinstance(value, str):
                return value
            if not isinstance(value[0], dict):
                return "no JSON object"
            return rows.row(value[0], decoded(line).strip("\ufeff\r\n"), offset, "")

        return partial(parse_lines, parse=parse)


CLOUDTRAIL_READERS = (
    JsonLines(CloudTrailFormat()), JsonRecords(CloudTrailFormat()), StampedLines(),
)  # fmt: skip
