"""What a workspace holds: takes its store, gives a line a stored table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from vedette.plan.types import datetime_of
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
    stored, counts = store.stored(), store.counts()
    found = []
    for name in sorted(stored):
        span = store.time_span(name)
        first, last = (datetime_of(t) for t in span) if span else (None, None)
        files = stored[name].files
        size = sum(Path(file).stat().st_size for file in files)
        found.append(TableStatus(name, counts[name], first, last, len(files), size))
    return found
