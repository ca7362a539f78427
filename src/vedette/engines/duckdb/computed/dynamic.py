"""Dynamic values as a whole: written in other ways."""

from __future__ import annotations

import orjson

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import MARK, read
from vedette.plan.types import Type


def sorted_json(text: str) -> str:
    """The JSON text with the properties of every bag in order of their names, without marks."""
    return orjson.dumps(read(text), option=orjson.OPT_SORT_KEYS).decode().replace(MARK, "")


FUNCTIONS_OF_DYNAMIC: dict[str, Computed] = {
    "sorted_json": Computed((Type.DYNAMIC,), Type.STRING, sorted_json),
}
