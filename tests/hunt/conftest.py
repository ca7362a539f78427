"""A workspace over a few stored events, written as Parquet where a query reads them."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.engines.base import Stored
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.engines.duckdb.writing import ARROW_TYPES
from vedette.plan.types import Type, ticks_of
from vedette.tables.catalog import event_tables
from vedette.workspace import Workspace

Rows = Sequence[Mapping[str, Any]]
Make = Callable[..., Workspace]


class StoredWorkspace(Workspace):
    """A workspace over Parquet files that a test wrote itself."""

    def attach(self, folder: Path, tables: Mapping[str, Stored]) -> None:
        self._stored = dict(tables)
        self._engine = DuckDBEngine(directories=(folder,))
        self._engine.attach(self._stored)


def _as_stored(value: Any) -> Any:
    return ticks_of(value) if isinstance(value, dt.datetime) else value


def _write(file: Path, columns: Mapping[str, Type], rows: Rows) -> None:
    arrays = {
        name: pa.array([_as_stored(row.get(name)) for row in rows], ARROW_TYPES[type])
        for name, type in columns.items()
    }
    pq.write_table(pa.table(arrays), file)


@pytest.fixture
def make_workspace(tmp_path: Path) -> Iterator[Make]:
    """Make a workspace whose event tables hold the given rows."""
    made: list[Workspace] = []

    def make(**tables: Rows) -> Workspace:
        workspace = StoredWorkspace()
        made.append(workspace)
        folder = tmp_path / f"lake-{len(made)}"
        folder.mkdir()
        stored = {}
        for name, rows in tables.items():
            columns = event_tables()[name]
            _write(folder / f"{name}.parquet", columns, rows)
            stored[name] = Stored((str(folder / f"{name}.parquet"),), columns)
        workspace.attach(folder, stored)
        return workspace

    yield make
    for workspace in made:
        workspace.close()
