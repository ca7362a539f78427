"""The day that the demo plays: its date, its clock, its company and its dice."""

import datetime as dt
import random
from typing import Final

START: Final = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
"""When the played day begins, a Tuesday; always the same, so that a seed gives the same bytes."""
END: Final = START + dt.timedelta(days=1)
"""When it ends, and the clock of the hunt."""
DOMAIN: Final = "brackwater.example"
"""The domain of the company that the demo is about, Brackwater Castings, which does not exist."""


class Clock:
    """The clock of the played day, which only the demo moves and which never goes back."""

    def __init__(self, start: dt.datetime = START) -> None:
        """Set the clock to *start*."""
        self._now = start

    @property
    def now(self) -> dt.datetime:
        """What the clock shows, in UTC."""
        return self._now

    def advance_to(self, moment: dt.datetime) -> None:
        """Move the clock on to *moment*; raises ``ValueError`` for a moment that has passed."""
        if moment < self._now:
            raise ValueError(f"the clock shows {self._now}, it cannot go back to {moment}")
        self._now = moment


def dice(seed: int, part: str) -> random.Random:
    """Return the random numbers of one part of the demo: the same for the same seed and part.

    The parts have dice of their own, so that a change in one does not change the logs of others.
    """
    # Text as a seed is hashed by the generator itself, whatever PYTHONHASHSEED says.
    return random.Random(f"{seed}/{part}")  # noqa: S311 - a sample, not a secret


def at(hour: int, minute: int = 0, second: float = 0) -> dt.datetime:
    """Return that time of the played day."""
    return START + dt.timedelta(hours=hour, minutes=minute, seconds=second)


def moment_in(numbers: random.Random, first_hour: int, last_hour: int) -> dt.datetime:
    """Return a time of the played day between two hours, to the millisecond."""
    milliseconds = numbers.randrange(first_hour * 3_600_000, last_hour * 3_600_000)
    return START + dt.timedelta(milliseconds=milliseconds)
