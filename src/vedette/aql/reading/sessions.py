"""SESSION BY: takes a reader over the clause's tokens, gives its node or raises ParseFailure."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.aql.reading.expressions import ExpressionReader
from vedette.aql.reading.syntax_tree import Expression, Session
from vedette.syntax.pratt import ParseFailure

PARTS = ("explicit", "begin", "end", "timeout", "timewindow")
UNITS = {"seconds": 1_000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}


@dataclass(slots=True)
class _Parts:
    begin: Expression | None = None
    explicit_begin: bool = False
    end: Expression | None = None
    explicit_end: bool = False
    timeout: int | None = None
    longest: int | None = None


def read_session(reader: ExpressionReader) -> Session:
    """The node of the clause whose tokens these are, the words SESSION BY left out."""
    cursor = reader.cursor
    first = cursor.peek()
    time = reader.expression()
    cursor.accept(",")
    keys: list[Expression] = []
    while not cursor.at_end and not cursor.at_word(*PARTS):
        keys.append(reader.expression())
        if not cursor.accept(","):
            break
    parts = _Parts()
    while not cursor.at_end:
        _part(reader, parts)
    return Session(
        time,
        tuple(keys),
        parts.begin,
        parts.explicit_begin,
        parts.end,
        parts.explicit_end,
        parts.timeout,
        parts.longest,
        first.span | cursor.tokens[-1].span,
    )


def _part(reader: ExpressionReader, parts: _Parts) -> None:
    cursor = reader.cursor
    explicit = cursor.accept_word("explicit") is not None
    word = cursor.accept_word("begin", "end", *(() if explicit else ("timeout", "timewindow")))
    if word is None:
        raise ParseFailure(cursor.peek(), "BEGIN or END" if explicit else "BEGIN, END or TIMEOUT")
    name = word.text.lower()
    if name == "begin" and parts.begin is None:
        parts.begin, parts.explicit_begin = reader.expression(), explicit
    elif name == "end" and parts.end is None:
        parts.end, parts.explicit_end = reader.expression(), explicit
    elif name == "timeout" and parts.timeout is None:
        parts.timeout = _whole(reader, "how many milliseconds")
    elif name == "timewindow" and parts.longest is None:
        count = _whole(reader, "how many SECONDS, MINUTES, HOURS or DAYS")
        unit = cursor.accept_word(*UNITS)
        if unit is None:
            raise ParseFailure(cursor.peek(), "SECONDS, MINUTES, HOURS or DAYS")
        parts.longest = count * UNITS[unit.text.lower()]
    else:
        raise ParseFailure(word, f"one {name.upper()} only")


def _whole(reader: ExpressionReader, expected: str) -> int:
    token = reader.cursor.expect_kind("number", expected)
    if not token.text.isdecimal() or len(token.text) > 9:
        raise ParseFailure(token, "a whole number below 1,000,000,000")
    return int(token.text)
