"""A workspace over some of its rows: takes a workspace and a folder, gives one whose tables hold
what files of that folder hold.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vedette.engines.base import Stored
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.workspace.cache import Compilations
from vedette.workspace.workspace import Workspace

Narrow = Callable[[Mapping[str, Stored]], Workspace]
"""Gives the workspace with these rows in the place of tables' own; the one given before is that
one from then on."""


@contextmanager
def narrowed(workspace: Workspace, folder: Path) -> Iterator[Narrow]:
    """What narrows the workspace to rows that lie in *folder*, until the block ends.

    Tables that are not narrowed keep their rows.
    """
    own = workspace.engine
    stored = workspace.stored
    other = copy.copy(workspace)
    other._compilations = Compilations()
    other._engine = engine = DuckDBEngine((*own.directories, folder))

    def put(tables: Mapping[str, Stored]) -> Workspace:
        other._stored = {**stored, **tables}
        engine.attach(other._stored)
        return other

    try:
        yield put
    finally:
        engine.close()
