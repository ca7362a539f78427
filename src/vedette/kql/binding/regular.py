"""Kusto's regular expressions as RE2's: takes a pattern, gives an equal one, or says why not.

Kusto's classes are Unicode's (``\\d`` is any decimal digit, ``\\w`` any letter, mark, digit or
connector), RE2's are ASCII's; Kusto has nested classes and set operations in them, RE2 has not.
"""

from __future__ import annotations

import re


class Untranslatable(ValueError):
    """RE2 cannot say what the pattern says."""


_DIGIT = r"\p{Nd}"
_WORD = r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}"
_BLANK = r"\t\n\x0b\f\r\x{85}\p{Z}"

_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _BLANK}

_PARTS = re.compile(
    r"""
      (?P<code> \\ (?: x[0-9A-Fa-f]{2} | [xuU]\{[0-9A-Fa-f]+\}
                      | u[0-9A-Fa-f]{4} | U[0-9A-Fa-f]{8} ) )
    | (?P<category> \\[pP] (?: [CLMNPSZ] | \{ \^? [CLMNPSZ][a-z]? \} ) )
    | (?P<escape> \\ . )
    | (?P<group> \( (?: \?P?<[A-Za-z_]\w*> | \?[A-Za-z-]*: | \?[A-Za-z-]*\) )? )
    | (?P<posix> \[:\^?[a-z]+:\] )
    | (?P<open> \[ \^? \]? )
    | (?P<close> \] )
    | (?P<repeat> (?: [*+?] | \{\d+(?:,\d*)?\} ) \?? )
    | (?P<other> [\s\S] )
    """,
    re.VERBOSE | re.DOTALL,
)


def translated(pattern: str) -> str:
    """The pattern in RE2's notation; raises Untranslatable with the reason."""
    written: list[str] = []
    inside, repeated, position = False, False, 0
    while position < len(pattern):
        match = _PARTS.match(pattern, position)
        if match is None or match.lastgroup is None:
            raise Untranslatable("it ends in a backslash")
        text, kind = match.group(), match.lastgroup
        position = match.end()
        if inside:
            written.append(_in_class(kind, text, pattern, position))
            inside = kind != "close"
            continue
        if kind == "repeat":
            written.append(_repetition(text, repeated))
        else:
            written.append(_outside(kind, text, pattern, position))
        repeated = kind == "repeat"
        inside = kind == "open"
    if inside:
        raise Untranslatable("a character class is not closed")
    return "".join(written)


def _repetition(text: str, repeated: bool) -> str:
    if repeated:
        raise Untranslatable(f"'{text}' repeats a repetition")
    if any(int(n) > 1000 for n in re.findall(r"\d+", text)):
        raise Untranslatable("it repeats a part more than 1,000 times")
    return text


def _outside(kind: str, text: str, pattern: str, position: int) -> str:
    if kind == "code":
        return _code(text)
    if kind == "escape":
        return _escape(text[1], inside=False)
    if kind == "group":
        return _group(text, pattern, position)
    if kind == "posix":
        raise Untranslatable(f"'{text}' stands outside a character class")
    if kind == "close":
        return r"\]"
    if text == "\\":
        raise Untranslatable("it ends in a backslash")
    if kind == "other" and text in "{}":
        raise Untranslatable(f"'{text}' repeats nothing; write '\\{text}' for the character")
    return text


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


def _in_class(kind: str, text: str, pattern: str, position: int) -> str:
    if kind == "code":
        return _code(text)
    if kind == "escape":
        return _escape(text[1], inside=True)
    if kind in ("open", "group") and text.startswith("["):
        raise Untranslatable("a character class stands inside another")
    if text in "&-~" and pattern[position : position + 1] == text:
        raise Untranslatable(f"'{text * 2}' combines character classes")
    return text


def _code(text: str) -> str:
    digits = re.sub(r"[{}]", "", text[2:])
    return rf"\x{{{digits}}}"


def _escape(character: str, inside: bool) -> str:
    known = _CLASSES.get(character.lower())
    if known is not None:
        if character.islower():
            return known if inside else f"[{known}]"
        if inside:
            raise Untranslatable(f"'\\{character}' stands inside a character class")
        return f"[^{known}]"
    if character in "bB":
        raise Untranslatable(
            f"'\\{character}' looks for a boundary of Unicode words, which the engine cannot see"
        )
    if character in "afnrtv":
        return "\\x0b" if character == "v" else "\\" + character
    if character in "Az" and not inside:
        return "\\" + character
    if character.isalnum() or character in "<>":
        raise Untranslatable(f"'\\{character}' is not known")
    return "\\" + character if character.isascii() else character


def groups(pattern: str) -> int:
    """How many groups a translated pattern captures."""
    return _as_python(pattern).groups


def may_be_empty(pattern: str) -> bool:
    """Whether a translated pattern may match the empty text."""
    return _as_python(pattern).match("") is not None


def _as_python(pattern: str) -> re.Pattern[str]:
    """A pattern of the same shape for Python, to ask of groups and lengths only."""
    shape = re.sub(r"\\x\{[0-9A-Fa-f]+\}|\\[pP](?:[A-Z]|\{[^}]*\})|\[:\^?[a-z]+:\]", "a", pattern)
    shape = re.sub(r"\(\?[imsU-]+\)", "", shape)
    shape = re.sub(r"\(\?[imsU-]+:", "(?:", shape)
    return re.compile(shape.replace(r"\z", r"\Z"))


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
    for piece in _PIECES.findall(pattern):
        if piece == "(" or piece.startswith("(?P<"):
            piece = "(?:"
        if piece.startswith("("):
            depth += 0 if piece.endswith(")") else 1
        elif piece == ")":
            depth -= 1
        elif piece == "|" and depth == 0:
            raise Untranslatable("alternatives reach beyond it; put them in parentheses")
        if depth < 0:
            break
        written.append(piece)
    if depth != 0:
        raise Untranslatable("its parentheses do not match")
    return "".join(written)


_PIECES = re.compile(
    r"\\.|\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]])*\]|\((?:\?P<\w+>|\?[a-zA-Z-]*[:)])?|.", re.DOTALL
)
