"""Character classes in brackets: takes Kusto's, gives RE2's.

What RE2 can write is carried over as it stands; complements, classes in classes and their
combinations are worked out as sets of code points (``character_sets``).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from vedette.kql.binding.regular import character_sets as sets
from vedette.kql.binding.regular.character_sets import Ranges


class Untranslatable(ValueError):
    """RE2 cannot say what the pattern says."""


DIGIT = r"\p{Nd}"
BLANK = r"\t\n\x0b\f\r\x{85}\p{Z}"
WORD = (
    r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}"
    r"\x{1F170}-\x{1F189}\x{200C}\x{200D}"
)
CLASSES = {"d": DIGIT, "w": WORD, "s": BLANK}
CODE = r"\\(?:x[0-9A-Fa-f]{2}|[xuU]\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
CATEGORY = r"\\[pP](?:[A-Z]|\{\^?\w+\})"
_ESCAPED = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_DEEPEST = 20

_PARTS = re.compile(
    rf"(?P<code>{CODE})|(?P<category>{CATEGORY})|(?P<posix>\[:\^?[a-z]+:\])|(?P<open>\[\^?)"
    r"|(?P<close>\])|(?P<operator>&&|--|~~)|(?P<escape>\\.)|(?P<other>[^\\])",
    re.DOTALL,
)

_LONG_NAMES = {
    "letter": "L", "uppercase_letter": "Lu", "lowercase_letter": "Ll",
    "titlecase_letter": "Lt", "modifier_letter": "Lm", "other_letter": "Lo", "mark": "M",
    "nonspacing_mark": "Mn", "spacing_mark": "Mc", "enclosing_mark": "Me", "number": "N",
    "decimal_number": "Nd", "letter_number": "Nl", "other_number": "No", "punctuation": "P",
    "connector_punctuation": "Pc", "dash_punctuation": "Pd", "open_punctuation": "Ps",
    "close_punctuation": "Pe", "initial_punctuation": "Pi", "final_punctuation": "Pf",
    "other_punctuation": "Po", "symbol": "S", "math_symbol": "Sm", "currency_symbol": "Sc",
    "modifier_symbol": "Sk", "other_symbol": "So", "separator": "Z", "space_separator": "Zs",
    "line_separator": "Zl", "paragraph_separator": "Zp", "control": "Cc", "format": "Cf",
    "private_use": "Co",
}  # fmt: skip
_CATEGORIES = frozenset(_LONG_NAMES.values())


def code(text: str) -> int:
    """The code point of ``\\x41``, ``\\u{41}`` and their like; raises Untranslatable."""
    found = int(re.sub(r"[{}]", "", text[2:]), 16)
    if found > sys.maxunicode or 0xD800 <= found <= 0xDFFF:
        raise Untranslatable(f"'{text}' is no character")
    return found


def category(text: str) -> str:
    """A class by its Unicode name in RE2's notation; raises Untranslatable."""
    negated, name = _category(text)
    return f"\\{'P' if negated else 'p'}{{{name}}}"


def _category(text: str) -> tuple[bool, str]:
    name = text[2:].strip("{}")
    negated = (text[1] == "P") != name.startswith("^")
    name = name.lstrip("^")
    name = _LONG_NAMES.get(name.lower(), name)
    if name not in _CATEGORIES and name not in sets.SCRIPTS:
        raise Untranslatable(f"RE2 does not know the characters '{text}'")
    return negated, name


@dataclass(frozen=True, slots=True)
class _Item:
    """A part of a class: what it holds, and RE2's text of it where it has one."""

    text: str | None
    ranges: Ranges | None
    cased: bool = False


def read(pattern: str, start: int, ignores_case: bool) -> tuple[str, int]:
    """The class that opens at *start* in RE2's notation, and where it ends."""
    item, end = _Reader(pattern, ignores_case).whole(start, 0)
    return item.text or sets.written(item.ranges or ()), end


