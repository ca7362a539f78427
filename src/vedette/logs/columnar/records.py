"""Records with the same fields, many at once: takes their values by names, gives parts of tables.

What a mapping makes of them is what ``RecordRows.row`` makes of each (logs/records.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.batches import identities, is_empty
from vedette.logs.columnar.spans import Mask, Places, as_mask, null_where
from vedette.logs.columnar.texts import Values, filled_columns, listed
from vedette.logs.conversions import plain
from vedette.logs.mapping import Choice, Filler
from vedette.logs.parts import Column, Part, over

_NONE = type(None)
_TYPES: Mapping[type, pa.DataType] = {
    str: pa.string(), int: pa.int64(), bool: pa.bool_(), float: pa.float64(),
}  # fmt: skip
_NOTHING = (b"", b"{}")

Texts: TypeAlias = Sequence[bytes] | pa.Array


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one source that have the same fields: these, and what is kept of each.

    ``names`` are those of all fields that count, ``fields`` has the values of those that are not
    null everywhere. ``offsets`` say where the records stand in their source, ``raws`` how they are
    written there; ``own`` is the JSON of each one's own data.
    """

    names: tuple[str, ...]
    fields: Mapping[str, Values]
    offsets: Sequence[int] | Places
    raws: Texts
    own: Texts

    def __len__(self) -> int:
        return len(self.offsets)

    def with_fields(self, fields: Mapping[str, Values]) -> Records:
        """The same with other fields."""
        return replace(self, fields=fields)

    def taken(self, rows: Places) -> Records:
        """Some of them."""
        fields = {name: _retyped(taken(values, rows)) for name, values in self.fields.items()}
        fields = {name: values for name, values in fields.items() if values is not None}
        beside = (taken(each, rows) for each in (self.offsets, self.raws, self.own))
        return Records(self.names, fields, *beside)


def taken(values: Any, rows: Places) -> Any:
    """The values of some rows."""
    if isinstance(values, pa.Array):
        return values.take(pa.array(rows))
    if isinstance(values, np.ndarray):
        return values[rows]
    return [values[row] for row in rows.tolist()]


def _retyped(values: Values) -> Values | None:
    """The same, as an array where all that are left are of one type."""
    return values_of(values) if isinstance(values, list) else values


def values_of(column: Column) -> Values | None:
    """A field's values as an array where all are of one type; None where there is none."""
    types = set(map(type, column)) - {_NONE}
    if not types:
        return None
    kind = _TYPES.get(types.pop()) if len(types) == 1 else None
    if kind is None:
        return list(column)
    try:
        return pa.array(column, kind)
    except OverflowError:  # a number that takes all of 64 bits
        return list(column)


def with_texts(records: Records, names: Iterable[str]) -> tuple[Records, Sequence[int]]:
    """The records that have a text under each name, none empty, and the places of the others."""
    fit = np.ones(len(records), bool)
    for name in names:
        fit &= _are_texts(records.fields.get(name), len(records))
    if fit.all():
        return records, ()
    return records.taken(np.flatnonzero(fit)), np.flatnonzero(~fit).tolist()


def _are_texts(values: Values | None, count: int) -> Mask:
    if isinstance(values, list):
        return np.array([isinstance(value, str) and value != "" for value in values])
    if values is None or not pa.types.is_string(values.type):
        return np.zeros(count, bool)
    return as_mask(pc.not_equal(values, "").fill_null(False))


class ManyRecords:
    """Makes parts of tables of the records of one source, by the mapping of their format."""

    def __init__(self, choice: Choice, lineage: str, constants: Mapping[str, Any]) -> None:
        """*constants* are columns that every row has."""
        self._choice = choice
        self._lineage = lineage
        self._constants = constants
        self._fillers: dict[int, Filler] = {}

    def parts(self, records: Records, columns: Mapping[str, Values]) -> list[Part]:
        """The rows of records, numbered by their offsets.

        *columns* replace what the mapping gives where they are not null, in the tables that have
        them.
        """
        names = sorted(self._choice.names & records.fields.keys())
        deciding = [(name, _words(records.fields[name])) for name in names]
        parts = []
        for filler, rows in self._by_filler(deciding, len(records)):
            if rows is None:
                parts.append(self._part(filler, records, columns))
            else:
                own = {name: taken(values, rows) for name, values in columns.items()}
                parts.append(self._part(filler, records.taken(rows), own))
        return parts

    def _by_filler(
        self, deciding: Sequence[tuple[str, pa.Array]], count: int
    ) -> Iterator[tuple[Filler, Places | None]]:
        """What fills the rows, and which of them; None for all."""
        codes = np.zeros(count, np.int64)
        for _, values in deciding:
            coded = values.dictionary_encode()
            many = len(coded.dictionary)
            codes = codes * (many + 1) + coded.indices.fill_null(many).to_numpy()
            codes = np.unique(codes, return_inverse=True)[1]
        _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
        numbers: dict[int, int] = {}
        fillers: list[Filler] = []
        chosen = []
        for row in first.tolist():
            filler = self._choice.pick({name: one[row].as_py() for name, one in deciding})
            if id(filler) not in numbers:
                numbers[id(filler)] = len(fillers)
                fillers.append(filler)
            chosen.append(numbers[id(filler)])
        if len(fillers) == 1:
            yield fillers[0], None
            return
        which = np.array(chosen)[codes]
        for number, filler in enumerate(fillers):
            yield filler, np.flatnonzero(which == number)

    def _part(self, filler: Filler, records: Records, columns: Mapping[str, Values]) -> Part:
        filler = self._with_constants(filler)
        index = filler.layout.index
        found: dict[str, Any] = dict(filled_columns(filler, records.fields))
        for name, values in columns.items():
            if name in index:
                below = found.get(name, filler.blank[index[name]])
                found[name] = over(values, below)
        offsets = pa.array(records.offsets, pa.int64())
        found |= {
            "event_data": _without_nothing(records.own),
            "event_id": identities(self._lineage, offsets),
            "log_offset": offsets,
            "raw": records.raws,
        }  # fmt: skip
        blank = filler.blank
        placed = {index[name]: column for name, column in found.items() if name in index}
        placed = {p: c for p, c in placed.items() if blank[p] is not None or not _is_empty(c)}
        return Part(filler.layout, records.offsets, placed, [blank])

    def _with_constants(self, filler: Filler) -> Filler:
        known = self._fillers.get(id(filler))
        if known is None:
            blank = filler.blank.copy()
            for name, value in self._constants.items():
                blank[filler.layout.index[name]] = value
            known = self._fillers[id(filler)] = filler.with_blank(blank)
        return known


def _without_nothing(own: Texts) -> Column:
    """Objects as they are kept, None where they are empty."""
    if isinstance(own, pa.Array):
        kept: Column = null_where(own, as_mask(pc.equal(own, "{}")))
        return kept
    if any(map(_NOTHING.__contains__, own)):
        return [None if one in _NOTHING else one for one in own]
    return own


def _words(values: Values) -> pa.Array:
    """Values as a choice sees them: as texts."""
    if isinstance(values, pa.Array) and not pa.types.is_floating(values.type):
        return values
    return pa.array([None if v is None else plain(v) for v in listed(values)], pa.string())


def _is_empty(column: Any) -> bool:
    return column.null_count == len(column) if isinstance(column, pa.Array) else is_empty(column)
