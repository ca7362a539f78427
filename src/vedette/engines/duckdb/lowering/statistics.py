"""Probability in DuckDB's SQL: all but random numbers is ``computed.statistics``."""

from __future__ import annotations

from vedette.engines.sql import Lowering
from vedette.plan.operations.statistics import OPERATIONS


def _called(name: str, count: int) -> str:
    return f"py_{name}({', '.join(f'{{{index}}}' for index in range(count))})"


ROWS: dict[str, Lowering] = {
    **{o.name: _called(o.name, len(o.signature.parameters)) for o in OPERATIONS},
    "random_share": "random()",
}
