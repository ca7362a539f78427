"""Windows events as JSON: takes a record a line, or whole documents, gives a row an event.

Documents are single objects, several behind each other, arrays, and results of Elasticsearch; lines
are what the forwarders of OTRF's Security-Datasets wrote. Which it is shows in the first line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vedette.logs.base import Chunk, Layout, Origin, Reading, Row, Text
from vedette.logs.json_documents import JsonDocuments, first_line_values, first_value
from vedette.logs.json_values import parse_json
from vedette.logs.lines import head_text
from vedette.logs.readers.lines import Line, LinesReader
from vedette.logs.windows import WindowsRows, is_windows
from vedette.logs.windows_nested import nested_event
from vedette.logs.wrapped import RecordSplitter

_NUMBER = re.compile(rb"Record [0-9]+")
"""What evtx_dump writes before each event."""
_HITS = b'"hits"'
"""What Elasticsearch has around the results of a search: an array in an object of the same name."""
_NOT_WINDOWS = "not a Windows event: it names no EventID with a channel or provider"


class WindowsJsonLinesReader(LinesReader):
    """Reads Windows events, one a line."""

    name = "windows_json"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where one of the first lines is an event by itself."""
        return 90 if any(map(is_windows, first_line_values(head_text(head)))) else 0

    def line_parser(self, origin: Origin) -> Line:
        """A row a line."""
        rows = WindowsRows(self.name, origin.lineage, origin.name)

        def parse(line: bytes, offset: int, ended: bool) -> tuple[Layout, Row] | str | None:
            if not line.strip():
                return None
            record = parse_json(line)
            return record if isinstance(record, str) else _row(rows, *record, offset)

        return parse


class WindowsJsonReader(JsonDocuments):
    """Reads Windows events in JSON documents."""

    name = "windows_json"

    def sniff(self, head: bytes, name: str) -> int:
        """Sure where the first value is an event, or an array that begins with one."""
        text = head_text(head).lstrip()
        text = text[begun.end() :].lstrip() if (begun := _NUMBER.match(text)) else text
        if not text.startswith((b"{", b"[")):
            return 0
        value = first_value(text, RecordSplitter(twice=_HITS))
        if value is None:  # longer than what is looked at
            return 40 if b'"EventID"' in text else 0
        return 80 if is_windows(value) else 0

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """A row a value."""
        rows = WindowsRows(self.name, reading.lineage, reading.source.name)

        def parse(value: Any, raw: Text, offset: int, _: str) -> tuple[Layout, Row] | str:
            return _row(rows, value, raw, offset)

        return self.chunks(reading, parse, splitter=RecordSplitter(between=_NUMBER, twice=_HITS))


def _row(rows: WindowsRows, record: Any, raw: Text, offset: int) -> tuple[Layout, Row] | str:
    if not isinstance(record, dict):
        return _NOT_WINDOWS
    row = rows.row(record, raw, offset)
    if row is not None:
        return row
    if "decoder" in record and "location" in record:
        return "a record of Wazuh without a Windows event: only what lies in data.win is read"
    reason = nested_event(record)
    return reason if isinstance(reason, str) else _NOT_WINDOWS
