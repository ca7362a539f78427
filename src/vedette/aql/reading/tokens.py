"""AQL's tokens: takes a text, gives names, quoted names, strings, numbers and operators.

A name may hold ``-`` between letters (``Bluecoat-cs-host``) and ``::`` (``GEO::LOOKUP``).
"""

from __future__ import annotations

from vedette.syntax.scan import Lexer

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
