"""From a provider's fields to columns: takes ``mappings/*.toml``, gives a filler for each event.

A column's value is written as a field's name, as a call over fields (``last(Image)``,
``hash(Hashes, MD5)``), or as a list of these, of which the first that has a value counts.

The calls are in logs/conversions.py and address_conversions.py. A file with ``providers`` maps
Windows events by their ID: columns of ``windows.toml`` hold for every provider, a provider's own
replace them, an event's own replace those. A file with ``format`` maps the records of that reader.
Of several entries the first whose ``when`` holds is taken; in it ``*`` stands for any value.
``constants`` are columns that all records of the entry have. What stands above the entries holds
for those whose table has the column.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from typing import Any

from vedette.logs.address_conversions import CONVERSIONS_OF_ADDRESSES
from vedette.logs.base import Layout, Row, event_layout
from vedette.logs.conversions import CONVERSIONS, Convert, digest, hash_of, plain, text, whole
from vedette.plan.types import Type

_CALL = re.compile(r"(\w+)\(([^(),]*)(?:, (\w+))?\)")
_CALLS = CONVERSIONS | CONVERSIONS_OF_ADDRESSES
_LIMITS = {Type.INT: 2**31, Type.LONG: 2**63}
_CONSTANTS = {"true": True, "false": False}
_ANY = frozenset("*")
_MANY = 3


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills a row of its table with one kind of event's fields."""

    layout: Layout
    blank: Row
    texts: tuple[tuple[str, int], ...]
    single: tuple[tuple[str, int, Convert], ...]
    several: tuple[tuple[int, tuple[tuple[str, Convert], ...]], ...]

    @property
    def names(self) -> AbstractSet[str]:
        """The fields that are read."""
        names = {name for name, _ in self.texts} | {name for name, *_ in self.single}
        return names.union(name for _, options in self.several for name, _ in options)

    def with_blank(self, blank: Row) -> Filler:
        """The filler whose rows begin as *blank*."""
        return replace(self, blank=blank)

    def narrowed(self, names: Container[str], values: Mapping[str, Any]) -> Filler:
        """The filler for records that have these fields only, and these values in columns."""
        blank = self.blank.copy()
        for column, value in values.items():
            blank[self.layout.index[column]] = value
        several = (
            (place, tuple(option for option in options if option[0] in names))
            for place, options in self.several
        )
        return Filler(
            self.layout,
            blank,
            tuple(step for step in self.texts if step[0] in names),
            tuple(step for step in self.single if step[0] in names),
            tuple((place, options) for place, options in several if options),
        )

    def row(self, data: Mapping[str, Any]) -> Row:
        """A row with the columns that the fields give; the rest is null."""
        row, get = self.blank.copy(), data.get
        for name, place in self.texts:
            value = get(name)
            if value is not None:
                # What text() does, without the call: most columns are texts.
                if type(value) is not str:
                    value = plain(value)
                if value != "" and value != "-":
                    row[place] = value
        for name, place, convert in self.single:
            value = get(name)
            if value is not None:
                row[place] = convert(value)
        for place, options in self.several:
            for name, convert in options:
                value = get(name)
                if value is not None:
                    found = convert(value)
                    if found is not None:
                        row[place] = found
                        break
        return row


