"""JSON lines of one format, many at once: takes a piece of lines, gives their rows as columns.

Records written alike are made columns together, and are not parsed (columnar/json_alike.py); others
with the same fields are parsed first. What is taken are the fields that count for the format. Any
other line is read by itself, which is the meaning and says what is wrong; so is every record
that a format leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
import orjson

from vedette.logs.base import Parsed, Piece, PieceParser
from vedette.logs.columnar.json_alike import Alike, Forms
from vedette.logs.columnar.json_forms import Form, Place
from vedette.logs.columnar.records import Records, values_of
from vedette.logs.columnar.spans import Places
from vedette.logs.columns import getter
from vedette.logs.parts import Part
from vedette.logs.readers.lines import (
    FEWEST,
    MANY_BYTES,
    Line,
    in_order,
    parse_lines,
    rows_of_lines,
)

_MAX_SHAPES = 1024

Names = tuple[str, ...]


class Fields(Protocol):
    """Takes what counts for a format of each record."""

    @property
    def as_read(self) -> bool:
        """Whether values are wanted as they were read, and not each record's own data."""
        ...

    def values(self, record: dict[str, Any]) -> tuple[Names, tuple[Any, ...]] | None:
        """The names of what counts, which decide who is alike, and the values; None for none."""
        ...

    def joined(self, few: Iterable[Names]) -> Mapping[Names, Sequence[Names]]:
        """Names for all of several records that are few, for whom to lack a value is to have null.

        Each has the names of those records, in their order. Only of what comes as it was read.
        """
        ...


class ManyLines(Protocol):
    """Makes parts of tables of many records of one source."""

    @property
    def wanted(self) -> Fields:
        """The fields that count."""
        ...

    def parts(self, records: Records) -> tuple[list[Part], Iterable[int]]:
        """The rows of records with the same fields, and the places of those it leaves."""
        ...


