"""The rows that detections let through: takes the parts of a table one by one, gives their rows
together.

Rows are kept in memory up to a bound, each once; what lets most rows through is let go and runs
alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vedette.hunt.one_pass.chunks import ARROW, in_one_piece
from vedette.hunt.one_pass.parts import Places
from vedette.hunt.one_pass.survived import Survived
from vedette.hunt.one_pass.values import plain
from vedette.plan.types import Type

MOST_BYTES = 600_000_000
"""How much is kept of all detections together."""


@dataclass(slots=True)
class _Kept:
    """Rows of one part of the table, and which of them each detection let through."""

    number: int
    rows: pa.Table
    places: dict[int, Places]
    length: int

    @property
    def bytes(self) -> int:
        return int(self.rows.nbytes) + sum(places.nbytes for places in self.places.values())

    def give(self, column: str, type: Type) -> pa.ChunkedArray:
        """Give a column away, null where this part has none."""
        if column not in self.rows.column_names:
            stored = ARROW[type][0]
            coded = pa.dictionary(pa.int32(), stored) if pa.types.is_string(stored) else stored
            return pa.chunked_array([pa.nulls(self.length, coded)])
        found = self.rows.column(column)
        self.rows = self.rows.drop_columns([column])
        return found

    def drop(self, detection: int) -> None:
        """Keep only what the others let through."""
        if self.places.pop(detection, None) is None:
            return
        wanted = np.zeros(self.rows.num_rows, bool)
        for places in self.places.values():
            wanted[places] = True
        moved = np.cumsum(wanted) - 1
        self.rows = self.rows.filter(pa.array(wanted))
        self.length = self.rows.num_rows
        self.places = {n: moved[places].astype(np.int32) for n, places in self.places.items()}


class Survivors:
    """The rows of one table by the number of the detection that let them through."""

    def __init__(self, table: str, types: Mapping[str, Type], most_bytes: int) -> None:
        """Say what the table's columns are."""
        self._table = table
        self._types = types
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
        kept = _Kept(part, rows, dict(places), rows.num_rows)
        for number in self._dropped.keys() & places.keys():
            kept.drop(number)
        if not kept.places:
            return
        self._kept.append(kept)
        self._counts.update({n: len(of) for n, of in kept.places.items()})
        self.bytes += kept.bytes
        while self.bytes > self._most_bytes and self._counts:
            self._drop(self._counts.most_common(1)[0][0])

    def _drop(self, number: int) -> None:
        self._dropped[number] = self._counts.pop(number)
        for kept in self._kept:
            kept.drop(number)
        self._kept = [kept for kept in self._kept if kept.places]
        self.bytes = sum(kept.bytes for kept in self._kept)

    def settled(self) -> Survived:
        """All rows as they lie in the table; what was kept is let go."""
        kept, self._kept = sorted(self._kept, key=lambda kept: kept.number), []
        starts = np.cumsum([0, *(one.length for one in kept)])
        parts: dict[int, list[Places]] = {}
        for start, one in zip(starts.tolist(), kept, strict=False):
            for number, places in one.places.items():
                parts.setdefault(number, []).append(places + np.int32(start))
        columns: dict[str, pa.Array] = {}
        for name, type in self._types.items():
            if any(name in one.rows.column_names for one in kept):
                columns[name] = _joined([one.give(name, type) for one in kept])
        joined = {number: np.concatenate(of) for number, of in parts.items()}
        return Survived(self._table, self._types, columns, joined)


def _joined(parts: Sequence[pa.ChunkedArray]) -> pa.Array:
    """The parts in one piece, as distinct values where all of them are."""
    if not all(pa.types.is_dictionary(part.type) for part in parts):
        parts = [plain(part) for part in parts]
    return in_one_piece(pa.chunked_array([chunk for part in parts for chunk in part.chunks]))
