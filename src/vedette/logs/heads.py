"""How much of a source tells its format: takes a source, gives first bytes with a whole record.

The usual head has many. Where not one record of JSON or CSV ends in it, a longer one is read. Of
JSON, long lists in that record are cut: it is only looked at.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any

from vedette.logs.columnar.brackets import whole_values
from vedette.logs.json_values import json_text, parse_json
from vedette.logs.lines import head_text
from vedette.logs.readers.delimited import csv_header, last_record_end
from vedette.logs.sources import HEAD_BYTES, Overgrown, Source
from vedette.logs.wrapped import RecordSplitter

_LONGER = 1024 * 1024
"""A log that grows is asked again and again: more than this would take a core."""
_FEWEST_COLUMNS = 3
_MOST_INSIDE = 100
_DEEPEST = 5


def longer_head(source: Source, inside: Collection[bytes]) -> bytes | None:
    """First bytes with a whole record; None where the usual head has one, and where none has.

    *inside* are the names, in quotes, of arrays that wrap records.
    """
    if len(source.head) < HEAD_BYTES:
        return None
    text = head_text(source.head)
    if text.lstrip()[:1] not in (b"{", b"["):
        return _with_row(source) if _has_no_row(source.head) else None
    splitter = RecordSplitter(inside)
    if any(isinstance(found, tuple) for found in splitter.feed(text)):
        return None
    return None if splitter.begun is None else _with_record(source, *splitter.begun)


def _with_row(source: Source) -> bytes | None:
    head = _first(source)
    return None if not head or _has_no_row(head) else head


def _has_no_row(head: bytes) -> bool:
    """Whether it is CSV whose first line alone has its end."""
    text = head_text(head)
    first = text.find(b"\n") + 1
    if not first or b"\0" in text or len(csv_header(text[:first]).names) < _FEWEST_COLUMNS:
        return False
    return last_record_end(text, must=False) <= first


def _with_record(source: Source, start: int, in_array: bool) -> bytes | None:
    """The head with the record that begins there, shortened, and what follows it."""
    text = head_text(_first(source))
    found = whole_values(text, start, in_array=in_array)
    if not found:
        return None
    begin, end = found[0]
    parsed = parse_json(text[begin:end])
    if isinstance(parsed, str):
        return None
    short = json_text(_shortened(parsed[0])).encode()
    if b"\n" in text[begin:end]:  # no record of a line
        short = short[:1] + b"\n" + short[1:]
    return text[:begin] + short + text[end : end + HEAD_BYTES]


def _first(source: Source) -> bytes:
    try:
        return source.first(_LONGER)
    except (OSError, Overgrown):  # told where it is read
        return b""


def _shortened(value: Any, depth: int = 0) -> Any:
    """A value without what stands far behind or deep in it."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {n: _shortened(v, depth + 1) for n, v in islice(value.items(), _MOST_INSIDE)}
    if isinstance(value, list):
        return [_shortened(one, depth + 1) for one in value[:_MOST_INSIDE]]
    return value
