"""Texts read by a pattern of Java's SimpleDateFormat, as leniently as Java reads them.

A field takes space before it, names of months and days are English in any letter case, a number
that is too great for its field counts on (month 13 is the next January), what stands behind the
last field is not looked at. Source: java.text.SimpleDateFormat, ``parse``.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, Type

_PIECE = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")
_ZONE = re.compile(
    r"(?i)(?:gmt|utc)(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?|z\b|(?P<plain>[+-]\d{2}(?::?\d{2})?)"
)
_MONTHS = [name.lower() for name in calendar.month_name]
_DAYS = [name.lower() for name in calendar.day_name]
_NUMBERS = "yMLdHkKhmsS"
_TICKS = {"h": 36_000_000_000, "m": 600_000_000, "s": 10_000_000, "S": 10_000}


class _Unreadable(Exception):
    """The text is not as the pattern says."""


@lru_cache(maxsize=64)
def _pieces(pattern: str) -> tuple[tuple[str, str, int], ...]:
    """Literals as ``("", text, 0)`` and fields as ``(letter, "", count)``."""
    found: list[tuple[str, str, int]] = []
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        if match[1]:
            found.append((match[1], "", len(piece)))
        elif piece[0] == "'":
            found.append(("", piece[1:-1].replace("''", "'") or "'", 0))
        else:
            found.append(("", piece, 0))
    return tuple(found)


def parsed(text: str, pattern: str, clock: int) -> int | None:
    """The moment in ticks; None where the text is not as the pattern says, or outside the years."""
    try:
        return _Reader(text, clock).read(_pieces(pattern))
    except (_Unreadable, OverflowError):
        return None


class _Reader:
    def __init__(self, text: str, clock: int) -> None:
        self.text = text
        self.at = 0
        self.year_now = dt.date.fromordinal(clock // TICKS_PER_DAY + 1).year
        self.year, self.month, self.day = 1970, 1, 1
        self.parts = {"h": 0, "m": 0, "s": 0, "S": 0}
        self.afternoon: bool | None = None
        self.halves = False
        self.offset = 0

    def read(self, pieces: tuple[tuple[str, str, int], ...]) -> int | None:
        for index, (letter, literal, count) in enumerate(pieces):
            if not letter:
                if not self.text.startswith(literal, self.at):
                    raise _Unreadable
                self.at += len(literal)
                continue
            while self.text[self.at : self.at + 1] in (" ", "\t"):
                self.at += 1
            following = pieces[index + 1] if index + 1 < len(pieces) else ("", "", 0)
            adjacent = following[0] in _NUMBERS and following[0] != "" and following[2] > 0
            named = following[0] in ("M", "L") and following[2] > 2
            self._field(letter, count, exact=adjacent and not named)
        return self._moment()

    def _field(self, letter: str, count: int, *, exact: bool) -> None:
        if letter in ("M", "L") and count > 2:
            self.month = self._word(_MONTHS)
        elif letter == "E":
            self._word(_DAYS)
        elif letter == "a":
            self.afternoon = self._word(["am", "pm"]) == 1
        elif letter == "G":
            self._word(["ad"])
        elif letter in ("z", "Z", "X"):
            self._zone()
        else:
            self._number(letter, count, exact=exact)

    def _word(self, names: list[str]) -> int:
        rest = self.text[self.at : self.at + 20].lower()
        for length in (None, 3):
            for index, name in enumerate(names):
                word = name[:length]
                if word and rest.startswith(word):
                    self.at += len(word)
                    return index
        raise _Unreadable

    def _zone(self) -> None:
        match = _ZONE.match(self.text, self.at)
        if match is None:
            raise _Unreadable
        self.at = match.end()
        told = match["offset"] or match["plain"]
        if told:
            hours, _, minutes = (told[1:] + ":").replace("::", ":").partition(":")
            if len(hours) > 2:
                hours, minutes = hours[:-2], hours[-2:]
            seconds = int(hours) * 3600 + int(minutes.strip(":") or 0) * 60
            self.offset = -seconds if told[0] == "-" else seconds

    def _number(self, letter: str, count: int, *, exact: bool) -> None:
        most = count if exact else 9
        match = re.compile(rf"[0-9]{{1,{most}}}").match(self.text, self.at)
        if match is None:
            raise _Unreadable
        self.at = match.end()
        value = int(match[0])
        if letter == "y":
            self.year = value
            if count <= 2 and len(match[0]) == 2:  # within 80 years before and 20 years after now
                century = (self.year_now - 80) // 100 * 100
                self.year = century + value
                if self.year < self.year_now - 80:
                    self.year += 100
        elif letter in ("M", "L"):
            self.month = value
        elif letter == "d":
            self.day = value
        elif letter in ("H", "k", "K", "h"):
            self.parts["h"] = 0 if (letter, value) in (("k", 24), ("h", 12)) else value
            self.halves = letter in ("K", "h")
        else:
            self.parts[letter] = value

    def _moment(self) -> int | None:
        years, month = divmod(self.year * 12 + self.month - 1, 12)
        if not 1 <= years <= 9999:
            return None
        ticks = ((dt.date(years, month + 1, 1).toordinal() - 1) + self.day - 1) * TICKS_PER_DAY
        if self.halves and self.afternoon:
            self.parts["h"] += 12
        ticks += sum(self.parts[part] * size for part, size in _TICKS.items())
        ticks -= self.offset * _TICKS["s"]
        return ticks if 0 <= ticks <= MAX_TICKS else None


FUNCTIONS_OF_JAVA_TIME: dict[str, Computed] = {
    "java_time": Computed((Type.STRING, Type.STRING, Type.DATETIME), Type.DATETIME, parsed),
}
