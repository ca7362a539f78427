"""Rows to look at together: takes stored files or a batch, gives columns of distinct values.

Every column is a list of its distinct values and, for each row, which of them it has: what is
worked out of a value is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.hunt.one_pass.scanning import NOTHING, Numbers
from vedette.hunt.one_pass.value_tests import ValueTest
from vedette.plan.folding import fold
from vedette.plan.types import Type

ROWS = 250_000
"""About how many rows are looked at together."""
_MOST_KEPT = 100_000
"""How many values of a column are remembered."""
Truths = npt.NDArray[np.bool_]
_FEW = 2_000
"""How many values a text may stand in for the values that pass to be listed."""
_NO_TRUTHS: Truths = np.empty(0, bool)

ARROW: Mapping[Type, tuple[pa.DataType, ...]] = {
    Type.BOOL: (pa.bool_(),),
    Type.INT: (pa.int32(),),
    Type.LONG: (pa.int64(),),
    Type.REAL: (pa.float64(),),
    Type.STRING: (pa.string(), pa.large_string()),
    Type.DYNAMIC: (pa.string(), pa.large_string()),
    Type.DATETIME: (pa.int64(),),
    Type.TIMESPAN: (pa.int64(),),
}
"""What a column of each type may be stored as to be looked at here."""


class Memory:
    """Values that a column had before, and which of them pass which tests."""

    def __init__(self) -> None:
        """Begin with none."""
        self._places: dict[Any, int] = {}
        self._plain: list[Any] = []
        self._folded: list[Any] = []
        self._truths: dict[int, Truths] = {}

    def places(self, values: Sequence[Any]) -> Numbers:
        """Where each value has its place from now on."""
        places = self._places
        for value in values:
            if value not in places:
                places[value] = len(self._plain)
                self._plain.append(value)
                self._folded.append(fold(value) if isinstance(value, str) else value)
        return np.array([places[value] for value in values], np.int64)

    def truths(self, number: int, test: ValueTest) -> Truths:
        """Which of all values pass a test, by their places."""
        known = self._truths.get(number, _NO_TRUTHS)
        values = self._folded if test.is_folded else self._plain
        if len(known) < len(values):
            made = np.array(list(map(test.holds, values[len(known) :])), bool)
            known = self._truths[number] = np.concatenate([known, made])
        return known

    def __len__(self) -> int:
        """How many values there are."""
        return len(self._plain)


class Values:
    """A column of some rows: its distinct values, and which each row has; the last is null.

    A column whose values hardly repeat is its own list of values.
    """

    def __init__(self, column: pa.Array, memory: Memory | None = None) -> None:
        """Take a column, which may be one of distinct values already, and what is known of it."""
        self._is_own = not pa.types.is_dictionary(column.type) and _is_text(column.type)
        if self._is_own:
            self.distinct: pa.Array = column
            self.count = len(column)
            own = np.arange(self.count)
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            self.codes: Numbers = np.where(valid, own, self.count) if column.null_count else own
        else:
            coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
            self.distinct = coded.dictionary
            self.count = len(self.distinct)
            codes = coded.indices.fill_null(self.count) if coded.null_count else coded.indices
            self.codes = codes.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        self._truths: dict[int, Truths] = {}
        self._passing: dict[int, Numbers] = {}
        self._met: Mapping[str, Numbers] = {}
        self._plain: list[Any] = [None] * self.count
        self._folded: list[Any] = [None] * self.count
        self._order = self._starts = NOTHING
        repeats = self.count * 2 < len(self.codes) and self.count < _MOST_KEPT
        self._memory = memory if repeats else None
        self._places: Numbers | None = None

    def met(self, found: Mapping[str, Numbers]) -> None:
        """Take which values have which of the texts that were looked for."""
        self._met = found
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

    def rows_met(self, text: str) -> Numbers:
        """The rows whose value has a text that was looked for, in order."""
        codes = self._met[text]
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

    def passing(
        self, number: int, test: ValueTest, texts: Iterable[frozenset[str]], rows: Numbers
    ) -> Numbers:
        """Those of the rows that pass a test; *number* tells tests apart.

        *texts* are sets of which one text each stands in every value that passes.
        """
        truths = self._truths.get(number)
        if truths is None:
            passing = self._passed(number, test, texts)
            if passing is not None:
                if not len(passing):
                    return NOTHING
                codes = self.codes[rows]
                places = np.minimum(np.searchsorted(passing, codes), len(passing) - 1)
                few: Numbers = rows[passing[places] == codes]
                return few
            truths = self._truths_of(number, test, len(rows))
        if truths is not None:
            passed: Numbers = rows[truths[self.codes[rows]]]
            return passed
        holds, of_null, count = test.holds, test.of_null, self.count
        listed = self.codes[rows].tolist()
        values = self._known(listed, test.is_folded)
        held = [of_null if c == count else holds(values[c]) for c in listed]
        told: Numbers = rows[np.array(held, bool)]
        return told

    def _passed(
        self, number: int, test: ValueTest, texts: Iterable[frozenset[str]]
    ) -> Numbers | None:
        """The values that pass, where it is known that only few can."""
        known = self._passing.get(number)
        if known is not None or not self._met:
            return known
        for some in texts:
            if test.of_null or any(text not in self._met for text in some):
                continue
            codes = [self._met[text] for text in some if len(self._met[text])]
            if sum(map(len, codes)) > _FEW:
                continue
            may = np.unique(np.concatenate(codes)) if codes else NOTHING
            listed = may.tolist()
            values = self._known(listed, test.is_folded)
            holds = test.holds  # a null's place may hold anything
            passed = [values[c] is not None and holds(values[c]) for c in listed]
            found: Numbers = may[np.array(passed, bool)]
            self._passing[number] = found
            return found
        return None

    def _truths_of(self, number: int, test: ValueTest, rows: int) -> Truths | None:
        """Which of all values pass, where that is worth while for so many rows."""
        if self._memory is not None:
            if self._places is None:
                self._places = self._memory.places(self.distinct.to_pylist())
            remembered = self._memory.truths(number, test)[self._places]
            made: Truths = np.append(remembered, test.of_null)
            self._truths[number] = made
            return made
        if self._is_own or self.count > 2 * rows + 32:
            return None
        values = self._known(range(self.count), test.is_folded)
        made = np.array([*map(test.holds, values), test.of_null], bool)
        self._truths[number] = made
        return made

    def _known(self, codes: Sequence[int] | range, is_folded: bool) -> list[Any]:
        """The values, those with these codes filled in."""
        values = self._folded if is_folded else self._plain
        count = self.count
        missing = [c for c in codes if c != count and values[c] is None]
        if missing:
            taken = self.distinct.take(_indices(missing)).to_pylist()
            for code, value in zip(missing, taken, strict=True):
                if value is not None:
                    values[code] = fold(value) if is_folded else value
        return values


class Chunk:
    """Some rows of a table; ``place`` says where they lie, for reading more of them."""

    def __init__(
        self,
        rows: pa.Table,
        place: Place | None = None,
        memories: dict[str, Memory] | None = None,
    ) -> None:
        """Take the rows; texts may come as distinct values. *memories* are kept between chunks."""
        self._memories = memories if memories is not None else {}
        self.length: int = rows.num_rows
        self.place = place
        self._rows = rows
        self._whole: dict[str, pa.Array] = {}
        self._values: dict[str, Values] = {}

    def values(self, name: str) -> Values:
        """A column's distinct values."""
        if name not in self._values:
            memory = self._memories.setdefault(name, Memory())
            if len(memory) > _MOST_KEPT:
                memory = self._memories[name] = Memory()
            self._values[name] = Values(self.column(name), memory)
        return self._values[name]

    def some(self, columns: Mapping[str, Type], rows: Numbers) -> pa.Table:
        """Columns of some of the rows, texts as texts."""
        places = _indices(rows)
        taken = [self.column(name).take(places) for name in columns]
        return _filled(pa.Table.from_arrays(taken, names=list(columns)), columns, ())

    def distinct(self, name: str) -> int:
        """How many distinct values a column has."""
        return len(self.column(name).dictionary_encode().dictionary)

    def column(self, name: str) -> pa.Array:
        """A column in one piece."""
        if name not in self._whole:
            self._whole[name] = _whole(self._rows.column(name))
        return self._whole[name]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of a chunk are: groups of rows of files, one behind the other."""

    groups: tuple[tuple[str, int], ...]

    def read(self, columns: Mapping[str, Type], rows: Numbers) -> pa.Table:
        """These columns of some of the rows; a column that a file lacks is null."""
        table = _read(self.groups, columns)
        return table.take(_indices(rows))


class NotAsStored(Exception):
    """A file holds a column in another type than the plan's: the engine has to convert it."""


