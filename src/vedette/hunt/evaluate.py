"""Evaluating a query over many windows: takes windows, gives the rows that each of them shows.

What can be is evaluated over many windows in one statement, which gives the very rows that one
statement a window would; everything else goes window by window.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from vedette.engines.base import Unsupported
from vedette.hunt.windows import Window
from vedette.plan.expressions import Field
from vedette.plan.passes.each_window import Grid, NotAtOnce, each_window
from vedette.plan.passes.relative_to_clock import ClockBound, relative_to_clock
from vedette.plan.relations import Plan
from vedette.plan.types import Type, ticks_of, timespan_ticks
from vedette.syntax import QueryError, Source
from vedette.tables.views import fields_after
from vedette.workspace import Compilation, Result, Workspace
from vedette.workspace.events import moment_columns

MOST_ROWS = 20_000_000
"""How many rows one statement reads, each once for every window that holds it."""

# Years, months, days, hours, minutes, seconds all differ: nothing that rounds a clock moves as it.
ELSEWHERE = (
    dt.timedelta(days=401, hours=5, minutes=17, seconds=43, microseconds=91),
    dt.timedelta(days=3, hours=14, minutes=38, seconds=11, microseconds=17),
)
_CLOCK = Field(-1, "clock", Type.DATETIME)

Rows = tuple[Result, list[list[str]]]
"""A result, and the identities of the events behind each of its rows."""


@dataclass(frozen=True, slots=True)
class Task:
    """A query, how it is read at a clock (to run, and as a plan alone), and the windows to evaluate
    it over, oldest first.

    ``rows`` is how many rows its tables hold, ``is_sparse`` says that windows leave data between
    them, ``most`` bounds the identities behind a row. ``lookback`` is None where one window holds
    everything.
    """

    workspace: Workspace
    source: Source
    compile: Callable[[dt.datetime], Compilation]
    plan: Callable[[dt.datetime], Plan]
    windows: Sequence[Window]
    lookback: dt.timedelta | None
    step: dt.timedelta | None
    rows: int
    is_sparse: bool
    most: int


def evaluate(task: Task) -> Iterator[tuple[int, Rows]]:
    """The rows of all windows in parts, with how many windows are done by then.

    A row that many windows show may come once or many times. Raises QueryError while it runs.
    """
    done = 0
    if task.lookback is not None and len(task.windows) > 1:
        try:
            for done, rows in at_once(task):
                yield done, rows
        except (NotAtOnce, ClockBound, Unsupported, QueryError, RecursionError):
            # What is too much for one statement may be little enough for one window.
            yield from window_by_window(task, done)
        return
    yield from window_by_window(task, done)


def window_by_window(task: Task, done: int = 0) -> Iterator[tuple[int, Rows]]:
    """The rows of each window behind the first *done*."""
    for number, window in enumerate(task.windows[done:], start=done + 1):
        compilation = task.compile(window[1])
        yield number, task.workspace.trace(compilation, task.source, window, task.most)


def at_once(task: Task) -> Iterator[tuple[int, Rows]]:
    """The rows of many windows a statement.

    Raises ClockBound or NotAtOnce where the query must be run window by window.
    """
    workspace = task.workspace
    compilation, plan = _for_any_clock(task)
    before = task.windows[0][0]
    done = 0
    for windows in _parts(task):
        own, is_apart = _over(task, plan, windows)
        start = windows[0][0] if is_apart else before
        done, before = done + len(windows), windows[-1][1]
        part = replace(compilation, plan=own)
        yield done, workspace.trace(part, task.source, (start, before), task.most)


def _for_any_clock(task: Task) -> tuple[Compilation, Plan]:
    """The query as of the last window's end, and with its clock as a field."""
    last, first = task.windows[-1][1], task.windows[0][1]
    clocks = (first, *(last + away for away in ELSEWHERE))
    compilation = task.compile(last)
    if compilation.plan is None:
        raise ClockBound
    plans = [(ticks_of(last), compilation.plan)]
    plans += [(ticks_of(clock), task.plan(clock)) for clock in clocks]
    return compilation, relative_to_clock(plans, _CLOCK)


def _parts(task: Task) -> Iterator[Sequence[Window]]:
    """The windows in parts of about as many rows as one statement reads."""
    size = at_once_of(len(task.windows), task.rows, task.lookback, task.step)
    for place in range(0, len(task.windows), size):
        yield task.windows[place : place + size]


def at_once_of(
    windows: int, rows: int, lookback: dt.timedelta | None, step: dt.timedelta | None
) -> int:
    """How many of some windows over so many rows one statement evaluates."""
    overlaps = 1 if lookback is None or step is None else -(-lookback // step)
    return -(-windows // max(-(-rows * overlaps // MOST_ROWS), 1))


def _over(task: Task, plan: Plan, windows: Sequence[Window]) -> tuple[Plan, bool]:
    lookback = task.lookback or windows[0][1] - windows[0][0]
    grid = Grid(
        first=ticks_of(windows[0][1]),
        last=ticks_of(windows[-1][1]),
        step=timespan_ticks(task.step or lookback),
        lookback=timespan_ticks(lookback),
    )
    return each_window(
        plan,
        lambda table: moment_columns(task.workspace, table),
        fields_after(plan),
        _CLOCK,
        grid,
        is_apart=task.is_sparse,
    )
