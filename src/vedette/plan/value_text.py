"""Values of a result as text and as JSON: takes Python values and ticks, gives what people read.

Datetimes are ISO 8601 in UTC with ``Z`` and up to seven fractional digits, timespans are Kusto's
``[-][d.]hh:mm:ss[.fffffff]``, dynamic values are JSON.
"""

import datetime as dt
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from vedette.plan.types import (
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    datetime_of,
    ticks_of,
    timespan_ticks,
)

_MOST_DIGITS = 4_300


def datetime_text(ticks: int) -> str:
    """Return 100 ns ticks since 0001-01-01 as ISO 8601, for example ``2026-01-31T08:00:00.5Z``."""
    fraction = ticks % TICKS_PER_SECOND
    digits = f".{fraction:07d}".rstrip("0") if fraction else ""
    return f"{_second_text(ticks - fraction)}{digits}Z"


@lru_cache(4096)
def _second_text(ticks: int) -> str:
    return datetime_of(ticks).isoformat()[:19]


def timespan_text(ticks: int) -> str:
    """Return a span of 100 ns ticks as Kusto writes it, for example ``-1.02:03:04.5000000``."""
    days, rest = divmod(abs(ticks), TICKS_PER_DAY)
    seconds, fraction = divmod(rest, TICKS_PER_SECOND)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "".join(
        (
            "-" if ticks < 0 else "",
            f"{days}." if days else "",
            clock,
            f".{fraction:07d}" if fraction else "",
        )
    )


def read_json(text: str) -> Any:
    """Return the value of a JSON text; a number of more than 4,300 digits is an infinity.

    Raises ``ValueError`` where it is no JSON text.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # Python reads no longer int
        return json.loads(text, parse_int=_whole_or_real)


def _whole_or_real(digits: str) -> int | float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def json_value(value: object) -> object:
    """Return the value in terms that JSON has: text, numbers, true, false, null, lists, objects.

    Decimals become text, to stay exact, and so do NaN and the infinities, which JSON lacks; bytes
    become hexadecimal text. Raises ``TypeError`` for a value that no result should hold.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else _not_finite(value)
        case dt.datetime():
            return datetime_text(ticks_of(value))
        case dt.timedelta():
            return timespan_text(timespan_ticks(value))
        case dt.date() | dt.time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
        case _:
            raise TypeError(f"a result cannot hold a value of type {type(value).__name__}")


def cell_text(value: object) -> str:
    """Return the value as one cell of CSV or of a table; null is empty."""
    plain = json_value(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else _json(plain)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _json(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
