"""What is old is deleted: takes a store and a moment, gives the rows dropped of each table.

Days that lie before are dropped whole, of the day that the moment is in the rows before it. Rows
without a time stay. Sources stay known: what was dropped is not read again. A retention setting
counts whole UTC days; it is kept in the manifest and followed after whatever writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow.compute as pc

from vedette.plan.types import TICKS_PER_DAY, ticks_of
from vedette.tables.catalog import Catalog
from vedette.workspace.compaction import read
from vedette.workspace.lake import StorageError, StoredFile, sync_folders, write_table
from vedette.workspace.layouts import catalog_of, moments_of, time_columns
from vedette.workspace.manifest import Stopped, Store


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped of a table: rows, and the files and bytes on disk that went with them."""

    table: str
    rows: int
    files: int
    bytes: int


def drop(
    store: Store,
    before: dt.datetime,
    table: str | None = None,
    *,
    dry_run: bool = False,
    waiting: Callable[[], None] | None = None,
) -> list[Dropped]:
    """Delete the rows of a table, or of all, that happened before a moment; naive ones are UTC.

    With *dry_run* nothing changes. Raises ValueError for a table that has no rows.
    """
    tables = store.counts()
    if table is not None and table not in tables:
        raise ValueError(f"no rows are stored in a table '{table}'")
    cutoff = ticks_of(before)
    cutoffs = dict.fromkeys([table] if table is not None else tables, cutoff)
    if dry_run:
        return _drop(store, cutoffs, dry_run=True)
    with store.writing(waiting):
        return _drop(store, cutoffs)


def drop_expired(
    store: Store,
    now: dt.datetime | None = None,
    *,
    dry_run: bool = False,
    waiting: Callable[[], None] | None = None,
    stopping: Callable[[], bool] | None = None,
) -> list[Dropped]:
    """Delete what the retention settings do not keep at *now*; most often nothing.

    Nothing is done where *stopping* says so while another writer is waited for.
    """
    cutoffs = cutoffs_of(store, now or dt.datetime.now(dt.UTC))
    if not any(_is_touched(file, cutoffs) for file in store.files()):
        return []
    if dry_run:
        return _drop(store, cutoffs, dry_run=True)
    try:
        with store.writing(waiting, stopping):
            return _drop(store, cutoffs)
    except Stopped:
        return []


def cutoffs_of(store: Store, now: dt.datetime) -> dict[str, int]:
    """The moment, in ticks, before which rows of each table are not kept; others have none."""
    kept = store.retention()
    midnight = ticks_of(now) // TICKS_PER_DAY * TICKS_PER_DAY
    found = {}
    for table in store.counts() if kept else ():
        days = kept.get(table, kept.get(""))
        if days is not None:
            found[table] = midnight - days * TICKS_PER_DAY
    return found


def _is_touched(file: StoredFile, cutoffs: Mapping[str, int]) -> bool:
    return file.earliest is not None and file.earliest < cutoffs.get(file.table, 0)


def _drop(store: Store, cutoffs: Mapping[str, int], dry_run: bool = False) -> list[Dropped]:
    catalog = catalog_of(store)
    old: dict[str, list[StoredFile]] = {}
    new: dict[str, list[StoredFile]] = {}
    dropped: dict[str, int] = {}
    for file in store.files():
        if not _is_touched(file, cutoffs):
            continue
        count, rest = _split(store, catalog, file, cutoffs[file.table], dry_run)
        if count:
            dropped[file.table] = dropped.get(file.table, 0) + count
            old.setdefault(file.table, []).append(file)
            new.setdefault(file.table, []).extend(rest)
    if old and not dry_run:
        made = [file for files in new.values() for file in files]
        sync_folders(store.lake, made)
        store.replace([file.path for files in old.values() for file in files], made)
    return [
        Dropped(table, dropped[table], len(files), _bytes(files) - _bytes(new[table]))
        for table, files in sorted(old.items())
    ]


def _bytes(files: list[StoredFile]) -> int:
    return sum(file.bytes for file in files)


def _split(
    store: Store, catalog: Catalog, file: StoredFile, cutoff: int, dry_run: bool
) -> tuple[int, list[StoredFile]]:
    """How many rows of a file are dropped, and the file of those that are not, if there are any."""
    if file.latest is not None and file.latest < cutoff:
        return file.rows, []
    time = time_columns(catalog, file.table)
    rows = read(store.lake, file)
    moments = moments_of(rows, time)
    if moments is None:
        raise StorageError(f"the table {file.table} has no column with the time of its rows")
    kept = rows.filter(pc.fill_null(pc.greater_equal(moments, cutoff), True))
    count = rows.num_rows - kept.num_rows
    if dry_run or not count or not kept.num_rows:
        return count, []
    present = [column for column in time if column in rows.column_names]
    made = write_table(store.lake, file.table, present, file.day, kept, file.sorted)
    return count, [made]
