"""A process that looks at rows beside another: takes a task and places, gives parts.

Messages are those of ``workspace.worker``: a task first, then places, each answered by its ``Part``
or the exception that it raised. It ends when its input does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vedette.engines.duckdb.session import DuckDBEngine
from vedette.hunt.one_pass.chunks import Place, read_chunk
from vedette.hunt.one_pass.parts import Part, part_of
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.workers import Task
from vedette.workspace.worker import serve


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
    serve(lambda receive: looks(receive()))
