"""The rows that detections let through: takes rows by detection, gives files that queries run over.

Rows are kept in memory up to a bound, each once; what lets most rows through is let go and runs
alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.engines.base import Stored
from vedette.hunt.one_pass.parts import Places
from vedette.hunt.one_pass.riders import IDENTITY
from vedette.hunt.one_pass.values import indices
from vedette.plan.types import datetime_of

MOST_BYTES = 400_000_000
MOST_ROWS = 1_000_000
"""How much is kept of all detections together, and how many rows of one."""


@dataclass(slots=True)
class _Kept:
    """Rows of one part of the table, and which of them each detection let through."""

    number: int
    rows: pa.Table
    places: dict[int, Places]

    @property
    def bytes(self) -> int:
        return int(self.rows.nbytes) + sum(places.nbytes for places in self.places.values())

    def drop(self, detection: int) -> None:
        """Keep only what the others let through."""
        if self.places.pop(detection, None) is None:
            return
        wanted = np.zeros(self.rows.num_rows, bool)
        for places in self.places.values():
            wanted[places] = True
        moved = np.cumsum(wanted) - 1
        self.rows = self.rows.filter(pa.array(wanted))
        self.places = {n: moved[places].astype(np.int32) for n, places in self.places.items()}


class Survivors:
    """The rows of one table by the number of the detection that let them through."""

    def __init__(
        self, table: str, stored: Stored, columns: Mapping[int, Sequence[str]], most_bytes: int
    ) -> None:
        """Say which columns each detection needs."""
        self._table = table
        self._types = stored.columns
        self._columns = columns
        self._most_bytes = most_bytes
        self._kept: list[_Kept] = []
        self._counts: Counter[int] = Counter()
        self._dropped: dict[int, int] = {}
        self.bytes = 0
        """How much is kept."""

    @property
    def dropped(self) -> Mapping[int, int]:
        """The detections that let too many rows through, and how many at least."""
        return self._dropped

    def rows(self, number: int) -> int:
        """How many rows a detection let through."""
        return self._counts[number]

    def add(self, part: int, rows: pa.Table, places: Mapping[int, Places]) -> None:
        """Keep rows of a part of the table, and which of them each detection let through."""
        kept = _Kept(part, rows, dict(places))
        for number in self._dropped.keys() & places.keys():
            kept.drop(number)
        if not kept.places:
            return
        self._kept.append(kept)
        self._counts.update({n: len(of) for n, of in kept.places.items()})
        self.bytes += kept.bytes
        for number in [n for n in kept.places if self._counts[n] > MOST_ROWS]:
            self._drop(number)
        while self.bytes > self._most_bytes and self._counts:
            self._drop(self._counts.most_common(1)[0][0])

    def _drop(self, number: int) -> None:
        self._dropped[number] = self._counts.pop(number)
        for kept in self._kept:
            kept.drop(number)
        self._kept = [kept for kept in self._kept if kept.places]
        self.bytes = sum(kept.bytes for kept in self._kept)

    def times(self, number: int, column: str) -> Iterator[tuple[str, dt.datetime]]:
        """The identities of a detection's rows with their moments; those without one are left
        out."""
        for rows in self._rows_of(number, (IDENTITY, column)):
            identities, ticks = (c.to_pylist() for c in rows.columns)
            for identity, tick in zip(identities, ticks, strict=True):
                if identity is not None and tick is not None:
                    yield identity, datetime_of(tick)

    def _rows_of(self, number: int, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Columns of a detection's rows, as they lie in the table."""
        for kept in sorted(self._kept, key=lambda kept: kept.number):
            if number in kept.places:
                yield kept.rows.select(list(columns)).take(indices(kept.places[number]))

    def write(self, number: int, folder: Path) -> Stored:
        """A detection's rows as a stored table, in files of this folder; none where it has none."""
        found = list(map(_plain, self._rows_of(number, self._columns[number])))
        if not found:
            return Stored((), self._types)
        file = folder / f"{self._table}-{number}.parquet".replace("/", "_")
        pq.write_table(
            pa.concat_tables(found), file, compression="none", store_schema=False,
            use_dictionary=False, write_statistics=False,
        )  # fmt: skip
        return Stored((str(file.absolute()),), self._types)


def _plain(rows: pa.Table) -> pa.Table:
    """The rows, distinct values as values."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    return pa.Table.from_arrays(columns, names=rows.column_names)
