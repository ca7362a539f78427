"""Fields as columns into columns of a table: what a mapping says, for many rows at once.

Takes what ``Filler.row`` takes of one record: an Arrow array a field, of texts, numbers or truths,
null where a record lacks it, or a list where they are of several types. Gives the same values.
Numbers, moments and requests' targets in their usual form are worked out in columns, other texts
once for each distinct value, and what is of several types value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.address_conversions import (
    bare_target_host,
    bare_target_path,
    bare_target_query,
    url_host,
    url_path,
    url_query,
)
from vedette.logs.batches import ARROW_TYPES, arrow_array
from vedette.logs.columnar.iso_times import epoch_array, iso_array, usual_epoch, usual_iso
from vedette.logs.columnar.spans import (
    Mask,
    as_mask,
    named,
    next_mark,
    null_where,
    texts,
    without_empty,
)
from vedette.logs.conversions import (
    Convert,
    account,
    address,
    domain,
    instant,
    kept,
    milliseconds,
    moment,
    port,
    stamp,
    text,
    whole,
)
from vedette.logs.mapping import Filler
from vedette.logs.parts import over

Values: TypeAlias = pa.Array | list[Any]
"""A field of many records: an array, or a list where its values are of several types."""

_MAX_DIGITS = 18
_MAX_PORT = 65_535
_PARTS: Mapping[Convert, str] = {
    url_host: "host", url_path: "path", url_query: "query",
    bare_target_host: "host", bare_target_path: "path", bare_target_query: "query",
}  # fmt: skip
_SCHEMES = ("https://", "http://")
_ENDS_HOST = np.isin(np.arange(256), list(b"/?#:@[]"))


def filled_columns(filler: Filler, fields: Mapping[str, Values]) -> dict[str, pa.Array]:
    """The columns that the fields give, by their names."""
    names = list(filler.layout.columns)
    types = [ARROW_TYPES[type] for type in filler.layout.columns.values()]
    convert = _Conversions(fields)
    found: dict[str, pa.Array] = {}
    for name, place in filler.texts:
        if name in fields:
            made = convert.made(text, name, types[place])
            found[names[place]] = over(made, filler.blank[place])
    for name, place, call in filler.single:
        if name in fields:
            made = convert.made(call, name, types[place])
            blank = filler.blank[place]
            if blank is not None:
                made = pc.if_else(_is_there(fields[name]), made, pa.scalar(blank, made.type))
            found[names[place]] = made
    for place, options in filler.several:
        arrays = [convert.made(call, n, types[place]) for n, call in options if n in fields]
        if arrays:
            found[names[place]] = over(reduce(over, arrays), filler.blank[place])
    return found


def listed(values: Values) -> list[Any]:
    """A field's values, None where there is none."""
    each: list[Any] = values if isinstance(values, list) else values.to_pylist()
    return each


def converted(values: Values, convert: Convert, type: pa.DataType) -> pa.Array:
    """A field converted, once for each distinct value; null stays null."""
    if isinstance(values, list) or pa.types.is_floating(values.type):
        return _each(listed(values), convert, type)
    return _Distinct.of(values).converted(convert, type)


def _is_there(values: Values) -> pa.Array:
    if isinstance(values, pa.Array):
        return values.is_valid()
    return pa.array([value is not None for value in values])


@dataclass(frozen=True, slots=True)
class _Distinct:
    """The distinct values of a column, and which of these each row has."""

    values: list[Any]
    rows: pa.Array

    @staticmethod
    def of(column: pa.Array) -> _Distinct:
        coded = column.dictionary_encode()
        return _Distinct(coded.dictionary.to_pylist(), coded.indices)

    def converted(self, convert: Convert, type: pa.DataType) -> pa.Array:
        """Each value converted, once for each distinct one; null stays null."""
        return arrow_array(list(map(convert, self.values)), type).take(self.rows)


def _has_no_domain(values: pa.Array) -> bool:
    return not pc.any(pc.match_substring(values, "\\")).as_py()


def _has_no_colon(values: pa.Array) -> bool:
    return not pc.any(pc.match_substring(values, ":")).as_py()


_IS_NAME: Mapping[Convert, Callable[[pa.Array], bool]] = {
    text: lambda _: True, account: _has_no_domain, address: _has_no_colon,
}  # fmt: skip
"""Conversions that leave all texts as they are where this holds."""


