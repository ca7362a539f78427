"""Rows of records into columns: takes many records of one kind at once, gives Arrow batches.

Logs repeat themselves: a conversion is worked out once for each distinct value. A ``LateRow`` is a
row that is not filled yet; ``filled`` fills one, ``batches_of`` fills many to the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from vedette.logs.base import Layout, Made, Row
from vedette.logs.batches import ARROW_TYPES, LONG, alike, arrow_array, arrow_schema, is_empty
from vedette.logs.columnar.iso_times import iso_column
from vedette.logs.conversions import Convert, moment, text
from vedette.logs.mapping import Filler

Column = Sequence[Any]
_NONE = type(None)
_TEXT = frozenset({str, _NONE})
_BY_VALUE = (frozenset({int}), frozenset({bool}))
_NOTHING = ("", "-")
_FEW = 8
_MAX_FAMILIES = 4096


@dataclass(frozen=True, slots=True)
class Moments:
    """How the time of records is worked out from values that lie beside them."""

    takes: int
    one: Callable[..., int | None]
    many: Callable[..., Column]


class Kind:
    """What rows are filled by that differ in their values only.

    A late row of it is this and a tuple: the fields of a record that count, then a value for each
    of *places*, which replaces what the filler gives where it is not None. *named* are more fields,
    each with its place and conversion. Where the filler gives no time, the field *time* has it, or
    *moments* works it out of as many values of the tuple, which stand in front of the others.
    Records of a kind that is *uniform* have every field that counts.
    """

    __slots__ = ("_all", "blank", "family", "filler")

    def __init__(
        self,
        filler: Filler,
        places: tuple[int, ...],
        named: tuple[tuple[str, int, Convert], ...] = (),
        time: str = "",
        moments: Moments | None = None,
        uniform: bool = False,
    ) -> None:
        """Places below 0 are columns that the table lacks."""
        self.filler = filler
        self.blank = filler.blank
        self.family = _family(filler, places, named, time, moments)
        names = self.family.names
        self._all = itemgetter(*names) if uniform and len(names) > 1 else None

    def late(self, record: Mapping[str, Any], *values: Any) -> Made:
        """The row of a record, to be filled when many are."""
        if self._all is not None:
            return self, (self._all(record), *values)
        return self, (tuple(map(record.get, self.family.names)), *values)

    def row(self, body: tuple[Any, ...]) -> Row:
        """The row of one record."""
        family = self.family
        fields, *values = body
        record = dict(zip(family.names, fields, strict=True))
        row = self.filler.row(record)
        for name, place, convert in family.named:
            value = record.get(name)
            row[place] = None if value is None else convert(value)
        if family.moments is not None:
            taken, values = values[: family.moments.takes], values[family.moments.takes :]
            if row[family.time_place] is None:
                row[family.time_place] = family.moments.one(*taken)
        elif family.time and row[family.time_place] is None:
            row[family.time_place] = moment(record.get(family.time))
        for place, value in zip(family.places, values, strict=True):
            if place >= 0 and value is not None:
                row[place] = value
        return row


@dataclass(frozen=True, slots=True, eq=False)
class _Family:
    """What kinds share that differ in their constants only."""

    layout: Layout
    names: tuple[str, ...]
    texts: tuple[tuple[str, int], ...]
    single: tuple[tuple[str, int, Convert], ...]
    several: tuple[tuple[int, tuple[tuple[str, Convert], ...]], ...]
    named: tuple[tuple[str, int, Convert], ...]
    places: tuple[int, ...]
    time: str
    moments: Moments | None
    below: Mapping[int, Any]
    """The constants in columns that are filled, which stay where there is nothing to fill in."""

    @property
    def time_place(self) -> int:
        """Where the time is."""
        return self.layout.index["time"]

    def columns(self, bodies: Sequence[tuple[Any, ...]]) -> dict[int, Column]:
        """The columns that are not constant, by their places."""
        records, *values = zip(*bodies, strict=True)
        columns = zip(self.names, zip(*records, strict=True), strict=True)
        fields = {name: Field(column) for name, column in columns if not is_empty(column)}
        found: dict[int, Column] = {}
        for name, place in self.texts:
            field = fields.get(name)
            if field is not None:
                found[place] = _over(*field.converted(text), self.below[place])
        for name, place, convert in self.single:
            field = fields.get(name)
            if field is not None:
                made, _ = field.converted(convert)
                found[place] = _where(field, made, self.below[place])
        for place, options in self.several:
            first = _first(fields, options)
            if first is not None:
                found[place] = _over(*first, self.below[place])
        for name, place, convert in self.named:
            field = fields.get(name)
            if field is not None:
                found[place] = field.converted(convert)[0]
        self._add_time(found, fields, values)
        taken = self.moments.takes if self.moments is not None else 0
        for place, column in zip(self.places, values[taken:], strict=True):
            if place >= 0:
                found[place] = _over(column, True, found.get(place, self.below[place]))
        return found

    def _add_time(
        self, found: dict[int, Column], fields: Mapping[str, Field], values: Sequence[Column]
    ) -> None:
        if self.moments is None and self.time not in fields:
            return
        known = found.get(self.time_place)
        if known is not None and None not in known:
            return
        if self.moments is not None:
            made = self.moments.many(*values[: self.moments.takes])
        else:
            made = iso_column(fields[self.time].values)
        found[self.time_place] = made if known is None else _over(known, True, made)


_families: dict[tuple[Any, ...], _Family] = {}


def _family(
    filler: Filler, places: tuple[int, ...], named: tuple[tuple[str, int, Convert], ...],
    time: str, moments: Moments | None,
) -> _Family:  # fmt: skip
    filled_places = [place for _, place in filler.texts]
    filled_places += [place for _, place, _ in filler.single]
    filled_places += [place for place, _ in filler.several]
    filled_places += [place for place in places if place >= 0]
    below = {place: filler.blank[place] for place in filled_places}
    steps = (filler.texts, filler.single, filler.several, named)
    key = (filler.layout, *steps, places, time, moments, tuple(below.items()))
    family = _families.get(key)
    if family is None:
        if len(_families) >= _MAX_FAMILIES:  # shapes are the logs' own
            _families.clear()
        names = [name for name, _ in filler.texts]
        names += [name for name, *_ in (*filler.single, *named)]
        names += [name for _, options in filler.several for name, _ in options]
        names += [time] if time else []
        unique = tuple(dict.fromkeys(names))
        family = _Family(filler.layout, unique, *steps, places, time, moments, below)
        _families[key] = family
    return family


def filled(made: Made) -> tuple[Layout, Row]:
    """A row with its values."""
    head, body = made
    return (head.family.layout, head.row(body)) if isinstance(head, Kind) else (head, body)


class _Part:
    """Rows of one family, or rows that are filled."""

    __slots__ = ("bodies", "kinds", "numbers")

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.kinds: list[Kind] = []
        self.numbers: list[int] = []

    def columns(self) -> dict[int, Column]:
        """The columns that are not constant, by their places."""
        if self.kinds:
            return self.kinds[0].family.columns(self.bodies)
        columns = enumerate(zip(*self.bodies, strict=True))
        return {place: column for place, column in columns if not is_empty(column)}


def batches_of(rows: Sequence[Made]) -> list[tuple[Layout, pa.RecordBatch]]:
    """The rows of each table, in their order."""
    parts: dict[_Family | Layout, _Part] = {}
    for number, (head, body) in enumerate(rows):
        is_late = type(head) is Kind
        key = head.family if is_late else head
        part = parts.get(key)
        if part is None:
            part = parts[key] = _Part()
        part.bodies.append(body)
        part.numbers.append(number)
        if is_late:
            part.kinds.append(head)
    tables: dict[Layout, list[_Part]] = {}
    for key, part in parts.items():
        if isinstance(key, _Family):
            held = tables.setdefault(key.layout, [])
            if len(part.bodies) >= _FEW:
                held.append(part)
                continue
            part = _filled(part)
        else:
            held = tables.setdefault(key, [])
        if held and not held[0].kinds:
            held[0].bodies += part.bodies
            held[0].numbers += part.numbers
        else:
            held.insert(0, part)
    return [(layout, _batch(layout, held)) for layout, held in tables.items()]


def _filled(part: _Part) -> _Part:
    whole = _Part()
    whole.bodies = [kind.row(body) for kind, body in zip(part.kinds, part.bodies, strict=True)]
    whole.numbers = part.numbers
    return whole


def _batch(layout: Layout, parts: Sequence[_Part]) -> pa.RecordBatch:
    columns = [part.columns() for part in parts]
    blanks, chosen = _blanks(layout, parts)
    order = _order(parts)
    found: dict[int, pa.Array] = {}
    unordered: dict[int, pa.Array] = {}
    choice: pa.Array | None = None
    constants = zip(layout.columns.items(), zip(*blanks, strict=True), strict=True)
    for place, ((name, type), values) in enumerate(constants):
        arrow = ARROW_TYPES[type]
        if any(place in one for one in columns):
            column = _joined(place, columns, parts)
            if order is None or name not in LONG:
                unordered[place] = arrow_array(column, arrow)
            else:  # long texts are copied once
                found[place] = arrow_array([column[number] for number in order], arrow)
        elif len(values) == 1 or len(set(values)) == 1:
            found[place] = alike(values[0], arrow, len(chosen))
        else:
            choice = pa.array(chosen, pa.int32()) if choice is None else choice
            unordered[place] = arrow_array(values, arrow).take(choice)
    if order is not None:
        names = list(map(str, unordered))
        together = pa.RecordBatch.from_arrays(list(unordered.values()), names)
        unordered = dict(zip(unordered, together.take(pa.array(order)).columns, strict=True))
    found |= unordered
    arrays = [found[place] for place in range(len(found))]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(layout))


def _order(parts: Sequence[_Part]) -> list[int] | None:
    """Which rows of the parts, one behind the other, come first; None where they do so."""
    if len(parts) == 1 and parts[0].kinds:
        return None
    numbers = np.concatenate([part.numbers for part in parts])
    order: list[int] = np.argsort(numbers).tolist()
    return order if (numbers[1:] < numbers[:-1]).any() else None


def _blanks(layout: Layout, parts: Sequence[_Part]) -> tuple[list[Row], list[int]]:
    """The rows of constants, and the number of its own for each row of the parts."""
    blanks: list[Row] = []
    chosen: list[int] = []
    for part in parts:
        if part.kinds:
            kinds = {kind: n for n, kind in enumerate(dict.fromkeys(part.kinds), len(blanks))}
            blanks += [kind.blank for kind in kinds]
            chosen += map(kinds.__getitem__, part.kinds)
        else:
            chosen += [len(blanks)] * len(part.bodies)
            blanks.append(layout.empty_row())
    return blanks, chosen


def _joined(place: int, columns: Sequence[Mapping[int, Column]], parts: Sequence[_Part]) -> Column:
    """One column of all parts."""
    if len(parts) == 1:
        return columns[0][place]
    values: list[Any] = []
    for one, part in zip(columns, parts, strict=True):
        column = one.get(place)
        if column is not None:
            values += column
        elif part.kinds:
            values += [kind.blank[place] for kind in part.kinds]
        else:
            values += [None] * len(part.bodies)
    return values


class Field:
    """A field of many records, each distinct value of which is converted once."""

    __slots__ = ("_are_told_apart", "_distinct", "_is_text", "lacks", "values")

    def __init__(self, values: Column) -> None:
        """The records' values, None where one has none."""
        types = frozenset(map(type, values))
        self.values = values
        self.lacks = _NONE in types
        self._is_text = types <= _TEXT
        # True is 1 in a set: only values of one type are told apart by it.
        self._are_told_apart = self._is_text or types - {_NONE} in _BY_VALUE
        self._distinct: set[Any] | None = None

    def converted(self, convert: Convert) -> tuple[Column, bool]:
        """Each value converted, None stays None; whether there may be a None among them."""
        values = self.values
        if convert is moment:
            return iso_column(values), True
        if not self._are_told_apart:
            return [None if value is None else convert(value) for value in values], True
        # Texts may be long: looking for two short ones takes less than a set of them.
        if convert is text and self._is_text and not any(one in values for one in _NOTHING):
            return values, self.lacks
        if self._distinct is None:
            self._distinct = set(values)
        known = {value: None if value is None else convert(value) for value in self._distinct}
        return list(map(known.__getitem__, values)), None in known.values()


def _first(
    fields: Mapping[str, Field], options: Sequence[tuple[str, Convert]]
) -> tuple[Column, bool] | None:
    """Of each row the first option that has a value; whether there may be a None among them."""
    column: Column | None = None
    lacks = True
    for name, convert in options:
        field = fields.get(name)
        if field is not None:
            made, lacks = field.converted(convert)
            column = made if column is None else _over(column, True, made)
            if not lacks:
                break
    return None if column is None else (column, lacks)


def _over(column: Column, lacks: bool, below: Any) -> Column:
    """The column, with what lies *below* (a column or a value) where it has None."""
    if below is None or not lacks:
        return column
    if isinstance(below, list | tuple):
        return [b if a is None else a for a, b in zip(column, below, strict=True)]
    return [below if a is None else a for a in column]


def _where(field: Field, made: Column, below: Any) -> Column:
    """What was made of a field; *below* where there is none, as a filler leaves its blank."""
    if below is None or not field.lacks:
        return made
    return [below if f is None else m for f, m in zip(field.values, made, strict=True)]