class _Reader:
    """Reads one class and those in it."""

    def __init__(self, pattern: str, ignores_case: bool) -> None:
        """Start at any place of a pattern; *ignores_case* says how it is compared."""
        self._pattern = pattern
        self._ignores_case = ignores_case

    def whole(self, start: int, depth: int) -> tuple[_Item, int]:
        """The class that opens at *start*."""
        if depth > _DEEPEST:
            raise Untranslatable("classes are nested too deep")
        negated = self._pattern[start + 1 : start + 2] == "^"
        position = start + 2 if negated else start + 1
        items: list[_Item] = []
        done: _Item | None = None
        operator = ""
        first = position
        while True:
            match = _PARTS.match(self._pattern, position)
            if match is None:
                raise Untranslatable("a character class is not closed")
            kind, text = match.lastgroup, match.group()
            if kind == "close" and position > first:
                done = self._joined(done, operator, items)
                return self._closed(done, negated), match.end()
            if kind == "operator" and position > first:
                done, operator, items = self._joined(done, operator, items), text, []
                position = match.end()
            elif kind == "open":
                item, position = self.whole(position, depth + 1)
                items.append(_Item(None, item.ranges or self._ranges(item), item.cased))
            else:
                item, position = self._item(match)
                items.append(item)

    def _closed(self, item: _Item, negated: bool) -> _Item:
        if item.text is not None:
            text = f"[{'^' if negated else ''}{item.text}]"
            ranges = item.ranges
            if negated and ranges is not None:
                ranges = sets.complement(ranges)
            return _Item(text, ranges, item.cased)
        ranges = self._ranges(item)
        return _Item(None, sets.complement(ranges) if negated else ranges, item.cased)

    def _joined(self, done: _Item | None, operator: str, items: list[_Item]) -> _Item:
        """The items together, and combined with what stands before an operator."""
        cased = any(i.cased for i in items)
        if done is None and all(i.text is not None for i in items):
            known = [i.ranges for i in items if i.ranges is not None]
            ranges = sets.union(known) if len(known) == len(items) else None
            return _Item("".join(i.text or "" for i in items), ranges, cased)
        ranges = sets.union(self._ranges(i) for i in items)
        if done is not None:
            ranges = sets.combined(operator, self._ranges(done), ranges)
            cased = cased or done.cased
        if cased and self._ignores_case:
            raise Untranslatable("combined character classes have letters, compared without case")
        return _Item(None, ranges, cased)

    @staticmethod
    def _ranges(item: _Item) -> Ranges:
        if item.ranges is None:
            raise Untranslatable("a script stands in a combined character class")
        return item.ranges

    def _item(self, match: re.Match[str]) -> tuple[_Item, int]:
        """A class by name, a character, or a range of characters."""
        kind, text = match.lastgroup, match.group()
        if kind == "posix":
            return self._posix(text), match.end()
        if kind == "category":
            negated, name = _category(text)
            ranges = None if name in sets.SCRIPTS else sets.of_category(name)
            if ranges is not None and negated:
                ranges = sets.complement(ranges)
            return _Item(category(text), ranges), match.end()
        if kind == "escape" and text[1].lower() in CLASSES:
            return self._letter(text[1]), match.end()
        low, position = self._character(match), match.end()
        behind = _PARTS.match(self._pattern, position + 1)
        dashed = self._pattern[position : position + 1] == "-"
        if not dashed or behind is None or behind.lastgroup == "close" or behind.group() == "-":
            return _Item(self._written(low), ((low, low),), sets.has_case(((low, low),))), position
        if behind.lastgroup not in ("other", "code", "escape") or (
            behind.lastgroup == "escape" and behind.group()[1].lower() in CLASSES
        ):
            raise Untranslatable("a range of characters ends in no character")
        high = self._character(behind)
        if high < low:
            raise Untranslatable("a range of characters ends before it begins")
        text = f"{self._written(low)}-{self._written(high)}"
        return _Item(text, ((low, high),), sets.has_case(((low, high),))), behind.end()

    @staticmethod
    def _letter(letter: str) -> _Item:
        if letter == "D":
            return _Item(r"\P{Nd}", sets.of_letter("D"))
        text = CLASSES[letter] if letter.islower() else None
        return _Item(text, sets.of_letter(letter))

    @staticmethod
    def _posix(text: str) -> _Item:
        name = text.strip("[]:^")
        if name not in sets.POSIX:
            raise Untranslatable(f"'{text}' is not known")
        ranges = sets.POSIX[name]
        negated = "^" in text
        return _Item(text, sets.complement(ranges) if negated else ranges, sets.has_case(ranges))

    @staticmethod
    def _character(match: re.Match[str]) -> int:
        kind, text = match.lastgroup, match.group()
        if kind == "code":
            return code(text)
        if kind == "escape":
            if text[1] in _ESCAPED:
                return _ESCAPED[text[1]]
            if text[1].isalnum() or text[1] in "<>":
                raise Untranslatable(f"'{text}' is not known in a character class")
            return ord(text[1])
        return ord(text[0])

    @staticmethod
    def _written(value: int) -> str:
        character = chr(value)
        if character.isalnum() or character in " _.,:;/@%=!\"'<>#+*?(){}|$`":
            return character
        return f"\\{character}" if 32 < value < 127 else f"\\x{{{value:02x}}}"
