"""Parquet by table and day: takes batches of rows, gives files that a manifest may list."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.logs.base import Layout

ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Parquet file: its path under the lake, what it holds, its rows' times in ticks."""

    path: str
    table: str
    day: str
    rows: int
    bytes: int
    earliest: int | None
    latest: int | None


def write(lake: Path, layout: Layout, day: str, batches: Sequence[pa.RecordBatch]) -> StoredFile:
    """Write rows of one table and day to a new file on the disk, for the manifest to list."""
    # The name is the user's: dots are quoted too, or a table could be named out of the lake.
    folder = lake / quote(layout.table, safe="").replace(".", "%2E") / day
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.parquet"
    table = pa.Table.from_batches(batches)
    # Many columns of a small file hold nothing: setting up a compressor for each costs the most.
    filled = {c for c in layout.columns if table.column(c).null_count < table.num_rows}
    with path.open("xb") as file:
        pq.write_table(
            table, file, row_group_size=ROW_GROUP_ROWS, store_schema=False,
            compression={c: "zstd" if c in filled else "none" for c in layout.columns},
            use_dictionary=[c for c in layout.columns if c in filled - _ALL_DIFFERENT],
        )  # fmt: skip
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    earliest, latest = _span(table, layout)
    return StoredFile(
        path.relative_to(lake).as_posix(), layout.table, day, table.num_rows, size, earliest, latest
    )


_ALL_DIFFERENT = frozenset({"raw", "event_id", "event_data", "message", "log_offset"})
"""Columns whose values hardly repeat: trying a dictionary costs as much as writing them."""


def sync_folders(lake: Path, files: Iterable[StoredFile]) -> None:
    """Make the names of new files, and of folders made for them, survive a loss of power."""
    if os.name != "posix":
        return
    folders = {parent for file in files for parent in (lake / file.path).parents}
    for folder in sorted(f for f in folders if f == lake or lake in f.parents):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _span(table: pa.Table, layout: Layout) -> tuple[int | None, int | None]:
    found = [pc.min_max(table.column(column)).as_py() for column in layout.time]
    earliest = [f["min"] for f in found if f["min"] is not None]
    latest = [f["max"] for f in found if f["max"] is not None]
    return min(earliest, default=None), max(latest, default=None)


def remove_unlisted(lake: Path, listed: AbstractSet[str]) -> None:
    """Remove the files of a lake that no manifest lists: what a crash left behind."""
    for file in lake.glob("*/*/*.parquet"):
        if file.relative_to(lake).as_posix() not in listed:
            file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # another file is in it
                file.parent.rmdir()
