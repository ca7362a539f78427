"""What JSON objects written alike share: takes the text of one, gives its form.

A form is all of a text but its values. Another text has it where the same bytes stand around its
values, which its quotes place, and where each value without quotes is one JSON value by itself: so
the text is JSON, and where its values lie is known without parsing it. What is not proven so is
left to a parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from vedette.logs.columnar.spans import Characters, Mask, Places

MAX_QUOTES = 1024
"""Texts with more are better parsed."""

WORD = 8
"""So many bytes are compared at once."""

_QUOTE = ord('"')
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}:,]|[^][{}:,"\s]+')
_LONGEST = 16 * 1024
_MAX_DEPTH = 8
_MAX_BLANKS = 512
_COMPARED = 16 * 1024
"""So much is looked at together: it stays near the processor."""

At = tuple[int, int]
"""A place in texts of a form: a column of their marks (see ``Form``), and how far behind it."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where texts of a form have a value: what lies between quotes, or any other value.

    An array with texts in it is one value too.
    """

    begin: At
    end: At
    is_text: bool


Words = npt.NDArray[np.uint64]
_Wanted = tuple[Places, Places, npt.NDArray[Any]]
"""Columns of marks, how far behind them something is, and what that must be."""


class _NoForm(Exception):
    """Texts like this one are better parsed."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What texts share that are written alike.

    The marks of a text are its beginning, its quotes and its end. ``record`` has a ``Place`` for
    each value, ``plain`` are the places of values without quotes, ``spaces`` those of blanks
    between tokens.
    """

    record: dict[str, Any]
    quotes: int
    plain: Sequence[Place]
    spaces: Sequence[At]
    words: _Wanted
    """What is around the values, in eights of bytes."""
    single: _Wanted
    """The bytes where they are fewer than eight."""
    behind: int
    """How far behind the last quote the text ends; 0 where a value lies between."""

    @classmethod
    def of(cls, text: bytes) -> Form | None:
        """The form of a text; None where it is better parsed."""
        if len(text) > _LONGEST:
            return None
        try:
            record = orjson.loads(text)
            return _Tokens(text).form() if isinstance(record, dict) else None
        except (orjson.JSONDecodeError, _NoForm):
            return None

    def fits(self, characters: Characters, words: Words, marks: Places) -> Mask:
        """Which texts have the bytes of the form around their values; *marks* has theirs in rows.

        The texts are parts of a whole one: its *characters*, and the *words* that begin at each.
        """
        found = np.ones(len(marks), bool)
        if self.behind:
            found &= marks[:, -2] + self.behind == marks[:, -1]
        pairs = (characters, self.single), (words, self.words)
        for there, (columns, behind, wanted) in pairs:
            rows = _COMPARED // (len(wanted) + 1) + 1
            for part in (slice(begin, begin + rows) for begin in range(0, len(marks), rows)):
                at = marks[part, columns] + behind
                np.minimum(at, len(there) - 1, out=at)
                found[part] &= (there[at] == wanted).all(axis=1)
        return found


class _Tokens:
    """Makes a form of a text that is JSON."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._tokens = [(found[0], found.start()) for found in _TOKEN.finditer(text)]
        self._next = 0
        self._values: list[tuple[int, int, bool]] = []
        self._quotes = [
            at for token, begin in self._tokens if token[0] == _QUOTE
            for at in (begin, begin + len(token) - 1)
        ]  # fmt: skip

    def form(self) -> Form:
        """The form; raises _NoForm."""
        if not 0 < len(self._quotes) <= MAX_QUOTES:
            raise _NoForm
        record = self._value(0)
        stretches = self._stretches()
        starts = {begin: at for begin, _, at in stretches}
        ends = {end: (at[0], at[1] + end - begin) for begin, end, at in stretches}

        def place(value: tuple[int, int, bool]) -> Place:
            begin, end, is_text = value
            return Place(ends[begin], starts[end], is_text)

        def placed(one: Any) -> Any:
            if isinstance(one, dict):
                return {name: placed(inner) for name, inner in one.items()}
            if isinstance(one, int):
                return places[one]
            return Place(self._at(one[0], stretches), self._at(one[1], stretches), False)

        places = [place(value) for value in self._values]
        begin, end, _ = stretches[-1]
        return Form(
            placed(record), len(self._quotes), [one for one in places if not one.is_text],
            self._blanks(stretches),
            *self._compared(stretches), end - self._quotes[-1] if self._quotes[-1] >= begin else 0,
        )  # fmt: skip

    def _value(self, depth: int) -> Any:
        """The next value: an object, a value's number, or where an array with texts lies."""
        token, begin = self._tokens[self._next]
        self._next += 1
        if token == b"{":
            return self._object(depth)
        if token == b"[":
            return self._array(begin, depth)
        is_text = token[0] == _QUOTE
        self._values.append((begin + is_text, begin + len(token) - is_text, is_text))
        return len(self._values) - 1

    def _object(self, depth: int) -> dict[str, Any]:
        if depth >= _MAX_DEPTH:
            raise _NoForm
        found: dict[str, Any] = {}
        while self._tokens[self._next][0] != b"}":
            name, _ = self._tokens[self._next]
            if name == b",":
                self._next += 1
                continue
            written = name[1:-1].decode()
            if "\\" in written or written in found:
                raise _NoForm
            self._next += 2
            found[written] = self._value(depth + 1)
        self._next += 1
        return found

    def _array(self, begin: int, depth: int) -> Any:
        if depth >= _MAX_DEPTH:
            raise _NoForm
        first, values = self._next, len(self._values)
        while (token := self._tokens[self._next])[0] != b"]":
            if token[0] == b",":
                self._next += 1
            else:
                self._value(depth + 1)
        self._next += 1
        end = token[1] + 1
        if any(one[0][:1] == b'"' for one in self._tokens[first : self._next]):
            return begin, end
        del self._values[values:]
        self._values.append((begin, end, False))
        return values

    def _stretches(self) -> list[tuple[int, int, At]]:
        """What lies around the values: where it begins and ends, and where that is from a mark."""
        bounds = [0, *(at for begin, end, _ in self._values for at in (begin, end))]
        bounds.append(len(self._text))
        found: list[tuple[int, int, At]] = []
        number = 0
        for begin, end in zip(bounds[::2], bounds[1::2], strict=True):
            while number < len(self._quotes) and self._quotes[number] < begin:
                number += 1
            if begin == 0:
                at = 0, 0
            elif number < len(self._quotes) and self._quotes[number] < end:
                at = number + 1, begin - self._quotes[number]
            elif end == len(self._text):
                at = len(self._quotes) + 1, begin - end
            else:  # between two values that have no quotes: no mark tells where the first ends
                raise _NoForm
            found.append((begin, end, at))
        return found

    def _at(self, where: int, stretches: Sequence[tuple[int, int, At]]) -> At:
        """A place around the values."""
        begin, _, (mark, behind) = stretches[bisect_right(stretches, where, key=_begin) - 1]
        return mark, behind + where - begin

    def _blanks(self, stretches: Sequence[tuple[int, int, At]]) -> list[At]:
        """The blanks between tokens around the values."""
        found: list[At] = []
        last = 0
        for token, first in self._tokens:
            if last < first:
                _, end, _ = stretches[bisect_right(stretches, last, key=_begin) - 1]
                if last < end:  # not between the numbers of an array
                    if len(found) + first - last > _MAX_BLANKS:
                        raise _NoForm
                    found += (self._at(blank, stretches) for blank in range(last, first))
            last = first + len(token)
        return found

    def _compared(self, stretches: Sequence[tuple[int, int, At]]) -> tuple[_Wanted, _Wanted]:
        """What is around the values, in eights and by bytes."""
        words: list[tuple[int, int, int]] = []
        single: list[tuple[int, int, int]] = []
        for begin, end, (mark, behind) in stretches:
            size = end - begin
            if size < WORD:
                one = self._text[begin:end]
                single += ((mark, behind + at, byte) for at, byte in enumerate(one))
                continue
            for at in (*range(0, size - WORD, WORD), size - WORD):
                eight = self._text[begin + at : begin + at + WORD]
                words.append((mark, behind + at, int.from_bytes(eight, "little")))
        return _columns(words, np.uint64), _columns(single, np.uint8)


def _begin(stretch: tuple[int, int, At]) -> int:
    return stretch[0]


def _columns(rows: Sequence[tuple[int, int, int]], kind: Any) -> _Wanted:
    marks, behind, wanted = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(marks, np.int64), np.array(behind, np.int64), np.array(wanted, kind)
