"""Runs that alert: takes a query's windows and its trigger, gives the rows of those that fire.

A trigger compares how many rows one run gives, so that windows are told apart; one that any row
fires needs no telling.
"""

from __future__ import annotations

from collections.abc import Iterator

from vedette.detections.model import Trigger
from vedette.hunt.evaluate import Rows, Task, evaluate, window_by_window


def triggered(task: Task, trigger: Trigger | None) -> Iterator[tuple[int, Rows | None]]:
    """The rows of all windows in parts, with how many windows are done by then.

    They are None where the trigger does not fire. Raises QueryError while it runs.
    """
    if trigger is None or trigger.is_any:
        yield from evaluate(task)
        return
    for done, rows in window_by_window(task):
        yield done, rows if trigger.fires(len(rows[1])) else None
