"""A column of some rows: takes its values, gives which rows pass a test of one value.

A test is made of each distinct value once, and of those only of which it is not known already.
Values that repeat are remembered from chunk to chunk; of others, texts that stand in few of them
tell which may pass.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vedette.hunt.one_pass.scanning import NOTHING, Numbers
from vedette.hunt.one_pass.value_tests import ValueTest
from vedette.plan.folding import fold

MOST_KEPT = 100_000
"""How many values of a column are remembered."""
Truths = npt.NDArray[np.bool_]
_FEW = 20_000
"""How many values a text may stand in for the values that pass to be listed."""
_MANY = 50
"""Of how many values on Arrow makes a test faster than Python."""
_FEW_ROWS = 40
"""Of how many rows on a test is made of all values that were remembered since."""
_NO_TRUTHS: Truths = np.empty(0, bool)


def indices(rows: npt.NDArray[np.integer[Any]]) -> pa.Array:
    """Numbers for Arrow, without the look for pandas that its own way takes each time."""
    numbers = np.asarray(rows, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def plain(column: pa.Array) -> pa.Array:
    """A column without distinct values: a value a row."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def held_by(test: ValueTest, values: pa.Array) -> Truths:
    """Which of some values, folded where the test asks for that, pass; nulls as it says of null."""
    if test.of_many is not None and len(values) >= _MANY:
        held = test.of_many(values)
        if held.null_count:
            held = held.fill_null(test.of_null)
        truths: Truths = held.to_numpy(zero_copy_only=False)
        return truths
    if not values.null_count:
        return np.fromiter(map(test.holds, values.to_pylist()), bool, len(values))
    holds, of_null = test.holds, test.of_null
    return np.array([of_null if v is None else holds(v) for v in values.to_pylist()], bool)


def folded(values: pa.Array) -> pa.Array:
    """Texts, folded as tests without case see them."""
    lower = pc.ascii_lower(values)
    far = beyond_ascii(values)
    if far is None:
        return lower
    new = [fold(text) for text in values.filter(pa.array(far)).to_pylist()]
    return pc.replace_with_mask(lower, pa.array(far), pa.array(new, values.type))


def beyond_ascii(values: pa.Array) -> Truths | None:
    """Which texts have characters beyond ASCII; None where none has."""
    data = values.buffers()[2]
    if data is None or not np.frombuffer(data, np.uint8).max(initial=0) & 0x80:
        return None
    plain = pc.string_is_ascii(values).fill_null(True)
    far: Truths = ~plain.to_numpy(zero_copy_only=False)
    return far if far.any() else None


class Memory:
    """Values that a column had before, and which of them pass which tests."""

    def __init__(self) -> None:
        """Begin with none."""
        self._places: dict[Any, int] = {}
        self._plain: list[Any] = []
        self._arrays: dict[tuple[int, bool], pa.Array] = {}
        self._truths: dict[int, Truths] = {}

    def places(self, values: pa.Array) -> Numbers:
        """Where each value has its place from now on."""
        places, before = self._places, len(self._plain)
        listed = values.to_pylist()
        for value in listed:
            if value not in places:
                places[value] = len(self._plain)
                self._plain.append(value)
        if len(self._plain) > before:
            self._arrays.clear()
        return np.array([places[value] for value in listed], np.int64)

    def held(self, number: int, test: ValueTest, places: list[int]) -> Truths | None:
        """Which of a few values pass, by their places, -1 for null; None where it is as well to
        know it of all."""
        if len(self._plain) - len(self._truths.get(number, _NO_TRUTHS)) <= len(places):
            return None
        if test.is_folded:
            passed = [test.of_null if p < 0 else test.holds(fold(self._plain[p])) for p in places]
        else:
            passed = [test.of_null if p < 0 else test.holds(self._plain[p]) for p in places]
        return np.array(passed, bool)

    def truths(self, number: int, test: ValueTest) -> Truths:
        """Which of all values pass a test, by their places."""
        known = self._truths.get(number, _NO_TRUTHS)
        if len(known) < len(self._plain):
            made = held_by(test, self._since(len(known), test.is_folded))
            known = self._truths[number] = np.concatenate([known, made]) if len(known) else made
        return known

    def _since(self, place: int, is_folded: bool) -> pa.Array:
        """The values from a place on."""
        if (place, is_folded) not in self._arrays:
            values = pa.array(self._plain[place:])
            self._arrays[place, is_folded] = folded(values) if is_folded else values
        return self._arrays[place, is_folded]

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._plain)


