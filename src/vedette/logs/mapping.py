"""From a provider's fields to columns: takes ``mappings/*.toml``, gives a filler for each event.

A column's value is written as a field's name, as a call over fields (``last(Image)``,
``hash(Hashes, MD5)``), or as a list of these, of which the first that has a value counts. Columns
of ``windows.toml`` hold for every provider, a provider's own replace them, an event's own replace
those. Of several entries for one event ID the first whose ``when`` holds is taken.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from vedette.logs.base import Layout, Row, event_layout
from vedette.logs.json_values import json_text
from vedette.logs.times import iso_ticks
from vedette.plan.types import Type

Convert = Callable[[Any], Any]
_CALL = re.compile(r"(\w+)\((\w*)(?:, (\w+))?\)")
_SEPARATORS = re.compile(r"[\\/]")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_TOKENS = {
    "%%1936": "TokenElevationTypeDefault",
    "%%1937": "TokenElevationTypeFull",
    "%%1938": "TokenElevationTypeLimited",
}
_INTEGRITY = {
    "S-1-16-0": "Untrusted",
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
}
_LIMITS = {Type.INT: 2**31, Type.LONG: 2**63}


def text(value: Any) -> str | None:
    """A field as text; None for an empty one and for ``-``, which Windows writes for no value."""
    if type(value) is not str:
        value = plain(value)
    return None if value == "" or value == "-" else value


def plain(value: Any) -> str:
    """Any JSON value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json_text(value)


def last(value: Any) -> str | None:
    """The last part of a path of either system."""
    path = text(value)
    if path is None:
        return None
    path = path[path.rfind("\\") + 1 :]
    return path[path.rfind("/") + 1 :] or None


def above(value: Any) -> str | None:
    """A registry path without its last part."""
    path = text(value)
    return path if path is None else path.rpartition("\\")[0] or None


def below(value: Any) -> str | None:
    """The last part of a registry path."""
    path = text(value)
    return path if path is None else path.rpartition("\\")[2] or None


def whole(value: Any, limit: int = 2**63) -> int | None:
    """A whole number, decimal or hexadecimal behind 0x; None outside the column's range."""
    if type(value) is not int:
        written = value if type(value) is str else plain(value)
        try:
            value = int(written, 16 if written[:2] in ("0x", "0X") else 10)
        except ValueError:
            return None
        if "_" in written:  # Python's own notation
            return None
    number: int = value
    return number if -limit <= number < limit else None


def port(value: Any) -> int | None:
    """A port number."""
    number = whole(value)
    return number if number is not None and 0 <= number <= 65_535 else None


def truth(value: Any) -> bool | None:
    """True or false, however it is written."""
    return {"true": True, "1": True, "false": False, "0": False}.get(plain(value).lower())


def moment(value: Any) -> int | None:
    """Ticks of a moment in ISO form."""
    return iso_ticks(value) if isinstance(value, str) else None


def account(value: Any) -> str | None:
    """The account of DOMAIN\\account."""
    name = text(value)
    return name if name is None else text(name.rpartition("\\")[2])


def domain(value: Any) -> str | None:
    """The domain of DOMAIN\\account."""
    name = text(value)
    return name if name is None else text(name.rpartition("\\")[0])


def guid(value: Any) -> str | None:
    """A GUID in braces, as Sysmon writes it; some exports drop them."""
    written = text(value)
    return f"{{{written}}}" if written is not None and _GUID.fullmatch(written) else written


def address(value: Any) -> str | None:
    """An address; one of version 4 that is written as version 6 loses its prefix."""
    written = text(value)
    if written is not None and written[:7].lower() == "::ffff:" and "." in written:
        return written[7:]
    return written


def protocol(value: Any) -> str | None:
    """tcp, udp, icmp, icmpv6, or the number."""
    written = text(value)
    return written if written is None else _PROTOCOLS.get(written, written.lower())


def sid(value: Any) -> str | None:
    """A SID; None for the null SID."""
    written = text(value)
    return None if written == "S-1-0-0" else written


def integrity(value: Any) -> str | None:
    """The integrity level of 4688's label in Sysmon's words."""
    written = text(value)
    return written if written is None else _INTEGRITY.get(written, written)


def token(value: Any) -> str | None:
    """The kind of token of 4688 by its name."""
    written = text(value)
    return written if written is None else _TOKENS.get(written, written)


def hash_of(value: Any, kind: str) -> str | None:
    """One hash of Sysmon's list, ``MD5=…,SHA256=…``; None for one of zeros only."""
    if not isinstance(value, str):
        return None
    marker = kind + "="
    start = value.find(marker)
    if start < 0:
        return None
    start += len(marker)
    end = value.find(",", start)
    found = value[start:] if end < 0 else value[start:end]
    return found if found.strip("0") else None


_CONVERSIONS: dict[str, Convert] = {
    "last": last, "above": above, "below": below, "port": port, "truth": truth, "moment": moment,
    "account": account, "domain": domain, "guid": guid, "address": address, "protocol": protocol,
    "sid": sid, "token": token, "integrity": integrity,
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills a row of its table with one kind of event's fields."""

    layout: Layout
    blank: Row
    texts: tuple[tuple[str, int], ...]
    single: tuple[tuple[str, int, Convert], ...]
    several: tuple[tuple[int, tuple[tuple[str, Convert], ...]], ...]

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


@dataclass(frozen=True, slots=True)
class Choice:
    """The fillers of one event ID: the first whose conditions hold."""

    conditions: tuple[tuple[Mapping[str, frozenset[str]], Filler], ...]
    otherwise: Filler

    def pick(self, data: Mapping[str, Any]) -> Filler:
        """The filler for an event with these fields."""
        for when, filler in self.conditions:
            if all(plain(data.get(f, "")).lower() in words for f, words in when.items()):
                return filler
        return self.otherwise


def choice_for(provider: str | None, code: int | None) -> Choice:
    """What fills rows with events of this provider and ID."""
    choices = _choices()
    name = provider.lower() if provider else ""
    return choices.get((name, code)) or choices.get((name, None)) or choices["", None]


def fillers() -> Iterator[Filler]:
    """Every filler that the files write down; raises KeyError or ValueError for a mistake there."""
    for choice in _choices().values():
        yield from (filler for _, filler in choice.conditions)
        yield choice.otherwise


@cache
def _choices() -> Mapping[tuple[str, int | None], Choice]:
    """By provider in lower case and event ID; without ID what holds for the provider's others."""
    folder = files("vedette.logs").joinpath("mappings")
    texts = [f for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith(".toml")]
    read = [tomllib.loads(f.read_text(encoding="utf-8")) for f in texts]
    shared = next(r for r in read if r.get("providers") == [])
    choices: dict[tuple[str, int | None], Choice] = {}
    for one in read:
        if "providers" in one:
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
    return Choice(tuple(conditions), otherwise or _compile(read, shared, {}))


def _compile(
    read: Mapping[str, Any], shared: Mapping[str, Any], entry: Mapping[str, Any]
) -> Filler:
    layout = event_layout(entry.get("table", read["table"]))
    general = {**shared["columns"], **read.get("columns", {})}
    columns = {c: v for c, v in general.items() if c in layout.columns}
    columns |= entry.get("columns", {})
    blank = layout.empty_row()
    if "action" in entry:
        blank[layout.index["action"]] = entry["action"]
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
    return name, _CONVERSIONS[call]
