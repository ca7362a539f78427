"""KQL's functions as tables: one declarative row each, and what Kusto has besides.

``LIBRARY`` holds scalar functions, ``AGGREGATES`` those of ``summarize``. ``known`` tells a function
that is not here yet from one that Kusto does not have either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vedette.kql.functions import (
    aggregates,
    arrays,
    conversions,
    logic,
    network,
    numbers,
    parsing,
    series,
    sketches,
    statistics,
    text,
    time,
)
from vedette.plan.library import Library

__all__ = ["AGGREGATES", "LIBRARY", "Known", "known", "names", "names_of"]

LIBRARY = Library(
    row
    for module in (
        logic,
        conversions,
        arrays,
        numbers,
        text,
        parsing,
        time,
        network,
        series,
        sketches,
        statistics,
    )
    for row in module.FUNCTIONS
)
AGGREGATES = Library((*aggregates.FUNCTIONS, *sketches.AGGREGATES))


@dataclass(frozen=True, slots=True)
class Known:
    """A function that Kusto has: what it is, and how it names a column."""

    kind: str
    naming: str


@cache
def _table() -> dict[tuple[str, str], Known]:
    text = files("vedette.kql.functions").joinpath("known.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {(kind, name): Known(kind, naming) for kind, name, naming in rows}


def known(name: str, kind: str = "") -> Known | None:
    """What Kusto has under a name: of one kind, or the first of function, aggregate, plugin."""
    for one in (kind,) if kind else ("function", "aggregate", "plugin"):
        found = _table().get((one, name))
        if found is not None:
            return found
    return None


def names() -> Iterator[str]:
    """Every name of a function that is meant to be called, for suggestions."""
    yield from (name for kind, name in _table() if kind != "plugin" and name[0] != "_")


def names_of(kind: str) -> Iterator[str]:
    """The name of every function, aggregate or plugin that Kusto has, old spellings included."""
    yield from (name for of, name in _table() if of == kind)
