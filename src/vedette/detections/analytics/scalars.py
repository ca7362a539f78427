"""A text inside YAML: takes a scalar's node, gives its text in pieces, each at its place.

A query in YAML is indented, folded or quoted; problems found in it are to point into the file.
"""

from __future__ import annotations

import yaml

from vedette.detections.model import Piece
from vedette.syntax import Source

_ESCAPES = {"x": 4, "u": 6, "U": 10}


def pieces_of(page: Source, node: yaml.ScalarNode) -> tuple[Piece, ...]:
    """The pieces of a scalar's text; together they are its value."""
    value = str(node.value)
    start, end = node.start_mark.index, node.end_mark.index
    if node.style == "|":
        return _lines(page, value, start, end)
    if node.style == ">":
        start = page.text.find("\n", start) + 1
    elif node.style in ("'", '"'):
        start, end = start + 1, end - 1
    return _aligned(page, value, start, end, node.style or "")


def _lines(page: Source, value: str, start: int, end: int) -> tuple[Piece, ...]:
    """A literal block: each of its lines stands in a line of the file, behind the indentation."""
    text = page.text
    at = text.find("\n", start) + 1
    raw: list[tuple[int, str]] = []
    while 0 < at < end:
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        raw.append((at, text[at:stop]))
        at = stop + 1
    *whole, rest = value.split("\n")
    lines = [f"{line}\n" for line in whole] + ([rest] if rest else [])
    indent = next((len(r) - len(v.rstrip("\n")) for (_, r), v in _filled(raw, lines)), 0)
    found: list[Piece] = []
    for number, line in enumerate(lines):
        place, written = raw[number] if number < len(raw) else (end, "")
        found.append(Piece(line, page, min(place + min(indent, len(written)), len(text))))
    return tuple(found)


def _filled(raw: list[tuple[int, str]], lines: list[str]) -> list[tuple[tuple[int, str], str]]:
    """Lines of the file with those of the value that are not empty, without line ends."""
    pairs = zip(((at, r.rstrip("\r")) for at, r in raw), lines, strict=False)
    return [(pair, line) for pair, line in pairs if line.strip()]


def _aligned(page: Source, value: str, start: int, end: int, style: str) -> tuple[Piece, ...]:
    """Text that is folded or quoted: each character is looked for behind the one before it."""
    text, at = page.text, start
    found: list[Piece] = []
    begun, origin = 0, start
    for number, character in enumerate(value):
        at, width = _next(text, at, end, character, style)
        if at - origin != number - begun:
            if number > begun:
                found.append(Piece(value[begun:number], page, origin))
            begun, origin = number, at
        at += width
    if value[begun:]:
        found.append(Piece(value[begun:], page, min(origin, len(text))))
    return tuple(found)


def _next(text: str, at: int, end: int, character: str, style: str) -> tuple[int, int]:
    """Where a character of a value is written, at or behind a place, and how long it is there."""
    while at < end:
        here = text[at]
        if style == '"' and here == "\\":
            if text[at + 1] not in "\r\n":
                return at, _ESCAPES.get(text[at + 1], 2)
            at += 1  # the line goes on
        elif style == "'" and text.startswith("''", at):
            return at, 2
        elif here == character:
            return at, 1
        elif not here.isspace():
            return at, 0
        elif character.isspace():
            return at, _blanks(text, at, end)
        else:
            at += 1
    return min(at, end), 0


def _blanks(text: str, at: int, end: int) -> int:
    """How long the white space at a place is."""
    width = 0
    while at + width < end and text[at + width].isspace():
        width += 1
    return width
