"""Names chosen by a pattern with stars: takes the pattern, tells whether a name fits it."""

from __future__ import annotations


def fits(name: str, pattern: str) -> bool:
    """Whether the name is as the pattern says, whose ``*`` stands for any run of characters.

    Its time grows with the lengths of both, however many stars there are.
    """
    first, *pieces = pattern.split("*")
    if not pieces:
        return name == pattern
    *middle, last = pieces
    place, end = len(first), len(name) - len(last)
    if place > end or not name.startswith(first) or not name.endswith(last):
        return False
    for piece in middle:
        found = name.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True
