"""Which formulas hold of which rows: takes a program and a chunk of rows, gives rows by formula.

Rows are looked at only where a formula's anchor was found. Tests that only the engine can make are
made last, of the rows of which all else holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vedette.engines.base import RunFailed, Unsupported
from vedette.hunt.one_pass.chunks import Chunk
from vedette.hunt.one_pass.patterns import found_in, pattern_of
from vedette.hunt.one_pass.program import Branch, KnownTest, Leaf, Node, Opposite, Program
from vedette.hunt.one_pass.requirements import Text
from vedette.hunt.one_pass.scanning import NOTHING, Numbers
from vedette.hunt.one_pass.values import Truths, Values, indices, plain
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, fields_of

Ask = Callable[[Sequence[Expression], pa.Table], pa.Table]
"""The engine: what expressions are of some rows, a column each."""

_CELLS = 40_000
"""How many rows times tests the engine is asked for at once, if there are several tests."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Something for the engine to work out of some rows, for some tests."""

    value: Expression
    rows: Numbers
    numbers: tuple[int, ...]


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
        self._looked: dict[tuple[str, bool], Values] = {}
        self._may: dict[int, Numbers | None] = {}

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
            starts = np.flatnonzero(np.diff(texts, prepend=-1))
            found, ends = texts[starts], [*starts[1:].tolist(), len(texts)]
            names = [looked.texts[text] for text in found.tolist()]
            apart = (places[start:end] for start, end in zip(starts.tolist(), ends, strict=False))
            values.met(looked.numbers, dict(zip(names, apart, strict=True)))
            self._looked[column, in_json] = values
            for text, name in zip(found.tolist(), names, strict=True):
                behind = looked.behind[text]
                if behind:
                    rows = values.rows_met(name)
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
            sure, rows = self._possible(node.test, rows)
            if not len(rows):
                return sure
            asked, truths = self._told[node.test.number]
            return self._joined([sure, rows[truths[np.searchsorted(asked, rows)]]])
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
            sure, rows = self._possible(node.test, rows)
            if len(rows):
                self._wanted.setdefault(node.test.number, []).append(rows)
            return sure, rows
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
            still = _common(unsure, held)
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
            unsure = self._joined([_without(unsure, _common(unsure, held)), maybe])
        return self._joined(found), unsure

    def _possible(self, test: KnownTest, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Those of the rows of which a test that the engine makes holds surely, and those of which
        it may: in which stands what it cannot do without."""
        if test.number not in self._may:
            sets = test.texts or test.sure_without
            known = (some for some in sets if all(map(self._was_looked_for, some)))
            found = [self._joined([self._rows_met(text) for text in some]) for some in known]
            self._may[test.number] = min(found, key=len, default=None)
        may = self._may[test.number]
        sure = NOTHING
        if may is not None and len(rows):
            possible = _common(rows, may)
            sure = _without(rows, possible) if test.sure_without else NOTHING
            rows = possible
        if test.length is not None and len(rows):
            rows = self._chunk.values(test.length.column).longer(test.length.least, rows)
        return sure, rows

    def _was_looked_for(self, text: Text) -> bool:
        values = self._looked.get((text.column, text.in_json))
        return values is not None and values.was_looked_for(text.literal)

    def _rows_met(self, text: Text) -> Numbers:
        return self._looked[text.column, text.in_json].rows_met(text.literal)

    def _passing(self, test: KnownTest, rows: Numbers) -> Numbers:
        if test.value is None:
            raise ValueError("only the engine makes this test")
        values = self._chunk.values(test.value.column)
        return values.passing(test.number, test.value, rows)

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
        """Ask what was noted, few rows together and many apart."""
        unions = {number: self._joined(rows) for number, rows in self._wanted.items()}
        by_value: dict[Expression, list[int]] = {}
        for number, rows in unions.items():
            truths = self._found(self._program.tests[number], rows)
            if truths is not None:
                self._told[number] = (rows, truths)
                continue
            test = self._program.tests[number]
            value = test.shown.subject if test.shown else apply("is_true", test.expression)
            by_value.setdefault(value, []).append(number)
        questions = [
            _Question(value, self._joined([unions[n] for n in numbers]), tuple(numbers))
            for value, numbers in by_value.items()
        ]
        batch: list[_Question] = []
        rows = NOTHING
        for question in sorted(questions, key=lambda q: len(q.rows)):
            wider = self._joined([rows, question.rows])
            if batch and len(wider) * (len(batch) + 1) > _CELLS:
                self._answer(batch, rows)
                batch, wider = [], question.rows
            batch, rows = [*batch, question], wider
        if batch:
            self._answer(batch, rows)

    def _found(self, test: KnownTest, rows: Numbers) -> Truths | None:
        """What a test says of some rows that it does not take the engine for."""
        known = pattern_of(test.expression)
        if known is None:
            return None
        name, pattern = known
        return found_in(pattern, plain(self._chunk.column(name).take(indices(rows))))

    def _answer(self, questions: Sequence[_Question], rows: Numbers) -> None:
        told = self._asked([question.value for question in questions], rows)
        if told is None and len(questions) > 1:
            for question in questions:
                self._answer([question], question.rows)
            return
        for place, question in enumerate(questions):
            if told is None:
                self._program.broken.update(question.numbers)
            self._tell(question, rows, None if told is None else told.column(place))

    def _tell(self, question: _Question, rows: Numbers, told: pa.ChunkedArray | None) -> None:
        """Keep what the engine says of some rows, or of what it says, by each test."""
        nothing = np.zeros(len(rows), bool)
        values: Values | None = None
        for number in question.numbers:
            shown = self._program.tests[number].shown
            truths = nothing
            if told is not None and shown is None:
                truths = told.to_numpy()
            elif told is not None and shown is not None:
                values = values or Values(told.combine_chunks().dictionary_encode())
                truths = nothing.copy()
                places = np.arange(len(rows))
                truths[values.passing(number, shown.test, places)] = True
            self._told[number] = (rows, truths)

    def _asked(self, expressions: Sequence[Expression], rows: Numbers) -> pa.Table | None:
        """What the engine says, or None where it fails."""
        types = {f.name: f.type for e in expressions for f in fields_of(e)}
        try:
            return self._ask(expressions, self._chunk.some(types, rows))
        except (RunFailed, Unsupported):
            return None


def _common(rows: Numbers, other: Numbers) -> Numbers:
    """The rows that are among both, in order."""
    fewer, more = (rows, other) if len(rows) <= len(other) else (other, rows)
    if not len(fewer):
        return NOTHING
    places = np.minimum(np.searchsorted(more, fewer), len(more) - 1)
    both: Numbers = fewer[more[places] == fewer]
    return both


def _without(rows: Numbers, other: Numbers) -> Numbers:
    """Those of the rows that are not among others, which are some of them."""
    if not len(other):
        return rows
    kept = np.ones(len(rows), bool)
    kept[np.searchsorted(rows, other)] = False
    return rows[kept]
