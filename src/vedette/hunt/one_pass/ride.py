"""One pass over stored events for many queries: takes queries, gives the rows each lets through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from vedette.engines.base import Limits, Stored
from vedette.hunt.one_pass.chunks import ARROW, NotAsStored, places_of
from vedette.hunt.one_pass.looks import looks
from vedette.hunt.one_pass.matching import Ask
from vedette.hunt.one_pass.parts import Wanted
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.riders import Rider
from vedette.hunt.one_pass.survived import Survived
from vedette.hunt.one_pass.survivors import MOST_BYTES, Survivors

Tell = Callable[[str, int, int], None]
"""Is told the table, how many parts of it are done, and how many there are."""


@dataclass(slots=True)
class Passed:
    """What came of one pass: by a query's number its rows, and why some have to run alone.

    ``columns`` are those that each query's rows are kept with, by table.
    """

    riders: Mapping[int, Rider]
    tables: dict[str, Survived] = field(default_factory=dict)
    alone: dict[int, str] = field(default_factory=dict)
    columns: dict[int, dict[str, Sequence[str]]] = field(default_factory=dict)

    def is_silent(self, number: int) -> bool:
        """Whether a query has no row to answer with, so that it need not run at all."""
        rider = self.riders[number]
        return rider.says_nothing({t for t in rider.asks if not len(self.tables[t].places(number))})

    def rows(self, number: int) -> Mapping[str, int]:
        """How many rows of each table it looked at are left for a query."""
        return {t: len(self.tables[t].places(number)) for t in self.riders[number].asks}

    def times(
        self, number: int, columns: Mapping[str, str | None]
    ) -> Mapping[str, dt.datetime] | None:
        """The moments of the events that a query may answer with, by identity, in these columns of
        tables; None where it looks at other rows, too."""
        asks = self.riders[number].asks
        if not columns.keys() <= asks.keys():
            return None
        found: dict[str, dt.datetime] = {}
        for table, column in columns.items():
            if column is not None:
                found.update(self.tables[table].times(number, column))
        return found

    def write(self, number: int, folder: Path) -> dict[str, Stored]:
        """The tables that a query's rows were found in, with no others in them."""
        columns = self.columns[number]
        return {t: self.tables[t].write(number, cs, folder) for t, cs in columns.items()}


def ride(
    riders: Mapping[int, Rider],
    stored: Mapping[str, Stored],
    ask: Ask,
    *,
    limits: Limits | None = None,
    whole: bool = False,
    tell: Tell | None = None,
) -> Passed:
    """Look at every stored row once for all queries.

    *limits* bound what the engine is asked and how many processes help; *whole* keeps all columns
    of what is found.
    """
    passed = Passed(riders)
    kept = 0
    asked = {table: None for rider in riders.values() for table in rider.asks}
    for table in asked:
        numbers = [
            n for n, rider in riders.items() if table in rider.asks and n not in passed.alone
        ]
        every = tuple(c for c, t in stored[table].columns.items() if t in ARROW)
        columns = {n: every if whole else riders[n].columns[table] for n in numbers}
        survivors = Survivors(table, stored[table].columns, max(0, MOST_BYTES - kept))
        for number in numbers:
            passed.columns.setdefault(number, {})[table] = columns[number]
        program = Program(stored[table].columns, [riders[n].asks[table] for n in numbers])
        wanted = Wanted(stored[table].columns, {n: columns[o] for n, o in enumerate(numbers)})
        try:
            places = list(places_of(stored[table].files, program.read))
            looked = looks(program, places, wanted, ask, limits or Limits())
            for done, (number, part) in enumerate(looked, 1):
                program.broken.update(part.broken)
                survivors.add(number, part.rows, {numbers[n]: p for n, p in part.places.items()})
                if tell is not None:
                    tell(table, done, len(places))
        except NotAsStored as reason:
            passed.alone |= dict.fromkeys(numbers, f"{table}: {reason}")
        failing = "the engine fails at one of its tests of an event"
        passed.alone |= dict.fromkeys([numbers[n] for n in program.failing], failing)
        for number, rows in survivors.dropped.items():
            passed.alone[number] = f"its filter lets {rows:,} events of {table} through, or more"
        kept += survivors.bytes
        passed.tables[table] = survivors.settled()
    pa.default_memory_pool().release_unused()  # what the chunks took is not needed for what follows
    return passed
