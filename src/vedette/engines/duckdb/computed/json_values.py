"""Dynamic values in Python: takes and gives the JSON texts that the engine stores.

Longs are ints and reals floats. A string that begins with ``MARK`` stands for a datetime or a
timespan in Kusto's text (``docs/decisions.md``); it is a string like any other until text leaves.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from vedette.plan.types import MARK, TICKS_PER_DAY, TICKS_PER_SECOND
from vedette.plan.value_text import datetime_text, timespan_text

__all__ = ["MARK", "moment", "read", "span", "span_ticks", "write"]

_SPAN = re.compile(r"(-?)(?:(\d+)\.)?(\d+):(\d+):(\d+)(?:\.(\d{1,7}))?")

_UNREAD = {
    "depth limit": "is nested more than 1,024 deep",
    "number is infinity": "holds a number beyond the largest real",
}


def read(text: str) -> Any:
    """The value of a JSON text that the engine made.

    Raises ValueError where it nests more than 1,024 deep or has a number beyond reals.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = next((told for found, told in _UNREAD.items() if found in str(error)), str(error))
        raise ValueError(f"a dynamic value of the data {reason}; leave its row out") from error


def write(value: Any) -> str | None:
    """The JSON text of a value; a null at the top is the engine's null.

    Raises ValueError where it holds a whole number of more than 64 bits.
    """
    try:
        return None if value is None else orjson.dumps(value).decode()
    except TypeError as error:
        message = "a whole number inside a dynamic value grows beyond 64 bits; leave its row out"
        raise ValueError(message) from error


def moment(ticks: int) -> str:
    """A datetime as it stands inside a dynamic value: marked, with seven digits."""
    fraction = ticks % TICKS_PER_SECOND
    return f"{MARK}{datetime_text(ticks - fraction).removesuffix('Z')}.{fraction:07d}Z"


def span(ticks: int) -> str:
    """A timespan as it stands inside a dynamic value: marked."""
    return MARK + timespan_text(ticks)


def span_ticks(text: str) -> int | None:
    """The ticks of a timespan's text without its mark; None of any other text."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    sign, days, hours, minutes, seconds, fraction = found.groups()
    clock = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    ticks = clock * TICKS_PER_SECOND + int((fraction or "").ljust(7, "0"))
    return (-1 if sign else 1) * (int(days or 0) * TICKS_PER_DAY + ticks)