class Values:
    """A column of some rows: its distinct values, and which each row has; the last is null.

    A column whose values hardly repeat is its own list of values.
    """

    def __init__(self, column: pa.Array, memory: Memory | None = None) -> None:
        """Take a column, which may be one of distinct values already, and what is known of it."""
        is_coded = pa.types.is_dictionary(column.type)
        self._is_own = not is_coded and column.type in (pa.string(), pa.large_string())
        if self._is_own:
            self.distinct: pa.Array = column
            self.count = len(column)
            own = np.arange(self.count)
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            self.codes: Numbers = np.where(valid, own, self.count) if column.null_count else own
        else:
            coded = column if is_coded else column.dictionary_encode()
            self.distinct = coded.dictionary
            self.count = len(self.distinct)
            codes = coded.indices.fill_null(self.count) if coded.null_count else coded.indices
            self.codes = codes.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        self._truths: dict[int, Truths] = {}
        self._passing: dict[int, Numbers] = {}
        self._looked_for: Container[str] = ()
        self._met: Mapping[str, Numbers] = {}
        self._folded: pa.Array | None = None
        self._far: Truths | None = None
        self._taken: tuple[Numbers, bool, pa.Array] = (NOTHING, False, None)
        self._order = self._starts = NOTHING
        repeats = self.count * 2 < len(self.codes) and self.count < MOST_KEPT
        self._memory = memory if repeats else None
        self._places: Numbers | None = None
        self._lengths: Numbers | None = None

    # --- texts that were looked for -----------------------------------------------------------

    def met(self, looked_for: Container[str], found: Mapping[str, Numbers]) -> None:
        """Take which texts were looked for, and which values have which of them."""
        self._looked_for, self._met = looked_for, found
        self._far = beyond_ascii(self.distinct)
        if self._is_own:
            return
        wanted = np.zeros(self.count + 1, bool)
        for codes in found.values():
            wanted[codes] = True
        rows = np.flatnonzero(wanted[self.codes])
        codes = self.codes[rows]
        self._order = rows[np.argsort(codes, kind="stable")]
        counts = np.bincount(codes, minlength=self.count + 1)
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def was_looked_for(self, text: str) -> bool:
        """Whether it is known in which values a text stands."""
        return text in self._looked_for

    def rows_met(self, text: str) -> Numbers:
        """The rows whose value has a text that was looked for, in order."""
        codes = self._met.get(text, NOTHING)
        if self._is_own or not len(codes):
            return codes
        first, last = self._starts[codes], self._starts[codes + 1]
        lengths = last - first
        total = int(lengths.sum())
        ends = np.cumsum(lengths)
        places = np.arange(total) + np.repeat(first - (ends - lengths), lengths)
        found: Numbers = self._order[places]
        found.sort()
        return found

    def longer(self, least: int, rows: Numbers) -> Numbers:
        """Those of the rows whose text has as many bytes at least."""
        if self._lengths is None:
            lengths = pc.binary_length(self.distinct).fill_null(0).to_numpy(zero_copy_only=False)
            self._lengths = np.append(lengths.astype(np.int64), 0)
        long: Numbers = rows[self._lengths[self.codes[rows]] >= least]
        return long

    # --- tests --------------------------------------------------------------------------------

    def passing(self, number: int, test: ValueTest, rows: Numbers) -> Numbers:
        """Those of the rows that pass a test; *number* tells tests apart."""
        truths = self._truths.get(number)
        if truths is None and not test.of_null and self._is_unmet(test):
            return NOTHING
        if truths is None and self._memory is None:
            passing = self._passed(number, test)
            if passing is not None:
                return self._rows_of(passing, rows)
        if truths is None and self._memory is not None and len(rows) < _FEW_ROWS:
            held = self._memory.held(number, test, self._remembered(self._memory, rows))
            if held is not None:
                return rows[held]
        if truths is None:
            truths = self._truths_of(number, test, len(rows))
        if truths is not None:
            passed: Numbers = rows[truths[self.codes[rows]]]
            return passed
        told: Numbers = rows[held_by(test, self._of(rows, test))]
        return told

    def _is_unmet(self, test: ValueTest) -> bool:
        """Whether texts of which one stands in every value that passes stand in none."""
        looked_for, met = self._looked_for, self._met
        for some in test.texts:
            for text in some:
                if text in met or text not in looked_for:
                    break
            else:
                return True
        return False

    def _passed(self, number: int, test: ValueTest) -> Numbers | None:
        """The values that pass, where it is known that only few can."""
        known = self._passing.get(number)
        if known is not None or test.of_null:
            return known
        for some in test.texts:
            if not all(map(self.was_looked_for, some)):
                continue
            codes = [self._met[text] for text in some if text in self._met]
            if test.is_told or sum(map(len, codes)) <= _FEW:
                may = codes[0] if len(codes) == 1 else np.unique(np.concatenate(codes))
                found = self._passing[number] = self._told(test, may)
                return found
        return None

    def _told(self, test: ValueTest, may: Numbers) -> Numbers:
        """Those of the values that pass a test of which one of its texts was found in each."""
        unsure = may
        if test.is_told:
            if self._far is None:
                return may
            unsure = may[self._far[may]]
            if not len(unsure):
                return may
        held = held_by(test, self._at(unsure, test.is_folded))
        if not test.is_told:
            return unsure[held]
        return np.setdiff1d(may, unsure[~held], assume_unique=True)

    def _rows_of(self, codes: Numbers, rows: Numbers) -> Numbers:
        """Those of the rows whose value is among some, given in order."""
        if not len(codes):
            return NOTHING
        if self._is_own and len(codes) < len(rows):  # a value's place is its row
            places = np.minimum(np.searchsorted(rows, codes), len(rows) - 1)
            few: Numbers = codes[rows[places] == codes]
            return few
        asked = self.codes[rows]
        places = np.minimum(np.searchsorted(codes, asked), len(codes) - 1)
        found: Numbers = rows[codes[places] == asked]
        return found

    def _remembered(self, memory: Memory, rows: Numbers) -> list[int]:
        """Where the memory has the values of some rows, -1 for null."""
        if self._places is None:
            self._places = memory.places(self.distinct)
        places = self._places
        return [int(places[c]) if c < self.count else -1 for c in self.codes[rows].tolist()]

    def _truths_of(self, number: int, test: ValueTest, rows: int) -> Truths | None:
        """Which of all values pass, where that is worth while for so many rows."""
        if self._memory is not None:
            if self._places is None:
                self._places = self._memory.places(self.distinct)
            made: Truths = np.append(self._memory.truths(number, test)[self._places], test.of_null)
        elif self._is_own or self.count > 2 * rows + 32:
            return None
        else:
            values = self._all_folded() if test.is_folded else self.distinct
            made = np.append(held_by(test, values), test.of_null)
        self._truths[number] = made
        return made

    def _of(self, rows: Numbers, test: ValueTest) -> pa.Array:
        """The values of some rows; they are kept for the next test of the same rows."""
        is_folded = test.is_folded
        known, was_folded, taken = self._taken
        if taken is None or known is not rows or was_folded is not is_folded:
            places = rows if self._is_own else self.codes[rows]
            taken = self._at(places, is_folded)
            self._taken = (rows, is_folded, taken)
        return taken

    def _at(self, places: Numbers, is_folded: bool) -> pa.Array:
        """Some of the values; places beyond them are null."""
        if len(places) * 20 < self.count and is_folded and self._folded is None:
            taken = self._take(self.distinct, places)
            return folded(taken)
        return self._take(self._all_folded() if is_folded else self.distinct, places)

    def _take(self, values: pa.Array, places: Numbers) -> pa.Array:
        chosen = indices(places)
        if not self._is_own and len(places) and int(places.max()) == self.count:
            chosen = pc.if_else(pc.less(chosen, self.count), chosen, None)
        return values.take(chosen)

    def _all_folded(self) -> pa.Array:
        if self._folded is None:
            self._folded = folded(self.distinct)
        return self._folded
