"""Moments in ISO form, many at once: takes texts, gives the ticks that ``iso_ticks`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vedette.logs.times import iso_ticks
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

_FEW = 32
_EPOCH_DAYS = 719_162
_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
_MARKS = ((4, "-"), (7, "-"), (13, ":"), (16, ":"))
_SECONDS = len("2026-03-11T05:16:41")
_LONGEST = _SECONDS + len(".1234567Z")


def iso_column(values: Sequence[Any]) -> list[int | None]:
    """The ticks of each text; None for what is no moment and no text."""
    if len(values) < _FEW:
        return [iso_ticks(value) if type(value) is str else None for value in values]
    found: list[int | None] = [None] * len(values)
    by_length: dict[int, list[int]] = {}
    for number, value in enumerate(values):
        if type(value) is str:
            by_length.setdefault(len(value), []).append(number)
    for length, numbers in by_length.items():
        texts = [values[number] for number in numbers]
        ticks = _usual(texts, length) if _SECONDS <= length <= _LONGEST else None
        if ticks is None:
            ticks = [iso_ticks(one) for one in texts]
        for number, one in zip(numbers, ticks, strict=True):
            found[number] = one
    return found


def _usual(texts: Sequence[str], length: int) -> list[int | None] | None:
    """Ticks of texts of one length such as 2026-03-11T05:16:41.123Z; None if they are others."""
    joined = "".join(texts)
    if not joined.isascii():
        return None
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(len(texts), length)
    utc = bool((letters[:, -1] == ord("Z")).all())
    end = length - utc
    if not utc and not bool(((letters[:, -1] >= ord("0")) & (letters[:, -1] <= ord("9"))).all()):
        return None
    fraction = end - _SECONDS - 1
    if fraction == 0 or fraction > 7:
        return None
    places = _DIGITS + list(range(_SECONDS + 1, end))
    digits = letters[:, places].astype(np.int64) - ord("0")
    good = ((digits >= 0) & (digits <= 9)).all(axis=1)
    good &= (letters[:, 10] == ord(" ")) | (letters[:, 10] == ord("T"))
    for place, mark in _MARKS:
        good &= letters[:, place] == ord(mark)
    if fraction > 0:
        good &= letters[:, _SECONDS] == ord(".")
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month, day, hour, minute, second = (
        digits[:, n] * 10 + digits[:, n + 1] for n in range(4, 14, 2)
    )
    good &= (year > 1) & (year < 9999) & (month > 0) & (month <= 12) & (day > 0)
    good &= (hour < 24) & (minute < 60) & (second < 60)
    months = (year - 1970) * 12 + month - 1
    start, after = (
        m.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        for m in (months, months + 1)
    )
    good &= day <= after - start
    ticks = (start + day - 1 + _EPOCH_DAYS) * TICKS_PER_DAY
    ticks += (hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND
    for place in range(fraction):
        ticks += digits[:, 14 + place] * 10 ** (6 - place)
    found: list[int | None] = ticks.tolist()
    for number in np.flatnonzero(~good).tolist():
        found[number] = iso_ticks(texts[number])
    return found
