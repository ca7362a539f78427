"""AQL's tokens: takes a text, gives names, quoted names, strings, numbers and operators.

A name may hold ``-`` between letters (``Bluecoat-cs-host``) and ``::`` (``GEO::LOOKUP``). Whether
``a-b`` is such a name or a difference hangs on the names that there are: ``with_differences``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from vedette.syntax.scan import Lexer, Token
from vedette.syntax.source import Span

Names = Callable[[], AbstractSet[str]]
"""Gives the fields that there are, in lower case; asked only where a name holds ``-``."""

LEXER = Lexer(
    (
        ("space", r"\s+"),
        ("comment", r"--[^\n]*|/\*[\s\S]*?\*/"),
        ("string", r"'(?:[^']|'')*'"),
        ("quoted", r'"(?:[^"]|"")*"'),
        ("number", r"0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"),
        ("name", r"[^\W\d]\w*(?:-[^\W\d]\w*)*(?:::[^\W\d]\w*)*"),
        ("operator", r"==|<=|>=|<>|!=|<<|>>|[=<>+\-*/%^&|(),;]"),
    )
)

_WORDS = """
select from where group order by having limit last start stop parameters session into as and or not
in like ilike matches imatches between is null asc desc collate case when then else end if true
false distinct
"""
RESERVED = frozenset(_WORDS.split())
"""Words that are no field where they stand alone unquoted."""


def unquoted(text: str) -> str:
    """What stands between the quotes of a string or of a quoted name."""
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


def with_differences(tokens: Sequence[Token], names: Names) -> list[Token]:
    """The tokens, a name such as ``endtime-starttime`` cut at ``-`` where that makes names.

    What is no field or alias, and is not made of those, stays one name.
    """
    if not any(_may_be_difference(token) for token in tokens):
        return list(tokens)
    known = {*names(), *_aliases(tokens)}
    cut: list[Token] = []
    for index, token in enumerate(tokens):
        parts = [token.text]
        if _may_be_difference(token) and token.text.lower() not in known:
            following = tokens[index + 1] if index + 1 < len(tokens) else token
            parts = _parts(token.text, known, calls=following.text == "(")
        cut += _placed(parts, token) if len(parts) > 1 else [token]
    return cut


def _may_be_difference(token: Token) -> bool:
    return token.kind == "name" and "-" in token.text


def _aliases(tokens: Sequence[Token]) -> Iterator[str]:
    for before, token in pairwise(tokens):
        if before.kind == "name" and before.text.lower() == "as":
            quoted = token.kind in ("quoted", "string")
            yield (unquoted(token.text) if quoted else token.text).lower()


def _parts(text: str, known: AbstractSet[str], *, calls: bool) -> list[str]:
    """The known names that a text joins by ``-``, the longest first; the text itself if not so."""
    words = text.split("-")
    parts: list[str] = []
    while words:
        longest = range(len(words), 0, -1)
        size = next((n for n in longest if "-".join(words[:n]).lower() in known), 0)
        if not size and not (calls and parts and len(words) == 1):
            return [text]
        parts.append("-".join(words[: size or 1]))
        words = words[size or 1 :]
    return parts


def _placed(parts: Sequence[str], token: Token) -> Iterator[Token]:
    at = token.span.start
    for index, part in enumerate(parts):
        if index:
            yield Token("operator", "-", Span(at, at + 1))
            at += 1
        yield Token("name", part, Span(at, at + len(part)))
        at += len(part)
