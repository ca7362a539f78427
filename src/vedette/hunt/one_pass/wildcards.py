"""Texts with wildcards: takes a pattern's parts, gives a test of whole texts.

Its time grows with the text times the pattern, never faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

ANY = 0
"""A run of characters of any length."""
ONE = 1
"""One character."""

Part = str | int
"""A literal text, ANY or ONE."""


def parts_of_like(pattern: str) -> list[Part]:
    """The parts of SQL's LIKE: ``%`` any run, ``_`` one character, no escape."""
    return _joined(ANY if c == "%" else ONE if c == "_" else c for c in pattern)


def parts_of_stars(pattern: str) -> list[Part]:
    """The parts of a pattern with ``*`` and ``?``, a backslash takes either as it is, or itself."""
    found: list[Part] = []
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "\\" and pattern[place + 1 : place + 2] in ("*", "?", "\\"):
            place += 1
            found.append(pattern[place])
        else:
            found.append(ANY if character == "*" else ONE if character == "?" else character)
        place += 1
    return _joined(found)


def _joined(parts: Iterable[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, str) and isinstance(last, str):
            found[-1] = last + part
        elif part != ANY or last != ANY:
            found.append(part)
    return found


def literals_of(parts: Sequence[Part]) -> list[str]:
    """The texts that stand in everything the pattern takes."""
    return [part for part in parts if isinstance(part, str)]


def matcher(parts: Sequence[Part]) -> Callable[[str], bool]:
    """Whether the whole of a text is as the parts say."""
    segments: list[list[Part]] = [[]]
    for part in parts:
        if not isinstance(part, str) and part == ANY:
            segments.append([])
        else:
            segments[-1].append(part)
    first, last, middle = segments[0], segments[-1], [s for s in segments[1:-1] if s]
    if len(segments) == 1:
        whole = _length(first)
        return lambda text: len(text) == whole and _stands(first, text, 0)
    head, tail = _length(first), _length(last)
    finders = [_finder(segment) for segment in middle]

    def matches(text: str) -> bool:
        end = len(text) - tail
        if head > end or not _stands(first, text, 0) or not _stands(last, text, end):
            return False
        place = head
        for find in finders:
            place = find(text, place, end)
            if place < 0:
                return False
        return True

    return matches


def _length(segment: Sequence[Part]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for part in segment)


def _stands(segment: Sequence[Part], text: str, place: int) -> bool:
    """Whether a segment without runs stands at a place of a text that is long enough."""
    for part in segment:
        if isinstance(part, str):
            if not text.startswith(part, place):
                return False
            place += len(part)
        else:
            place += 1
    return True


def _finder(segment: Sequence[Part]) -> Callable[[str, int, int], int]:
    """Where in a text, from a place to another, the first place of a segment ends; -1 where there
    is none."""
    length, is_literal = _length(segment), len(segment) == 1
    before, literal = next(
        ((n, part) for n, part in enumerate(segment) if isinstance(part, str)), (0, None)
    )

    def find(text: str, start: int, end: int) -> int:
        if literal is None:
            return start + length if start + length <= end else -1
        # All parts before the literal are single characters.
        place = text.find(literal, start + before, end)
        while place >= 0 and place - before + length <= end:
            if is_literal or _stands(segment, text, place - before):
                return place - before + length
            place = text.find(literal, place + 1, end)
        return -1

    return find
