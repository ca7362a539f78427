"""Parquet by table and day: takes batches of rows, gives files that a manifest may list."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.logs.base import Layout
from vedette.logs.batches import LONG

ROW_GROUP_ROWS = 122_880
_SMALL_BYTES = 128 * 1024
_SAMPLE_ROWS = 1024
"""So many rows show whether a column's values repeat; of fewer it makes no difference."""
_FEW_ROWS = 64
"""Of fewer rows than that no column is looked at, which takes as long as writing ten of them."""
_MANY_FOLDERS = 16
_SYNCING = 8
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What an operating system answers where a disk, a share of it or a file may not grow further."""


class StorageError(RuntimeError):
    """What was to be kept cannot be written: a full disk, most often. Nothing of it is visible."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Parquet file: its path under the lake, what it holds, its rows' times in ticks.

    ``sorted`` says that its rows are in the order of their times.
    """

    path: str
    table: str
    day: str
    rows: int
    bytes: int
    earliest: int | None
    latest: int | None
    sorted: bool = False


def write(lake: Path, layout: Layout, day: str, batches: Sequence[pa.RecordBatch]) -> StoredFile:
    """Write rows of one table and day to a new file on the disk, for the manifest to list.

    Raises StorageError where the disk does not take them.
    """
    return write_table(lake, layout.table, layout.time, day, pa.Table.from_batches(batches))


def write_table(
    lake: Path, name: str, time: Sequence[str], day: str, rows: pa.Table, in_order: bool = False
) -> StoredFile:
    """The same for rows of the table *name* whose moments are in the columns *time*."""
    # The name is the user's: dots are quoted too, or a table could be named out of the lake.
    folder = lake / quote(name, safe="").replace(".", "%2E") / day
    path = folder / f"{uuid.uuid4().hex}.parquet"
    with _kept(path, rows):
        folder.mkdir(parents=True, exist_ok=True)
        size = _write(path, rows, time)
    earliest, latest = _span(rows, time)
    where = path.relative_to(lake).as_posix()
    return StoredFile(where, name, day, rows.num_rows, size, earliest, latest, in_order)


def _write(path: Path, rows: pa.Table, time: Sequence[str]) -> int:
    # In memory first: a file of Python's is written to in many small parts, each with the lock.
    written = pa.BufferOutputStream()
    pq.write_table(rows, written, row_group_size=ROW_GROUP_ROWS, store_schema=False,
                   **_options(rows, time))  # fmt: skip
    with path.open("xb") as file:
        file.write(written.getvalue())
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _options(rows: pa.Table, time: Sequence[str]) -> dict[str, Any]:
    """How the columns are written: what makes a file small and its rows be found, if it pays."""
    if rows.num_rows < _FEW_ROWS:
        return {"compression": "lz4", "use_dictionary": False, "write_statistics": list(time)}
    is_small = rows.num_rows < _SAMPLE_ROWS
    packed, coded, ranged, rising = {}, [], [], {}
    for name, column in zip(rows.column_names, rows.itercolumns(), strict=True):
        if column.null_count == rows.num_rows:
            continue
        # Of a small column setting up a compressor costs the most: zstd's takes long.
        packed[name] = "zstd" if column.nbytes > _SMALL_BYTES else "lz4"
        if name in time or not (is_small or name in LONG):
            ranged.append(name)
        if is_small:
            continue
        if name not in LONG and _repeats(column):
            coded.append(name)
        elif pa.types.is_integer(column.type):
            rising[name] = "DELTA_BINARY_PACKED"
    return {
        "compression": packed, "use_dictionary": coded, "write_statistics": ranged,
        "column_encoding": rising,
    }  # fmt: skip


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether values seem to stand more than once each: else a dictionary costs and gives none."""
    sample = column.slice(0, _SAMPLE_ROWS)
    known = len(sample) - sample.null_count
    return bool(pc.count_distinct(sample).as_py() * 2 <= known)


@contextlib.contextmanager
def _kept(path: Path, rows: pa.Table) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        with contextlib.suppress(OSError):  # the next writer removes it
            path.unlink(missing_ok=True)
        raise storage_error(path, error, rows.nbytes) from error


def storage_error(path: Path, error: OSError, needed: int | None = None) -> StorageError:
    """What to tell of a file that could not be written."""
    if error.errno not in FULL:
        return StorageError(f"{path} cannot be written: {error.strerror or error}")
    return full_disk(path, needed)


def full_disk(path: Path, needed: int | None = None) -> StorageError:
    """What to tell where the disk that is to take *path* has no room for *needed* bytes."""
    place = next(p for p in (path, *path.parents) if p.exists())
    free = shutil.disk_usage(place).free
    wanted = f"; up to {needed:,} bytes more are to be written" if needed else ""
    return StorageError(
        f"no room for {path}: {free:,} bytes are free on its disk{wanted}."
        " What was told before is kept; what was being written is not"
    )


def sync_folders(lake: Path, files: Iterable[StoredFile]) -> None:
    """Make the names of new files, and of folders made for them, survive a loss of power.

    Raises StorageError where the disk does not take them.
    """
    if os.name != "posix":
        return
    parents = {parent for file in files for parent in (lake / file.path).parents}
    folders = sorted(f for f in parents if f == lake or lake in f.parents)
    if len(folders) < _MANY_FOLDERS:
        for folder in folders:
            _sync_folder(folder)
        return
    with ThreadPoolExecutor(_SYNCING) as threads:  # each waits for the disk
        for _ in threads.map(_sync_folder, folders):
            continue


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise storage_error(folder, error) from error


def _span(rows: pa.Table, time: Sequence[str]) -> tuple[int | None, int | None]:
    found = [pc.min_max(rows.column(column)).as_py() for column in time]
    earliest = [f["min"] for f in found if f["min"] is not None]
    latest = [f["max"] for f in found if f["max"] is not None]
    return min(earliest, default=None), max(latest, default=None)


def remove_unlisted(lake: Path, listed: AbstractSet[str]) -> None:
    """Remove the files of a lake that no manifest lists: what a crash left behind."""
    for file in lake.glob("*/*/*.parquet"):
        if file.relative_to(lake).as_posix() not in listed:
            remove(file)


def remove(file: Path) -> None:
    """Remove a file of a lake, and its folder if that is empty then."""
    file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another file is in it
        file.parent.rmdir()
