"""How a core operation is written down: one line each, its meaning in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vedette.plan.signature import Signature, signature


class Null(StrEnum):
    """What an operation gives when an argument is null."""

    PROPAGATES = "propagates"  # null as soon as any argument is null
    NEVER = "never"  # never null, whatever the arguments
    OWN = "own"  # as its meaning says


@dataclass(frozen=True, slots=True)
class Operation:
    """A core operation: signature, null rule, meaning, and what rows it looks at.

    An ``aggregate`` folds many rows into one, a ``window`` operation looks at a row's neighbours,
    one ``by_chance`` gives another value each time.
    """

    name: str
    signature: Signature
    null: Null
    meaning: str
    aggregate: bool = False
    window: bool = False
    by_chance: bool = False


def operation(
    text: str, meaning: str, null: Null = Null.PROPAGATES, *, by_chance: bool = False
) -> Operation:
    """A scalar operation from its signature text."""
    parsed = signature(text)
    return Operation(parsed.name, parsed, null, meaning, by_chance=by_chance)


def aggregate(text: str, meaning: str) -> Operation:
    """An aggregate from its signature text; rows whose argument is null do not count."""
    parsed = signature(text)
    return Operation(parsed.name, parsed, Null.OWN, meaning, aggregate=True)


def window(text: str, meaning: str) -> Operation:
    """A window operation from its signature text: a row's value among its neighbours in order."""
    parsed = signature(text)
    return Operation(parsed.name, parsed, Null.OWN, meaning, window=True)