def places_of(files: Sequence[str], columns: Mapping[str, Type]) -> Iterator[Place]:
    """Where the stored rows are, some at a time. Raises NotAsStored."""
    groups: list[tuple[str, int]] = []
    rows = 0
    for file in files:
        with pq.ParquetFile(file) as opened:
            _check(file, opened.schema_arrow, columns)
            metadata = opened.metadata
            for group in range(metadata.num_row_groups):
                count = metadata.row_group(group).num_rows
                if groups and rows + count > ROWS:
                    yield Place(tuple(groups))
                    groups, rows = [], 0
                groups.append((file, group))
                rows += count
    if rows:
        yield Place(tuple(groups))


def read_chunk(
    place: Place,
    columns: Mapping[str, Type],
    texts: Sequence[str],
    memories: dict[str, Memory] | None = None,
) -> Chunk:
    """The columns of a chunk, *texts* as distinct values."""
    return Chunk(_read(place.groups, columns, texts), place, memories)


def chunk_of(
    rows: pa.Table,
    columns: Mapping[str, Type],
    texts: Sequence[str],
    memories: dict[str, Memory] | None = None,
) -> Chunk:
    """The columns of rows that are at hand, *texts* as distinct values; absent ones are null."""
    made = []
    for name, type in columns.items():
        wanted = ARROW[type][0]
        if name not in rows.column_names:
            column = pa.chunked_array([pa.nulls(rows.num_rows, wanted)])
        else:
            column = rows.column(name)
            column = column if column.type == wanted else column.cast(wanted)
        made.append(column.combine_chunks().dictionary_encode() if name in texts else column)
    return Chunk(pa.Table.from_arrays(made, names=list(columns)), None, memories)


