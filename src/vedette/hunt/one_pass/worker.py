"""A process that looks at rows beside another: takes a task and places, gives parts.

Started as ``python -m vedette.hunt.one_pass.worker``; ends when its input does. Messages are those
of ``workspace.worker``: a task first, then places, each answered by its ``Part`` or the exception
that it raised.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

from vedette.engines.duckdb.session import DuckDBEngine
from vedette.hunt.one_pass.chunks import Place, read_chunk
from vedette.hunt.one_pass.parts import Part, part_of
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.workers import Task
from vedette.workspace.worker import receive, send


def looks(task: Task) -> Callable[[Place], Part]:
    """What gives the part of a place, as the task asks for it."""
    program = Program(task.columns, task.formulas)
    program.begin_as(task.shares, task.unlike)
    ask = partial(DuckDBEngine().evaluate, limits=task.limits)

    def look(place: Place) -> Part:
        chunk = read_chunk(place, program.read, program.coded, program.memories)
        return part_of(program, chunk, task.wanted, ask)

    return look


def main() -> None:
    """Answer messages until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it ends it
    jobs = os.fdopen(os.dup(0), "rb", 1 << 16)
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(2, 1)  # what a library prints is no answer
    gc.freeze()
    with contextlib.suppress(EOFError, BrokenPipeError):
        look = looks(receive(jobs))
        while True:
            place = receive(jobs)
            try:
                answer: Any = look(place)
            except Exception as error:  # noqa: BLE001 - raised where the place came from
                answer = error
            send(answers, answer)


if __name__ == "__main__":
    main()
