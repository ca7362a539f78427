"""The rows that detections let through: takes rows by detection, gives files that queries run over.

Rows are kept in memory up to a bound; what lets most rows through is let go and runs alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.engines.base import Stored
from vedette.hunt.one_pass.chunks import Place
from vedette.hunt.one_pass.scanning import Numbers
from vedette.plan.types import Type

MOST_BYTES = 400_000_000
MOST_ROWS = 1_000_000
"""How much is kept of all detections together, and of one."""


@dataclass(slots=True)
class _Kept:
    parts: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0


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
        self._kept: dict[int, _Kept] = {}
        self._dropped: dict[int, int] = {}

    @property
    def dropped(self) -> Mapping[int, int]:
        """The detections that let too many rows through, and how many at least."""
        return self._dropped

    @property
    def bytes(self) -> int:
        """How much is kept."""
        return sum(kept.bytes for kept in self._kept.values())

    def rows(self, number: int) -> int:
        """How many rows a detection let through."""
        return self._kept[number].rows if number in self._kept else 0

    def add(self, place: Place, found: Mapping[int, Numbers]) -> None:
        """Keep the rows of a chunk."""
        wanted = {n: rows for n, rows in found.items() if n not in self._dropped}
        if not wanted:
            return
        names = {name for number in wanted for name in self._columns[number]}
        every = np.unique(np.concatenate(list(wanted.values())))
        types: dict[str, Type] = {n: t for n, t in self._types.items() if n in names}
        read = place.read(types, every)
        for number, rows in wanted.items():
            part = read.select(list(self._columns[number]))
            if len(rows) < len(every):
                part = part.take(pa.array(np.searchsorted(every, rows)))
            kept = self._kept.setdefault(number, _Kept())
            kept.parts.append(part)
            kept.rows += len(rows)
            kept.bytes += part.nbytes
            if kept.rows > MOST_ROWS:
                self._drop(number)
        while self.bytes > self._most_bytes:
            self._drop(max(self._kept, key=lambda n: self._kept[n].bytes))

    def _drop(self, number: int) -> None:
        self._dropped[number] = self._kept.pop(number).rows

    def write(self, number: int, folder: Path) -> Stored:
        """A detection's rows as a stored table, in files of this folder; none where it has none."""
        kept = self._kept.pop(number, None)
        if kept is None:
            return Stored((), self._types)
        file = folder / f"{self._table}-{number}.parquet".replace("/", "_")
        pq.write_table(
            pa.concat_tables(kept.parts), file, compression="none", store_schema=False,
            use_dictionary=False, write_statistics=False,
        )  # fmt: skip
        return Stored((str(file.absolute()),), self._types)
