"""What a pattern in RE2's notation captures and how short it may be; takes it, gives its shape.

Nothing is matched: a pattern of a query may take for ever on any text in an engine that backtracks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vedette.kql.binding.regular.character_classes import Untranslatable

MOST_REPEATED = 1000
"""How often RE2 repeats a part, also by repetitions inside each other."""

PIECES = re.compile(
    r"\\[pP](?:\{[^}]*\}|[A-Z])|\\x(?:\{[^}]*\}|[0-9a-f]{2})|\\."
    r"|\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]])*\]"
    r"|\((?:\?P<\w+>|\?[a-zA-Z-]*[:)])?"
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})\??"
    r"|.",
    re.DOTALL,
)
_NUMBER = re.compile("[0-9]+")
_NOTHING = frozenset(("^", "$", r"\A", r"\z", r"\b", r"\B"))


@dataclass(frozen=True, slots=True)
class Shape:
    """The name of each group that captures, None where it has none; whether the whole is short."""

    groups: tuple[str | None, ...]
    may_be_empty: bool


@dataclass(slots=True)
class _Open:
    """The part behind an open parenthesis, and its last piece."""

    any_empty: bool = False  # one of the alternatives before
    empty: bool = True  # the alternative so far, without the last piece
    last_empty: bool = True
    repeated: int = 1  # by the repetitions inside, the most
    last_repeated: int = 1

    def follow(self, empty: bool, repeated: int = 1) -> None:
        """Another piece."""
        self.empty, self.last_empty = self.empty and self.last_empty, empty
        self.repeated, self.last_repeated = max(self.repeated, self.last_repeated), repeated

    def alternate(self) -> None:
        """Another alternative."""
        self.any_empty = self.is_empty
        self.empty, self.last_empty = True, True

    def repeat(self, text: str) -> None:
        """The last piece, so often."""
        counts = [int(n) if len(n) < 10 else 10**9 for n in _NUMBER.findall(text)]
        if text[0] in "*?" or counts[:1] == [0]:
            self.last_empty = True
        self.last_repeated *= max(counts[-1:] or [1]) or 1
        if self.last_repeated > MOST_REPEATED:
            raise Untranslatable(f"it repeats a part more than {MOST_REPEATED:,} times")

    @property
    def is_empty(self) -> bool:
        return self.any_empty or (self.empty and self.last_empty)


def shape(pattern: str) -> Shape:
    """The pattern's shape; raises Untranslatable where parentheses or repetitions are RE2's not."""
    groups: list[str | None] = []
    stack = [_Open()]
    for piece in PIECES.findall(pattern):
        top = stack[-1]
        if piece[0] == "(" and piece[-1] != ")":
            if piece == "(" or "<" in piece:
                groups.append(piece[4:-1] or None)
            stack.append(_Open())
        elif piece == ")":
            closed = stack.pop()
            if not stack:
                raise Untranslatable("its parentheses do not match")
            stack[-1].follow(closed.is_empty, max(closed.repeated, closed.last_repeated))
        elif piece == "|":
            top.alternate()
        elif piece[0] in "*+?{":
            top.repeat(piece)
        else:
            top.follow(piece in _NOTHING or piece[0] == "(")
    if len(stack) > 1:
        raise Untranslatable("its parentheses do not match")
    return Shape(tuple(groups), stack[0].is_empty)