def _indices(rows: Numbers | Sequence[int]) -> pa.Array:
    """Numbers for Arrow, without the look for pandas that its own way takes each time."""
    numbers = np.asarray(rows, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def _is_text(type: pa.DataType) -> bool:
    return type in (pa.string(), pa.large_string())


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found


def _check(file: str, schema: pa.Schema, columns: Mapping[str, Type]) -> None:
    for name, type in columns.items():
        place = schema.get_field_index(name)
        if place >= 0 and schema.field(place).type not in ARROW.get(type, ()):
            raise NotAsStored(f"{name} is stored as {schema.field(place).type}")


def _read(
    groups: Sequence[tuple[str, int]], columns: Mapping[str, Type], texts: Sequence[str] = ()
) -> pa.Table:
    """Columns of groups of rows, *texts* as distinct values."""
    parts: list[pa.Table] = []
    place = 0
    while place < len(groups):
        file = groups[place][0]
        numbers = [number for of, number in groups[place:] if of == file]
        place += len(numbers)
        here = _columns_of(file)
        with pq.ParquetFile(file, read_dictionary=[n for n in texts if n in here]) as opened:
            names = [n for n in columns if n in here]
            part = opened.read_row_groups(numbers, columns=names)
        parts.append(_filled(part, columns, texts))
    return pa.concat_tables(parts)


@lru_cache(maxsize=10_000)
def _columns_of(file: str) -> frozenset[str]:
    """The columns of a stored file, which never changes."""
    return frozenset(pq.read_schema(file).names)


def _filled(part: pa.Table, columns: Mapping[str, Type], texts: Sequence[str]) -> pa.Table:
    """The columns in their order and one type each, absent ones null."""
    made = []
    for name, type in columns.items():
        wanted = ARROW[type][0]
        if name in texts:
            wanted = pa.dictionary(pa.int32(), pa.string())
        if name not in part.column_names:
            made.append(pa.nulls(part.num_rows, wanted))
        else:
            column = part.column(name)
            made.append(column if column.type == wanted else column.cast(wanted))
    return pa.Table.from_arrays(made, names=list(columns))
