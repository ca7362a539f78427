"""JSON documents: takes objects behind each other, arrays and what wraps records, gives chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from vedette.logs.json_values import parse_json
from vedette.logs.lines import WholeContent, content_digest, open_text
from vedette.logs.sources import DAMAGE, Overgrown, Source
from vedette.logs.wrapped import RecordSplitter

_BLOCK = 1024 * 1024


def first_value(text: bytes) -> Any | None:
    """The first object of a document that begins so; None where it does not end in it."""
    for found in RecordSplitter().feed(text):
        if isinstance(found, tuple):
            parsed = parse_json(found[1])
            return None if isinstance(parsed, str) else parsed[0]
    return None


Value = Callable[[Any, Text, int], "tuple[Layout, Row] | str"]
"""Takes a value, its text and its offset; gives a row, or the reason why it is none."""


class JsonDocuments(WholeContent):
    """What readers of JSON documents share."""

    known_by_name = False

    def chunks(
        self,
        reading: Reading,
        parse: Value,
        ignored: Callable[[], dict[str, int]] = dict,
        splitter: RecordSplitter | None = None,
    ) -> Iterator[Chunk]:
        """The document's values from the offset ``reading.start`` on.

        *ignored* gives the counts since it was called last; *splitter* finds the values.
        """
        whole = content_digest(reading.source)
        chunk = Chunk(reading.start)
        for value in document_values(reading.source, splitter or RecordSplitter()):
            if isinstance(value, Unreadable):
                chunk.unreadable.append(value)
                continue
            offset, text = value
            if offset < reading.start:
                continue
            parsed = parse_json(text)
            row = parsed if isinstance(parsed, str) else parse(*parsed, offset)
            if isinstance(row, str):
                chunk.unreadable.append(Unreadable(offset, row, text[:SAMPLE_BYTES]))
            else:
                chunk.rows.append(row)
            chunk.size += 3 * len(text) + 1500
            chunk.position = offset + len(text)
            if len(chunk.rows) >= CHUNK_RECORDS or chunk.size >= CHUNK_BYTES:
                chunk.digest, chunk.ignored = whole, ignored()
                yield chunk
                chunk = Chunk(chunk.position)
        chunk.digest, chunk.content, chunk.ignored = whole, whole, ignored()
        yield chunk


def document_values(
    source: Source, splitter: RecordSplitter
) -> Iterator[tuple[int, bytes] | Unreadable]:
    """Each object's offset and text, and what could not be read."""
    offset = 0
    with open_text(source) as stream:
        while True:
            try:
                piece = stream.read1(_BLOCK)
            except (*DAMAGE, Overgrown) as error:
                yield from splitter.finish()
                yield Unreadable(offset, f"the source ends early or is damaged: {error}")
                return
            if not piece:
                yield from splitter.finish()
                return
            yield from splitter.feed(piece)
            offset += len(piece)
            if splitter.waiting > MAX_RECORD_BYTES:
                limit = f"the limit is {MAX_RECORD_BYTES:,} bytes"
                yield Unreadable(offset, f"a value too long; {limit}; what follows is not read")
                return
