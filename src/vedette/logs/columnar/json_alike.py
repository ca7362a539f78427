"""JSON objects written alike, many at once: takes lines, gives the values of those of each form.

What is given of a text is what orjson reads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.json_forms import MAX_QUOTES, WORD, Form, Place
from vedette.logs.columnar.records import values_of
from vedette.logs.columnar.spans import (
    Characters,
    Lines,
    Mask,
    Places,
    Span,
    apart,
    as_mask,
    each_line,
    escapes,
    side_by_side,
)
from vedette.logs.columnar.texts import Values
from vedette.logs.parts import Part

FEWEST = 32
"""Of fewer texts of a form finding where their values lie takes longer than parsing them."""

_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _ZERO = b'"\\{}0'
_FIRST_PRINTED = 0x20
_ESCAPED = 64
_LOOKED_AT = 64 * 1024
_MOST_BYTES = 8 * 1024 * 1024
_SHORTEST = 8
_AT_ONCE = 256 * 1024
_MAX_DIGITS = 18
_REPEATED = 8
_MAX_KNOWN = 64
_MOST_TRIED = 16
"""So many forms are tried of texts with as many quotes, so many of them kept."""

_LEAST_SHARE = 4
_PASSED_OVER = 16
"""Where fewer than a fourth of the texts are read so, so many of the next calls try none."""

_MEANT = np.zeros(256, np.uint8)
"""What the character behind a backslash stands for; 0 for what is left to a parser."""
_MEANT[list(b'"\\bfnrt')] = list(b'"\\\b\f\n\r\t')


class _Marked:
    """Where the quotes of texts lie; ``usual`` are those texts that may have a form."""

    def __init__(self, lines: Lines) -> None:
        """The whole text must be UTF-8."""
        self.lines = lines
        text, starts, ends = lines.text, lines.starts, lines.ends
        self.characters = characters = np.frombuffer(text, np.uint8)
        self.words = np.ndarray((len(text) - WORD + 1,), "<u8", text, 0, (1,))
        self.usual = (characters[np.minimum(starts, len(text) - 1)] == _OPEN) & (
            characters[ends - 1] == _CLOSE
        ) & (ends - starts >= 2)  # fmt: skip
        marks = _special(characters)
        kinds = characters[marks]
        self._leave(marks[kinds < _FIRST_PRINTED])
        self.quotes = marks[kinds == _QUOTE]
        backslashes = marks[kinds == _BACKSLASH]
        if len(backslashes):
            escaped = backslashes[escapes(backslashes)] + 1
            which = characters[np.minimum(escaped, len(text) - 1)]
            self._leave(escaped[_MEANT[which] == 0])
            are_quotes = np.searchsorted(self.quotes, escaped[which == _QUOTE])
            self.quotes = np.delete(self.quotes, are_quotes)
        self.first = np.searchsorted(self.quotes, starts)
        self.counts = np.searchsorted(self.quotes, ends) - self.first

    def _leave(self, at: Places) -> None:
        """Leave the texts that have something at these places."""
        starts, ends = self.lines.starts, self.lines.ends
        which = np.searchsorted(starts, at, "right") - 1
        self.usual[which[(which >= 0) & (at < ends[which])]] = False

    def marks(self, rows: Places, quotes: int) -> Places:
        """The marks of texts that have so many quotes: a row a text."""
        found = np.empty((len(rows), quotes + 2), np.int64)
        found[:, 0] = self.lines.starts[rows]
        first = self.first[rows]
        if len(rows) * quotes == first[-1] + quotes - first[0]:  # nothing lies between them
            found[:, 1:-1] = self.quotes[first[0] :][: len(rows) * quotes].reshape(-1, quotes)
        else:
            found[:, 1:-1] = self.quotes[first[:, None] + np.arange(quotes)]
        found[:, -1] = self.lines.ends[rows]
        return found


def _special(characters: Characters) -> Places:
    """Where quotes, backslashes and controls are."""
    found = []
    for begin in range(0, len(characters), _AT_ONCE):
        part = characters[begin : begin + _AT_ONCE]
        are_special = (part == _QUOTE) | (part == _BACKSLASH) | (part < _FIRST_PRINTED)
        found.append(np.flatnonzero(are_special) + begin)
    return np.concatenate(found)


class Alike:
    """Texts of one form: ``rows`` are their numbers among all that were looked at."""

    def __init__(self, form: Form, lines: Lines, rows: Places, marks: Places) -> None:
        self.form = form
        self.rows = rows
        self._lines = lines
        self._marks = marks
        self._plain: dict[Place, _Plain] = {}

    def proven(self) -> tuple[Alike, Places]:
        """Those of the texts that are JSON of the form, and the rows of the others."""
        if not len(self.rows):
            return self, self.rows
        spans = [self._span(place) for place in self.form.plain]
        fit = np.ones(len(self.rows), bool)
        for begin, end in spans:
            fit &= begin < end
        if fit.all():
            self._plain = dict(zip(self.form.plain, self._plains(spans), strict=True))
            fit = self._all(one.fit for one in self._plain.values())
            if fit.all():
                return self, self.rows[:0]
        others, left = Alike(self.form, self._lines, self.rows[fit], self._marks[fit]).proven()
        return others, np.sort(np.append(left, self.rows[~fit]))

    def as_written(self) -> tuple[Alike, Places]:
        """Those of the texts that orjson writes so, but for blanks, and the rows of the others."""
        fit = self._all(one.own for one in self._plain.values())
        if fit.all():
            return self, self.rows[:0]
        others, _ = Alike(self.form, self._lines, self.rows[fit], self._marks[fit]).proven()
        return others, self.rows[~fit]

    def _all(self, masks: Iterable[Mask | None]) -> Mask:
        """Which texts all of these hold for; None holds for all texts."""
        fit = np.ones(len(self.rows), bool)
        for mask in masks:
            fit &= True if mask is None else mask
        return fit

    def _plains(self, spans: Sequence[Span]) -> list[_Plain]:
        if not spans:
            return []
        whole = side_by_side(self._lines.text, spans)
        are_whole = np.all(_are_whole(whole).reshape(len(spans), -1), axis=1).tolist()
        pairs = zip(apart(whole, len(spans)), are_whole, strict=True)
        return [_Plain(texts) if is_whole else _Plain.of(texts) for texts, is_whole in pairs]

    def _span(self, place: Place) -> Span:
        (begin, before), (end, behind) = place.begin, place.end
        return self._marks[:, begin] + before, self._marks[:, end] + behind

    def raws(self) -> pa.Array:
        """The texts."""
        return side_by_side(
            self._lines.text, [(self._lines.starts[self.rows], self._lines.ends[self.rows])]
        )

    def values(self, places: Sequence[Place]) -> list[Values | None]:
        """The values of each text at these places, by places; None where there is none in any."""
        found: dict[Place, Values | None] = {}
        those = sorted({one for one in places if one.is_text}, key=lambda place: place.begin)
        if those:
            whole = side_by_side(self._lines.text, [self._span(place) for place in those])
            found = dict(zip(those, apart(_unescaped(whole), len(those)), strict=True))
        for place in places:
            if place in self._plain:
                found[place] = self._plain[place].values()
            elif not place.is_text:
                found[place] = _parsed(side_by_side(self._lines.text, [self._span(place)]))
        return [found[place] for place in places]

    def own(self, raws: pa.Array) -> pa.Array:
        """The texts without blanks between tokens."""
        if not self.form.spaces:
            return raws
        offsets, data = _offsets(raws), _data(raws)
        keep = np.ones(len(data), bool)
        marks, behind = np.array(self.form.spaces).T
        keep[self._marks[:, marks] + (behind + (offsets[:-1] - self._marks[:, 0])[:, None])] = False
        fewer = offsets - len(marks) * np.arange(len(offsets))
        return _array(data[keep], fewer)


@dataclass(frozen=True, slots=True)
class _Plain:
    """Values without quotes: the texts, which of them are JSON, which are as orjson writes them.

    All are so, and whole numbers, where nothing else is said.
    """

    texts: pa.Array
    parsed: Values | None = None
    fit: Mask | None = None
    own: Mask | None = None

    @classmethod
    def of(cls, texts: pa.Array) -> _Plain:
        """What such texts are."""
        fit = np.ones(len(texts), bool)
        coded = texts.dictionary_encode()
        if len(coded.dictionary) > len(texts) // _REPEATED:
            values = _written_by_orjson(texts)
            if values is not None:
                return cls(texts, values_of(values), fit)
        distinct, are_fit, are_own = [], [], []
        for text in coded.dictionary.cast(pa.binary()).to_pylist():
            try:
                value = orjson.loads(text)
                is_value = not isinstance(value, dict)
            except orjson.JSONDecodeError:
                value, is_value = None, False
            distinct.append(value)
            are_fit.append(is_value)
            are_own.append(is_value and orjson.dumps(value) == text)
        codes = coded.indices.to_numpy()
        values = list(map(distinct.__getitem__, codes.tolist()))
        return cls(texts, values_of(values), np.array(are_fit)[codes], np.array(are_own)[codes])

    def values(self) -> Values | None:
        """The values."""
        return self.texts.cast(pa.int64()) if self.fit is None else self.parsed


def _written_by_orjson(texts: pa.Array) -> list[Any] | None:
    """The values of texts that are all numbers, true, false or null, as orjson writes them."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    text = b"[%b]" % pc.binary_join(whole, ",")[0].as_buffer().to_pybytes()
    if text.count(b",") != len(texts) - 1 or text.count(b"[") > 1 or b"{" in text:
        return None
    try:
        values: list[Any] = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return values if orjson.dumps(values) == text else None


