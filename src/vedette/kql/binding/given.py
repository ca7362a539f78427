"""What a query may count on beside its text and its tables: takes nothing, is given by who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.plan.relations import Plan


def _every(table: str) -> bool:
    return bool(table)


class NotAllowed(Exception):
    """A query may not read what an address names, or it is not there; the text says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is stored, which values a query is asked with, and what it may read from outside.

    ``holds`` says whether a table can have rows now; ``parameters`` are values by name, as Python
    has them or as text; ``outside`` reads what an address names, and raises NotAllowed. ``look``
    gives the rows of a plan now: columns may hang on them (``bag_unpack``).
    """

    holds: Callable[[str], bool] = _every
    parameters: Mapping[str, Any] = field(default_factory=dict)
    outside: Callable[[str], bytes] | None = None
    look: Callable[[Plan], list[tuple[Any, ...]]] | None = None


NOTHING = Given()

__all__ = ["NOTHING", "Given", "NotAllowed"]
