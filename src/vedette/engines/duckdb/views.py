"""Stored tables as views: takes Parquet files and the columns they may have, gives a statement."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from vedette.engines.base import RunFailed, Stored
from vedette.engines.duckdb.writing import TYPE_NAMES, identifier, text_literal
from vedette.plan.types import Type

_AS_STORED: dict[Type, frozenset[pa.DataType]] = {
    Type.BOOL: frozenset({pa.bool_()}),
    Type.INT: frozenset({pa.int32()}),
    Type.LONG: frozenset({pa.int64()}),
    Type.REAL: frozenset({pa.float64()}),
    Type.STRING: frozenset({pa.string(), pa.large_string()}),
    Type.DYNAMIC: frozenset({pa.string(), pa.large_string()}),
    Type.DATETIME: frozenset({pa.int64()}),
    Type.TIMESPAN: frozenset({pa.int64()}),
    Type.BINARY: frozenset({pa.binary(), pa.large_binary()}),
}
"""What a Parquet column of each type may be without a cast; decimals and guids are text there."""


@lru_cache(maxsize=100_000)
def _columns_of(file: str) -> dict[str, pa.DataType]:
    """The columns of a Parquet file, which is written once and never changed."""
    try:
        schema = pq.read_schema(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise RunFailed(f"cannot read {file}: {error}") from error
    return dict(zip(schema.names, schema.types, strict=True))


def stored_view(name: str, stored: Stored) -> str:
    """The statement that makes the table readable under its name; raises RunFailed."""
    present: dict[str, set[pa.DataType]] = {}
    for file in stored.files:
        for column, type in _columns_of(file).items():
            present.setdefault(column, set()).add(type)
    items = []
    for column, type in stored.columns.items():
        quoted, target = identifier(column), TYPE_NAMES[type]
        if column not in present:
            items.append(f"CAST(NULL AS {target}) AS {quoted}")
        elif present[column] <= _AS_STORED.get(type, frozenset()):
            items.append(quoted)
        else:
            items.append(f"CAST({quoted} AS {target}) AS {quoted}")
    if stored.files:
        files = ", ".join(map(text_literal, stored.files))
        source = f"FROM read_parquet([{files}], union_by_name = true)"
    else:
        source = "WHERE false"
    return f"CREATE OR REPLACE VIEW {identifier(name)} AS SELECT {', '.join(items)} {source}"