class _Conversions:
    """Conversions of fields; what one makes of a value is kept for the next."""

    def __init__(self, fields: Mapping[str, Values]) -> None:
        self._fields = fields
        self._targets: dict[str, tuple[Mask, Mapping[str, pa.Array]]] = {}
        self._known: dict[str, _Distinct] = {}

    def made(self, convert: Convert, name: str, type: pa.DataType) -> pa.Array:
        """A field converted."""
        values = self._fields[name]
        if isinstance(values, list):
            return _each(values, convert, type)
        if not pa.types.is_string(values.type):
            return self._of_no_texts(values, convert, name, type)
        if convert is kept:
            return without_empty(values)
        is_name = _IS_NAME.get(convert)
        if is_name is not None and is_name(values):
            return named(values)
        if convert is domain and _has_no_domain(values):
            return pa.nulls(len(values), type)
        if convert in _PARTS:
            if name not in self._targets:
                self._targets[name] = targets(values)
            usual, parts = self._targets[name]
            return joined(values, usual, parts[_PARTS[convert]], convert, type)
        if convert is moment:
            return iso_array(values)
        if convert in (stamp, instant):
            ticks = usual_iso(values)
            if ticks is None:
                ticks = usual_epoch(values)
            if ticks is not None and pc.min(ticks).as_py() > 0:
                return ticks
            return self._distinct(name).converted(convert, type)
        limit = _limit(convert)
        if limit is None:
            return self._distinct(name).converted(convert, type)
        usual = as_mask(pc.ascii_is_decimal(values).fill_null(False))
        if not usual.any():
            return self._distinct(name).converted(convert, type)
        usual &= as_mask(pc.less_equal(pc.binary_length(values), _MAX_DIGITS).fill_null(False))
        numbers = (values if usual.all() else values.filter(pa.array(usual))).cast(pa.int64())
        numbers = null_where(numbers, as_mask(pc.greater_equal(numbers, limit)))
        return joined(values, usual, numbers.cast(type), convert, type)

    def _of_no_texts(
        self, values: pa.Array, convert: Convert, name: str, type: pa.DataType
    ) -> pa.Array:
        """A field of numbers or truths converted."""
        if pa.types.is_floating(values.type):
            ticks = epoch_array(values) if convert is instant else None
            if ticks is None and convert is milliseconds:
                return _milliseconds(values)
            return _each(values.to_pylist(), convert, type) if ticks is None else ticks
        if convert in (text, kept):
            return values.cast(pa.string())
        limit = _limit(convert)
        if limit is None or not pa.types.is_integer(values.type):
            return self._distinct(name).converted(convert, type)
        least = 0 if convert is port else -limit
        if type == values.type and convert is not port:
            return values
        outside = pc.or_(pc.less(values, least), pc.greater_equal(values, limit))
        return null_where(values, as_mask(outside.fill_null(False))).cast(type)

    def _distinct(self, name: str) -> _Distinct:
        # Of numbers with a fraction 0.0 and -0.0 would be one: they never come here.
        if name not in self._known:
            self._known[name] = _Distinct.of(self._fields[name])
        return self._known[name]


def _milliseconds(seconds: pa.Array) -> pa.Array:
    """What ``milliseconds`` makes of numbers."""
    usual = pc.and_(pc.greater_equal(seconds, 0), pc.less(seconds, 10**12))
    rounded = pc.round(pc.multiply(seconds, 1000.0), round_mode="half_to_even")
    return pc.if_else(usual, rounded, None).cast(pa.int64())


def _each(values: Sequence[Any], convert: Convert, type: pa.DataType) -> pa.Array:
    """Each value converted; None stays null."""
    return arrow_array([None if value is None else convert(value) for value in values], type)


def _limit(convert: Convert) -> int | None:
    """Below what a number must be that this conversion reads; None where it reads none."""
    if convert is port:
        return _MAX_PORT + 1
    if convert is whole:
        return 2**63 - 1
    if isinstance(convert, partial) and convert.func is whole:
        limit: int = convert.keywords["limit"]
        return min(2**63 - 1, limit)
    return None


def joined(
    values: pa.Array, usual: Mask, made: pa.Array, convert: Convert, type: pa.DataType
) -> pa.Array:
    """What was *made* of the values that are usual, and the others converted one by one."""
    if usual.all():
        return made
    others = _Distinct.of(values.filter(pa.array(~usual))).converted(convert, type)
    order = np.empty(len(values), np.int64)
    order[usual] = np.arange(len(made))
    order[~usual] = np.arange(len(others)) + len(made)
    return pa.concat_arrays([made, others]).take(pa.array(order))


def targets(values: pa.Array) -> tuple[Mask, dict[str, pa.Array]]:
    """Which targets are usual, and the parts of these.

    Usual is a path, or an address of http with a path whose host stands alone.
    """
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset :].astype(np.int64)
    data = values.buffers()[2] or pa.py_buffer(b"")
    bare = np.frombuffer(data, np.uint8)
    starts, ends = offsets[: len(values)], offsets[1 : len(values) + 1]
    begins = starts.copy()
    for scheme in _SCHEMES:
        begins += len(scheme) * as_mask(pc.starts_with(values, scheme).fill_null(False))
    path = next_mark(np.flatnonzero(_ENDS_HOST[bare]), begins, ends)
    usual = (np.append(bare, np.uint8(0))[path] == ord("/")) & (path < ends)
    usual &= np.where(begins > starts, path > begins, path == starts)
    begins, path, ends = (one[usual] for one in (begins, path, ends))
    mark = next_mark(np.flatnonzero(bare == ord("?")), path, ends)
    spans = {
        "host": (begins, path), "path": (path, mark), "query": (np.minimum(mark + 1, ends), ends),
    }  # fmt: skip
    found = texts(data, spans)
    found["host"] = null_where(found["host"], begins == path)
    found["query"] = null_where(found["query"], mark == ends)
    return usual, found
