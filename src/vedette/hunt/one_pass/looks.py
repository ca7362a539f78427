"""A look at all stored rows of a table: takes a program and places, gives the part of each.

Where there are many, other processes help this one.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from vedette.engines.base import Limits
from vedette.hunt.one_pass.chunks import Chunk, Place, read_chunk
from vedette.hunt.one_pass.matching import Ask
from vedette.hunt.one_pass.parts import Part, Wanted, part_of
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.workers import Workers, count_of_workers

_WORTH = 4
"""From how many parts on other processes pay for their start."""


def looks(
    program: Program, places: Sequence[Place], wanted: Wanted, ask: Ask, limits: Limits
) -> Iterator[tuple[int, Part]]:
    """The part of each place, by its number; in any order where other processes help."""
    count = count_of_workers(limits) if len(places) >= _WORTH else 0
    waiting: queue.SimpleQueue[tuple[int, Place]] = queue.SimpleQueue()
    for numbered in enumerate(places):
        waiting.put(numbered)
    with Workers(count) as others, ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        here = _read_ahead(program, waiting, reader)
        for number, chunk in here:
            if not program.has_learnt:
                program.learn(chunk)
                others.begin(program, wanted, limits, waiting)
            yield number, part_of(program, chunk, wanted, ask)
            yield from others.done()
        yield from others.rest()


def _read_ahead(
    program: Program, waiting: queue.SimpleQueue[tuple[int, Place]], reader: ThreadPoolExecutor
) -> Iterator[tuple[int, Chunk]]:
    """The chunks of places that nobody else took, the next one read while one is looked at."""

    def read() -> tuple[int, Chunk] | None:
        try:
            number, place = waiting.get_nowait()
        except queue.Empty:
            return None
        return number, read_chunk(place, program.read, program.coded, program.memories)

    coming = reader.submit(read)
    while (chunk := coming.result()) is not None:
        if program.has_learnt:
            coming = reader.submit(read)
            yield chunk
        else:  # what is learnt of the first decides how the next ones are read
            yield chunk
            coming = reader.submit(read)
