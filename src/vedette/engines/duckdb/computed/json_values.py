"""Dynamic values in Python: takes and gives the JSON texts that the engine stores.

Longs are ints and reals floats. A string that begins with ``MARK`` stands for a datetime or a
timespan in Kusto's text (``docs/decisions.md``); it is a string like any other until text leaves.
"""

from __future__ import annotations

from typing import Any

import orjson

from vedette.plan.types import MARK

__all__ = ["MARK", "read", "write"]

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
    """The JSON text of a value; a null at the top is the engine's null."""
    return None if value is None else orjson.dumps(value).decode()
