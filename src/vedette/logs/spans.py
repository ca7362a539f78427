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

_NOTHING = pa.array(["", "-"])


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text: where each begins and ends there."""

    text: bytes
    starts: Places
    ends: Places

    def line(self, number: int) -> bytes:
        """One line, without its end."""
        return self.text[self.starts[number] : self.ends[number]]


def split_lines(text: bytes) -> Lines:
    """The lines of a text; what follows the last line end is a line too."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    starts = np.concatenate([[0], ends + 1])
    return Lines(text, starts, np.concatenate([ends, [len(text)]]))


def texts(text: bytes | pa.Buffer, spans: Mapping[Name, Span]) -> dict[Name, pa.Array]:
    """A column of texts a span. Spans follow each other in each line."""
    bounds = np.stack([place for span in spans.values() for place in span], axis=1)
    offsets = np.append(bounds.ravel(), len(text)).astype(np.int32)
    # Every second text is what lies between two spans.
    count = len(offsets) - 1
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    whole = pa.Array.from_buffers(pa.string(), count, buffers)
    step = 2 * len(spans)
    return {
        name: whole.take(pa.array(np.arange(2 * n, count, step))) for n, name in enumerate(spans)
    }


def named(texts: pa.Array) -> pa.Array:
    """Null for nothing or a lone hyphen."""
    return null_where(texts, as_mask(pc.is_in(texts, _NOTHING)))


def null_where(texts: pa.Array, mask: Mask) -> pa.Array:
    """Null where the mask says so."""
    if not mask.any():
        return texts
    return pc.if_else(pa.array(mask), pa.scalar(None, texts.type), texts)


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
