"""What a query may count on beside its text and its tables: takes nothing, is given by who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vedette.plan.relations import Plan

if TYPE_CHECKING:
    from vedette.kql.saved.library import SavedFunctions


def _every(table: str) -> bool:
    return bool(table)


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A list that people keep: columns, all of text, and rows.

    ``key`` is the column that is looked up by, ``updated`` when the list was last written, in
    ticks; ``identities`` are of the rows, one each.
    """

    alias: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    key: str
    updated: int
    identities: tuple[str, ...]


def _no_watchlist(alias: str) -> Watchlist | None:
    return None


def _nowhere() -> str | None:
    return None


class NotAllowed(Exception):
    """A query may not read what an address names, or it is not there; the text says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is stored, which values a query is asked with, and what it may read from outside.

    ``holds`` says whether a table can have rows now; ``parameters`` are values by name, as Python
    has them or as text; ``outside`` reads what an address names, and raises NotAllowed. ``look``
    gives the rows of a plan now: columns may hang on them (``bag_unpack``). ``functions`` are the
    workspace's own, ``watchlist`` gives the watchlist of an alias, ``aliases`` names all of them;
    ``places`` gives the file that says where addresses are. What they raise is a ValueError.
    """

    holds: Callable[[str], bool] = _every
    parameters: Mapping[str, Any] = field(default_factory=dict)
    outside: Callable[[str], bytes] | None = None
    look: Callable[[Plan], list[tuple[Any, ...]]] | None = None
    functions: SavedFunctions | None = None
    watchlist: Callable[[str], Watchlist | None] = _no_watchlist
    aliases: Callable[[], Sequence[str]] = tuple
    places: Callable[[], str | None] = _nowhere


NOTHING = Given()

__all__ = ["NOTHING", "Given", "NotAllowed", "Watchlist"]
