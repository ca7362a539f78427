"""Many small files into few: takes a store, merges a table's files of one day in order of time.

The rows stay as they are, their identities too. Old files give way to new ones in one step of the
manifest, and stay on the disk until no reader needs them. Files are merged when there are many of
about one size, so that a row is written again a few times only, however slowly a table grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.workspace.lake import (
    ROW_GROUP_ROWS,
    StorageError,
    StoredFile,
    sync_folders,
    write_table,
)
from vedette.workspace.layouts import catalog_of, moments_of, time_columns
from vedette.workspace.manifest import Stopped, Store

SMALL_BYTES = 4 * 1024 * 1024
MANY = 16
_SMALLEST_CLASS = 256 * 1024
_GROUP_BYTES = 96 * 1024 * 1024
_GROUP_ROWS = 2 * ROW_GROUP_ROWS

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of a table's day: its files and their bytes on disk, before and after."""

    table: str
    day: str
    files: int
    files_after: int
    bytes: int
    bytes_after: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Day:
    table: str
    day: str
    files: tuple[StoredFile, ...]


def compact(
    store: Store,
    table: str | None = None,
    *,
    progress: Progress | None = None,
    stopping: Callable[[], bool] | None = None,
) -> list[Compacted]:
    """Merge all small files, and those whose rows are not in order of time; of a table, or of all.

    Other writers are waited for. Ends early, between two days, when *stopping* says so.
    """
    try:
        with store.writing(_waiting(progress), stopping):
            wanted = [day for day in _days(store.files()) if table in (None, day.table)]
            days = [_Day(d.table, d.day, found) for d in wanted if (found := _unfinished(d.files))]
            return _merge(store, days, True, progress, stopping)
    except Stopped:
        return []


def compact_many(
    store: Store,
    *,
    progress: Progress | None = None,
    stopping: Callable[[], bool] | None = None,
) -> list[Compacted]:
    """Merge where a table's day has many small files of about one size; most often nothing."""
    if not _crowded(store.files()):
        return []
    try:
        with store.writing(_waiting(progress), stopping):
            return _merge(store, _crowded(store.files()), False, progress, stopping)
    except Stopped:
        return []


def _waiting(progress: Progress | None) -> Callable[[], None] | None:
    if progress is None:
        return None
    told = progress
    return lambda: told(0, 0, "waiting: another process writes to this workspace")


def _days(files: Iterable[StoredFile]) -> list[_Day]:
    found: dict[tuple[str, str], list[StoredFile]] = {}
    for file in files:
        found.setdefault((file.table, file.day), []).append(file)
    return [_Day(table, day, tuple(files)) for (table, day), files in found.items()]


def _is_small(file: StoredFile) -> bool:
    return file.bytes < SMALL_BYTES and file.rows < ROW_GROUP_ROWS


def _unfinished(files: Sequence[StoredFile]) -> tuple[StoredFile, ...]:
    """The files of a day that are to be merged, or put in order."""
    found = tuple(file for file in files if _is_small(file) or not file.sorted)
    return () if len(found) == 1 and found[0].sorted else found


def _crowded(files: Iterable[StoredFile]) -> list[_Day]:
    """The days that have many small files of one size, with these."""
    classes: dict[tuple[str, str, int], list[StoredFile]] = {}
    for file in files:
        if _is_small(file):
            size = (file.bytes // _SMALLEST_CLASS).bit_length() // 2
            classes.setdefault((file.table, file.day, size), []).append(file)
    return [
        _Day(table, day, tuple(found))
        for (table, day, _), found in classes.items()
        if len(found) >= MANY
    ]


def _merge(
    store: Store,
    days: Sequence[_Day],
    all_files: bool,
    progress: Progress | None,
    stopping: Callable[[], bool] | None,
) -> list[Compacted]:
    """Merge the files of each day in groups; a small group only where *all_files* are meant."""
    reports = []
    catalog = catalog_of(store)
    for number, day in enumerate(days):
        if stopping is not None and stopping():
            break
        if progress is not None:
            progress(number, len(days), f"{day.table} {day.day}")
        time = time_columns(catalog, day.table)
        old: list[StoredFile] = []
        new: list[StoredFile] = []
        for group in _groups(store.lake, day.files):
            alone = len(group) == 1 and group[0].sorted
            if len(group) >= MANY // 2 or (all_files and not alone):
                made = _merged(store.lake, group, time)
                sync_folders(store.lake, [made])
                store.replace([file.path for file in group], [made])
                old, new = [*old, *group], [*new, made]
        if old:
            reports.append(_report(day, old, new))
    return reports


def _report(day: _Day, old: Sequence[StoredFile], new: Sequence[StoredFile]) -> Compacted:
    before, after = sum(f.bytes for f in old), sum(f.bytes for f in new)
    rows = sum(f.rows for f in new)
    return Compacted(day.table, day.day, len(old), len(new), before, after, rows)


def _groups(lake: Path, files: Sequence[StoredFile]) -> Iterator[list[StoredFile]]:
    """The files in order of time, as many together as fit in memory and have columns that agree."""
    group: list[StoredFile] = []
    kinds: dict[str, pa.DataType] = {}
    rows = size = 0
    for file in sorted(files, key=lambda f: (f.earliest is None, f.earliest, f.latest)):
        metadata = pq.read_metadata(lake / file.path)
        weight = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
        schema = metadata.schema.to_arrow_schema()
        agrees = all(kinds.get(f.name, f.type) == f.type for f in schema)
        if group and not (
            agrees and rows + file.rows <= _GROUP_ROWS and size + weight <= _GROUP_BYTES
        ):
            yield group
            group, kinds, rows, size = [], {}, 0, 0
        group.append(file)
        kinds |= {f.name: f.type for f in schema}
        rows, size = rows + file.rows, size + weight
    if group:
        yield group


def _merged(lake: Path, files: Sequence[StoredFile], time: Sequence[str]) -> StoredFile:
    first = files[0]
    rows = pa.concat_tables([read(lake, file) for file in files], promote_options="default")
    moments = moments_of(rows, time)
    if moments is not None:
        rows = rows.take(pc.sort_indices(moments))
    if rows.num_rows != sum(file.rows for file in files):
        raise StorageError(f"the files of {first.table} on {first.day} are not what they were")
    present = [column for column in time if column in rows.column_names]
    return write_table(lake, first.table, present, first.day, rows, in_order=True)


def read(lake: Path, file: StoredFile) -> pa.Table:
    """A stored file's rows; raises StorageError where it cannot be read."""
    try:
        with pq.ParquetFile(lake / file.path) as parquet:
            return parquet.read()
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{lake / file.path} cannot be read: {error}") from error
