"""One regex-driven lexer for every language: takes text and a table of token rules, gives tokens.

A character that no rule takes becomes an ``error`` token, so no character is ever lost: the tokens'
texts, white space and comments included, join up to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vedette.syntax.source import Span

SKIPPED = frozenset({"space", "comment"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text of one kind; ``end`` tokens are empty and close every list."""

    kind: str
    text: str
    span: Span


class Lexer:
    """Tokens by an ordered table of (kind, regular expression): the first that matches wins."""

    def __init__(self, rules: tuple[tuple[str, str], ...], flags: re.RegexFlag = re.NOFLAG) -> None:
        """Compile the rules into one expression; a kind may stand in several rules."""
        self._kinds = {f"r{i}": kind for i, (kind, _) in enumerate(rules)}
        self._pattern = re.compile(
            "|".join(f"(?P<r{i}>{r})" for i, (_, r) in enumerate(rules)), flags
        )

    def all_tokens(self, text: str) -> list[Token]:
        """Every token of the text, skipped ones and errors included, without the end token."""
        return [Token(kind, text[a:b], Span(a, b)) for kind, a, b in self._pieces(text)]

    def _pieces(self, text: str) -> Iterator[tuple[str, int, int]]:
        kinds, position = self._kinds, 0
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if start == end or match.lastgroup is None:
                continue
            for lost in range(position, start):
                yield "error", lost, lost + 1
            yield kinds[match.lastgroup], start, end
            position = end
        for lost in range(position, len(text)):
            yield "error", lost, lost + 1

    def tokens(self, text: str) -> list[Token]:
        """The tokens that a parser reads, closed by an ``end`` token."""
        tokens = [
            Token(kind, text[a:b], Span(a, b))
            for kind, a, b in self._pieces(text)
            if kind not in SKIPPED
        ]
        tokens.append(Token("end", "", Span(len(text), len(text))))
        return tokens
