"""Patterns of Java's SimpleDateFormat: takes a pattern, gives DuckDB's SQL for the text in UTC.

Names are English and weeks American (from Sunday, the week of 1 January is the first), as a QRadar
console set up in English has them: so ``YYYY``, the year of the week, is the year of its Saturday.
Source: java.text.SimpleDateFormat, "Date and Time Patterns".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vedette.engines.duckdb.writing import text_literal
from vedette.engines.sql import Call

_PIECE = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'")

# Letters whose text strftime writes: by count, the last one for every greater count.
_BY_COUNT = {
    "E": ("%a", "%a", "%a", "%A"),
    "a": ("%p",),
    "G": ("AD",),
    "z": ("UTC", "UTC", "UTC", "Coordinated Universal Time"),
    "Z": ("+0000",),
    "X": ("Z",),
}

# Numbers: the strftime code without padding, and the padded one with its width.
_NUMBERS = {
    "d": ("%-d", "%d", 2), "D": ("%-j", "%j", 3), "H": ("%-H", "%H", 2), "h": ("%-I", "%I", 2),
    "m": ("%-M", "%M", 2), "s": ("%-S", "%S", 2),
}  # fmt: skip

# Numbers that strftime lacks, over the TIMESTAMP at {0}.
_COMPUTED = {
    "S": "extract(millisecond FROM {0}) % 1000",
    "k": "(extract(hour FROM {0}) + 23) % 24 + 1",
    "K": "extract(hour FROM {0}) % 12",
    "u": "isodow({0})",
    "w": "(dayofyear({0} + to_days(CAST(6 - dayofweek({0}) AS INTEGER))) - 1) // 7 + 1",
    "F": "(extract(day FROM {0}) - 1) // 7 + 1",
    "W": (
        "(extract(day FROM {0}) - 1 + (dayofweek({0}) - extract(day FROM {0}) + 36) % 7) // 7 + 1"
    ),
}
_WEEK_SATURDAY = "({0} + to_days(CAST(6 - dayofweek({0}) AS INTEGER)))"


def format_java(call: Call, moment: str) -> str:
    """The text of a TIMESTAMP by the call's pattern; raises Unsupported, naming a letter it lacks."""
    pattern = call.constant_text(1)
    if pattern is None:
        raise call.refuse("the pattern must be written in the query")
    parts: list[str] = []
    format = ""
    for kind, text in _pieces(call, pattern, moment):
        if kind == "format":
            format += text
            continue
        parts += [_strftime(moment, format), text] if format else [text]
        format = ""
    if format:
        parts.append(_strftime(moment, format))
    if not parts:
        return f"left(CAST({call.arguments[0]} AS VARCHAR), 0)"
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def _strftime(moment: str, format: str) -> str:
    return f"strftime({moment}, {text_literal(format)})"


def _pieces(call: Call, pattern: str, moment: str) -> Iterator[tuple[str, str]]:
    """The pieces of the text in order: parts of a strftime format, or SQL of their own."""
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        if piece == "'":
            raise call.refuse("the pattern has an open quote")
        if piece == "''":
            yield "format", "'"
        elif not match[1]:
            literal = piece[1:-1].replace("''", "'") if piece[0] == "'" else piece
            yield "format", literal.replace("%", "%%")
        else:
            yield _letters(call, match[1], len(piece), moment)


def _letters(call: Call, letter: str, count: int, moment: str) -> tuple[str, str]:
    if letter in _BY_COUNT:
        texts = _BY_COUNT[letter]
        return "format", texts[min(count, len(texts)) - 1]
    if letter in ("M", "L"):
        if count > 2:
            return "format", "%b" if count == 3 else "%B"
        return "format", "%-m" if count == 1 else "%m"
    if letter in ("y", "Y"):
        base = moment if letter == "y" else _WEEK_SATURDAY.format(moment)
        return _year(base, count, moment)
    if letter in _NUMBERS:
        bare, padded, width = _NUMBERS[letter]
        if count == 1 or count == width:
            return "format", bare if count == 1 else padded
        return "sql", _padded(f"CAST(strftime({moment}, '{bare}') AS INTEGER)", count)
    if letter in _COMPUTED:
        return "sql", _padded(_COMPUTED[letter].format(moment), count)
    raise call.refuse(f"the letter {letter} of Java's patterns is not translated")


def _year(base: str, count: int, moment: str) -> tuple[str, str]:
    """The year: of two digits for ``yy``, else of at least *count* digits."""
    if base == moment and count in (2, 4):
        return "format", "%y" if count == 2 else "%Y"
    year = f"extract(year FROM {base})"
    return "sql", _padded(f"{year} % 100" if count == 2 else year, count)


def _padded(number: str, count: int) -> str:
    if count == 1:
        return f"CAST({number} AS VARCHAR)"
    return f"format('{{:0{count}d}}', CAST({number} AS BIGINT))"
