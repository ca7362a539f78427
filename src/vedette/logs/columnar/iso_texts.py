"""Moments as texts, many at once: takes ticks, gives what ``datetime_text`` writes of each."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.iso_times import usual_iso
from vedette.logs.columnar.spans import Mask, Places
from vedette.plan.types import TICKS_PER_SECOND

_LONGEST = len("2026-03-11T05:16:41.1234567Z")
_SECONDS = len("2026-03-11T05:16:41")
_DIGITS = 7
_DAY = 86_400
_CLOCK = ((11, 3600, 24), (14, 60, 60), (17, 1, 60))
"""Where hours, minutes and seconds are, how many seconds each has, how many there are."""
_MARKS = {10: b"T", 13: b":", 16: b":", 19: b"."}
_ZERO = ord("0")
_T, _Z = b"TZ"


def utc_texts(texts: pa.Array) -> tuple[pa.Array, pa.Array] | None:
    """Moments in UTC with a Z, each as it is where it is written so; and the ticks of each.

    Null stays null. None where any is no moment in a usual form.
    """
    ticks = usual_iso(texts)
    if ticks is None:
        return None
    is_so = _are_so(texts)
    if is_so.all():
        return texts, ticks
    made = iso_texts(ticks.fill_null(0).to_numpy())
    return (pc.if_else(pa.array(is_so), texts, made) if is_so.any() else made), ticks


def _are_so(texts: pa.Array) -> Mask:
    """Which moments have a T in the middle and a Z at their end, and which are null."""
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    letters = np.frombuffer(texts.buffers()[2], np.uint8)
    begins = np.minimum(ends[:-1], len(letters) - _SECONDS)
    found: Mask = (letters[begins + 10] == _T) & (letters[ends[1:] - 1] == _Z)
    return found | np.asarray(texts.is_null()) if texts.null_count else found


def iso_texts(ticks: Places) -> pa.Array:
    """The text of each moment."""
    seconds, fraction = np.divmod(ticks, TICKS_PER_SECOND)
    days, second = np.divmod(seconds, _DAY)
    letters = np.empty((_LONGEST, len(ticks)), np.uint8)  # a row a place
    known, which = np.unique(days, return_inverse=True)
    dates = "".join(dt.date.fromordinal(day + 1).isoformat() for day in known.tolist())
    letters[:10] = np.frombuffer(dates.encode(), np.uint8).reshape(-1, 10).T[:, which]
    for place, mark in _MARKS.items():
        letters[place] = mark[0]
    for place, unit, many in _CLOCK:
        letters[place : place + 2] = _ZERO + np.array(np.divmod(second // unit % many, 10))
    ends = np.full(len(ticks), _SECONDS)
    for number in range(_DIGITS):
        fraction, digit = np.divmod(fraction, 10)
        place = _LONGEST - 2 - number
        letters[place] = _ZERO + digit
        ends[(ends == _SECONDS) & (digit > 0)] = place + 1
    letters[ends, np.arange(len(ticks))] = _Z
    is_written = np.arange(_LONGEST) <= ends[:, None]
    bounds = np.zeros(len(ticks) + 1, np.int32)
    np.cumsum(ends + 1, out=bounds[1:])
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(letters.T[is_written])]
    return pa.Array.from_buffers(pa.string(), len(ticks), buffers)
