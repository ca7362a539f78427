"""Parts of many lines at once: takes a text and places in it, gives columns of what lies there."""

from __future__ import annotations

from collections.abc import Mapping
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

    def line(self, number: int) -> bytes:
        """One line, without its end."""
        return self.text[self.starts[number] : self.ends[number]]


def texts(
    text: bytes | pa.Buffer, spans: Mapping[Name, Span], absent: Mapping[Name, Mask] | None = None
) -> dict[Name, pa.Array]:
    """A column of texts a span, null where *absent* says so. Spans follow each other in a line."""
    places = [place for span in spans.values() for place in span]
    offsets = np.empty(len(places[0]) * len(places) + 1, np.int32)
    offsets[-1] = len(text)
    bounds = offsets[:-1].reshape(len(places[0]), len(places))
    for number, place in enumerate(places):
        bounds[:, number] = place
    # Every second text is what lies between two spans.
    count = len(offsets) - 1
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    whole = pa.Array.from_buffers(pa.string(), count, buffers)
    step = 2 * len(spans)
    found = {}
    for number, name in enumerate(spans):
        nulls = absent.get(name) if absent is not None else None
        if nulls is not None and nulls.all():
            found[name] = pa.nulls(len(bounds), pa.string())
        else:
            found[name] = whole.take(pa.array(np.arange(2 * number, count, step), mask=nulls))
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
