"""Log sources: takes product, category and service, gives the events they mean.

What they mean is written in ``log_sources/*.toml``: the stored table, a condition over its columns,
and which further tables hold events of the same source: those with some event IDs, or those that a
condition picks (``also``), and what was put into ``other_event`` under its words (``records``).
``own_fields`` lets rules ask for the record's own names in a table that is closed to them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from vedette.syntax import did_you_mean

OTHER = "other_event"
Key = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Branch:
    """Events of one table: a condition in core notation, and which event IDs they may have.

    ``codes`` lists the only ones, ``never`` those that lie in other tables. ``own_fields`` says
    that they keep their own data, also where the table's other events do not.
    """

    table: str
    where: str
    codes: frozenset[int] = frozenset()
    never: frozenset[int] = frozenset()
    own_fields: bool = False


@dataclass(frozen=True, slots=True)
class LogSource:
    """The events of a log source, by table; the first branch is the one it is named for."""

    branches: tuple[Branch, ...] = field(default=())


def log_source(product: str | None, category: str | None, service: str | None) -> LogSource | None:
    """The events of a log source, or None where no file names it."""
    return _sources().get(_key(product, category, service))


def hint(product: str | None, category: str | None, service: str | None) -> str:
    """What a log source that no file names may have been meant to be."""
    known = {_words(key): key for key in _sources()}
    near = did_you_mean(_words(_key(product, category, service)), known)
    return near or "docs/sigma.md lists the log sources that have a table"


def known_sources() -> tuple[Key, ...]:
    """Every log source that a file names: product, category, service."""
    return tuple(_sources())


def _words(key: Key) -> str:
    return "/".join(part or "*" for part in key)


def _key(product: str | None, category: str | None, service: str | None) -> Key:
    return tuple(part.lower() if part else None for part in (product, category, service))  # type: ignore[return-value]


@cache
def _sources() -> Mapping[Key, LogSource]:
    found: dict[Key, LogSource] = {}
    folder = files("vedette.sigma").joinpath("log_sources")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["source"]:
            key = _key(entry.get("product"), entry.get("category"), entry.get("service"))
            if key in found:
                raise ValueError(f"{file.name}: the log source {_words(key)} stands twice")
            found[key] = LogSource(_branches(entry, key))
    return found


def _branches(entry: Mapping[str, Any], key: Key) -> tuple[Branch, ...]:
    names = zip(("product", "category", "service"), key, strict=True)
    said = [f"text_equals_ignore_case({name}, {word!r})" for name, word in names if word]
    other = Branch(OTHER, " and ".join(said))
    if "table" not in entry:
        return (other,)
    where, also = entry.get("where", ""), entry.get("also", {})
    shared = entry.get("shares_codes", False)
    by_code = {table: codes for table, codes in also.items() if not isinstance(codes, str)}
    elsewhere = frozenset(code for codes in by_code.values() for code in codes)
    never: frozenset[int] = frozenset() if shared else elsewhere
    first = Branch(entry["table"], where, never=never, own_fields=entry.get("own_fields", False))
    by_codes = (Branch(table, where, frozenset(codes)) for table, codes in by_code.items())
    others = (Branch(table, own) for table, own in also.items() if isinstance(own, str))
    return (first, *by_codes, *others, *((other,) if entry.get("records") else ()))
