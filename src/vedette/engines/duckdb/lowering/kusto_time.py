"""Kusto's format elements: takes a call and its format, gives DuckDB's SQL for the text.

Only elements and delimiters that the vendor's pages list are written; anything else is refused.
Source: the pages of format_datetime() and format_timespan().
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vedette.engines.duckdb.writing import text_literal
from vedette.engines.sql import Call
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND

_PIECE = re.compile(r"([A-Za-z])\1*|[^A-Za-z]")
_DELIMITERS = frozenset(" /-:,._[]")

_STRFTIME = {
    "d": "%-d", "dd": "%d", "h": "%-I", "hh": "%I", "H": "%-H", "HH": "%H", "m": "%-M", "mm": "%M",
    "M": "%-m", "MM": "%m", "s": "%-S", "ss": "%S", "yy": "%y", "yyyy": "%Y", "tt": "%p",
}  # fmt: skip
_SPAN_UNITS = {
    "h": (3600 * TICKS_PER_SECOND, 24),
    "H": (3600 * TICKS_PER_SECOND, 24),
    "m": (60 * TICKS_PER_SECOND, 60),
    "s": (TICKS_PER_SECOND, 60),
}


def format_time(call: Call, moment: str) -> str:
    """The text of a TIMESTAMP, whose ticks are the call's argument, by the call's format."""
    ticks = call.arguments[0]

    def element(piece: str) -> str:
        if piece in _STRFTIME:
            return f"strftime({moment}, {text_literal(_STRFTIME[piece])})"
        if piece == "y":
            return f"CAST(extract(year FROM {moment}) % 100 AS VARCHAR)"
        return _fraction(call, piece, ticks)

    return _joined(_pieces(call, element), ticks)


def format_span(call: Call) -> str:
    """The text of a span by the call's format; the query fails where its sign is not known."""
    span = call.arguments[0]

    def element(piece: str) -> str:
        if piece[0] == "d" and len(piece) <= 8:
            return _padded(f"abs({span}) // {TICKS_PER_DAY}", len(piece))
        unit = _SPAN_UNITS.get(piece[0]) if len(piece) <= 2 else None
        if unit is None:
            return _fraction(call, piece, f"abs({span})")
        return _padded(f"abs({span}) // {unit[0]} % {unit[1]}", len(piece))

    text = _joined(_pieces(call, element), span)
    begins = (call.constant_text(1) or "").startswith("d")
    signed = f"WHEN {span} <= -{TICKS_PER_DAY} THEN '-' || {text} " if begins else ""
    unknown = (
        "format_timespan() of a negative timespan of less than a day, or in a format that does not"
        " begin with d, is not supported yet"
    )
    return f"CASE WHEN {span} >= 0 THEN {text} {signed}WHEN {span} < 0 THEN error('{unknown}') END"


def _pieces(call: Call, element: Callable[[str], str]) -> Iterator[str]:
    """The parts of the text in order, as SQL; raises Unsupported, naming what it lacks."""
    format = call.constant_text(1)
    if format is None:
        raise call.refuse("the format must be written in the query")
    if ".F" in format:
        raise call.refuse("what '.F' leaves of the dot where there is no fraction is not known")
    for match in _PIECE.finditer(format):
        if match[1]:
            yield element(match[0])
        elif match[0] in _DELIMITERS:
            yield text_literal(match[0])
        else:
            raise call.refuse(f"{match[0]!r} is not a delimiter of Kusto's formats")


def _fraction(call: Call, piece: str, ticks: str) -> str:
    count = len(piece)
    if piece[0] not in "fF" or count > 7:
        raise call.refuse(f"{piece!r} is not an element of Kusto's formats")
    digits = _padded(f"{ticks} % {TICKS_PER_SECOND} // {10 ** (7 - count)}", count)
    return digits if piece[0] == "f" else f"rtrim({digits}, '0')"


def _joined(pieces: Iterator[str], argument: str) -> str:
    """The parts as one text, null where the argument is."""
    parts = list(pieces)
    return f"({' || '.join([f'left(CAST({argument} AS VARCHAR), 0)', *parts])})"


def _padded(number: str, count: int) -> str:
    return f"format('{{:0{count}d}}', CAST({number} AS BIGINT))"
