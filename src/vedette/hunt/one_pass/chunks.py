"""Rows to look at together: takes stored files or a batch, gives columns of distinct values.

Every column is a list of its distinct values and, for each row, which of them it has: what is
worked out of a value is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.hunt.one_pass.scanning import Numbers
from vedette.hunt.one_pass.values import MOST_KEPT, Memory, Truths, Values, indices, plain
from vedette.plan.types import Type

ROWS = 250_000
"""About how many rows are looked at together."""

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
            if len(memory) > MOST_KEPT:
                memory = self._memories[name] = Memory()
            self._values[name] = Values(self.column(name), memory)
        return self._values[name]

    def some(self, columns: Mapping[str, Type], rows: Numbers) -> pa.Table:
        """Columns of some of the rows, texts as texts."""
        places = indices(rows)
        taken = [self.column(name).take(places) for name in columns]
        return _filled(pa.Table.from_arrays(taken, names=list(columns)), columns, ())

    def kept(
        self, types: Mapping[str, Type], rows: Numbers, needed: Mapping[str, Truths]
    ) -> pa.Table:
        """Columns of some of the rows, null where a row's is not needed; texts that repeat as
        distinct values. What the chunk lacks is read."""
        absent = {name: type for name, type in types.items() if name not in self._rows.column_names}
        read = self.place.read(absent, rows) if self.place is not None and absent else None
        columns = []
        for name in types:
            is_needed = needed[name]
            if read is not None and name in absent:
                column, places = in_one_piece(read.column(name)), np.arange(len(rows))
            else:
                column, places = self.column(name), rows
            all_are = bool(is_needed.all())
            chosen = indices(places) if all_are else pa.array(places, pa.int64(), mask=~is_needed)
            columns.append(_small(column.take(chosen)))
        return pa.Table.from_arrays(columns, names=list(types))

    def distinct(self, name: str) -> int:
        """How many distinct values a column has."""
        return len(self.column(name).dictionary_encode().dictionary)

    def column(self, name: str) -> pa.Array:
        """A column in one piece."""
        if name not in self._whole:
            self._whole[name] = in_one_piece(self._rows.column(name))
        return self._whole[name]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of a chunk are: groups of rows of files, one behind the other."""

    groups: tuple[tuple[str, int], ...]

    def read(self, columns: Mapping[str, Type], rows: Numbers) -> pa.Table:
        """These columns of some of the rows; a column that a file lacks is null."""
        table = _read(self.groups, columns)
        return table.take(indices(rows))


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


def in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    """A column without its cuts; distinct values become those of all of it."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found


def _small(column: pa.Array) -> pa.Array:
    """Texts as the distinct values that there are, where that is less."""
    values = plain(column)
    if not pa.types.is_string(values.type):
        return values
    coded = values.dictionary_encode()
    return coded if coded.nbytes < values.nbytes else values


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
