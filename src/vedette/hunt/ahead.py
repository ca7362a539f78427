"""Rows that findings show, read when they are asked for: takes where they are, gives them.

Who asks for one finding's rows often asks for the next one's: of those more are read each time,
for reading few rows costs about what reading many does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from vedette.hunt.behind import Rows
from vedette.hunt.one_pass.parts import Places
from vedette.hunt.one_pass.survived import Survived

_MOST = 256
"""How many findings' rows are read at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Where the rows are that findings of one query show, by the number of the finding, how many
    findings there are, and the stored columns that the rows have."""

    survived: Survived
    columns: tuple[str, ...]
    places: Callable[[int], Places]
    count: int

    def read(self, first: int, end: int) -> list[Rows]:
        """The rows of some findings that stand behind each other."""
        some = [self.places(number) for number in range(first, min(end, self.count))]
        every = np.concatenate(some)
        rows = tuple(zip(*(self.survived.values(c, every) for c in self.columns), strict=True))
        return [rows[a:b] for a, b in pairwise(accumulate(map(len, some), initial=0))]


class ReadAhead:
    """The rows that were read last of findings of a hunt."""

    def __init__(self) -> None:
        """Begin with none."""
        self._last: tuple[Shown | None, int, list[Rows]] = (None, 0, [])

    def rows(self, shown: Shown, number: int) -> Rows:
        """The rows of one finding among those of its query."""
        last, first, rows = self._last  # in one piece: threads may ask
        if last is shown and first <= number < first + len(rows):
            return rows[number - first]
        end = first + len(rows)
        follows = last is not None and (
            number == end if last is shown else number == 0 and end == last.count
        )
        count = min(2 * len(rows), _MOST) if follows else 1
        rows = shown.read(number, number + count)
        self._last = (shown, number, rows)
        return rows[0]
