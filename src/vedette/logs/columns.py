"""Rows of records into columns: takes many records of one kind at once, gives parts of tables.

Logs repeat themselves: a conversion is worked out once for each distinct value. A late row is one
that is not filled yet: its head is the kind that fills it, its body has its values. ``filled``
fills one, ``parts_of`` fills many to the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pyarrow as pa

from vedette.logs.base import Layout, Made, Row
from vedette.logs.batches import is_empty
from vedette.logs.columnar.iso_times import iso_column
from vedette.logs.conversions import Convert, moment, text
from vedette.logs.mapping import Filler
from vedette.logs.parts import Column, Part, batch_of, over, part_of_few_rows, part_of_rows

_NONE = type(None)
_TEXT = frozenset({str, _NONE})
_BY_VALUE = (frozenset({int}), frozenset({bool}))
_NOTHING = ("", "-")
_FEW = 8
_FEW_ROWS = 256
_MAX_FAMILIES = 4096


@dataclass(frozen=True, slots=True)
class Moments:
    """How the time of records is worked out from values that lie beside them."""

    takes: int
    one: Callable[..., int | None]
    many: Callable[..., Column]


class Kind:
    """What rows are filled by that differ in their values only.

    A late row of it is this and a tuple: each field of a record that counts, then a value for each
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
        self._all = getter(names) if uniform else None

    def late(self, record: Mapping[str, Any], *values: Any) -> Made:
        """The row of a record, to be filled when many are."""
        if self._all is not None:
            return self, self._all(record) + values
        return self, (*map(record.get, self.family.names), *values)

    def one(self, body: tuple[Any, ...]) -> tuple[Layout, Row]:
        """The row of one record."""
        family = self.family
        record = dict(zip(family.names, body, strict=False))
        values = body[len(family.names) :]
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
        return family.layout, row


def getter(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """What takes the values of these names out of a record that has them all."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda record: tuple(record[name] for name in names)


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

    def part(
        self, kinds: Sequence[Kind], bodies: Sequence[tuple[Any, ...]], numbers: Sequence[int]
    ) -> Part:
        """Late rows of these kinds as columns; *numbers* say where each stands among all."""
        distinct = {kind: n for n, kind in enumerate(dict.fromkeys(kinds))}
        chosen = list(map(distinct.__getitem__, kinds)) if len(distinct) > 1 else None
        constants = [kind.blank for kind in distinct]
        columns = list(zip(*bodies, strict=True))
        return Part(self.layout, numbers, self._columns(columns), constants, chosen)

    def _columns(self, columns: Sequence[Column]) -> dict[int, Column]:
        named = zip(self.names, columns, strict=False)
        fields = {name: Field(column) for name, column in named if not is_empty(column)}
        values = columns[len(self.names) :]
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
    return head.one(body) if isinstance(head, Kind) else (head, body)


class _Gathered:
    """Late rows of one family."""

    __slots__ = ("bodies", "kinds", "numbers")

    def __init__(self) -> None:
        self.kinds: list[Kind] = []
        self.bodies: list[Any] = []
        self.numbers: list[int] = []


def batches_of(rows: Sequence[Made]) -> list[tuple[Layout, pa.RecordBatch]]:
    """The rows of each table, in their order."""
    return batches_of_parts(parts_of(rows, range(len(rows))))


def parts_of(rows: Sequence[Made], places: Sequence[int]) -> list[Part]:
    """Rows as columns; *places* say where each stands among all that are read together."""
    families: dict[_Family, _Gathered] = {}
    singly: dict[Layout, list[tuple[int, Row]]] = {}
    for place, (head, body) in zip(places, rows, strict=True):
        if type(head) is not Kind:
            singly.setdefault(head, []).append((place, body))
            continue
        family = head.family
        gathered = families.get(family)
        if gathered is None:
            gathered = families[family] = _Gathered()
        gathered.kinds.append(head)
        gathered.bodies.append(body)
        gathered.numbers.append(place)
    parts: list[Part] = []
    for family, gathered in families.items():
        if len(gathered.bodies) >= _FEW:
            parts.append(family.part(gathered.kinds, gathered.bodies, gathered.numbers))
            continue
        late = zip(gathered.kinds, gathered.bodies, strict=True)
        for place, made in zip(gathered.numbers, late, strict=True):
            layout, row = filled(made)
            singly.setdefault(layout, []).append((place, row))
    for layout, pairs in singly.items():
        pairs.sort(key=itemgetter(0))
        is_beside = len(pairs) <= _FEW_ROWS and any(part.layout is layout for part in parts)
        made_part = part_of_few_rows if is_beside else part_of_rows
        parts.append(made_part(layout, *zip(*pairs, strict=True)))
    return parts


def batches_of_parts(parts: Iterable[Part]) -> list[tuple[Layout, pa.RecordBatch]]:
    """The rows of each table, in their order."""
    tables: dict[Layout, list[Part]] = {}
    for part in parts:
        tables.setdefault(part.layout, []).append(part)
    return [(layout, batch_of(those)) for layout, those in tables.items()]


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
    return over(column, below) if lacks else column


def _where(field: Field, made: Column, below: Any) -> Column:
    """What was made of a field; *below* where there is none, as a filler leaves its blank."""
    if below is None or not field.lacks:
        return made
    return [below if f is None else m for f, m in zip(field.values, made, strict=True)]
