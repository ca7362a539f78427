"""Small files become few: the same rows, in order of time, whoever reads or writes meanwhile."""

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from vedette import Workspace
from vedette.logs.base import Layout, event_layout
from vedette.logs.batches import record_batch
from vedette.plan.types import TICKS_PER_DAY, Type, ticks_of
from vedette.workspace import compaction
from vedette.workspace.compaction import compact, compact_many
from vedette.workspace.lake import StoredFile, sync_folders, write
from vedette.workspace.manifest import Store
from vedette.workspace.readers import oldest

LAYOUT = event_layout("web_event")
NOON = ticks_of(dt.datetime(2026, 3, 11, 12, tzinfo=dt.UTC))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "workspace")
    yield opened
    opened.close()


def add(store: Store, *moments: int | None, layout: Layout = LAYOUT, name: str = "e") -> None:
    """Store a file of rows that happened at these ticks."""
    rows = []
    for moment in moments:
        row = layout.empty_row()
        row[layout.index[layout.time[0]]] = moment
        row[layout.index["event_id"]] = f"{name}-{moment}"
        rows.append(row)
    day = "2026-03-11" if moments[0] is not None else "unknown"
    with store.writing():
        file = write(store.lake, layout, day, [record_batch(layout, rows)])
        sync_folders(store.lake, [file])
        store.commit([file], [layout])


def scattered(store: Store, files: int, rows: int = 3, seed: int = 1) -> list[int]:
    """Store many small files, their moments mixed; all moments."""
    chance = random.Random(seed)
    moments = [NOON + n * 10_000_000 for n in range(files * rows)]
    mixed = chance.sample(moments, len(moments))
    for n in range(files):
        add(store, *mixed[n * rows : (n + 1) * rows])
    return moments


def stored_rows(store: Store, table: str = "web_event") -> list[dict[str, Any]]:
    return [
        row for file in store.stored()[table].files
        for row in pq.ParquetFile(file).read().to_pylist()
    ]  # fmt: skip


def on_disk(store: Store) -> int:
    return len(list(store.lake.rglob("*.parquet")))


def test_files_become_one_in_order_of_time(store: Store) -> None:
    moments = scattered(store, 10)
    before = sorted(stored_rows(store), key=lambda row: row["event_id"])
    (report,) = compact(store)
    assert (report.table, report.day) == ("web_event", "2026-03-11")
    assert (report.files, report.files_after, report.rows) == (10, 1, 30)
    assert report.bytes > report.bytes_after
    after = stored_rows(store)
    assert [row["time"] for row in after] == moments
    assert sorted(after, key=lambda row: row["event_id"]) == before
    assert store.counts() == {"web_event": 30}
    assert store.time_span("web_event") == (moments[0], moments[-1])
    assert compact(store) == []


