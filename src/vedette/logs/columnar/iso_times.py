"""Moments in ISO form, many at once: takes texts, gives the ticks that ``iso_ticks`` gives."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.times import iso_ticks
from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND, UNIX_EPOCH_TICKS

_FEW = 64
"""Of how many texts on they are read together: fewer are quicker one by one."""

_SECONDS = len("2026-03-11T05:16:41")
_LONGEST = _SECONDS + len(".1234567Z")
_FORM = "####-##-## ##:##:##"
_HIGHEST = np.array([23, 59, 59], np.uint8)
_ZERO = np.uint8(ord("0"))
_DAY = np.array([1_000_000, 10_000, 100, 1], np.int32)
_SECOND = np.array([3600, 60, 1], np.int32)
_BLANK, _T, _Z = b" TZ"
_ZONE = re.compile(rb"([+-])(\d\d):?(\d\d)\Z")
_EPOCH = r"\A[0-9]{1,10}(?:\.[0-9]{1,6})?\z"
_MAX_SECONDS = 10**9 * 8
_MOST_FORMS = 8

_Array = np.ndarray[Any, Any]


def iso_column(values: Sequence[Any]) -> list[int | None]:
    """The ticks of each text; None for what is no moment and no text."""
    if len(values) < _FEW:
        return [iso_ticks(value) if type(value) is str else None for value in values]
    if set(map(type, values)) == {str} and len(set(map(len, values))) == 1:
        return _of_length(values, len(values[0]))
    found: list[int | None] = [None] * len(values)
    by_length: dict[int, list[int]] = {}
    for number, value in enumerate(values):
        if type(value) is str:
            by_length.setdefault(len(value), []).append(number)
    for length, numbers in by_length.items():
        ticks = _of_length([values[number] for number in numbers], length)
        for number, one in zip(numbers, ticks, strict=True):
            found[number] = one
    return found


def iso_array(texts: pa.Array) -> pa.Array:
    """The same of an array of texts; null for none."""
    ticks = usual_iso(texts)
    return pa.array(iso_column(texts.to_pylist()), pa.int64()) if ticks is None else ticks


def usual_iso(texts: pa.Array) -> pa.Array | None:
    """The same where all are whole moments in few forms, null stays null; None for any other."""
    if len(texts) - texts.null_count < _FEW:
        return None
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    lengths = np.diff(ends)
    there = np.asarray(texts.is_valid()) if texts.null_count else np.ones(len(texts), bool)
    known = np.unique(lengths[there]).tolist()
    if len(known) > _MOST_FORMS:
        return None
    found = np.zeros(len(texts), np.int64)
    for length in known:
        rows = there & (lengths == length)
        some = texts if rows.all() else texts.filter(pa.array(rows))
        ticks = _of_one_length(some, length)
        if ticks is None:
            return None
        found[rows] = ticks
    return pa.array(found, mask=~there)


def _of_one_length(texts: pa.Array, length: int) -> _Array | None:
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    data = memoryview(texts.buffers()[2])[ends[0] : ends[-1]] if length else memoryview(b"")
    ticks = _usual(data, length)
    return _in_zone(data, length) if ticks is None else ticks


def _in_zone(data: memoryview, length: int) -> _Array | None:
    """Ticks of texts that all end in one offset such as +02:00; None if any is another."""
    zone = _ZONE.search(bytes(data[:length]))
    if zone is None:
        return None
    texts = np.frombuffer(data, np.uint8).reshape(-1, length)
    rest = length - len(zone[0])
    if not (texts[:, rest:] == np.frombuffer(zone[0], np.uint8)).all():
        return None
    ticks = _usual(texts[:, :rest].tobytes(), rest)
    if ticks is None:
        return None
    seconds = int(zone[2]) * 3600 + int(zone[3]) * 60
    ticks -= (-seconds if zone[1] == b"-" else seconds) * TICKS_PER_SECOND
    return ticks if ticks.min() >= 0 and ticks.max() <= MAX_TICKS else None


def epoch_array(seconds: pa.Array) -> pa.Array | None:
    """Ticks of seconds since 1970, one or more with up to six decimals; None if any is another."""
    if not len(seconds) or seconds.null_count:
        return None
    written = seconds.to_numpy()
    if not ((written >= 1) & (written < _MAX_SECONDS)).all():
        return None
    parts = np.rint(written * 10**6)
    # Equal is the shortest text that reads as this number: what its decimals say.
    if not (parts / 10**6 == written).all():
        return None
    return pa.array(UNIX_EPOCH_TICKS + parts.astype(np.int64) * (TICKS_PER_SECOND // 10**6))


def usual_epoch(texts: pa.Array) -> pa.Array | None:
    """The same of such seconds as texts; None if any is written otherwise."""
    if not len(texts) or not pc.all(pc.match_substring_regex(texts, _EPOCH)).as_py():
        return None
    return epoch_array(texts.cast(pa.float64()))


def _of_length(texts: Sequence[str], length: int) -> list[int | None]:
    """Ticks of texts of one length."""
    joined = "".join(texts)
    if len(texts) >= _FEW and joined.isascii():
        ticks = _usual(joined.encode(), length)
        if ticks is not None:
            found: list[int | None] = ticks.tolist()
            return found
    return [iso_ticks(text) for text in texts]


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """Where digits and marks are in texts of one length.

    ``pairs`` are the first fourteen digits, ``fraction`` the others, of which each counts so many
    ticks.
    """

    pairs: _Array
    fraction: _Array
    ticks: _Array
    marked: _Array
    marks: _Array


@lru_cache
def _form(length: int, utc: bool) -> _Form | None:
    """The form of such texts, which end in Z if they are in *utc*; None where there is none."""
    end = length - utc
    fraction = end - _SECONDS - 1
    if fraction == 0 or fraction > 7:
        return None
    written = _FORM + ("." + "#" * fraction if fraction > 0 else "") + "Z" * utc
    digits = np.array([place for place, mark in enumerate(written) if mark == "#"])
    marked = [place for place, mark in enumerate(written) if mark not in "# "]
    return _Form(
        digits[:14],
        digits[14:],
        np.array([10 ** (6 - number) for number in range(len(digits) - 14)], np.int64),
        np.array(marked),
        np.array([[ord(written[place])] for place in marked], np.uint8),
    )


def _usual(joined: bytes | memoryview, length: int) -> _Array | None:
    """Ticks of texts of one length such as 2026-03-11T05:16:41.123Z; None if any is another."""
    if not _SECONDS <= length <= _LONGEST:
        return None
    texts = np.frombuffer(joined, np.uint8).reshape(-1, length)
    form = _form(length, bool(texts[0, -1] == _Z))
    if form is None:
        return None
    letters = np.ascontiguousarray(texts.T)  # a row a place: long rows take a third of the time
    # What is less than the digit 0 becomes much, as these numbers have no sign.
    digits = letters[form.pairs] - _ZERO
    fraction = letters[form.fraction] - _ZERO
    between = letters[10]
    if not (
        digits.max() <= 9
        and fraction.max(initial=0) <= 9
        and (letters[form.marked] == form.marks).all()
        and ((between == _BLANK) | (between == _T)).all()
    ):
        return None
    pairs = digits[::2] * np.uint8(10) + digits[1::2]
    if (pairs[4:].max(axis=1) > _HIGHEST).any():
        return None
    # No products of matrices: those of floats wake threads, which then wait for more.
    dates = np.einsum("ij,i->j", pairs[:4], _DAY)
    ticks = np.einsum("ij,i->j", pairs[4:], _SECOND).astype(np.int64) * TICKS_PER_SECOND
    if len(form.ticks):
        ticks += np.einsum("ij,i->j", fraction, form.ticks)
    which: Any = 0
    known = dates[:1]
    if (dates != known).any():
        known, which = np.unique(dates, return_inverse=True)
    days = list(map(_day, known.tolist()))
    if None in days:
        return None
    found: _Array = ticks + (np.array(days, np.int64) * TICKS_PER_DAY)[which]
    return found


@lru_cache(4096)
def _day(written: int) -> int | None:
    """Days since 0001-01-01 of a date such as 20260311; None for one that is none."""
    year, month, day = written // 10_000, written // 100 % 100, written % 100
    try:
        return dt.date(year, month, day).toordinal() - 1
    except ValueError:
        return None
