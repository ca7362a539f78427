"""Rows to look at together: takes stored files or a batch, gives columns of distinct values.

Every column is a list of its distinct values and, for each row, which of them it has: what is
worked out of a value is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.hunt.one_pass.scanning import NOTHING, Numbers
from vedette.hunt.one_pass.value_tests import ValueTest
from vedette.plan.folding import fold
from vedette.plan.types import Type

ROWS = 200_000
"""About how many rows are looked at together."""
Truths = npt.NDArray[np.bool_]

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


class Values:
    """A column of some rows: its distinct values, and which each row has; the last is null."""

    def __init__(self, column: pa.Array) -> None:
        """Take a column, which may be one of distinct values already."""
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        self.distinct: pa.Array = coded.dictionary
        self.count = len(self.distinct)
        codes = coded.indices.fill_null(self.count) if coded.null_count else coded.indices
        self.codes: Numbers = codes.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        self._truths: dict[int, Truths] = {}
        self._plain: list[Any] = [None] * self.count
        self._folded: list[Any] = [None] * self.count
        self._order: Numbers | None = None
        self._starts: Numbers = NOTHING

    def rows_of(self, codes: Numbers) -> Numbers:
        """The rows that have one of these values, in order."""
        if self._order is None:
            self._order = np.argsort(self.codes, kind="stable")
            counts = np.bincount(self.codes, minlength=self.count + 1)
            self._starts = np.concatenate([[0], np.cumsum(counts)])
        first, last = self._starts[codes], self._starts[codes + 1]
        lengths = last - first
        total = int(lengths.sum())
        if not total:
            return NOTHING
        ends = np.cumsum(lengths)
        places = np.arange(total) + np.repeat(first - (ends - lengths), lengths)
        found: Numbers = self._order[places]
        found.sort()
        return found

    def truths(self, number: int, test: ValueTest, rows: Numbers) -> Truths:
        """Which of the rows pass a test; *number* tells tests apart."""
        known = self._truths.get(number)
        if known is not None:
            return known[self.codes[rows]]
        codes = self.codes[rows]
        if self.count > 2 * len(rows) + 32:
            holds, of_null, count = test.holds, test.of_null, self.count
            listed = codes.tolist()
            values = self._known(listed, test.is_folded)
            return np.array([of_null if c == count else holds(values[c]) for c in listed], bool)
        values = self._known(range(self.count), test.is_folded)
        made = np.empty(self.count + 1, bool)
        made[:-1] = list(map(test.holds, values))
        made[-1] = test.of_null
        self._truths[number] = made
        return made[codes]

    def _known(self, codes: Sequence[int] | range, is_folded: bool) -> list[Any]:
        """The values, those with these codes filled in."""
        values = self._folded if is_folded else self._plain
        count = self.count
        missing = [c for c in codes if c != count and values[c] is None]
        if missing:
            if len(missing) == count:
                taken = self.distinct.to_pylist()
            else:
                taken = self.distinct.take(_indices(missing)).to_pylist()
            for code, value in zip(missing, taken, strict=True):
                values[code] = fold(value) if is_folded else value
        return values


class Chunk:
    """Some rows of a table; ``place`` says where they lie, for reading more of them."""

    def __init__(self, rows: pa.Table, place: Place | None = None) -> None:
        """Take the rows; texts may come as distinct values."""
        self.length: int = rows.num_rows
        self.place = place
        self._rows = rows
        self._values: dict[str, Values] = {}

    def values(self, name: str) -> Values:
        """A column's distinct values."""
        if name not in self._values:
            self._values[name] = Values(_whole(self._rows.column(name)))
        return self._values[name]

    def some(self, columns: Mapping[str, Type], rows: Numbers) -> pa.Table:
        """Columns of some of the rows, texts as texts."""
        taken = self._rows.select(list(columns)).take(_indices(rows))
        return _filled(taken, columns, ())


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


def read_chunk(place: Place, columns: Mapping[str, Type], texts: Sequence[str]) -> Chunk:
    """The columns of a chunk, *texts* as distinct values."""
    return Chunk(_read(place.groups, columns, texts), place)


def _indices(rows: Numbers | Sequence[int]) -> pa.Array:
    """Numbers for Arrow, without the look for pandas that its own way takes each time."""
    numbers = np.asarray(rows, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


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
        with pq.ParquetFile(file, read_dictionary=list(texts)) as opened:
            names = [n for n in columns if n in opened.schema_arrow.names]
            part = opened.read_row_groups(numbers, columns=names)
        parts.append(_filled(part, columns, texts))
    return pa.concat_tables(parts)


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