def test_row_groups_tell_their_times(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.workspace.lake.ROW_GROUP_ROWS", 10)
    moments = scattered(store, 10)
    compact(store)
    (file,) = store.stored()["web_event"].files
    metadata = pq.read_metadata(file)
    place = metadata.schema.to_arrow_schema().names.index("time")
    ranges = [
        (statistics.min, statistics.max)
        for group in range(metadata.num_row_groups)
        for statistics in [metadata.row_group(group).column(place).statistics]
    ]
    assert ranges == [(moments[n], moments[n + 9]) for n in (0, 10, 20)]


def test_rows_without_time_keep_their_order(store: Store) -> None:
    add(store, None, name="a")
    add(store, None, name="b")
    (report,) = compact(store)
    assert (report.day, report.rows) == ("unknown", 2)
    assert [row["event_id"] for row in stored_rows(store)] == ["a-None", "b-None"]
    assert store.time_span("web_event") is None


def test_only_many_of_one_size_are_merged_by_itself(store: Store) -> None:
    scattered(store, compaction.MANY - 1)
    assert compact_many(store) == []
    add(store, NOON - 1)
    (report,) = compact_many(store)
    assert (report.files, report.files_after) == (compaction.MANY, 1)
    assert compact_many(store) == []


def test_how_often_bytes_are_written_again_is_bounded() -> None:
    listed: list[StoredFile] = []
    written = added = 0
    for _ in range(5_000):
        listed.append(StoredFile("", "T", "2026-03-11", 100, 30_000, 0, 1))
        added += 30_000
        for day in compaction._crowded(listed):
            size, rows = sum(f.bytes for f in day.files), sum(f.rows for f in day.files)
            written += size
            merged = {id(file) for file in day.files}
            listed = [file for file in listed if id(file) not in merged]
            listed.append(StoredFile("", "T", "2026-03-11", rows, size, 0, 1, True))
    assert len(listed) < 4 * compaction.MANY
    assert written < 4 * added


def test_a_group_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_GROUP_ROWS", 12)
    moments = scattered(store, 10)
    (report,) = compact(store)
    assert (report.files, report.files_after) == (10, 3)
    assert sorted(row["time"] for row in stored_rows(store)) == moments
    assert compact(store) == []


def test_files_of_older_columns_are_filled_with_nulls(store: Store) -> None:
    old = Layout("web_event", {"time": Type.DATETIME, "event_id": Type.STRING}, ("time",))
    add(store, NOON, layout=old, name="old")
    add(store, NOON + 1, name="new")
    compact(store)
    (first, second) = stored_rows(store)
    assert (first["event_id"], first["url"]) == (f"old-{NOON}", None)
    assert second["event_id"] == f"new-{NOON + 1}"


def test_columns_of_one_name_and_other_types_stay_apart(store: Store) -> None:
    for kind, value in ((Type.LONG, 1), (Type.STRING, "x")):
        layout = Layout("T", {"time": Type.DATETIME, "event_id": Type.STRING, "a": kind}, ("time",))
        row = [NOON, "e", value]
        with store.writing():
            file = write(store.lake, layout, "2026-03-11", [record_batch(layout, [row])])
            store.commit([file], [layout])
    compact(store)
    assert sorted(map(str, (row["a"] for row in stored_rows(store, "T")))) == ["1", "x"]
    assert compact(store) == []


def test_a_reader_that_listed_before_can_finish(store: Store, tmp_path: Path) -> None:
    scattered(store, 5)
    reader = Store(tmp_path / "workspace")
    files = reader.stored()["web_event"].files
    compact(store)
    store.remove_replaced()
    assert all(Path(file).exists() for file in files)
    Store(tmp_path / "workspace").close()  # another process that comes and goes
    assert all(Path(file).exists() for file in files)
    assert len(reader.stored()["web_event"].files) == 1
    store.remove_replaced()
    assert on_disk(store) == 1
    reader.close()


def test_a_workspace_that_asks_goes_on_over_its_listing(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    writer = Store(folder)
    scattered(writer, 5)
    with Workspace(folder) as reading:
        counted = "web_event | summarize n = count(), latest = max(['time'])"
        before = reading.query(counted).rows()
        compact(writer)
        writer.remove_replaced()
        assert on_disk(writer) == 6
        assert reading.query(counted).rows() == before
    writer.remove_replaced()
    assert on_disk(writer) == 1
    writer.close()


def test_marks_of_readers_that_are_gone_are_removed(store: Store, tmp_path: Path) -> None:
    readers = tmp_path / "workspace" / "readers"
    assert oldest(readers) is None
    store.stored()
    assert oldest(readers) == 0
    (readers / "000000000000-dead").touch()
    assert oldest(readers) == 0
    assert len(list(readers.iterdir())) == 1
    store.close()
    assert oldest(readers) is None


def test_days_lie_apart(store: Store) -> None:
    layout = event_layout("dns_event")
    for day in range(3):
        row = layout.empty_row()
        row[layout.index["time"]] = NOON + day * TICKS_PER_DAY
        with store.writing():
            made: list[StoredFile] = [
                write(store.lake, layout, f"2026-03-1{1 + day}", [record_batch(layout, [row])])
                for _ in range(2)
            ]
            store.commit(made, [layout])
    assert [(r.day[-2:], r.files, r.files_after) for r in compact(store, "dns_event")] == [
        ("11", 2, 1), ("12", 2, 1), ("13", 2, 1),
    ]  # fmt: skip
    assert compact(store, "web_event") == []


def test_asking_for_the_status_gives_up_no_listing(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    writer = Store(folder)
    scattered(writer, 5)
    with Workspace(folder) as reading:
        before = reading.query("web_event | count").rows()
        compact(writer)
        assert [(s.name, s.rows, s.files) for s in reading.status()] == [("web_event", 15, 1)]
        writer.remove_replaced()
        assert reading.query("web_event | count").rows() == before
    writer.close()
