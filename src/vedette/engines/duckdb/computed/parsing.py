"""Keys and values in texts: takes a text and its delimiters, gives the values of given keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from vedette.engines.duckdb.computed import json_values
from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type


@dataclass(slots=True)
class _Scan:
    """One text on its way: how it is quoted, and the pairs found so far."""

    text: str
    quotes: dict[str, str]
    escapes: str
    found: dict[str, str] = field(default_factory=dict)

    def give(self, key: str, value: str) -> None:
        """Keep the first value of a key."""
        self.found.setdefault(key, value)

    def opening(self, start: int, end: int) -> int:
        """Where the first opening quote between two places stands; -1 if none does."""
        if not self.quotes:
            return -1
        found = (self.text.find(quote, start, end) for quote in self.quotes)
        return min((place for place in found if place >= 0), default=-1)

    def quoted(self, start: int) -> tuple[str, int] | None:
        """What stands in quotes from *start*, and where it ends; None where nothing does."""
        closing = self.quotes.get(self.text[start : start + 1])
        if closing is None:
            return None
        if not self.escapes:
            end = self.text.find(closing, start + 1)
            return (self.text[start + 1 : end], end + 1) if end >= 0 else None
        written: list[str] = []
        position = start + 1
        while position < len(self.text):
            character = self.text[position]
            if character in self.escapes and position + 1 < len(self.text):
                written.append(self.text[position + 1])
                position += 2
                continue
            if character == closing:
                return "".join(written), position + 1
            written.append(character)
            position += 1
        return None

    def blank_until(self, start: int) -> int:
        """The first place from *start* on that is no white space."""
        while start < len(self.text) and self.text[start].isspace():
            start += 1
        return start


def _key(scan: _Scan, start: int, end: int, pair: str) -> str:
    """The key that ends before a delimiter: quoted, or behind the last delimiter of pairs."""
    position = scan.opening(start, end)
    while position >= 0:
        quoted = scan.quoted(position)
        if quoted is not None and quoted[1] <= end and not scan.text[quoted[1] : end].strip():
            return quoted[0]
        position = scan.opening(position + 1, end)
    return scan.text[start:end].rstrip().rpartition(pair)[2].strip()


def _sign(scan: _Scan, start: int, kv: str) -> int:
    """Where the next delimiter of a key and its value stands outside quotes; -1 if none does."""
    position = start
    while True:
        sign = scan.text.find(kv, position)
        opening = scan.opening(position, sign) if sign >= 0 else -1
        if opening < 0:
            return sign
        quoted = scan.quoted(opening)
        position = quoted[1] if quoted is not None else opening + 1


def _delimited(scan: _Scan, pair: str, kv: str, greedy: bool) -> None:
    start = 0
    while (sign := _sign(scan, start, kv)) >= 0:
        key = _key(scan, start, sign, pair)
        begin = scan.blank_until(sign + len(kv))
        quoted = scan.quoted(begin)
        if quoted is not None:
            value, end = quoted
            end = _end_of_pair(scan.text, end, pair)
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
