"""Which formulas hold of which rows: takes a program and a chunk of rows, gives rows by formula.

Rows are looked at only where a formula's anchor was found. Tests that only the engine can make are
made last, of the rows of which all else holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from vedette.engines.base import RunFailed, Unsupported
from vedette.hunt.one_pass.chunks import Chunk
from vedette.hunt.one_pass.program import Branch, KnownTest, Leaf, Node, Opposite, Program
from vedette.hunt.one_pass.scanning import NOTHING, Numbers
from vedette.plan.expressions import Expression, fields_of

Ask = Callable[[Sequence[Expression], pa.Table], pa.Table]
"""The engine: which of some rows pass tests, a column of truths for each."""

_CELLS = 60_000
"""How many rows times tests the engine is asked for at once, if there are several tests."""


def match(program: Program, chunk: Chunk, ask: Ask) -> dict[int, Numbers]:
    """The rows of which each formula holds, in order, by the formula's number."""
    matching = _Matching(program, chunk, ask)
    return matching.found()


class _Matching:
    def __init__(self, program: Program, chunk: Chunk, ask: Ask) -> None:
        self._program = program
        self._chunk = chunk
        self._ask = ask
        self._told: dict[int, tuple[Numbers, np.ndarray]] = {}

    def found(self) -> dict[int, Numbers]:
        done: dict[int, Numbers] = {}
        pending: dict[int, Numbers] = {}
        for number, rows in self._candidates():
            left = self._holding(self._program.nodes[number], rows, True)
            if len(left):
                waits = self._program.engine_tests[number]
                (pending if waits else done)[number] = left
        self._ask_engine(pending)
        for number, rows in pending.items():
            left = self._holding(self._program.nodes[number], rows, False)
            if len(left):
                done[number] = left
        return done

    def _candidates(self) -> Iterator[tuple[int, Numbers]]:
        begin, chunk = self._program.begin, self._chunk
        where: dict[int, list[Numbers]] = {}
        for (column, _), (scanner, _, behind) in begin.texts.items():
            values = chunk.values(column)
            places, texts = scanner.scan(values.distinct)
            cuts = np.flatnonzero(np.diff(texts)) + 1
            for codes, first in zip(np.split(places, cuts), [0, *cuts.tolist()], strict=True):
                if len(codes):
                    rows = values.rows_of(codes)
                    for number in behind[texts[first]]:
                        where.setdefault(number, []).append(rows)
        everything = np.arange(chunk.length)
        for test, numbers in begin.tests.items():
            rows = self._passing(self._program.tests[test], everything)
            for number in numbers:
                where.setdefault(number, []).append(rows)
        for number in begin.anywhere:
            where[number] = [everything]
        for number, parts in where.items():
            rows = parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))
            if len(rows):
                yield number, rows

    def _holding(self, node: Node, rows: Numbers, unknown: bool) -> Numbers:
        """Those of the rows of which a formula holds; *unknown* is what is not yet told."""
        if isinstance(node, Leaf):
            if node.test.value is not None:
                return self._passing(node.test, rows)
            told = self._told.get(node.test.number)
            if told is None:
                return rows if unknown else NOTHING
            asked, truths = told
            places = np.searchsorted(asked, rows)
            held: Numbers = rows[truths[places]]
            return held
        if isinstance(node, Opposite):
            return _without(rows, self._holding(node.part, rows, not unknown))
        return self._of_branch(node, rows, unknown)

    def _of_branch(self, node: Branch, rows: Numbers, unknown: bool) -> Numbers:
        if node.is_every:
            for part in node.parts:
                if not len(rows):
                    break
                rows = self._holding(part, rows, unknown)
            return rows
        found: list[Numbers] = []
        for part in node.parts:
            if not len(rows):
                break
            held = self._holding(part, rows, unknown)
            if len(held):
                found.append(held)
                rows = _without(rows, held)
        if len(found) <= 1:
            return found[0] if found else NOTHING
        joined = np.concatenate(found)
        joined.sort()
        return joined

    def _passing(self, test: KnownTest, rows: Numbers) -> Numbers:
        if test.value is None:
            raise ValueError("only the engine makes this test")
        truths = self._chunk.values(test.value.column).truths(test.number, test.value, rows)
        return rows[truths]

    # --- what only the engine can tell --------------------------------------------------------

    def _ask_engine(self, pending: Mapping[int, Numbers]) -> None:
        wanted: dict[int, list[Numbers]] = {}
        for number, rows in pending.items():
            for test in self._program.engine_tests[number]:
                wanted.setdefault(test.number, []).append(rows)
        unions = {
            number: rows[0] if len(rows) == 1 else np.unique(np.concatenate(rows))
            for number, rows in wanted.items()
        }
        batch: list[int] = []
        rows = NOTHING
        for number in sorted(unions, key=lambda n: len(unions[n])):
            wider = np.union1d(rows, unions[number])
            if batch and len(wider) * (len(batch) + 1) > _CELLS:
                self._tell(batch, rows)
                batch, wider = [], unions[number]
            batch, rows = [*batch, number], wider
        if batch:
            self._tell(batch, rows)

    def _tell(self, numbers: Sequence[int], rows: Numbers) -> None:
        tests = [self._program.tests[n].expression for n in numbers]
        types = {f.name: f.type for test in tests for f in fields_of(test)}
        try:
            told = self._ask(tests, self._chunk.some(types, rows))
        except (RunFailed, Unsupported):
            if len(numbers) > 1:
                for number in numbers:
                    self._tell([number], rows)
                return
            self._program.broken.add(numbers[0])
            self._told[numbers[0]] = (rows, np.ones(len(rows), bool))
            return
        for place, number in enumerate(numbers):
            truths = told.column(place).to_numpy()
            self._told[number] = (rows, truths)


def _without(rows: Numbers, other: Numbers) -> Numbers:
    """Those of the rows that are not among others, which are some of them."""
    if not len(other):
        return rows
    kept = np.ones(len(rows), bool)
    kept[np.searchsorted(rows, other)] = False
    return rows[kept]
