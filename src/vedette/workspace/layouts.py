"""How a table's rows are stored: takes a catalogue's table, gives its layout and its times."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.base import Layout
from vedette.plan.types import Type
from vedette.tables.catalog import Catalog
from vedette.workspace.manifest import Store


def table_layout(catalog: Catalog, name: str) -> Layout:
    """How rows of a catalogue's table are stored: its columns, and an ``event_id`` of ours."""
    table = catalog.table(name)
    if table is None:
        hint = catalog.suggest(name)
        raise ValueError(f"no table '{name}': declare it first" + (f"; {hint}" if hint else ""))
    columns = dict(table.columns)
    columns.setdefault("event_id", Type.STRING)
    time = [table.time_column] if table.time_column else []
    # Sentinel and Defender name the same moment differently; an export holds one of the two.
    if table.platform == "sentinel":
        time += [c for c in ("Timestamp",) if columns.get(c) is Type.DATETIME and c not in time]
    return Layout(table.name, columns, tuple(time))


def moments_of(rows: pa.Table, time: Sequence[str]) -> pa.ChunkedArray | None:
    """When each row happened: the first of its time columns that is not null."""
    columns = [rows.column(column) for column in time if column in rows.column_names]
    return pc.coalesce(*columns) if columns else None


def catalog_of(store: Store) -> Catalog:
    """The tables that a store's files may be of."""
    catalog = Catalog()
    for table, columns in store.declared().items():
        catalog.declare(table, columns)
    return catalog


def time_columns(catalog: Catalog, table: str) -> tuple[str, ...]:
    """The stored columns that say when a row of a table happened."""
    return table_layout(catalog, table).time if catalog.table(table) is not None else ()
