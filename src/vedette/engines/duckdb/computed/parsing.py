"""Keys and values in texts: takes a text and its delimiters, gives the values of given keys."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type


@dataclass(slots=True)
class _Scan:
    """One text on its way: how it is quoted, and the pairs found so far.

    Where quotes stand is looked up once, so that a text of nothing but quotes costs no more.
    """

    text: str
    quotes: dict[str, str]
    escapes: str
    found: dict[str, str] = field(default_factory=dict)
    openings: list[int] = field(init=False)
    closings: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Find the quotes."""
        marks = self.quotes
        self.openings = [i for i, c in enumerate(self.text) if c in marks] if marks else []
        self.closings = {}

    def give(self, key: str, value: str) -> None:
        """Keep the first value of a key."""
        self.found.setdefault(key, value)

    def opening(self, start: int, end: int) -> int:
        """Where the first opening quote between two places stands; -1 if none does."""
        place = bisect_left(self.openings, start)
        found = self.openings[place] if place < len(self.openings) else end
        return found if found < end else -1

    def closing(self, start: int) -> int:
        """Where the quote that opens at *start* closes; -1 where none opens or it does not."""
        quote = self.quotes.get(self.text[start : start + 1])
        if quote is None:
            return -1
        if quote not in self.closings:
            self.closings[quote] = self._closings(quote)
        return self.closings[quote][start + 1]

    def _closings(self, quote: str) -> list[int]:
        """For each place of the text, where a quote that is open there closes; -1 if nowhere."""
        last = len(self.text) - 1
        found = [-1] * (last + 3)
        for place in range(last, -1, -1):
            character = self.text[place]
            if character in self.escapes and place < last:
                found[place] = found[place + 2]
            else:
                found[place] = place if character == quote else found[place + 1]
        return found

    def inside(self, start: int, end: int) -> str:
        """What stands between two quotes, escapes read."""
        quoted = self.text[start + 1 : end]
        if not any(escape in quoted for escape in self.escapes):
            return quoted
        escapes = re.compile(f"[{re.escape(self.escapes)}](.)", re.DOTALL)
        return escapes.sub(lambda found: found[1], quoted)

    def blank_until(self, start: int) -> int:
        """The first place from *start* on that is no white space."""
        while start < len(self.text) and self.text[start].isspace():
            start += 1
        return start


def _key(scan: _Scan, start: int, end: int, pair: str) -> str:
    """The key that ends before a delimiter: quoted, or behind the last delimiter of pairs."""
    written = scan.text[start:end].rstrip()
    last = start + len(written) - 1
    position = scan.opening(start, end)
    while position >= 0:
        if last <= scan.closing(position) < end:
            return scan.inside(position, scan.closing(position))
        position = scan.opening(position + 1, end)
    return written.rpartition(pair)[2].strip()


def _sign(scan: _Scan, start: int, kv: str) -> int:
    """Where the next delimiter of a key and its value stands outside quotes; -1 if none does."""
    position, sign = start, -1
    while True:
        if sign < position:
            sign = scan.text.find(kv, position)
        opening = scan.opening(position, sign) if sign >= 0 else -1
        if opening < 0:
            return sign
        position = max(scan.closing(opening), opening) + 1


def _delimited(scan: _Scan, pair: str, kv: str, greedy: bool) -> None:
    start = 0
    while (sign := _sign(scan, start, kv)) >= 0:
        key = _key(scan, start, sign, pair)
        begin = scan.blank_until(sign + len(kv))
        closing = scan.closing(begin)
        if closing >= 0:
            value = scan.inside(begin, closing)
            end = _end_of_pair(scan.text, closing + 1, pair)
        else:
            end = _greedy_end(scan, begin, pair, kv) if greedy else -1
            if not greedy:
                end = scan.text.find(pair, begin)
            end = len(scan.text) if end < 0 else end
            value = scan.text[begin:end].strip()
        scan.give(key, value)
        start = end


def _end_of_pair(text: str, start: int, pair: str) -> int:
    end = text.find(pair, start)
    return len(text) if end < 0 else end


def _greedy_end(scan: _Scan, begin: int, pair: str, kv: str) -> int:
    """The last delimiter of pairs before the next pair's key; -1 where no pair follows."""
    sign = _sign(scan, begin, kv)
    return -1 if sign < 0 else scan.text.rfind(pair, begin, sign)


@lru_cache(maxsize=64)
def _listed(texts: str) -> tuple[str, ...]:
    return tuple(json_values.read(texts))


def text_pairs(
    text: str, keys: str, pair: str, kv: str, quotes: str, escapes: str, greedy: bool
) -> str | None:
    """The values of keys (a JSON array of texts), as such an array, null where one is absent."""
    scan = _Scan(text, {q[0]: q[-1] for q in _listed(quotes) if q[0] in text}, escapes)
    _delimited(scan, pair, kv, greedy)
    return json_values.write([scan.found.get(key) for key in _listed(keys)])


FUNCTIONS_OF_PARSING: dict[str, Computed] = {
    "text_pairs": Computed(
        (Type.STRING, Type.DYNAMIC, Type.STRING, Type.STRING, Type.DYNAMIC, Type.STRING, Type.BOOL),
        Type.DYNAMIC,
        text_pairs,
    ),
}
