"""Time limits of runs: takes seconds and what interrupts a run, watches all with one thread.

Starting a thread for each run would cost more than a small query takes (2.6 ms against 0.6 ms).
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Deadline:
    """The end of one run's time; ``passed`` says whether it was interrupted for it."""

    interrupt: Callable[[], None] | None
    passed: bool = False


class Watch:
    """Interrupts the runs whose time is over."""

    def __init__(self) -> None:
        """Watch nothing yet; the thread starts with the first limit."""
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Deadline]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def limit(self, seconds: float | None, deadline: Deadline) -> Iterator[None]:
        """Interrupt if the block takes longer than *seconds*, but never behind the block."""
        if seconds is not None:
            with self._changed:
                entry = (time.monotonic() + seconds, next(self._order), deadline)
                heapq.heappush(self._waiting, entry)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._watch, daemon=True)
                    self._thread.start()
                elif self._waiting[0] is entry:
                    self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                deadline.interrupt = None  # it keeps the run's connection alive
                while self._waiting and self._waiting[0][2].interrupt is None:
                    heapq.heappop(self._waiting)

    def _watch(self) -> None:
        """Wait for the first end of time; the thread ends where nothing is left to watch."""
        with self._changed:
            while self._waiting:
                until, _, deadline = self._waiting[0]
                left = until - time.monotonic()
                if deadline.interrupt is None:
                    heapq.heappop(self._waiting)
                elif left > 0:
                    self._changed.wait(left)
                else:
                    heapq.heappop(self._waiting)
                    deadline.passed = True
                    deadline.interrupt()
            self._thread = None
