"""Processes that look at rows beside this one: takes a program and places, gives parts.

They are started by name, not forked. One that ends before its time ends the pass.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

from vedette.engines.base import Limits
from vedette.hunt.one_pass.anchors import Thing
from vedette.hunt.one_pass.chunks import Place
from vedette.hunt.one_pass.parts import Part, Wanted
from vedette.hunt.one_pass.program import Program
from vedette.plan.formulas import Formula
from vedette.plan.types import Type
from vedette.workspace.worker import receive, send
from vedette.workspace.workers import WorkerError, available, started

_Waiting = queue.SimpleQueue[tuple[int, Place]]


def count_of_workers(limits: Limits) -> int:
    """How many processes may help this one."""
    return min(available(), limits.threads or available()) - 1


@dataclass(frozen=True, slots=True)
class Task:
    """What a process needs to look at places: formulas over a table's columns, what was learnt of
    them, and what is to be kept."""

    columns: Mapping[str, Type]
    formulas: Sequence[Formula]
    shares: Mapping[Thing, float]
    unlike: frozenset[str]
    wanted: Wanted
    limits: Limits


class Workers:
    """Some processes, which take places that wait until none is left."""

    def __init__(self, count: int) -> None:
        """Start them."""
        self._processes = [started("vedette.hunt.one_pass.worker") for _ in range(count)]
        self._threads = ThreadPoolExecutor(max(1, count), thread_name_prefix="worker")
        self._done: queue.SimpleQueue[tuple[int, Part] | BaseException | None] = queue.SimpleQueue()
        self._busy = 0

    def begin(self, program: Program, wanted: Wanted, limits: Limits, waiting: _Waiting) -> None:
        """Let them look at what waits."""
        task = Task(
            program.columns, program.formulas, program.shares, frozenset(program.unlike), wanted,
            replace(limits, threads=1),
        )  # fmt: skip
        for process in self._processes:
            self._busy += 1
            self._threads.submit(self._lead, process, task, waiting)

    def _lead(self, process: subprocess.Popen[bytes], task: Task, waiting: _Waiting) -> None:
        """Hand a process one place after the other."""
        jobs, answers = process.stdin, process.stdout
        try:
            if jobs is None or answers is None:
                raise WorkerError("a process that looks at rows has no pipes")
            send(jobs, task)
            while True:
                try:
                    number, place = waiting.get_nowait()
                except queue.Empty:
                    break
                send(jobs, place)
                answer = receive(answers)
                if isinstance(answer, BaseException):
                    raise answer
                self._done.put((number, answer))
        except (EOFError, OSError, ValueError):
            self._done.put(WorkerError("a process that looked at rows ended before its time"))
        except Exception as error:  # noqa: BLE001 - raised where the parts are taken
            self._done.put(error)
        self._done.put(None)

    def done(self) -> Iterator[tuple[int, Part]]:
        """What is done by now."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield from self._taken(self._done.get_nowait())

    def rest(self) -> Iterator[tuple[int, Part]]:
        """What is left, as it gets done."""
        while self._busy:
            yield from self._taken(self._done.get())

    def _taken(self, told: tuple[int, Part] | BaseException | None) -> Iterator[tuple[int, Part]]:
        if isinstance(told, BaseException):
            raise told
        if told is None:
            self._busy -= 1
        else:
            yield told

    def __enter__(self) -> Self:
        """The processes, ended behind the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End them, whatever they do."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._threads.shutdown()
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
