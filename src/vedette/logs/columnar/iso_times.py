"""Moments in ISO form, many at once: takes texts, gives the ticks that ``iso_ticks`` gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from vedette.logs.times import iso_ticks
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

_FEW = 100
"""Of how many texts on they are read together: fewer are quicker one by one."""

_SECONDS = len("2026-03-11T05:16:41")
_LONGEST = _SECONDS + len(".1234567Z")
_FORM = "####-##-## ##:##:##"
_UNITS = ((0, 4, 10_000, 0), (5, 7, 100, 0), (8, 10, 1, 0), (11, 13, 1, 1), (14, 16, 1, 2),
          (17, 19, 1, 3))  # fmt: skip
"""Where a number begins and ends, what it counts for, and in which of the five sums."""
_HIGHEST = (23, 59, 59)
_TICKS = np.array([3600 * TICKS_PER_SECOND, 60 * TICKS_PER_SECOND, TICKS_PER_SECOND, 1], np.float64)
_BLANK, _T, _Z = b" TZ"

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


def _of_length(texts: Sequence[str], length: int) -> list[int | None]:
    """Ticks of texts of one length."""
    if len(texts) >= _FEW and _SECONDS <= length <= _LONGEST and length != _SECONDS + 1:
        ticks = _usual("".join(texts), length)
        if ticks is not None:
            return ticks
    return [iso_ticks(text) for text in texts]


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """Where digits and marks are in texts of one length; what the digits count for in five sums.

    These are the day (as 20260311), hours, minutes, seconds, and the ticks of the fraction.
    """

    digits: _Array
    marked: _Array
    marks: _Array
    weights: _Array


@lru_cache
def _form(length: int, utc: bool) -> _Form | None:
    """The form of such texts, which end in Z if they are in *utc*; None where there is none."""
    end = length - utc
    fraction = end - _SECONDS - 1
    if fraction == 0 or fraction > 7:
        return None
    written = _FORM + ("." + "#" * fraction if fraction > 0 else "") + "Z" * utc
    digits = [place for place, mark in enumerate(written) if mark == "#"]
    marked = [place for place, mark in enumerate(written) if mark not in "# "]
    weights = np.zeros((length, 5))
    for begin, stop, unit, column in _UNITS:
        for place in range(begin, stop):
            weights[place, column] = unit * 10 ** (stop - 1 - place)
    for number in range(fraction):
        weights[_SECONDS + 1 + number, 4] = 10 ** (6 - number)
    marks = np.array([ord(written[place]) for place in marked], np.uint8)
    return _Form(np.array(digits), np.array(marked), marks, weights[digits])


def _usual(joined: str, length: int) -> list[int | None] | None:
    """Ticks of texts of one length such as 2026-03-11T05:16:41.123Z; None if any is another."""
    if not joined.isascii():
        return None
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(-1, length)
    form = _form(length, bool(letters[0, -1] == _Z))
    if form is None:
        return None
    digits = letters.take(form.digits, 1) - np.uint8(ord("0"))  # less than 0 is much in these
    between = letters[:, 10]
    if not (
        digits.max() <= 9
        and (letters.take(form.marked, 1) == form.marks).all()
        and ((between == _BLANK) | (between == _T)).all()
    ):
        return None
    sums = digits.astype(np.float64) @ form.weights  # exact: each is far below 2**53
    last, hour, minute, second, _ = sums.max(axis=0).tolist()
    if hour > _HIGHEST[0] or minute > _HIGHEST[1] or second > _HIGHEST[2]:
        return None
    ticks = (sums[:, 1:] @ _TICKS).astype(np.int64)
    days, which = [_day(int(last))], None
    if sums[:, 0].min() != last:
        dates, which = np.unique(sums[:, 0], return_inverse=True)
        days = [_day(int(date)) for date in dates.tolist()]
    if None in days:
        return None
    midnights = np.array(days, np.int64) * TICKS_PER_DAY
    found: list[int | None] = (ticks + (midnights if which is None else midnights[which])).tolist()
    return found


@lru_cache(4096)
def _day(written: int) -> int | None:
    """Days since 0001-01-01 of a date such as 20260311; None for one that is none."""
    year, month, day = written // 10_000, written // 100 % 100, written % 100
    try:
        return dt.date(year, month, day).toordinal() - 1
    except ValueError:
        return None
