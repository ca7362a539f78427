"""Sliding a detection's window over archived data: takes where data lies, a lookback and a step,
gives the windows to evaluate.

A window ``(start, end]`` is what the detection would have seen had it run at ``end``. Data may span
decades with little in between, so windows in which there is nothing are counted and never listed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Window = tuple[dt.datetime, dt.datetime]
Stretch = tuple[dt.datetime, dt.datetime]
"""Moments between which there is data, both included."""

_INSTANT = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows to evaluate, oldest first, and what they leave out.

    ``empty`` counts windows of the grid without any data, ``unreached`` lists the stretches of data
    that lie between two windows.
    """

    evaluated: tuple[Window, ...] = ()
    empty: int = 0
    unreached: tuple[Stretch, ...] = ()


def slide(
    stretches: Iterable[Stretch],
    lookback: dt.timedelta | None,
    step: dt.timedelta | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Windows:
    """The windows of length *lookback*, a *step* apart, that hold data.

    The newest data lies in the last window, the oldest in the first. Without *step* windows follow
    each other without a gap; without *lookback* one window holds everything. *since* and *until*
    (both included) leave out what lies before and after. A stretch must end no earlier than its
    data, so moments that are finer than a datetime are rounded up there. Raises ValueError for a
    span that is not positive.
    """
    for name, span in (("lookback", lookback), ("step", step)):
        if span is not None and span <= dt.timedelta(0):
            raise ValueError(f"the {name} of a window must be longer than nothing")
    within = merge(_clip(stretches, since, until))
    if not within:
        return Windows()
    oldest, newest = within[0][0], within[-1][1]
    end = _whole_second(newest, until)
    if lookback is None:
        return Windows(((oldest - _INSTANT, end),))
    step = step or lookback
    last = max(0, (end - lookback - oldest) // step + 1)
    numbers = list(_numbers(within, end, lookback, step, last))
    earliest = since - _INSTANT if since is not None else None
    evaluated = tuple(
        (_later(end - n * step - lookback, earliest), end - n * step) for n in reversed(numbers)
    )
    return Windows(evaluated, last + 1 - len(numbers), _unreached(within, evaluated))


def pin(stretches: Iterable[Stretch], now: dt.datetime, lookback: dt.timedelta | None) -> Windows:
    """The one window that ends at *now*; evaluated only where it holds data.

    Without *lookback* it holds everything up to *now*.
    """
    within = merge(_clip(stretches, None, now))
    if not within:
        return Windows(empty=1)
    start = now - lookback if lookback is not None else within[0][0] - _INSTANT
    return Windows(((start, now),)) if within[-1][1] > start else Windows(empty=1)


def merge(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The stretches in order, those that touch or overlap made one."""
    merged: list[Stretch] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _clip(
    stretches: Iterable[Stretch], since: dt.datetime | None, until: dt.datetime | None
) -> Iterator[Stretch]:
    for first, last in stretches:
        clipped = (_later(first, since), last if until is None else min(last, until))
        if clipped[0] <= clipped[1]:
            yield clipped


def _later(moment: dt.datetime, bound: dt.datetime | None) -> dt.datetime:
    return moment if bound is None else max(moment, bound)


def _whole_second(moment: dt.datetime, until: dt.datetime | None) -> dt.datetime:
    end = moment.replace(microsecond=0)
    if end < moment:
        end += dt.timedelta(seconds=1)
    return end if until is None else min(end, until)


def _numbers(
    within: Sequence[Stretch],
    end: dt.datetime,
    lookback: dt.timedelta,
    step: dt.timedelta,
    last: int,
) -> Iterator[int]:
    """The windows that touch a stretch, by their number counted back from the newest."""
    following = 0
    for first, final in reversed(within):
        low = max(following, (end - lookback - final) // step + 1)
        high = min(last, (end - first) // step)
        yield from range(low, high + 1)
        following = max(following, high + 1)


def _unreached(within: Sequence[Stretch], windows: Sequence[Window]) -> tuple[Stretch, ...]:
    """The parts of the stretches that no window covers."""
    missed: list[Stretch] = []
    place = 0
    for first, final in within:
        at = first
        while place < len(windows) and windows[place][1] < first:
            place += 1
        reach = place
        while reach < len(windows) and windows[reach][0] < final and at <= final:
            start, end = windows[reach]
            if start >= at:
                missed.append((at, start))
            at = max(at, end + _INSTANT)
            reach += 1
        if at <= final:
            missed.append((at, final))
    return tuple(missed)
