"""Records inside what a service wraps them in: takes pieces of a document, gives its records.

A record is an object that stands by itself, in an array around all, or in an array that an object
around it holds under one of some names (``{"Records": [{…}, {…}]}``); the rest of such an object is
passed over. Memory is bounded by the largest record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator
from functools import lru_cache
from typing import Any

from vedette.logs.base import SAMPLE_BYTES, Unreadable
from vedette.logs.columnar.brackets import whole_values
from vedette.logs.json_values import parse_json

_MUCH = 32 * 1024
"""In fewer bytes records are found mark by mark."""

_TRIES = 8
"""How often, a piece, it is tried in vain to find many records together."""

# The last alternative is a string that has not ended yet.
_MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|"', re.DOTALL)


class RecordSplitter:
    """Finds records in pieces of a document; ``name`` is that of the array around the last one."""

    def __init__(
        self,
        inside: Collection[bytes] = (),
        between: re.Pattern[bytes] | None = None,
        twice: bytes = b"",
    ) -> None:
        """*inside* are the names, in quotes, of arrays that hold records.

        What is like *between* may stand between records. An array named *twice* holds records
        where it stands in an object of the same name.
        """
        self._inside = inside
        self._twice = twice
        self._is_deeper = False
        """Whether the record that began has an object of that name open."""
        self._passed = between
        self._held = b""
        self._offset = 0
        self._scanned = 0
        self._depth = 0
        self._start: int | None = None
        self._record_depth: int | None = 0
        """How deep a bracket is that opens a record; None beside the arrays of a wrapping."""
        self._wrapping: int | None = None
        """How deep the fields of the wrapping object are."""
        self._around = 0
        self._last = b""
        self._told = 0
        self._tries = 0
        names = b"|".join(map(re.escape, (*inside, twice) if twice else inside))
        self._wraps = re.compile(b'(?:%b)[^"{}\\[\\]]*\\[' % names) if names else None
        self._next = -1
        self.name = ""

    @property
    def waiting(self) -> int:
        """How many bytes wait for their end."""
        return len(self._held)

    @property
    def begun(self) -> tuple[int, bool] | None:
        """Where the record begins that has no end yet, and whether it stands in an array."""
        if self._start is None:
            return None
        return self._offset + self._start, bool(self._record_depth)

    def pass_over(self, count: int) -> None:
        """Begin behind so many bytes, which are not fed."""
        self._offset += count

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes] | Unreadable]:
        """The records that end in this piece, each with its offset; what lies between is told."""
        self._held += piece
        self._told, self._tries, self._next = 0, _TRIES, -1
        goes_on = True
        while goes_on:
            if self._is_among_many():
                yield from self._many()
            goes_on = yield from self._marks()
        self._drop(self._told if self._start is None else self._start)

    def _is_among_many(self) -> bool:
        """Whether many records may follow here, to be found together."""
        if len(self._held) - self._scanned < _MUCH or not self._tries:
            return False
        if self._start is not None or self._record_depth != self._depth:
            return False
        # An object beside the arrays of a wrapping may be one itself.
        return self._wrapping is not None or self._next_wrapping() >= len(self._held)

    def _next_wrapping(self) -> int:
        """Where the next array may begin that wraps records, the end of what is held for none."""
        if self._next < self._scanned:
            found = self._wraps.search(self._held, self._scanned) if self._wraps else None
            self._next = len(self._held) if found is None else found.end()
        return self._next

    def _many(self) -> Iterator[tuple[int, bytes] | Unreadable]:
        """The whole records that follow each other here."""
        before = self._scanned
        for start, end in whole_values(self._held, before, in_array=self._depth > 0):
            yield from self._between(self._told, start)
            yield self._offset + start, self._held[start:end]
            self._told = self._scanned = end
            self._last = b""
        if self._scanned - before < _MUCH:
            self._tries -= 1

    def _marks(self) -> Generator[tuple[int, bytes] | Unreadable, None, bool]:
        """What is found mark by mark; whether it ends where many records may follow."""
        for mark in _MARK.finditer(self._held, self._scanned):
            token, end = mark[0], mark.end()
            if token == b'"':
                self._scanned = mark.start()
                return False
            self._scanned = end
            if token in b"{[":
                begins = self._start is None and self._record_depth == self._depth
                if begins:
                    yield from self._between(self._told, mark.start())
                self._opens(token, mark.start())
                if begins or self._start is None:
                    self._told = end if self._start is None else mark.start()
            elif token in b"}]":
                if self._start is None and self._record_depth == self._depth:
                    yield from self._between(self._told, mark.start())
                start = self._closes()
                if start is not None:
                    yield self._offset + start, self._held[start:end]
                if self._start is None:
                    self._told = end
            else:
                self._names(token)
                if self._start is None and self._record_depth != self._depth:
                    self._told = end
                continue
            if self._is_among_many():
                return True
        self._scanned = len(self._held)
        return False

    def _drop(self, count: int) -> None:
        self._offset += count
        self._scanned -= count
        self._held = self._held[count:]
        if self._start is not None:
            self._start = 0

    def _names(self, token: bytes) -> None:
        """Remember the last text among the fields that may hold records."""
        fields = self._wrapping if self._start is None else self._fields_depth()
        if self._depth == fields:
            self._last = token

    def _fields_depth(self) -> int:
        return (self._record_depth or 0) + 1 + self._is_deeper

    def _opens(self, token: bytes, place: int) -> None:
        depth = self._depth
        self._depth += 1
        name, self._last = self._last, b""  # a name is of the value behind it alone
        wanted = token == b"[" and (
            name == self._twice if self._is_deeper else name in self._inside
        )
        if self._start is not None:
            if token == b"{" and name and name == self._twice and depth == self._fields_depth():
                self._is_deeper = True
            elif wanted and self._wrapping is None and depth == self._fields_depth():
                self._around = self._record_depth or 0
                self._wrapping, self._start = depth, None
                self._is_deeper = False
                self._enter(name)
        elif self._record_depth == depth:
            if token == b"[" and depth == 0:
                self._record_depth = 1
            else:
                self._start = place
        elif self._wrapping == depth and wanted:
            self._enter(name)

    def _enter(self, name: bytes) -> None:
        self._record_depth = self._depth
        self.name = name[1:-1].decode("utf-8", "replace")

    def _closes(self) -> int | None:
        """Where the record began that ends with this bracket, if one does."""
        self._depth = max(0, self._depth - 1)
        self._last = b""
        if self._start is not None:
            if self._depth > (self._record_depth or 0):
                if self._is_deeper and self._depth < self._fields_depth():
                    self._is_deeper = False
                return None
            start, self._start = self._start, None
            return start
        if self._wrapping is not None:
            if self._depth == self._wrapping:
                self._record_depth = None
            elif self._depth < self._wrapping:
                self._wrapping, self._record_depth = None, self._around
                self.name = ""
        if self._depth == 0 and self._wrapping is None:
            self._record_depth = 0
        return None

    def _between(self, start: int, end: int) -> Iterator[Unreadable]:
        text = self._held[start:end].strip(b" \t\r\n,]\xef\xbb\xbf\0")
        if text and not (self._passed and self._passed.fullmatch(text)):
            yield Unreadable(self._offset + start, "no JSON object", text[:SAMPLE_BYTES])

    def finish(self) -> Iterator[Unreadable]:
        """What is left when the document ends."""
        if self._start is not None:
            sample = self._held[:SAMPLE_BYTES]
            yield Unreadable(self._offset, "the value has no end", sample)
        elif self._wrapping is not None:
            reason = "the document ends inside what wraps its records"
            yield Unreadable(self._offset, reason, self._held[:SAMPLE_BYTES])
        else:
            yield from self._between(0, len(self._held))


@lru_cache(2)
def first_records(text: bytes, inside: frozenset[bytes], most: int) -> list[tuple[str, Any]]:
    """The first records of a document that begins so, each with the name of the array around it.

    Several formats look at the same ones in turn, and change nothing.
    """
    splitter = RecordSplitter(inside)
    found: list[tuple[str, Any]] = []
    for one in splitter.feed(text):
        if isinstance(one, tuple):
            parsed = parse_json(one[1])
            if not isinstance(parsed, str):
                found.append((splitter.name, parsed[0]))
        if len(found) == most:
            break
    return found
