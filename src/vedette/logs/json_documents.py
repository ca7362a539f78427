"""JSON documents: takes objects behind each other, arrays and what wraps records, gives chunks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vedette.logs.base import (
    CHUNK_BYTES,
    CHUNK_RECORDS,
    MAX_RECORD_BYTES,
    SAMPLE_BYTES,
    Chunk,
    Layout,
    Reading,
    Row,
    Text,
    Unreadable,
)
from vedette.logs.columns import batches_of_parts, parts_of
from vedette.logs.json_values import parse_json
from vedette.logs.lines import WholeContent, content_digest, open_text
from vedette.logs.parts import Part
from vedette.logs.sources import DAMAGE, Overgrown, Source
from vedette.logs.wrapped import RecordSplitter

_BLOCK = 1024 * 1024
_LOOKED_AT = 20
_BETWEEN = re.compile(rb"(?!\{\}$)[\[{,][\[\]{},\s]*|Record [0-9]+")
"""A line between the values of a document; evtx_dump numbers its records in such lines.

One that begins with a bracket that closes is the end of a record whose beginning was cut off.
"""


def first_line_values(text: bytes) -> list[Any]:
    """The values of the first lines that are objects; none where the lines are a document's.

    A document may have a value a line as well: what opens it stands before the first one, or commas
    join them.
    """
    lines = [line for one in text.split(b"\n")[:_LOOKED_AT] if (line := one.strip())]
    found: list[Any] = []
    for line in lines:
        if not found and (opens_array(line) or _BETWEEN.fullmatch(line)):
            return []
        value = line.strip(b",").strip()
        if value[:1] != b"{" or value[-1:] != b"}":
            continue
        parsed = parse_json(value)
        if isinstance(parsed, str):
            continue
        if len(value) < len(line):
            return []
        found.append(parsed[0])
    return found


def opens_array(line: bytes) -> bool:
    """Whether a stripped line opens an array of records; ``[info] …`` does not."""
    if line[:1] == b"[":
        return line[1:].lstrip()[:1] in (b"", b"{", b"[", b"]")
    return line[-1:] == b"[" and line[:1] in (b"{", b'"')


def first_value(text: bytes, splitter: RecordSplitter | None = None) -> Any | None:
    """The first record of a document that begins so; None where it does not end in it."""
    for found in (splitter or RecordSplitter()).feed(text):
        if isinstance(found, tuple):
            parsed = parse_json(found[1])
            return None if isinstance(parsed, str) else parsed[0]
    return None


Value = Callable[[Any, Text, int, str], "tuple[Layout, Row] | str"]
"""Takes a value, its text, its offset and the name of the array around it.

Gives a row, or the reason why it is none.
"""

Parse = Callable[[bytes], "tuple[Any, Text] | str"]
"""Takes a value's text; gives the value and its text, or the reason why it is none."""

Many = Callable[[Mapping[int, bytes]], tuple[list[Part], list[int]]]
"""Takes texts of values by their offsets; gives parts of tables, and offsets that are left."""


class JsonDocuments(WholeContent):
    """What readers of JSON documents share."""

    known_by_name = False

    def chunks(
        self,
        reading: Reading,
        parse: Value,
        ignored: Callable[[], dict[str, int]] = dict,
        splitter: RecordSplitter | None = None,
        many: Many | None = None,
        parsed: Parse = parse_json,
    ) -> Iterator[Chunk]:
        """The document's values from the offset ``reading.start`` on.

        *ignored* gives the counts since it was called last; *splitter* finds the values; *many*
        makes the same of many values as *parse* of each; *parsed* reads a value's text.
        """
        whole = content_digest(reading.source)
        splitter = splitter or RecordSplitter()
        held = _Held(reading.start)
        for value in document_values(reading.source, splitter):
            if isinstance(value, Unreadable):
                held.unreadable.append(value)
            elif value[0] >= reading.start:
                held.add(*value, splitter.name)
            if held.is_full:
                yield _chunk(held, parsed, parse, many, ignored, whole)
                held = _Held(held.position)
        last = _chunk(held, parsed, parse, many, ignored, whole)
        last.content = whole
        yield last


class _Held:
    """Values that are not read yet, by their offsets, and the names of the arrays around them."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.values: dict[int, tuple[bytes, str]] = {}
        self.unreadable: list[Unreadable] = []
        self.size = 0

    def add(self, offset: int, text: bytes, name: str) -> None:
        """Take a value."""
        self.values[offset] = text, name
        self.size += 3 * len(text) + 1500
        self.position = offset + len(text)

    @property
    def is_full(self) -> bool:
        """Whether they are enough for a chunk."""
        return len(self.values) >= CHUNK_RECORDS or self.size >= CHUNK_BYTES


def _chunk(
    held: _Held, read: Parse, parse: Value, many: Many | None,
    ignored: Callable[[], dict[str, int]], digest: bytes,
) -> Chunk:  # fmt: skip
    chunk = Chunk(held.position, digest, unreadable=held.unreadable, size=held.size)
    parts: list[Part] = []
    offsets: list[int] = []
    singly = list(held.values)
    if many is not None and singly:
        parts, singly = many({offset: text for offset, (text, _) in held.values.items()})
    for offset in singly:
        text, name = held.values[offset]
        parsed = read(text)
        row = parsed if isinstance(parsed, str) else parse(*parsed, offset, name)
        if isinstance(row, str):
            chunk.unreadable.append(Unreadable(offset, row, text[:SAMPLE_BYTES]))
        else:
            chunk.rows.append(row)
            offsets.append(offset)
    if parts:
        chunk.batches = batches_of_parts((*parts, *parts_of(chunk.rows, offsets)))
        chunk.rows = []
    chunk.unreadable.sort(key=lambda one: one.offset)
    chunk.ignored = ignored()
    return chunk


def document_values(
    source: Source, splitter: RecordSplitter
) -> Iterator[tuple[int, bytes] | Unreadable]:
    """Each object's offset and text, and what could not be read."""
    offset = 0
    nuls = source.nuls
    splitter.pass_over(nuls)
    with open_text(source) as stream:
        while True:
            try:
                piece = stream.read1(min(_BLOCK, nuls - offset) if offset < nuls else _BLOCK)
            except (*DAMAGE, Overgrown) as error:
                yield from splitter.finish()
                yield Unreadable(offset, f"the source ends early or is damaged: {error}")
                return
            if not piece:
                yield from splitter.finish()
                return
            offset += len(piece)
            if offset <= nuls:
                continue
            yield from splitter.feed(piece)
            if splitter.waiting > MAX_RECORD_BYTES:
                limit = f"the limit is {MAX_RECORD_BYTES:,} bytes"
                yield Unreadable(offset, f"a value too long; {limit}; what follows is not read")
                return
