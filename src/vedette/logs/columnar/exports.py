"""Exported rows with the same names, many at once: takes columns as read, gives what is kept.

What is kept of a value is what its ``Target`` makes of it, as for one row (logs/exports.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import repeat
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.columnar.iso_texts import utc_texts
from vedette.logs.columnar.iso_times import iso_column
from vedette.logs.columnar.records import values_of
from vedette.logs.columnar.texts import Values
from vedette.logs.convert import are_stored
from vedette.plan.types import Type

Convert = Callable[[Any], Any]
Target = tuple[str, type, Convert]
"""A column, the Python type whose values it holds as they are, and what makes them of others."""

Raised = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Columns of an event that no one column of its row says."""

_TIMES = ("TimeGenerated", "Timestamp")
_ARROW_TYPES: Mapping[Type | None, pa.DataType] = {
    Type.STRING: pa.string(), Type.LONG: pa.int64(), Type.INT: pa.int64(), Type.BOOL: pa.bool_(),
    Type.REAL: pa.float64(),
}  # fmt: skip
_NONE = type(None)
_NOTHING: Mapping[str, Any] = {}


class Kept:
    """The values of rows as they are kept, by columns that have any, None where a row has none.

    ``lacking`` are the columns that some rows have nothing in, ``refused`` the places of rows that
    have a value which its column cannot hold.
    """

    def __init__(self, types: Mapping[str, Type]) -> None:
        """*types* are those of the table's columns; what it lacks is kept as it is."""
        self.columns: dict[str, Sequence[Any]] = {}
        self.lacking: list[str] = []
        self.refused: set[int] = set()
        self._types = types
        self._moments: list[tuple[Sequence[Any], Sequence[Any], pa.Array]] = []
        self._ticks: dict[str, pa.Array] = {}

    @property
    def times(self) -> Mapping[str, Values]:
        """The column of when each row happened, in ticks, if any column tells."""
        found = [self._times(name) for name in _TIMES if name in self.columns]
        return {"time": pc.coalesce(*found)} if found else {}

    def _times(self, name: str) -> pa.Array:
        known = self._ticks.get(name)
        return pa.array(iso_column(self.columns[name]), pa.int64()) if known is None else known

    def fields(self, names: AbstractSet[str]) -> dict[str, Values]:
        """Those of the columns that have these names, for a mapping."""
        found: dict[str, Values] = {}
        for name in names & self.columns.keys():
            values, kind = self.columns[name], _ARROW_TYPES.get(self._types.get(name))
            made = values_of(values) if kind is None else pa.array(values, kind)
            if made is not None:
                found[name] = made
        return found

    def add(self, target: Target, values: Sequence[Any]) -> None:
        """Add the values of a column as they were read."""
        column, same, convert = target
        kind = self._types.get(column)
        types = set(map(type, values))
        lacks = _NONE in types
        types.discard(_NONE)
        if (kind is None or same is not str) and "" in values:
            lacks, values = True, [None if value == "" else value for value in values]
        if types == {str} and kind is Type.DATETIME:
            values = self._of_moments(column, values, convert)
            lacks = lacks or None in values
        elif kind is not None and types != {same} and not are_stored(values, kind):
            values = self._each(values, same, convert)
            lacks = None in values
        if lacks and all(value is None for value in values):
            return
        self.columns[column] = values
        if lacks:
            self.lacking.append(column)

    def _of_moments(self, column: str, values: Sequence[Any], convert: Convert) -> Sequence[Any]:
        for known, kept, ticks in self._moments:
            if values == known:  # as when it was generated and when it came
                self._ticks[column] = ticks
                return kept
        texts = pa.array(values, pa.string())
        made = utc_texts(texts)
        if made is None:
            return self._each(values, object, convert)
        written, ticks = made
        kept = values if written is texts else written.to_pylist()
        self._ticks[column] = ticks
        self._moments.append((values, kept, ticks))
        return kept

    def _each(self, values: Sequence[Any], same: type, convert: Convert) -> Sequence[Any]:
        found: list[Any] = []
        for place, value in enumerate(values):
            kept = None
            if type(value) is same:
                kept = value
            elif value is not None and value != "":
                try:
                    kept = convert(value)
                except ValueError:
                    self.refused.add(place)
            found.append(kept)
        return found


def kept_columns(
    fields: Mapping[str, Sequence[Any]],
    target_of: Callable[[str], Target | None],
    types: Mapping[str, Type],
) -> Kept | None:
    """What is kept of rows of a table with columns of these types; None where two are of one."""
    found = Kept(types)
    columns: set[str] = set()
    for name, values in fields.items():
        target = target_of(name)
        if target is None:
            continue
        if target[0] in columns:
            return None
        columns.add(target[0])
        found.add(target, values)
    return found


def written_rows(
    kept: Kept, table: str, raised: Raised | None
) -> tuple[list[bytes], Mapping[str, Values]]:
    """The JSON that is kept of each row, with its table, and its time and what is *raised* from it.

    Rows that have no value but their table's name, or one that cannot be written, are refused.
    """
    own: list[bytes] = []
    more: list[Mapping[str, Any]] = []
    lacking, dumps = tuple(kept.lacking), orjson.dumps
    bodies = zip(*kept.columns.values(), strict=True)
    rows: map[dict[str, Any]] = map(dict, map(zip, repeat(tuple(kept.columns)), bodies))
    for place, row in enumerate(rows):
        for name in lacking:
            if row[name] is None:
                del row[name]
        if not row or (len(row) == 1 and "Type" in row):
            kept.refused.add(place)
        row["Type"] = table
        try:
            said = _NOTHING if raised is None else raised(row)
            written = dumps(row)
        except (TypeError, ValueError):
            said, written = _NOTHING, b""
            kept.refused.add(place)
        # A copy: the library's own bytes lie in a larger block.
        own.append(b"%b" % written)
        more.append(said)
    said_of = dict.fromkeys(name for said in more for name in said) if raised is not None else ()
    return own, {**kept.times, **{name: [said.get(name) for said in more] for name in said_of}}