def _are_whole(texts: pa.Array) -> Mask:
    """Which are numbers without a sign that fit into 64 bits."""
    offsets = _offsets(texts)
    sizes = np.diff(offsets)
    has_zero = _data(texts)[offsets[:-1]] == _ZERO
    whole = as_mask(pc.ascii_is_decimal(texts))
    whole &= (sizes <= _MAX_DIGITS) & ~(has_zero & (sizes > 1))
    return whole


def _parsed(texts: pa.Array) -> Values | None:
    coded = texts.dictionary_encode()
    values = list(map(orjson.loads, coded.dictionary.cast(pa.binary()).to_pylist()))
    return values_of([values[code] for code in coded.indices.to_pylist()])


def _unescaped(texts: pa.Array) -> pa.Array:
    """Texts as they are meant, of texts as they are written between quotes."""
    data = _data(texts)
    backslashes = np.flatnonzero(data == _BACKSLASH)
    if not len(backslashes):
        return texts
    escaping = backslashes[escapes(backslashes)]
    meant = data.copy()
    meant[escaping + 1] = _MEANT[data[escaping + 1]]
    offsets = _offsets(texts)
    return _array(np.delete(meant, escaping), offsets - np.searchsorted(escaping, offsets))


def _offsets(texts: pa.Array) -> Places:
    return np.frombuffer(texts.buffers()[1], np.int32)[: len(texts) + 1].astype(np.int64)


