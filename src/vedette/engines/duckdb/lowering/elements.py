"""Dynamic values taken apart, in DuckDB's SQL: what a relation ``Expand`` makes rows of."""

from __future__ import annotations

from vedette.engines.sql import Lowering


def elements_of(value: str, pairs: bool, most: int | None) -> str:
    """The list of a value's elements as JSON texts; JSON's null may stand in it as its text."""
    listed = f"{'pairs' if pairs else 'elements'}_in_json({value})"
    return listed if most is None else f"list_slice({listed}, 1, {most})"


ROWS: dict[str, Lowering] = {
    "only_numbers": ("CASE WHEN json_type({0}) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN {0} END"),
    "only_bools": "CASE json_type({0}) WHEN 'BOOLEAN' THEN {0} END",
    "only_strings": "CASE json_type({0}) WHEN 'VARCHAR' THEN {0} END",
}
