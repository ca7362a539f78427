"""Which formulas hold of which rows: takes a program and a chunk of rows, gives rows by formula.

Rows are looked at only where a formula's anchor was found. Tests that only the engine can make are
made last, of the rows of which all else holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from vedette.engines.base import RunFailed, Unsupported
from vedette.hunt.one_pass.chunks import Chunk, Truths, Values
from vedette.hunt.one_pass.program import Branch, KnownTest, Leaf, Node, Opposite, Program
from vedette.hunt.one_pass.scanning import NOTHING, Numbers
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, fields_of

Ask = Callable[[Sequence[Expression], pa.Table], pa.Table]
"""The engine: what expressions are of some rows, a column each."""

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
        self._everything = np.arange(chunk.length)
        self._told: dict[int, tuple[Numbers, Truths]] = {}
        self._wanted: dict[int, list[Numbers]] = {}

    def found(self) -> dict[int, Numbers]:
        done: dict[int, Numbers] = {}
        pending: dict[int, Numbers] = {}
        for number, rows in self._candidates():
            node = self._program.nodes[number]
            if self._program.engine_tests[number]:
                held, unsure = self._supposed(node, rows)
                if len(unsure):
                    pending[number] = rows
                    continue
            else:
                held = self._holding(node, rows)
            if len(held):
                done[number] = held
        self._ask_engine()
        for number, rows in pending.items():
            held = self._holding(self._program.nodes[number], rows)
            if len(held):
                done[number] = held
        return done

    def _candidates(self) -> Iterator[tuple[int, Numbers]]:
        begin, chunk = self._program.begin, self._chunk
        where: dict[int, list[Numbers]] = {}
        for (column, in_json), looked in begin.texts.items():
            values = Values(chunk.column(column)) if in_json else chunk.values(column)
            places, texts = looked.scanner.scan(values.distinct)
            bounds = np.searchsorted(texts, np.arange(len(looked.texts) + 1)).tolist()
            met = dict.fromkeys(looked.texts, NOTHING)
            found = np.unique(texts).tolist()
            for text in found:
                met[looked.texts[text]] = places[bounds[text] : bounds[text + 1]]
            values.met(met)
            for text in found:
                behind = looked.behind[text]
                if behind:
                    rows = values.rows_met(looked.texts[text])
                    for number in behind:
                        where.setdefault(number, []).append(rows)
        for test, numbers in begin.tests.items():
            rows = self._passing(self._program.tests[test], self._everything)
            for number in numbers:
                where.setdefault(number, []).append(rows)
        for number in begin.anywhere:
            where[number] = [self._everything]
        for number, parts in where.items():
            rows = self._joined(parts)
            if len(rows):
                yield number, rows

    def _holding(self, node: Node, rows: Numbers) -> Numbers:
        """Those of the rows of which a formula holds; what it asks the engine is told."""
        if isinstance(node, Leaf):
            if node.test.value is not None:
                return self._passing(node.test, rows)
            if not len(rows):
                return NOTHING
            asked, truths = self._told[node.test.number]
            held: Numbers = rows[truths[np.searchsorted(asked, rows)]]
            return held
        if isinstance(node, Opposite):
            return _without(rows, self._holding(node.part, rows))
        if node.is_every:
            for part in node.parts:
                if not len(rows):
                    break
                rows = self._holding(part, rows)
            return rows
        found: list[Numbers] = []
        for part in node.parts:
            if not len(rows):
                break
            held = self._holding(part, rows)
            if len(held):
                found.append(held)
                rows = _without(rows, held)
        return self._joined(found)

    def _supposed(self, node: Node, rows: Numbers) -> tuple[Numbers, Numbers]:
        """The rows of which a formula holds, and those of which it may: what it asks the engine is
        not told yet, and is noted."""
        if not len(rows):
            return NOTHING, NOTHING
        if isinstance(node, Leaf):
            if node.test.value is not None:
                return self._passing(node.test, rows), NOTHING
            self._wanted.setdefault(node.test.number, []).append(rows)
            return NOTHING, rows
        if not node.is_foreign:
            return self._holding(node, rows), NOTHING
        if isinstance(node, Opposite):
            held, unsure = self._supposed(node.part, rows)
            return _without(_without(rows, held), unsure), unsure
        return self._every(node, rows) if node.is_every else self._some(node, rows)

    def _every(self, node: Branch, rows: Numbers) -> tuple[Numbers, Numbers]:
        unsure = NOTHING
        for part in node.parts:
            held, maybe = self._supposed(part, self._joined([rows, unsure]))
            still = np.intersect1d(unsure, held, assume_unique=True)
            unsure = self._joined([still, maybe])
            rows = _without(held, still)
        return rows, unsure

    def _some(self, node: Branch, rows: Numbers) -> tuple[Numbers, Numbers]:
        found: list[Numbers] = []
        unsure = NOTHING
        for part in node.parts:
            held, maybe = self._supposed(part, rows)
            found.append(held)
            rows = _without(rows, held)
            unsure = self._joined([np.setdiff1d(unsure, held, assume_unique=True), maybe])
        return self._joined(found), unsure

    def _passing(self, test: KnownTest, rows: Numbers) -> Numbers:
        if test.value is None:
            raise ValueError("only the engine makes this test")
        values = self._chunk.values(test.value.column)
        return values.passing(test.number, test.value, test.literals, rows)

    def _joined(self, parts: Sequence[Numbers]) -> Numbers:
        """The rows of all parts, each once and in order."""
        parts = [part for part in parts if len(part)]
        if len(parts) <= 1:
            return parts[0] if parts else NOTHING
        joined = np.concatenate(parts)
        if len(joined) * 20 < self._chunk.length:
            joined.sort()
            first = np.ones(len(joined), bool)
            first[1:] = joined[1:] != joined[:-1]
            return joined[first]
        marked = np.zeros(self._chunk.length, bool)
        marked[joined] = True
        return np.flatnonzero(marked)

    # --- what only the engine can tell --------------------------------------------------------

    def _ask_engine(self) -> None:
        unions = {number: self._joined(rows) for number, rows in self._wanted.items()}
        by_subject: dict[Expression, list[int]] = {}
        for number in unions:
            shown = self._program.tests[number].shown
            if shown is not None:
                by_subject.setdefault(shown.subject, []).append(number)
        for subject, numbers in by_subject.items():
            rows = self._joined([unions.pop(number) for number in numbers])
            self._show(subject, numbers, rows)
        batch: list[int] = []
        rows = NOTHING
        for number in sorted(unions, key=lambda n: len(unions[n])):
            wider = self._joined([rows, unions[number]])
            if batch and len(wider) * (len(batch) + 1) > _CELLS:
                self._tell(batch, rows)
                batch, wider = [], unions[number]
            batch, rows = [*batch, number], wider
        if batch:
            self._tell(batch, rows)

    def _show(self, subject: Expression, numbers: Sequence[int], rows: Numbers) -> None:
        """Tests of one value that the engine works out, made here of the distinct values."""
        told = self._asked([subject], rows)
        if told is None:
            self._program.broken.update(numbers)
        values = Values(told.column(0).combine_chunks().dictionary_encode()) if told else None
        places = np.arange(len(rows))
        for number in numbers:
            test = self._program.tests[number].shown
            truths = np.zeros(len(rows), bool)
            if values is not None and test is not None:
                truths[values.passing(number, test.test, (), places)] = True
            self._told[number] = (rows, truths)

    def _tell(self, numbers: Sequence[int], rows: Numbers) -> None:
        tests = [self._program.tests[n].expression for n in numbers]
        told = self._asked([apply("is_true", test) for test in tests], rows)
        if told is None and len(numbers) > 1:
            for number in numbers:
                self._tell([number], rows)
            return
        if told is None:
            self._program.broken.add(numbers[0])
        for place, number in enumerate(numbers):
            truths = told.column(place).to_numpy() if told else np.zeros(len(rows), bool)
            self._told[number] = (rows, truths)

    def _asked(self, expressions: Sequence[Expression], rows: Numbers) -> pa.Table | None:
        """What the engine says, or None where it fails."""
        types = {f.name: f.type for e in expressions for f in fields_of(e)}
        try:
            return self._ask(expressions, self._chunk.some(types, rows))
        except (RunFailed, Unsupported):
            return None


def _without(rows: Numbers, other: Numbers) -> Numbers:
    """Those of the rows that are not among others, which are some of them."""
    if not len(other):
        return rows
    kept = np.ones(len(rows), bool)
    kept[np.searchsorted(rows, other)] = False
    return rows[kept]
