"""A cursor over tokens and the precedence climbing that every language's expressions share.

Takes tokens, gives whatever nodes the language's own callbacks build. ``Cursor.split`` cuts a token
list at top-level separators, so that each part is parsed on its own and one mistake hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from vedette.syntax.scan import Token
from vedette.syntax.source import Span

Node = TypeVar("Node")

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())


class ParseFailure(Exception):
    """A part of a text cannot be read on; caught where the next part begins."""

    def __init__(self, token: Token, expected: str) -> None:
        """Remember the token that did not fit and what was expected in its place."""
        super().__init__(expected)
        self.token = token
        self.expected = expected

    @property
    def found(self) -> str:
        """The offending token as messages name it."""
        return "the end of the query" if self.token.kind == "end" else f"'{self.token.text}'"


class Cursor:
    """A place in a list of tokens that ends with an ``end`` token."""

    __slots__ = ("position", "tokens")

    def __init__(self, tokens: Sequence[Token]) -> None:
        """Start at the first token."""
        self.tokens = tokens
        self.position = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token *ahead* of the present one, the end token beyond the last."""
        if not ahead:
            return self.tokens[self.position]
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        """The present token; the cursor moves behind it, but never behind the end token."""
        token = self.tokens[self.position]
        if token.kind != "end":
            self.position += 1
        return token

    @property
    def at_end(self) -> bool:
        """Whether every token is read."""
        return self.peek().kind == "end"

    def at(self, *texts: str) -> bool:
        """Whether the present token, not a string, reads as one of *texts*."""
        token = self.tokens[self.position]
        return token.text in texts and token.kind != "string" and token.kind != "end"

    def at_word(self, *words: str) -> bool:
        """Like :meth:`at`, in any letter case; *words* are given in lower case."""
        token = self.peek()
        return token.kind == "name" and token.text.lower() in words

    def accept(self, *texts: str) -> Token | None:
        """The present token if it reads as one of *texts*, consumed; else None."""
        token = self.tokens[self.position]
        if token.text not in texts or token.kind == "string" or token.kind == "end":
            return None
        self.position += 1
        return token

    def accept_word(self, *words: str) -> Token | None:
        """Like :meth:`accept`, in any letter case."""
        return self.next() if self.at_word(*words) else None

    def expect(self, text: str, where: str = "") -> Token:
        """The present token, which must read as *text*; raises ParseFailure otherwise."""
        if self.at(text):
            return self.next()
        raise ParseFailure(self.peek(), f"'{text}'" + (f" {where}" if where else ""))

    def expect_kind(self, kind: str, expected: str) -> Token:
        """The present token, which must be of *kind*; raises ParseFailure otherwise."""
        if self.peek().kind == kind:
            return self.next()
        raise ParseFailure(self.peek(), expected)

    def split(self, separator: str) -> list[Cursor]:
        """One cursor a part between top-level *separator* tokens, each closed by an end token."""
        parts: list[Cursor] = []
        depth, part = 0, list[Token]()
        for token in self.tokens[self.position :]:
            structural = token.kind not in ("string", "end")
            if structural and token.text in OPENING:
                depth += 1
            elif structural and token.text in CLOSING:
                depth -= 1
            if token.kind == "end" or (structural and token.text == separator and depth <= 0):
                part.append(Token("end", "", Span(token.span.start, token.span.start)))
                parts.append(Cursor(part))
                part, depth = [], 0
            else:
                part.append(token)
        return parts


@dataclass(frozen=True, slots=True)
class Infix(Generic[Node]):
    """An operator between operands: how tightly it binds, and what builds the node.

    *parse* is called behind the operator's token with the left operand; it reads the rest itself
    (usually with ``climb(power + 1)`` for a left-associative operator).
    """

    power: int
    parse: Callable[[Node, Token], Node]


def climb(
    cursor: Cursor,
    prefix: Callable[[], Node],
    infix: Callable[[Token], Infix[Node] | None],
    minimum: int = 0,
) -> Node:
    """An expression whose operators all bind at least as tightly as *minimum*."""
    left = prefix()
    while True:
        token = cursor.peek()
        operator = infix(token)
        if operator is None or operator.power < minimum:
            return left
        cursor.next()
        left = operator.parse(left, token)
