"""Web requests in fields, many at once: takes columns of them, gives those of their parts.

What is made of a request is what logs/web.py makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.spans import as_mask, named, texts
from vedette.logs.columnar.texts import Values, joined, targets
from vedette.logs.conversions import text
from vedette.logs.parts import over
from vedette.logs.web import authority_parts, host_part, request_parts, target_parts

VERSIONS = pa.array([f"HTTP/{v}" for v in ("0.9", "1.0", "1.1", "2.0", "3.0", "2", "3")])
_MOST_LETTERS = 40
_STRING = pa.string()
_WRITTEN = (str, int, float)


def first(fields: Mapping[str, Values], names: Sequence[str], count: int) -> pa.Array:
    """Of each of so many records the first of the names that has a text or number, as text."""
    found: pa.Array | None = None
    for name in names:
        values = fields.get(name)
        if values is None or (isinstance(values, pa.Array) and pa.types.is_boolean(values.type)):
            continue
        written = _texts(values)
        found = written if found is None else over(found, written)
    return pa.nulls(count, _STRING) if found is None else found


def _texts(values: Values) -> pa.Array:
    if isinstance(values, pa.Array):
        if pa.types.is_string(values.type):
            return named(values)
        if pa.types.is_integer(values.type):
            return values.cast(_STRING)
        values = values.to_pylist()
    return pa.array([text(one) if type(one) in _WRITTEN else None for one in values], _STRING)


def requests(lines: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Method, target and version of request lines, as ``request_parts`` gives them."""
    bare, starts, ends = _bounds(lines)
    blanks = np.flatnonzero(bare == ord(" "))
    if not len(blanks):
        return pa.nulls(len(lines), _STRING), named(lines), pa.nulls(len(lines), _STRING)
    before = np.searchsorted(blanks, starts)
    usual = np.searchsorted(blanks, ends) - before == 2
    before, starts, ends = (one[usual] for one in (before, starts, ends))
    first, second = blanks[before], blanks[np.minimum(before + 1, len(blanks) - 1)]
    spans = {"method": (starts, first), "url": (first + 1, second), "version": (second + 1, ends)}
    parts = texts(pa.py_buffer(bare), spans)
    good = as_mask(pc.ascii_is_alpha(parts["method"]))
    good &= as_mask(pc.less_equal(pc.binary_length(parts["method"]), _MOST_LETTERS))
    good &= as_mask(pc.starts_with(parts["url"], "/"))
    good &= as_mask(pc.is_in(parts["version"], VERSIONS))
    if not good.all():
        parts = {name: part.filter(pa.array(good)) for name, part in parts.items()}
        usual[np.flatnonzero(usual)[~good]] = False
    method, url, version = (
        joined(lines, usual, part, partial(_part, request_parts, place), _STRING)
        for place, part in enumerate(parts.values())
    )
    return method, url, version


def target_columns(urls: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Host, path and query of targets, as ``target_parts`` gives them."""
    usual, parts = targets(urls)
    host, path, query = (
        joined(urls, usual, parts[name], partial(_part, target_parts, place), _STRING)
        for place, name in enumerate(("host", "path", "query"))
    )
    return host, path, query


def authorities(urls: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Host and port that targets name, as ``authority_parts`` gives them."""
    usual, parts = targets(urls)
    host = joined(urls, usual, parts["host"], lambda url: authority_parts(url)[0], _STRING)
    none = pa.nulls(int(usual.sum()), pa.int32())  # the host of a usual one stands alone
    return host, joined(urls, usual, none, lambda url: authority_parts(url)[1], pa.int32())


def hosts(written: pa.Array) -> pa.Array:
    """The hosts of what may have a port behind it."""
    return each(written, host_part)


def each(values: pa.Array, convert: Callable[[Any], str | None]) -> pa.Array:
    """Texts converted, once for each distinct one; null stays null."""
    return joined(values, np.zeros(len(values), bool), pa.nulls(0, _STRING), convert, _STRING)


def _part(parts: Callable[[Any], Sequence[str | None]], place: int, value: str) -> str | None:
    return parts(value)[place]


def _bounds(values: pa.Array) -> tuple[Any, Any, Any]:
    """The bytes of texts, and where each begins and ends there."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset :][: len(values) + 1]
    data = values.buffers()[2] or pa.py_buffer(b"")
    places = offsets.astype(np.int64)
    return np.frombuffer(data, np.uint8), places[:-1], places[1:]
