"""Percentiles and digests in DuckDB's SQL: sorted lists, digests in ``computed.sketches``."""

from __future__ import annotations

from vedette.engines.duckdb.lowering.conversions import json_of
from vedette.engines.sql import Call, Lowering


def _percentile(call: Call) -> str:
    """An element of the sorted list, by its rank.

    DuckDB's own takes a fraction, and 0.07 of 100 values would be the eighth.
    """
    value, percentile = call.arguments
    sorted_list = f"list_sort(list({value}) FILTER (WHERE {value} IS NOT NULL))"
    rank = f"CAST(ceil(count({value}) * any_value({percentile}) / 100) AS BIGINT)"
    return f"{sorted_list}[greatest(1, {rank})]"


def _weighted(call: Call) -> str:
    value, weight, percentile = call.arguments
    kept = f"FILTER (WHERE {value} IS NOT NULL AND {weight} > 0)"
    values = f"list({value} ORDER BY {value}) {kept}"
    weights = f"list({weight} ORDER BY {value}) {kept}"
    return f"({values})[py_weighted_place({weights}, any_value({percentile}))]"


def _distinct(call: Call) -> str:
    element = json_of(call.arguments[0], call.nodes[0].type)
    condition = f" AND {call.arguments[1]}" if len(call.arguments) > 1 else ""
    kept = f"list(DISTINCT {element}) FILTER (WHERE {call.arguments[0]} IS NOT NULL{condition})"
    return f"py_distinct_digest({kept})"


def _ranked(call: Call) -> str:
    value, weight = call.arguments
    pair = f"CAST({weight} AS VARCHAR) || ' ' || {json_of(value, call.nodes[0].type)}"
    return f"py_rank_digest(list({pair}) FILTER (WHERE {value} IS NOT NULL AND {weight} > 0))"


def _union(name: str) -> Lowering:
    return lambda call: f"py_{name}([{', '.join(call.arguments)}])"


ROWS: dict[str, Lowering] = {
    "percentile_of": _percentile,
    "weighted_percentile_of": _weighted,
    "distinct_digest_of": _distinct,
    "distinct_digests_merged": "py_distinct_digests(list({0}))",
    "distinct_digest_union": _union("distinct_digests"),
    "distinct_digest_count": "py_distinct_digest_count({0})",
    "rank_digest_of": _ranked,
    "rank_digests_merged": "py_rank_digests(list({0}))",
    "rank_digest_union": _union("rank_digests"),
    "rank_digest_percentile": "py_rank_digest_percentile({0}, {1})",
    "rank_digest_rank": "py_rank_digest_rank({0}, {1})",
}
