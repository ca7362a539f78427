"""One regex-driven lexer for every language: takes text and a table of token rules, gives tokens.

A character that no rule takes becomes an ``error`` token, so no character is ever lost: the tokens'
texts, white space and comments included, join up to the text.
"""

from __future__ import annotations

import re
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
        self._kinds = [kind for kind, _ in rules]
        self._pattern = re.compile(
            "|".join(f"(?P<r{i}>{r})" for i, (_, r) in enumerate(rules)), flags
        )

    def all_tokens(self, text: str) -> list[Token]:
        """Every token of the text, skipped ones and errors included, without the end token."""
        tokens: list[Token] = []
        position = 0
        while position < len(text):
            match = self._pattern.match(text, position)
            if match is None or match.end() == position or match.lastgroup is None:
                kind, end = "error", position + 1
            else:
                kind, end = self._kinds[int(match.lastgroup[1:])], match.end()
            tokens.append(Token(kind, text[position:end], Span(position, end)))
            position = end
        return tokens

    def tokens(self, text: str) -> list[Token]:
        """The tokens that a parser reads, closed by an ``end`` token."""
        tokens = [t for t in self.all_tokens(text) if t.kind not in SKIPPED]
        tokens.append(Token("end", "", Span(len(text), len(text))))
        return tokens
