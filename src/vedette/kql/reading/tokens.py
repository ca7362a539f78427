"""The words of KQL: takes a text, gives tokens; and what bracket closes which.

Kinds: ``name`` (identifiers and keywords, dashed keywords whole), ``string``, ``long``, ``real``,
``timespan``, ``literal`` (``datetime(…)`` and its like, whole), ``operator``, ``guid``,
``directive`` (a line that starts with #), ``broken`` for a string that its line does not close.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vedette.syntax.pratt import CLOSING, OPENING
from vedette.syntax.scan import Lexer, Token

DASHED = (
    "project-away", "project-by-names", "project-keep", "project-rename", "project-reorder",
    "project-smart", "mv-apply", "mv-expand", "parse-where", "parse-kv", "make-series",
    "make-graph", "top-nested", "top-hitters", "sample-distinct", "graph-match",
    "graph-mark-components", "graph-shortest-paths", "graph-to-table", "graph-where-nodes",
    "graph-where-edges", "assert-schema", "macro-expand", "granny-asc", "granny-desc",
)  # fmt: skip

NEGATABLE = (
    "in~", "in", "between", "has_cs", "has", "hasprefix_cs", "hasprefix", "hassuffix_cs",
    "hassuffix", "contains_cs", "contains", "startswith_cs", "startswith", "endswith_cs",
    "endswith",
)  # fmt: skip

TIMESPAN_TICKS = {
    "d": 864_000_000_000, "day": 864_000_000_000, "days": 864_000_000_000,
    "h": 36_000_000_000, "hr": 36_000_000_000, "hrs": 36_000_000_000,
    "hour": 36_000_000_000, "hours": 36_000_000_000,
    "m": 600_000_000, "min": 600_000_000, "minute": 600_000_000, "minutes": 600_000_000,
    "s": 10_000_000, "sec": 10_000_000, "second": 10_000_000, "seconds": 10_000_000,
    "ms": 10_000, "milli": 10_000, "millis": 10_000,
    "millisecond": 10_000, "milliseconds": 10_000,
    "micro": 10, "micros": 10, "microsecond": 10, "microseconds": 10,
    "tick": 1, "ticks": 1,
}  # fmt: skip

NANOSECONDS = ("nano", "nanos", "nanosecond", "nanoseconds")

LITERAL_TYPES = (
    "datetime", "date", "timespan", "time", "guid", "uuid", "uniqueid", "int", "int32", "long",
    "int64", "real", "double", "decimal", "bool", "boolean",
)  # fmt: skip

_STRING = r'[hH]?(?:@"(?:[^"\r\n]|"")*"|@\'(?:[^\'\r\n]|\'\')*\'|```[\s\S]*?```|~~~[\s\S]*?~~~'
_NUMBERED = r"[0-3][0-7]{2}|[0-7]{1,2}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}"
_ESCAPE = rf"\\(?:[\\\"'abfnrtv]|{_NUMBERED})"
_PLAIN = rf'|"(?:[^"\\\r\n]|{_ESCAPE})*"|\'(?:[^\'\\\r\n]|{_ESCAPE})*\')'


def _any(words: Sequence[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_LEXER = Lexer(
    (
        ("space", r"[\s\u200b\ufeff]+"),
        ("directive", r"(?m:^)#[^\r\n]*"),
        ("comment", r"//[^\r\n]*"),
        ("string", _STRING + _PLAIN),
        ("broken", r"[hH]?@?[\"'][^\r\n]*|[hH]?(?:```|~~~)[\s\S]*"),
        ("guid", r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?!\w)"),
        ("timespan", rf"\d+(?:\.\d+)?(?:{_any((*TIMESPAN_TICKS, *NANOSECONDS))})(?!\w)"),
        ("real", r"\d+(?:\.(?!\.)\d*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![A-Za-z_])"),
        ("long", r"(?:0[xX][0-9A-Fa-f]+|\d+)(?!\w)"),
        ("literal", rf"(?:{_any(LITERAL_TYPES)})\((?:\s*(?:{_STRING}{_PLAIN})\s*|[^()\r\n]*)\)"),
        ("operator", rf"!(?:in~|(?:{_any(NEGATABLE)})(?!\w))|in~"),
        ("name", rf"(?:{_any(DASHED)})(?![\w-])|[A-Za-z_$0-9][A-Za-z_0-9]*"),
        ("operator", r"=>|==|=~|!=|!~|<>|<=|>=|<\||\.\."),
        ("operator", r"[-+*/%<>=|;,.:(){}\[\]@?!]"),
    )
)


def tokens(text: str) -> list[Token]:
    """The tokens that a parser reads, closed by an ``end`` token."""
    return _LEXER.tokens(text)


def all_tokens(text: str) -> list[Token]:
    """Every token, white space and comments included: their texts join up to the text."""
    return _LEXER.all_tokens(text)


def partners(stream: Sequence[Token]) -> dict[int, int]:
    """For the index of each opening bracket that is closed, the index of its closing one."""
    pairs: dict[int, int] = {}
    waiting: list[tuple[int, str]] = []
    awaited = Counter[str]()
    for index, token in enumerate(stream):
        if token.kind != "operator":
            continue
        if token.text in OPENING:
            waiting.append((index, OPENING[token.text]))
            awaited[OPENING[token.text]] += 1
        elif token.text in CLOSING and awaited[token.text]:
            while True:
                opened, closing = waiting.pop()
                awaited[closing] -= 1
                if closing == token.text:
                    pairs[opened] = index
                    break
    return pairs