class Wanted:
    """The fields that count for a format, by names as ``records.flat`` gives them."""

    as_read = False

    def __init__(
        self, names: AbstractSet[str], named: Callable[[str], str] = str, prefix: str = "",
        looked_at: AbstractSet[str] = frozenset(),
    ) -> None:  # fmt: skip
        """*named* makes the name that counts of the one that is written.

        *prefix* stands before the names of all fields of the objects that are looked at. Records
        with an object under one of the names *looked_at* are none: its fields do not stand for it.
        """
        self._names = names
        self._looked_at = looked_at
        self._named = named
        self._prefix = prefix
        self._inside: dict[str, Wanted] = {}
        for name in names:
            for place in (p for p, mark in enumerate(name) if mark == "." and p > len(prefix)):
                whole = name[:place]
                if whole not in self._inside:
                    inner = {one for one in names if one.startswith(f"{whole}.")}
                    self._inside[whole] = Wanted(inner, named, f"{whole}.")
        self._shapes: dict[tuple[Names, Names], _Shape | None] = {}
        self._usual: dict[Names, _Shape] = {}

    def values(self, record: dict[str, Any]) -> tuple[Names, tuple[Any, ...]] | None:
        """The names of a record's fields that count, and their values; None where two are one."""
        names = tuple(record)
        shape = self._usual.get(names) or self._shape(names)
        if shape is None:
            return None
        values = shape.values(record)
        if dict in map(type, values):  # its fields stand for it
            pairs = zip(shape.written, values, strict=True)
            shape = self._shape(names, tuple(name for name, value in pairs if type(value) is dict))
            if shape is None:
                return None
            values = shape.values(record)
        key = shape.key
        for name, inside in shape.nests:
            inner = record[name]
            if type(inner) is dict:
                taken = inside.values(inner)
                if taken is None or shape.is_dotted:
                    return None
                key, values = key + taken[0], values + taken[1]
        return key, values

    def joined(self, few: Iterable[Names]) -> Mapping[Names, Sequence[Names]]:
        """Nothing."""
        return {}

    def _shape(self, names: tuple[str, ...], objects: tuple[str, ...] = ()) -> _Shape | None:
        try:
            return self._shapes[names, objects]
        except KeyError:
            if len(self._shapes) >= _MAX_SHAPES:  # names are the log's own
                self._shapes.clear()
                self._usual.clear()
            shape = self._shapes[names, objects] = self._new_shape(names, objects)
            if shape is not None and not objects:
                self._usual[names] = shape
            return shape

    def _new_shape(self, names: tuple[str, ...], objects: tuple[str, ...]) -> _Shape | None:
        found = {written: self._named(self._prefix + written) for written in names}
        if any(found[written] in self._looked_at for written in objects):
            return None
        counting = [name for name in found.values() if name in self._names or name in self._inside]
        if len(set(counting)) < len(counting):
            return None
        wanted = {n: w for w, n in found.items() if n in self._names and w not in objects}
        nests = {name: written for written, name in found.items() if name in self._inside}
        key = tuple(sorted(wanted))
        written = tuple(map(wanted.__getitem__, key))
        inside = tuple((nests[name], self._inside[name]) for name in sorted(nests))
        is_dotted = any("." in name[len(self._prefix) :] for name in (*wanted, *nests))
        return _Shape(key, written, getter(written), inside, is_dotted)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the names of an object decide: its fields that count, and what takes their values.

    Others may nest in it, by name; ``is_dotted`` says that a name looks like one of theirs.
    """

    key: tuple[str, ...]
    written: tuple[str, ...]
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    nests: tuple[tuple[str, Wanted], ...]
    is_dotted: bool


class _Gathered:
    """Records of the same names: where their lines begin, these, their values and own data."""

    __slots__ = ("begins", "bodies", "lines", "own")

    def __init__(self) -> None:
        self.begins: list[int] = []
        self.bodies: list[tuple[Any, ...]] = []
        self.lines: list[bytes] = []
        self.own: list[bytes] = []


def many_parser(line: Line, many: ManyLines) -> PieceParser:
    """What makes rows of pieces of one source: many lines together, or *line* by *line*."""
    rows = ManyRows(many)

    def parse(piece: Piece) -> Parsed:
        if piece.open or len(piece.data) < MANY_BYTES:
            return parse_lines(piece, line)
        for directive in piece.context.splitlines():
            line(directive, 0, True)
        parsed = Parsed(size=3 * len(piece.data))
        parts, singly = rows.of_piece(piece)
        return in_order(parsed, parts, *rows_of_lines(piece, singly, line, parsed))

    return parse


class ManyRows:
    """Makes parts of tables of many texts of one source, each a record or none.

    With the parts it tells where texts begin that are to be read by themselves.
    """

    def __init__(self, many: ManyLines) -> None:
        """*many* is of that source."""
        self._many = many
        self._forms = Forms(are_tried=not many.wanted.as_read)
        self._taken: dict[Form, tuple[Names, tuple[Place, ...]] | None] = {}

    def of_piece(self, piece: Piece) -> tuple[list[Part], list[int]]:
        """The rows of a piece's lines."""
        of_form = partial(self._of_form, before=piece.offset)
        return self._with_others(*self._forms.of_lines(piece.data, of_form), piece.offset)

    def of_texts(self, texts: Mapping[int, bytes]) -> tuple[list[Part], list[int]]:
        """The rows of texts that begin there."""
        return self._with_others(*self._forms.of_texts(texts, partial(self._of_form, before=0)), 0)

    def _of_form(self, alike: Alike, begins: Places, before: int) -> tuple[list[Part], Places]:
        """The rows of texts of one form, and the numbers of those that are left.

        They begin there behind the offset *before*.
        """
        taken = self._taken_of(alike.form)
        if taken is None:
            return [], alike.rows
        names, places = taken
        alike, others = alike.as_written()
        if not len(alike.rows):
            return [], others
        raws = alike.raws()
        values = dict(zip(names, alike.values(places), strict=True))
        fields = {name: one for name, one in values.items() if one is not None}
        offsets = begins[alike.rows] + before
        made, left = self._many.parts(Records(names, fields, offsets, raws, alike.own(raws)))
        return made, np.append(others, alike.rows[list(left)])

    def _taken_of(self, form: Form) -> tuple[Names, tuple[Place, ...]] | None:
        """The fields that count of records of a form; None where these are better parsed."""
        try:
            return self._taken[form]
        except KeyError:
            if len(self._taken) >= _MAX_SHAPES:
                self._taken.clear()
            taken = self._many.wanted.values(form.record)
            are_places = taken is not None and all(isinstance(one, Place) for one in taken[1])
            self._taken[form] = taken if are_places else None
            return self._taken[form]

    def _with_others(
        self, parts: list[Part], others: Iterable[tuple[int, bytes]], before: int
    ) -> tuple[list[Part], list[int]]:
        """The parts, with the rows of other texts, which are parsed one by one."""
        singly: list[int] = []
        wanted = self._many.wanted
        found = _gathered(others, wanted, singly)
        _join(found, wanted)
        for names, alike in found.items():
            if len(alike.begins) < FEWEST:
                singly += alike.begins
                continue
            made, left = self._many.parts(_records(names, alike, before, wanted.as_read))
            parts = parts + made
            singly += map(alike.begins.__getitem__, left)
        return parts, sorted(singly)


