"""Dynamic values as a whole: written in other ways."""

from __future__ import annotations

from typing import Any

import orjson

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import MARK, read
from vedette.plan.types import Type


def sorted_json(text: str) -> str:
    """The JSON text with the properties of every bag in order of their names, without marks."""
    return orjson.dumps(read(text), option=orjson.OPT_SORT_KEYS).decode().replace(MARK, "")


def texts_inside(text: str) -> str:
    """The texts of all values inside, one a line; a text that is no JSON is itself."""
    found: list[str] = []
    try:
        pending: list[Any] = [read(text)]
    except ValueError:  # a text that is no JSON
        return text
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, str):
            found.append(value)
        elif value is not None:
            found.append(orjson.dumps(value).decode())
    return "\n".join(found).replace(MARK, "")


FUNCTIONS_OF_DYNAMIC: dict[str, Computed] = {
    "sorted_json": Computed((Type.DYNAMIC,), Type.STRING, sorted_json),
    "texts_inside": Computed((Type.DYNAMIC,), Type.STRING, texts_inside),
}
