"""The rows of a table that a pass let through, in columns: takes them and whose they are, gives
their values, some of them worked out once for all detections.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.engines.base import Stored
from vedette.engines.duckdb.results import unmarked
from vedette.hunt.one_pass.parts import Places
from vedette.hunt.one_pass.riders import IDENTITY
from vedette.hunt.one_pass.scanning import Numbers
from vedette.hunt.one_pass.values import Truths, indices, plain
from vedette.plan.types import Type, datetime_of
from vedette.workspace.result import python_values

NEVER = int(np.iinfo(np.int64).min)
"""The ticks of what has no moment."""
_FEW = 100_000
"""How many distinct texts of a column are kept as Python's."""
_NO_PLACES: Places = np.empty(0, np.int32)
Codes = npt.NDArray[np.int32]


class Survived:
    """Rows of one table, each once and as they lie there, and the places of each detection's."""

    def __init__(
        self,
        table: str,
        types: Mapping[str, Type],
        columns: Mapping[str, pa.Array],
        places: Mapping[int, Places],
    ) -> None:
        """Take columns, each in one piece; texts may be distinct values."""
        self.table = table
        self.types = types
        self._columns = columns
        self._places = places
        self._ticks: dict[str, Numbers] = {}
        self._names: dict[str, tuple[Codes, list[str]]] = {}
        self._coded: dict[str, Codes] = {}
        self._texts: dict[str, list[str | None]] = {}

    def places(self, number: int) -> Places:
        """Where a detection's rows are, in order."""
        return self._places.get(number, _NO_PLACES)

    # --- the table that a query runs over -----------------------------------------------------

    def times(self, number: int, column: str) -> Iterator[tuple[str, dt.datetime]]:
        """The identities of a detection's rows with their moments; those without one are left
        out."""
        if not len(self.places(number)):
            return
        rows = indices(self.places(number))
        identities, ticks = (
            self._columns[name].take(rows).to_pylist() for name in (IDENTITY, column)
        )
        for identity, tick in zip(identities, ticks, strict=True):
            if identity is not None and tick is not None:
                yield identity, datetime_of(tick)

    def write(self, number: int, columns: Sequence[str], folder: Path) -> Stored:
        """Columns of a detection's rows as a stored table, in files of this folder; none where it
        has no rows."""
        places = self.places(number)
        if not len(places):
            return Stored((), self.types)
        rows = indices(places)
        found = {name: plain(self._columns[name].take(rows)) for name in columns}
        file = folder / f"{self.table}-{number}.parquet".replace("/", "_")
        pq.write_table(
            pa.table(found), file, compression="none", store_schema=False,
            use_dictionary=False, write_statistics=False,
        )  # fmt: skip
        return Stored((str(file.absolute()),), self.types)

    # --- values -------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[str, ...]:
        """What is known of the rows."""
        return tuple(self._columns)

    def values(self, column: str, places: npt.NDArray[np.integer[Any]]) -> list[Any]:
        """A column of some rows in Python's types."""
        whole = self._columns[column]
        if not pa.types.is_dictionary(whole.type):
            return _in_python(whole.take(indices(places)), self.types[column])
        codes = self._codes(column)[places]
        if self.types[column] is Type.STRING and len(whole.dictionary) <= _FEW:
            listed = self._listed(column)
            return [listed[code] for code in codes.tolist()]
        chosen = pa.array(codes, pa.int32(), mask=codes == len(whole.dictionary))
        return _in_python(whole.dictionary.take(chosen), self.types[column])

    def _codes(self, column: str) -> Codes:
        """Which distinct value each row has in a column that is kept so; behind the last for
        null."""
        if column not in self._coded:
            whole = self._columns[column]
            self._coded[column] = whole.indices.fill_null(len(whole.dictionary)).to_numpy()
        return self._coded[column]

    def _listed(self, column: str) -> list[str | None]:
        """The distinct texts of a column, and null."""
        if column not in self._texts:
            self._texts[column] = [*self._columns[column].dictionary.to_pylist(), None]
        return self._texts[column]

    def ticks(self, column: str) -> Numbers:
        """The moments of all rows, NEVER for those without one."""
        if column not in self._ticks:
            self._ticks[column] = self._columns[column].fill_null(NEVER).to_numpy()
        return self._ticks[column]

    def names(self, column: str) -> tuple[Codes, list[str]]:
        """Which of some distinct texts each row has in a column, -1 where it says nothing."""
        if column not in self._names:
            coded = _coded(self._columns[column])
            known: dict[str, int] = {}
            codes = [
                -1 if value in (None, "", [], {}) else known.setdefault(str(value), len(known))
                for value in _in_python(coded.dictionary, self.types[column])
            ]
            places = coded.indices.fill_null(len(codes)).to_numpy()
            self._names[column] = np.array([*codes, -1], np.int32)[places], list(known)
        return self._names[column]

    @cached_property
    def is_repeated(self) -> Truths:
        """The rows that have no identity of their own."""
        coded = _coded(self._columns[IDENTITY])
        codes = coded.indices.fill_null(-1).to_numpy() + 1
        counts = np.bincount(codes, minlength=1)
        counts[0] = 2
        repeated: Truths = counts[codes] > 1
        return repeated


def _coded(column: pa.Array) -> pa.Array:
    """The column as distinct values."""
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _in_python(column: pa.Array, type: Type) -> list[Any]:
    values = plain(column)
    return python_values(unmarked(values) if type is Type.DYNAMIC else values, type)