_Conditions = tuple[tuple[Mapping[str, frozenset[str]], Filler], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The fillers of one event ID: the first whose conditions hold.

    *by_word* has those of the conditions that may hold for a value of the field *deciding*,
    *beside* those that may hold for any other value of it.
    """

    conditions: _Conditions
    otherwise: Filler
    deciding: str = ""
    by_word: Mapping[str, _Conditions] = field(default_factory=dict)
    beside: _Conditions = ()

    @property
    def names(self) -> frozenset[str]:
        """The fields that decide."""
        return frozenset(name for when, _ in self.conditions for name in when)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that decide, and those that any of the fillers reads."""
        fillers = (self.otherwise, *(filler for _, filler in self.conditions))
        return self.names.union(*(filler.names for filler in fillers))

    def pick(self, data: Mapping[str, Any]) -> Filler:
        """The filler for an event with these fields."""
        may_hold = self.conditions
        if not may_hold:
            return self.otherwise
        if self.deciding:
            may_hold = self.by_word.get(_word(data.get(self.deciding)), self.beside)
        for when, filler in may_hold:
            for name, words in when.items():
                written = _word(data.get(name))
                if written not in words and ("*" not in words or not written):
                    break
            else:
                return filler
        return self.otherwise


def _word(value: Any) -> str:
    return "" if value is None else plain(value).lower()


def _decided(conditions: _Conditions, otherwise: Filler) -> Choice:
    """The choice that looks first at the field that most conditions name."""
    named = Counter(name for when, _ in conditions for name in when)
    deciding, count = named.most_common(1)[0] if named else ("", 0)
    if count < _MANY:
        return Choice(conditions, otherwise)
    asked = [(when.get(deciding, _ANY), (when, filler)) for when, filler in conditions]
    words = {word for each, _ in asked for word in each} - _ANY
    return Choice(
        conditions,
        otherwise,
        deciding,
        {word: tuple(c for each, c in asked if word in each or "*" in each) for word in words},
        tuple(c for each, c in asked if "*" in each),
    )


def choice_for(provider: str | None, code: int | None) -> Choice:
    """What fills rows with events of this provider and ID."""
    choices = _choices()
    name = provider.lower() if provider else ""
    return choices.get((name, code)) or choices.get((name, None)) or choices["", None]


def format_choice(name: str) -> Choice:
    """What fills rows with the records of one reader."""
    return _format_choices()[name]


WINDOWS = "windows"


def fillers() -> Iterator[tuple[str, Filler]]:
    """Every filler that the files write down, with its format, ``WINDOWS`` for Windows events.

    Raises KeyError or ValueError for a mistake in the files.
    """
    choices = [(WINDOWS, choice) for choice in _choices().values()]
    for name, choice in (*choices, *_format_choices().items()):
        yield from ((name, filler) for _, filler in choice.conditions)
        yield name, choice.otherwise


@cache
def _choices() -> Mapping[tuple[str, int | None], Choice]:
    """By provider in lower case and event ID; without ID what holds for the provider's others."""
    read = _mapping_files("providers")
    shared = next(r for r in read if r.get("providers") == [])
    choices: dict[tuple[str, int | None], Choice] = {}
    for one in read:
        codes = {c for entry in one.get("events", ()) for c in entry["codes"]}
        made = {code: _choice(one, shared, code) for code in (*codes, None)}
        for name in one["providers"] or [""]:
            choices.update({(name.lower(), code): made[code] for code in made})
    return choices


def _choice(read: Mapping[str, Any], shared: Mapping[str, Any], code: int | None) -> Choice:
    conditions, otherwise = [], None
    for entry in read.get("events", ()):
        if code not in entry["codes"]:
            continue
        filler = _compile(read, shared, entry)
        if "when" in entry:
            when = {f: frozenset(w.lower() for w in words) for f, words in entry["when"].items()}
            conditions.append((when, filler))
        else:
            otherwise = filler
    return _decided(tuple(conditions), otherwise or _compile(read, shared, {}))


@cache
def _format_choices() -> Mapping[str, Choice]:
    nothing: Mapping[str, Any] = {"columns": {}}
    return {
        one["format"]: _choice({**one, "events": _any_code(one)}, nothing, None)
        for one in _mapping_files("format")
    }


def _any_code(read: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [{**entry, "codes": [None]} for entry in read.get("events", ())]


@cache
def mapping_file(name: str) -> Mapping[str, Any]:
    """A file of names and numbers that readers look up, of those beside the formats' mappings."""
    path = files("vedette.logs").joinpath("mappings").joinpath(name)
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _mapping_files(key: str) -> list[Mapping[str, Any]]:
    """The files that have this key at their top: reading all takes a while that few logs need."""
    folder = files("vedette.logs").joinpath("mappings")
    named = [f for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith(".toml")]
    texts = [f.read_text(encoding="utf-8") for f in named]
    return [tomllib.loads(text) for text in texts if f"\n{key} = " in f"\n{text}"]


def _compile(
    read: Mapping[str, Any], shared: Mapping[str, Any], entry: Mapping[str, Any]
) -> Filler:
    layout = event_layout(entry.get("table", read["table"]))
    general = {**shared["columns"], **read.get("columns", {})}
    columns = {c: v for c, v in general.items() if c in layout.columns}
    columns |= entry.get("columns", {})
    blank = layout.empty_row()
    constants = {c: v for c, v in read.get("constants", {}).items() if c in layout.columns}
    constants |= entry.get("constants", {})
    if "action" in entry:
        constants["action"] = entry["action"]
    for column, value in constants.items():
        blank[layout.index[column]] = value
    texts: list[tuple[str, int]] = []
    single: list[tuple[str, int, Convert]] = []
    several: list[tuple[int, tuple[tuple[str, Convert], ...]]] = []
    for column, written in columns.items():
        place, type = layout.index[column], layout.columns[column]
        options = [written] if isinstance(written, str) else written
        steps = [_step(option, type) for option in options]
        if len(steps) > 1:
            several.append((place, tuple(steps)))
        elif steps[0][1] is text:
            texts.append((steps[0][0], place))
        elif steps[0][0]:
            single.append((steps[0][0], place, steps[0][1]))
        else:
            blank[place] = steps[0][1](None)
    return Filler(layout, blank, tuple(texts), tuple(single), tuple(several))


def _step(written: str, type: Type) -> tuple[str, Convert]:
    """The field that is read and what is made of it; no field for a constant."""
    match = _CALL.fullmatch(written)
    if match is None:
        if type is not Type.STRING:
            raise ValueError(f"a {type} column needs a conversion: {written}")
        return written, text
    call, name, argument = match.groups()
    if call in _CONSTANTS:
        return "", lambda _: _CONSTANTS[call]
    if call == "whole":
        return name, partial(whole, limit=_LIMITS[type])
    if call == "hash":
        return name, partial(hash_of, kind=argument)
    if call == "digest":
        return name, partial(digest, digits=int(argument))
    return name, _CALLS[call]
