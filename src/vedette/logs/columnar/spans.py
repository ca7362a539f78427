"""Parts of many lines at once: takes a text and places in it, gives columns of what lies there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Characters = npt.NDArray[np.uint8]
Span = tuple[Places, Places]
"""Where a part begins and ends in each line."""

Name = TypeVar("Name")
Columns = TypeVar("Columns")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text: where each begins and ends there."""

    text: bytes
    starts: Places
    ends: Places

    @classmethod
    def of(cls, text: bytes) -> Lines:
        """All lines, each without its end."""
        if not text:
            return cls(text, np.zeros(0, np.int64), np.zeros(0, np.int64))
        bare = np.frombuffer(text, np.uint8)
        breaks = np.flatnonzero(bare == ord("\n"))
        starts, ends = np.append(0, breaks + 1), np.append(breaks, len(text))
        return cls(text, starts, ends - ((ends > starts) & (bare[ends - 1] == ord("\r"))))

    @classmethod
    def joined(cls, text: bytes, sizes: Iterable[int]) -> Lines:
        """Texts of these sizes, with a line end between two."""
        lengths = np.fromiter(sizes, np.int64)
        ends = np.cumsum(lengths + 1) - 1
        return cls(text, ends - lengths, ends)

    def line(self, number: int) -> bytes:
        """One line, without its end."""
        return self.text[self.starts[number] : self.ends[number]]

    def each(self, numbers: Places) -> Iterator[bytes]:
        """The lines of these numbers, one at a time."""
        text = self.text
        bounds = zip(self.starts[numbers].tolist(), self.ends[numbers].tolist(), strict=True)
        return (text[start:end] for start, end in bounds)


def each_line(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Each line that is not empty, without its end, with where it begins."""
    begin, end = 0, len(text)
    while begin < end:
        stop = text.find(b"\n", begin)
        line = text[begin : stop if stop >= 0 else end]
        if line:
            yield begin, line
        begin += len(line) + 1


def texts(
    text: bytes | pa.Buffer, spans: Mapping[Name, Span], absent: Mapping[Name, Mask] | None = None
) -> dict[Name, pa.Array]:
    """A column of texts a span, null where *absent* says so. Spans follow each other in a line."""
    nothing = absent or {}
    whole = _between(text, list(spans.values()))
    found: dict[Name, pa.Array] = {}
    sure = [number for number, name in enumerate(spans) if name not in nothing]
    if sure:
        columns = apart(_taken(whole, sure, len(spans)), len(sure))
        found = dict(zip((name for name in spans if name not in nothing), columns, strict=True))
    for number, name in enumerate(spans):
        nulls = nothing.get(name)
        if nulls is not None and nulls.all():
            found[name] = pa.nulls(len(nulls), pa.string())
        elif nulls is not None:
            found[name] = _taken(whole, [number], len(spans), nulls)
    return found


def side_by_side(text: bytes, spans: Sequence[Span]) -> pa.Array:
    """The texts of all spans: of the first one those of all lines, then those of the next."""
    return _taken(_between(text, spans), range(len(spans)), len(spans))


def _between(text: bytes | pa.Buffer, spans: Sequence[Span]) -> pa.Array:
    """Each line's texts in its spans, and those between two of them and behind the last."""
    places = [place for span in spans for place in span]
    offsets = np.empty(len(places[0]) * len(places) + 1, np.int32)
    offsets[-1] = len(text)
    bounds = offsets[:-1].reshape(len(places[0]), len(places))
    for number, place in enumerate(places):
        bounds[:, number] = place
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def _taken(
    whole: pa.Array, numbers: Sequence[int], spans: int, nulls: Mask | None = None
) -> pa.Array:
    """The texts of the spans of these numbers, of so many, one span behind the other.

    All at once: a call takes longer than the texts of a few lines.
    """
    lines = np.arange(0, len(whole), 2 * spans)
    chosen = 2 * np.array(numbers)[:, None] + lines
    return whole.take(pa.array(chosen.ravel(), mask=nulls))


def apart(texts: pa.Array, count: int) -> list[pa.Array]:
    """So many equal parts of texts, which have no nulls and begin where their memory does."""
    if count == 1:
        return [texts]
    size = len(texts) // count
    bounds = np.frombuffer(texts.buffers()[1], np.int32)
    data = texts.buffers()[2] or pa.py_buffer(b"")
    found = []
    for number in range(count):
        own = bounds[number * size : (number + 1) * size + 1]
        begin, end = int(own[0]), int(own[-1])
        buffers = [None, pa.py_buffer(own - own[0]), data.slice(begin, end - begin)]
        found.append(pa.Array.from_buffers(pa.string(), size, buffers))
    return found


def next_mark(marks: Places, starts: Places, ends: Places) -> Places:
    """Where the first mark behind each start is, the end where there is none before it."""
    marks = np.append(marks, ends[-1:])
    first: Places = np.minimum(marks[np.searchsorted(marks[:-1], starts)], ends)
    return first


def named(texts: pa.Array) -> pa.Array:
    """Null for nothing or a lone hyphen."""
    if not len(texts):
        return texts
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset :][: len(texts) + 1]
    lengths = np.diff(ends)
    nothing = lengths == 0
    single = np.flatnonzero(lengths == 1)
    if len(single):
        nothing[single] = np.frombuffer(data, np.uint8)[ends[single]] == ord("-")
    return pa.nulls(len(texts), texts.type) if nothing.all() else null_where(texts, nothing)


def null_where(texts: pa.Array, mask: Mask) -> pa.Array:
    """Null where the mask says so."""
    if not mask.any():
        return texts
    return pc.if_else(pa.array(mask), pa.scalar(None, texts.type), texts)


def escapes(backslashes: Places) -> Mask:
    """Which of the backslashes at these places stand for what follows, and for no backslash."""
    follows = np.zeros(len(backslashes), bool)
    follows[1:] = backslashes[1:] == backslashes[:-1] + 1
    numbers = np.arange(len(backslashes))
    first = np.maximum.accumulate(np.where(follows, 0, numbers))
    return np.asarray((numbers - first) % 2 == 0, bool)


def without_empty(texts: pa.Array) -> pa.Array:
    """Null for nothing."""
    return null_where(texts, as_mask(pc.equal(texts, "").fill_null(False)))


def taken(columns: Columns, rows: Places) -> Columns:
    """The same with some of its rows: of a dataclass's arrays, and of those in its mappings."""
    chosen = pa.array(rows)

    def of(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {name: of(one) for name, one in part.items()}
        if isinstance(part, np.ndarray):
            return part[rows]
        return part.take(chosen) if isinstance(part, pa.Array) else part

    parts = {f.name: of(getattr(columns, f.name)) for f in fields(columns)}  # type: ignore[arg-type]
    return replace(columns, **parts)  # type: ignore[type-var]


def as_mask(array: pa.Array) -> Mask:
    """An array of true and false without nulls."""
    return np.asarray(array.to_numpy(zero_copy_only=False), bool)
