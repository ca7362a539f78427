"""Kusto's regular expressions as RE2's: takes a pattern, gives an equal one, or says why not.

Kusto's classes are Unicode's (``\\d`` is any decimal digit, ``\\w`` any letter, mark, digit or
connector), RE2's are ASCII's; Kusto has nested classes and set operations in them, RE2 has not.
"""

from __future__ import annotations

import re

from vedette.kql.binding.regular import character_classes as classes
from vedette.kql.binding.regular.character_classes import CATEGORY, CLASSES, CODE, Untranslatable
from vedette.kql.binding.regular.shape import PIECES, Shape, shape

__all__ = [
    "Untranslatable", "group_names", "groups", "has_boundary", "may_be_empty", "older_readings",
    "quoted", "translated", "without_groups",
]  # fmt: skip

_PARTS = re.compile(
    rf"(?P<code>{CODE})|(?P<category>{CATEGORY})"
    r"""
    | (?P<escape> \\ . )
    | (?P<group> \( (?: \?P?<[A-Za-z_]\w*> | \?[A-Za-z-]*: | \?[A-Za-z-]*\) )? )
    | (?P<posix> \[:\^?[a-z]+:\] )
    | (?P<open> \[ )
    | (?P<repeat> (?: [*+?] | \{\d+(?:,\d*)?\} ) \?? )
    | (?P<other> [\s\S] )
    """,
    re.VERBOSE | re.DOTALL,
)
_IGNORES_CASE = re.compile(r"\(\?[A-Za-z]*i")


def translated(pattern: str) -> str:
    """The pattern in RE2's notation; raises Untranslatable with the reason.

    Where ``has_boundary`` says so of it, it is right only for texts whose letters are all ASCII's.
    """
    written: list[str] = []
    ignores_case = _IGNORES_CASE.search(pattern) is not None
    repeatable, repeated, position = False, False, 0
    while position < len(pattern):
        match = _PARTS.match(pattern, position)
        if match is None or match.lastgroup is None:
            raise Untranslatable("it ends in a backslash")
        text, kind = match.group(), match.lastgroup
        position = match.end()
        if kind == "repeat":
            written.append(_repetition(text, repeatable, repeated))
        elif kind == "open":
            text, position = classes.read(pattern, match.start(), ignores_case)
            written.append(text)
        else:
            written.append(_outside(kind, text, pattern, position))
        repeated = kind == "repeat"
        repeatable = kind != "group" and text != "|"
    whole = "".join(written)
    _refuse_repeated_names(shape(whole))
    return whole


def _refuse_repeated_names(read: Shape) -> None:
    names = [name for name in read.groups if name is not None]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Untranslatable(f"it has two groups of the name '{twice}'")


def _repetition(text: str, repeatable: bool, repeated: bool) -> str:
    if repeated:
        raise Untranslatable(f"'{text}' repeats a repetition")
    if not repeatable:
        raise Untranslatable(f"'{text}' repeats nothing; write '\\{text[0]}' for the character")
    return text


def _outside(kind: str, text: str, pattern: str, position: int) -> str:
    if kind == "code":
        return f"\\x{{{classes.code(text):x}}}"
    if kind == "category":
        return classes.category(text)
    if kind == "escape":
        return _escape(text[1], pattern[position : position + 1])
    if kind == "group":
        return _group(text, pattern, position)
    if kind == "posix":
        raise Untranslatable(f"'{text}' stands outside a character class")
    if text == "\\":
        raise Untranslatable("it ends in a backslash")
    if text == "{" and re.match(r"\s*[0-9,]", pattern[position:]):
        raise Untranslatable("'{' begins a count that is none; write '\\{' for the character")
    return "\\" + text if text in "{}]" else text