def _gathered(
    lines: Iterable[tuple[int, bytes]], wanted: Fields, singly: list[int]
) -> dict[Names, _Gathered]:
    """The records by the names that count; where lines begin that are to be read by themselves."""
    found: dict[Names, _Gathered] = {}
    loads, dumps, values, as_read = orjson.loads, orjson.dumps, wanted.values, wanted.as_read
    for begin, line in lines:
        try:
            record = loads(line)
            own = b"" if as_read else dumps(record)
        except (orjson.JSONDecodeError, TypeError):  # no JSON, or nested very deep
            record = None
        taken = values(record) if type(record) is dict else None
        if taken is not None:
            names, body = taken
            alike = found.get(names)
            if alike is None:
                alike = found[names] = _Gathered()
            raw = line.strip()
            alike.begins.append(begin)
            alike.bodies.append(body)
            alike.lines.append(raw)
            if not as_read:
                # A copy: the library's own bytes lie in a larger block.
                alike.own.append(raw if own == raw else b"%b" % own)
        elif line:
            singly.append(begin)
    return found


def _join(found: dict[Names, _Gathered], wanted: Fields) -> None:
    """Put records of names that few have with others of the same sort."""
    few = [names for names, alike in found.items() if len(alike.begins) < FEWEST]
    for names, those in wanted.joined(few).items():
        lines: list[tuple[int, tuple[Any, ...], bytes]] = []
        for one in {*those, names} & found.keys():
            alike = found.pop(one)
            places = {name: place for place, name in enumerate(one)}
            taken = itemgetter(*(places.get(name, -1) for name in names))
            bodies = (taken((*body, None)) for body in alike.bodies)
            lines += zip(alike.begins, bodies, alike.lines, strict=True)
        lines.sort(key=itemgetter(0))
        alike = found[names] = _Gathered()
        for begin, body, line in lines:
            alike.begins.append(begin)
            alike.bodies.append(body)
            alike.lines.append(line)


def _records(names: tuple[str, ...], alike: _Gathered, before: int, as_read: bool) -> Records:
    columns = zip(*alike.bodies, strict=True) if names else ()
    of_column = list if as_read else values_of
    values = {name: of_column(column) for name, column in zip(names, columns, strict=True)}
    fields = {name: one for name, one in values.items() if one is not None}
    offsets = [before + begin for begin in alike.begins]
    return Records(names, fields, offsets, alike.lines, alike.own)
