"""Dynamic values in Python: takes and gives the JSON texts that the engine stores.

Longs are ints and reals floats. A string that begins with ``MARK`` stands for a datetime or a
timespan in Kusto's text (``docs/decisions.md``); it is a string like any other until text leaves.
"""

from __future__ import annotations

from typing import Any

import orjson

from vedette.plan.types import MARK

__all__ = ["MARK", "read", "write"]


def read(text: str) -> Any:
    """The value of a JSON text that the engine made; raises ValueError where it is none."""
    return orjson.loads(text)


def write(value: Any) -> str | None:
    """The JSON text of a value; a null at the top is the engine's null."""
    return None if value is None else orjson.dumps(value).decode()