def _data(texts: pa.Array) -> npt.NDArray[np.uint8]:
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)


def _array(data: npt.NDArray[np.uint8], offsets: Places) -> pa.Array:
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def are_better_parsed(text: bytes) -> bool:
    """Whether looking for forms in a text takes longer, or much memory.

    So it is with many escapes, with very long lines and with very short ones.
    """
    begin = text[:_LOOKED_AT]
    return (
        len(text) > _MOST_BYTES
        or begin.count(b"\n") * _SHORTEST > len(begin)
        or any(part.count(b"\\") * _ESCAPED > len(part) for part in (begin, text))
    )


OfForm = Callable[[Alike, Places], tuple[Sequence[Part], Places]]
"""Takes texts of one form, and where all that were looked at begin.

Gives their rows, and the numbers of those that are better parsed.
"""

Found = tuple[list[Part], Iterable[tuple[int, bytes]]]
"""The rows of texts that are alike; others that are not empty, with where each begins."""


class Forms:
    """The forms of one source, as they were met."""

    def __init__(self, *, are_tried: bool = True) -> None:
        """None is known yet, or ever where they are not tried."""
        self._are_tried = are_tried
        self._known: dict[int, list[Form]] = {}
        self._passed_over = 0

    def of_lines(self, text: bytes, of_form: OfForm) -> Found:
        """What *of_form* makes of the lines of a text, and the other lines."""
        if not self._are_tried or are_better_parsed(text):
            return [], each_line(text)
        lines = Lines.of(text)
        return self.parts(lines, lines.starts, of_form)

    def of_texts(self, texts: Mapping[int, bytes], of_form: OfForm) -> Found:
        """The same of texts that begin there."""
        whole = b"\n".join(texts.values()) if self._are_tried else b""
        if not self._are_tried or are_better_parsed(whole):
            return [], texts.items()
        return self.parts(
            Lines.joined(whole, map(len, texts.values())), np.array([*texts]), of_form
        )

    def parts(self, lines: Lines, begins: Places, of_form: OfForm) -> Found:
        """The same of lines, however many escapes they have."""
        parts: list[Part] = []
        is_left = np.ones(len(begins), bool)
        if self._passed_over:
            self._passed_over -= 1
        elif len(begins) >= FEWEST and _is_utf8(lines.text):
            for alike in self._alike(lines):
                made, left = of_form(alike, begins)
                parts += made
                is_left[alike.rows] = False
                is_left[left] = True
            if np.count_nonzero(~is_left) * _LEAST_SHARE < len(begins):
                self._passed_over = _PASSED_OVER
        rest = np.flatnonzero(is_left & (lines.ends > lines.starts))
        return parts, zip(begins[rest].tolist(), lines.each(rest), strict=True)

    def _alike(self, lines: Lines) -> Iterator[Alike]:
        marked = _Marked(lines)
        usual = np.flatnonzero(marked.usual)
        counts = marked.counts[usual]
        for quotes in np.unique(counts).tolist():
            rows = usual[counts == quotes]
            if len(rows) >= FEWEST and 0 < quotes <= MAX_QUOTES:
                yield from self._by_form(marked, rows, quotes)

    def _by_form(self, marked: _Marked, rows: Places, quotes: int) -> Iterator[Alike]:
        """The texts that have so many quotes, by forms that are known, or those of some of them."""
        marks = marked.marks(rows, quotes)
        tried = iter(self._known.get(quotes, ())[:_MOST_TRIED])
        for _ in range(_MOST_TRIED):
            if len(rows) < FEWEST:
                return
            middle = len(rows) // 2
            form = next(tried, None) or Form.of(marked.lines.line(rows[middle]))
            if form is None:
                rows, marks = np.delete(rows, middle), np.delete(marks, middle, axis=0)
                continue
            fit = form.fits(marked.characters, marked.words, marks)
            if fit.sum() >= FEWEST:
                self._keep(form, quotes)
                proven, _ = Alike(form, marked.lines, rows[fit], marks[fit]).proven()
                if len(proven.rows):
                    yield proven
            rows, marks = rows[~fit], marks[~fit]

    def _keep(self, form: Form, quotes: int) -> None:
        """Try the form first the next time. What names there are is the log's own."""
        if quotes not in self._known and len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        others = (one for one in self._known.get(quotes, ()) if one is not form)
        self._known[quotes] = [form, *others][:_MOST_TRIED]


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
