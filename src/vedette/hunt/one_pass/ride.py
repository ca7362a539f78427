"""One pass over stored events for many queries: takes queries, gives the rows each lets through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from vedette.engines.base import Stored
from vedette.hunt.one_pass.chunks import ARROW, Chunk, NotAsStored, Place, places_of, read_chunk
from vedette.hunt.one_pass.matching import Ask, match
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.riders import Rider
from vedette.hunt.one_pass.survivors import MOST_BYTES, Survivors
from vedette.plan.passes.scan_conditions import gives_nothing

Tell = Callable[[str, int, int], None]
"""Is told the table, how many parts of it are done, and how many there are."""


@dataclass(slots=True)
class Passed:
    """What came of one pass: by a query's number its rows, and why some have to run alone."""

    riders: Mapping[int, Rider]
    tables: dict[str, Survivors] = field(default_factory=dict)
    alone: dict[int, str] = field(default_factory=dict)

    def is_silent(self, number: int) -> bool:
        """Whether a query has no row to answer with, so that it need not run at all."""
        rider = self.riders[number]
        empty = {table for table in rider.asks if not self.tables[table].rows(number)}
        return bool(empty) and gives_nothing(rider.plan.root, empty)

    def rows(self, number: int) -> Mapping[str, int]:
        """How many rows of each table it looked at are left for a query."""
        return {t: self.tables[t].rows(number) for t in self.riders[number].asks}

    def write(self, number: int, folder: Path) -> dict[str, Stored]:
        """The tables that a query's rows were found in, with no others in them."""
        asks = self.riders[number].asks
        return {table: self.tables[table].write(number, folder) for table in asks}


def ride(
    riders: Mapping[int, Rider],
    stored: Mapping[str, Stored],
    ask: Ask,
    *,
    whole: bool = False,
    tell: Tell | None = None,
) -> Passed:
    """Look at every stored row once for all queries; *whole* keeps all columns of what is found."""
    passed = Passed(riders)
    asked = {table: None for rider in riders.values() for table in rider.asks}
    for table in asked:
        numbers = [
            n for n, rider in riders.items() if table in rider.asks and n not in passed.alone
        ]
        every = tuple(c for c, t in stored[table].columns.items() if t in ARROW)
        columns = {n: every if whole else riders[n].columns[table] for n in numbers}
        kept = sum(survivors.bytes for survivors in passed.tables.values())
        survivors = Survivors(table, stored[table], columns, max(0, MOST_BYTES - kept))
        passed.tables[table] = survivors
        program = Program(stored[table].columns, [riders[n].asks[table] for n in numbers])
        try:
            for chunk, place in _chunks(stored[table], program, table, tell):
                found = match(program, chunk, ask)
                survivors.add(place, {numbers[n]: rows for n, rows in found.items()})
        except NotAsStored as reason:
            passed.alone |= dict.fromkeys(numbers, f"{table}: {reason}")
        failing = "the engine fails at one of its tests of an event"
        passed.alone |= dict.fromkeys([numbers[n] for n in program.failing], failing)
        for number, rows in survivors.dropped.items():
            passed.alone[number] = f"its filter lets {rows:,} events of {table} through, or more"
    return passed


def _chunks(
    stored: Stored, program: Program, table: str, tell: Tell | None
) -> Iterator[tuple[Chunk, Place]]:
    """The rows of a table, the next ones read while these are looked at."""
    columns, texts = program.read, program.coded
    places: Sequence[Place] = list(places_of(stored.files, columns))
    with ThreadPoolExecutor(1, thread_name_prefix="read") as reader:

        def read(place: Place) -> Chunk:
            return read_chunk(place, columns, texts, program.memories)

        coming = reader.submit(read, places[0]) if places else None
        for number, place in enumerate(places):
            if coming is None:
                return
            chunk = coming.result()
            later = number + 1 < len(places)
            coming = reader.submit(read, places[number + 1]) if later else None
            if not program.has_learnt:
                program.learn(chunk)
            if tell is not None:
                tell(table, number, len(places))
            yield chunk, place
