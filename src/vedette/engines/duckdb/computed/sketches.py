"""Digests of values in Python: JSON arrays that begin with their kind and hold every value.

``["distinct", value, …]`` holds each value once, ``["ranks", [value, weight], …]`` in order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import orjson

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import MARK, read, span_ticks, write
from vedette.plan.types import Type

MOST = 1_000_000
_DISTINCT, _RANKS = "distinct", "ranks"


def _bounded(count: int) -> None:
    if count > MOST:
        message = f"A digest would hold more than {MOST:,} different values"
        raise ValueError(f"{message}: count or rank the values themselves")


def _weighted_place(weights: list[int] | None, percentile: float | None) -> int | None:
    if not weights or percentile is None:
        return None
    sums = np.cumsum(np.array(weights, dtype=object))
    wanted = math.ceil(int(sums[-1]) * percentile / 100)
    return int(np.searchsorted(sums, max(wanted, 1))) + 1


def _held(text: str | None, kind: str) -> list[Any] | None:
    value = None if text is None else read(text)
    if not isinstance(value, list) or value[:1] != [kind]:
        return None
    return value[1:]


# --- distinct values ------------------------------------------------------------------------------


def _distinct(values: list[str] | None) -> str | None:
    elements = sorted(values or [])
    _bounded(len(elements))
    return f'["{_DISTINCT}"' + "".join("," + e for e in elements) + "]"


def _distinct_union(digests: list[str | None] | None) -> str | None:
    found: set[str] = set()
    for digest in digests or []:
        held = _held(digest, _DISTINCT)
        if held is not None:
            found.update(orjson.dumps(v).decode() for v in held)
            _bounded(len(found))
    return _distinct(list(found))


def _distinct_count(digest: str) -> int | None:
    held = _held(digest, _DISTINCT)
    return None if held is None else len(held)


# --- ranks ----------------------------------------------------------------------------------------


def _order(value: Any) -> tuple[int, Any]:
    """What sorts values of one type: numbers, moments by their text, spans by their length."""
    if isinstance(value, int | float):
        return 0, value
    text = str(value).removeprefix(MARK)
    ticks = span_ticks(text)
    return (1, text) if ticks is None else (2, ticks)


def _ranks(by_value: dict[Any, int]) -> str | None:
    _bounded(len(by_value))
    pairs = sorted(by_value.items(), key=lambda pair: _order(pair[0]))
    return write([_RANKS, *([value, weight] for value, weight in pairs)])


def _ranked(pairs: list[str] | None) -> str | None:
    by_value: dict[Any, int] = {}
    for pair in pairs or []:
        weight, _, text = pair.partition(" ")
        value = read(text)
        by_value[value] = by_value.get(value, 0) + int(weight)
    return _ranks(by_value)


def _ranks_union(digests: list[str | None] | None) -> str | None:
    by_value: dict[Any, int] = {}
    for digest in digests or []:
        for value, weight in _held(digest, _RANKS) or []:
            by_value[value] = by_value.get(value, 0) + weight
    return _ranks(by_value)


def _percentile(digest: str, percentile: float) -> str | None:
    held = _held(digest, _RANKS)
    if not held or not 0 <= percentile <= 100:
        return None
    place = _weighted_place([weight for _, weight in held], percentile)
    return None if place is None else write(held[place - 1][0])


def _rank(digest: str, value: str) -> float | None:
    held, limit = _held(digest, _RANKS), read(value)
    if held is None or limit is None:
        return None
    bound = _order(limit)
    if any(_order(v)[0] != bound[0] for v, _ in held[:1]):
        return None
    return float(sum(weight for v, weight in held if _order(v) <= bound))


_J, _R, _L, _S = Type.DYNAMIC, Type.REAL, Type.LONG, Type.STRING

FUNCTIONS_OF_SKETCHES: dict[str, Computed] = {
    "weighted_place": Computed(([_L], _R), _L, _weighted_place, takes_null=True),
    "distinct_digest": Computed(([_S],), _J, _distinct, takes_null=True),
    "distinct_digests": Computed(([_S],), _J, _distinct_union, takes_null=True),
    "distinct_digest_count": Computed((_J,), _L, _distinct_count),
    "rank_digest": Computed(([_S],), _J, _ranked, takes_null=True),
    "rank_digests": Computed(([_S],), _J, _ranks_union, takes_null=True),
    "rank_digest_percentile": Computed((_J, _R), _J, _percentile),
    "rank_digest_rank": Computed((_J, _J), _R, _rank),
}