def _group(text: str, pattern: str, position: int) -> str:
    if text == "(" and pattern[position : position + 1] == "?":
        raise Untranslatable("look-around and atomic groups are not in Kusto's expressions")
    if "<" in text:
        return "(?P<" + text.split("<", 1)[1]
    if text.startswith("(?"):
        flags = text[2:-1]
        if not re.fullmatch(r"[imsU]*(-[imsU]+)?", flags):
            raise Untranslatable(f"RE2 does not know the flags '{flags}'")
    return text


def _escape(character: str, behind: str) -> str:
    known = CLASSES.get(character.lower())
    if known is not None:
        return f"[{known}]" if character.islower() else f"[^{known}]"
    if character in "bB":
        if behind == "{":
            raise Untranslatable(f"RE2 does not know '\\{character}{{'")
        return "\\" + character
    if character in "afnrtv":
        return "\\x0b" if character == "v" else "\\" + character
    if character in "Az":
        return "\\" + character
    if character.isalnum() or character in "<>":
        raise Untranslatable(f"'\\{character}' is not known")
    return "\\" + character if character.isascii() else character


def older_readings(pattern: str) -> list[str]:
    """What RE2 reads in a pattern, where that may differ, in today's notation.

    RE2 has octal escapes, takes a brace that begins no count for a character, and so a bracket
    inside a class.
    """
    escaped = _OLDER.sub(_as_written_today, pattern)
    return [escaped, _CLASS.sub(lambda m: _flat(m.group()), escaped)]


_OLDER = re.compile(
    r"\\0[0-7]{0,2}|\\[bBpPxuU]\{|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|\{", re.DOTALL
)
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_OCTAL = re.compile(r"(?s)\\0[0-7]{0,2}|\\.")


def _as_written_today(match: re.Match[str]) -> str:
    text = match.group()
    if text == "{":
        return r"\{"
    return _OCTAL.sub(_octal, text) if text[0] in "\\[" else text


def _octal(match: re.Match[str]) -> str:
    text = match.group()
    return f"\\x{{{int(text[1:], 8):x}}}" if text[1] == "0" else text


def _flat(written: str) -> str:
    """A class without classes in it: its further brackets are characters."""
    if written[0] == "\\" or re.search("&&|--|~~", written):
        return written
    return written[0] + re.sub(r"(?s)(\[:\^?[a-z]+:\]|\\.)|\[", _kept, written[1:])


def _kept(match: re.Match[str]) -> str:
    return match.group(1) or r"\["


def has_boundary(pattern: str) -> bool:
    """Whether a translated pattern looks for boundaries of words, which RE2 sees in ASCII only."""
    return re.search(r"(?<!\\)(?:\\\\)*\\[bB]", pattern) is not None


def groups(pattern: str) -> int:
    """How many groups a translated pattern captures."""
    return len(shape(pattern).groups)


def group_names(pattern: str) -> dict[str, int]:
    """The numbers of a translated pattern's groups by their names."""
    names = enumerate(shape(pattern).groups, start=1)
    return {name: number for number, name in names if name is not None}


def may_be_empty(pattern: str) -> bool:
    """Whether a translated pattern may match the empty text, alone or somewhere in a text."""
    return shape(pattern).may_be_empty


def quoted(text: str) -> str:
    """A pattern, in RE2's notation as in Kusto's, that matches just this text."""
    return "".join(
        c if c == "_" or ord(c) > 127 or c.isalnum() else r"\x00" if c == "\0" else "\\" + c
        for c in text
    )


def without_groups(pattern: str) -> str:
    """A translated pattern that captures nothing, to be put between others.

    Raises Untranslatable where it has alternatives that would reach into its neighbours.
    """
    written: list[str] = []
    depth = 0
    for piece in PIECES.findall(pattern):
        if piece == "(" or piece.startswith("(?P<"):
            piece = "(?:"
        if piece.startswith("("):
            depth += 0 if piece.endswith(")") else 1
        elif piece == ")":
            depth -= 1
        elif piece == "|" and depth == 0:
            raise Untranslatable("alternatives reach beyond it; put them in parentheses")
        written.append(piece)
    return "".join(written)
