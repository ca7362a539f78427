"""What a workspace holds: takes its store, gives a line a stored table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from vedette.plan.types import datetime_of
from vedette.workspace.lake import StoredFile
from vedette.workspace.manifest import Store


@dataclass(frozen=True, slots=True)
class TableStatus:
    """A stored table: rows, the moments of its first and last, files and their bytes on disk."""

    name: str
    rows: int
    first: dt.datetime | None
    last: dt.datetime | None
    files: int
    bytes: int


def status(store: Store) -> list[TableStatus]:
    """The stored tables by name."""
    tables: dict[str, list[StoredFile]] = {}
    for file in store.files():
        tables.setdefault(file.table, []).append(file)
    found = []
    for name, files in sorted(tables.items()):
        first = min((f.earliest for f in files if f.earliest is not None), default=None)
        last = max((f.latest for f in files if f.latest is not None), default=None)
        found.append(
            TableStatus(
                name, sum(f.rows for f in files), _moment(first), _moment(last), len(files),
                sum(f.bytes for f in files),
            )
        )  # fmt: skip
    return found


def _moment(ticks: int | None) -> dt.datetime | None:
    return None if ticks is None else datetime_of(ticks)
