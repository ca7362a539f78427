"""JSON out of bytes: takes lines or documents, gives values and where they stand.

A document may hold one value, several behind each other, or one array, whose elements are the
values. It is read in pieces: memory is bounded by the largest value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import orjson

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
from vedette.logs.lines import WholeContent, content_digest, decoded, open_text
from vedette.logs.sources import DAMAGE, Overgrown, Source

_BLOCK = 1024 * 1024
_BLANK = " \t\r\n\ufeff"


def parse_json(line: bytes) -> tuple[Any, Text] | str:
    """The one value that a line holds and the line as text, or the reason why there is none."""
    try:
        return orjson.loads(line), line.strip()
    except orjson.JSONDecodeError as error:
        reason = f"no JSON: {error}"
    # The standard library also takes halves of surrogate pairs, and text that is not UTF-8.
    text = decoded(line).strip(_BLANK)
    try:
        return json.loads(text), text
    except (ValueError, RecursionError):
        return reason


def json_text(value: Any, default: Callable[[Any], Any] = str) -> str:
    """A value as JSON text; halves of surrogate pairs become question marks.

    *default* makes JSON of what is none. Raises ValueError where a value cannot be written.
    """
    try:
        return orjson.dumps(value, default=default).decode()
    except TypeError:  # numbers over 64 bits and lone surrogates raise it too
        return _any_text(value, default)


def _any_text(value: Any, default: Callable[[Any], Any]) -> str:
    try:
        text = json.dumps(value, default=default, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        text = _deep_text(value, default)
    except TypeError as error:
        raise ValueError("no JSON") from error
    return text.encode("utf-8", "replace").decode()


def _deep_text(value: Any, default: Callable[[Any], Any]) -> str:
    """The same of what nests deeper than the libraries go."""
    written: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if type(one) is _Mark:
            written.append(one)
        elif isinstance(one, dict):
            waiting.append(_Mark("}"))
            for number, (name, inner) in reversed(list(enumerate(one.items()))):
                key = json.dumps(str(name), ensure_ascii=False)
                waiting += [inner, _Mark(f"{',' if number else ''}{key}:")]
            waiting.append(_Mark("{"))
        elif isinstance(one, list):
            waiting.append(_Mark("]"))
            for number, inner in reversed(list(enumerate(one))):
                waiting += [inner, _Mark("," if number else "")]
            waiting.append(_Mark("["))
        else:
            written.append(json.dumps(one, default=default, ensure_ascii=False))
    return "".join(written)


class _Mark(str):
    """What stands between values."""

    __slots__ = ()


class Splits(Protocol):
    """Finds values in pieces of a document."""

    @property
    def waiting(self) -> int:
        """How many bytes wait for their end."""
        ...

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes] | Unreadable]:
        """The values that end in this piece, each with its offset, and what lies between."""
        ...

    def finish(self) -> Iterator[Unreadable]:
        """What is left when the document ends."""
        ...


def json_bytes(value: Any) -> Text:
    """A value as JSON text, in UTF-8 where that is quicker."""
    try:
        # A copy: the library's own bytes lie in a larger block, whose rest costs more than this.
        return b"%b" % orjson.dumps(value)
    except TypeError:
        return json_text(value)


class Splitter:
    """Finds the objects of a document in pieces of it; elements of a top array count as objects."""

    # The last alternative is a string that has not ended yet.
    _MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|"', re.DOTALL)

    def __init__(self) -> None:
        """Begin at the document's first byte."""
        self._held = b""
        self._offset = 0
        self._scanned = 0
        self._depth = 0
        self._start: int | None = None
        self._array = False

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes] | Unreadable]:
        """The objects that end in this piece, each with its offset; what lies between is told."""
        self._held += piece
        told = 0
        for mark in self._MARK.finditer(self._held, self._scanned):
            token = mark[0]
            if token == b'"':
                self._scanned = mark.start()
                break
            self._scanned = mark.end()
            if token in b"{[":
                if self._opens(token):
                    yield from self._between(told, mark.start())
                    told = mark.end() if self._start is None else mark.start()
            elif token in b"}]":
                closed = self._closes(token)
                if closed is not None:
                    yield self._offset + closed, self._held[closed : mark.end()]
                    told = mark.end()
        else:
            self._scanned = len(self._held)
        keep = told if self._start is None else self._start
        self._offset += keep
        self._scanned -= keep
        self._held = self._held[keep:]
        if self._start is not None:
            self._start = 0

    def _opens(self, token: bytes) -> bool:
        """Whether a value, or the array around all of them, begins with this bracket."""
        self._depth += 1
        if self._start is not None:
            return False
        if self._depth == 1 and token == b"[":
            self._array = True
        else:
            self._start = self._scanned - 1
        return True

    def _closes(self, token: bytes) -> int | None:
        """Where the value began that ends with this bracket, if one does."""
        self._depth = max(0, self._depth - 1)
        if self._depth == 0 and self._start is None:
            self._array = False
        if self._start is None or self._depth != int(self._array):
            return None
        start, self._start = self._start, None
        return start

    def _between(self, start: int, end: int) -> Iterator[Unreadable]:
        text = self._held[start:end].strip(b" \t\r\n,]\xef\xbb\xbf")
        if text:
            yield Unreadable(self._offset + start, "no JSON object", text[:SAMPLE_BYTES])

    @property
    def waiting(self) -> int:
        """How many bytes wait for their end."""
        return len(self._held)

    def finish(self) -> Iterator[Unreadable]:
        """What is left when the document ends."""
        if self._start is not None:
            sample = self._held[:SAMPLE_BYTES]
            yield Unreadable(self._offset, "the value has no end", sample)
        else:
            yield from self._between(0, len(self._held))


def first_value(text: bytes) -> Any | None:
    """The first object of a document that begins so; None where it does not end in it."""
    for found in Splitter().feed(text):
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
        splitter: Splits | None = None,
    ) -> Iterator[Chunk]:
        """The document's values from the offset ``reading.start`` on.

        *ignored* gives the counts since it was called last; *splitter* finds the values.
        """
        whole = content_digest(reading.source)
        chunk = Chunk(reading.start)
        for value in document_values(reading.source, splitter or Splitter()):
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


def document_values(source: Source, splitter: Splits) -> Iterator[tuple[int, bytes] | Unreadable]:
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
