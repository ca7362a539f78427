"""Values of JSON documents, many at once: takes bytes, gives where each value begins and ends."""

from __future__ import annotations

import numpy as np

from vedette.logs.columnar.spans import Mask, Places, escapes

_QUOTE, _BACKSLASH, _CLOSE, _OBJECT, _ARRAY = range(1, 6)
_KINDS = np.zeros(256, np.uint8)
_KINDS[list(b'"\\}]{[')] = (_QUOTE, _BACKSLASH, _CLOSE, _CLOSE, _OBJECT, _ARRAY)


def whole_values(text: bytes, start: int, *, in_array: bool) -> list[tuple[int, int]]:
    """Where the objects, and arrays where they stand *in_array*, begin and end from *start* on.

    Only whole ones are told, up to the bracket that closes what is around them; a bracket opens or
    closes whatever its form. *start* is no place in a string. None are told of text in which a
    backslash stands outside of strings.
    """
    kinds = _KINDS[np.frombuffer(text, np.uint8, offset=start)]
    places = np.flatnonzero(kinds)
    kinds = kinds[places]
    quotes = kinds == _QUOTE
    slashes = kinds == _BACKSLASH
    if slashes.any():
        quotes &= ~_escaped(places, slashes)
    outside = np.cumsum(quotes) - quotes & 1 == 0
    if (slashes & outside).any():
        return []
    brackets = (kinds >= _CLOSE) & outside
    places, kinds = places[brackets], kinds[brackets]
    opens = kinds > _CLOSE
    after = np.cumsum(np.where(opens, 1, -1))
    begins = opens & (after == 1)
    ends = ~opens & (after == 0)
    stops = after < 0 if in_array else (after < 0) | begins & (kinds == _ARRAY)
    if stops.any():
        stop = int(np.argmax(stops))
        places, begins, ends = places[:stop], begins[:stop], ends[:stop]
    firsts, lasts = places[begins] + start, places[ends] + (start + 1)
    return list(zip(firsts.tolist(), lasts.tolist(), strict=False))  # the last may have no end


def _escaped(places: Places, slashes: Mask) -> Mask:
    """Whether a backslash that none stands for is before each mark."""
    is_escape = np.zeros(len(places), bool)
    is_escape[slashes] = escapes(places[slashes])
    found = np.zeros(len(places), bool)
    found[1:] = is_escape[:-1] & (places[1:] == places[:-1] + 1)
    return found
