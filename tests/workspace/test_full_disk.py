"""A disk that is full ends in words, and in a workspace that goes on when there is room again."""

import datetime as dt
import errno
import os
import random
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from vedette.cli import main
from vedette.logs.sources import NoRoom
from vedette.tables.catalog import Catalog
from vedette.workspace import ingest as ingest_module
from vedette.workspace import lake
from vedette.workspace.compaction import compact
from vedette.workspace.follow import Follower
from vedette.workspace.ingest import ingest
from vedette.workspace.lake import StorageError
from vedette.workspace.manifest import Store
from vedette.workspace.retention import drop

RECORDS = 3000


def write_logs(folder: Path, count: int = RECORDS) -> Path:
    """Requests that compress badly, in several files."""
    folder.mkdir()
    chance = random.Random(1)
    for part in range(6):
        with (folder / f"{part}.log").open("w") as file:
            for n in range(count // 6):
                path = f"{part}-{n}-{chance.randbytes(300).hex()}"
                moment = f"{1 + n % 3:02}/May/2015:10:00:00 +0000"
                file.write(f'192.0.2.1 - - [{moment}] "GET /{path} HTTP/1.1" 200 5\n')
    return folder


def identities(store: Store) -> list[str]:
    return [
        identity
        for stored in store.stored().values()
        for file in stored.files
        for identity in pq.ParquetFile(file).read(["event_id"])[0].to_pylist()
    ]


def is_intact(folder: Path) -> int:
    """How many records the workspace holds, each once, in files that it lists."""
    store = Store(folder)
    found = identities(store)
    assert len(found) == len(set(found)) == sum(store.counts().values())
    listed = {store.lake / file.path for file in store.files()}
    assert set(store.lake.rglob("*.parquet")) == listed
    store.close()
    return len(found)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "BUFFER_BYTES", 400_000)
    monkeypatch.setattr(ingest_module, "BATCH_BYTES", 1_200_000)


# --- a small disk -------------------------------------------------------------------------------

Resize = Callable[[str], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Resize]]:
    """A folder that is a disk of one megabyte, and what makes it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        capture_output=True, check=False,
    ) if os.name == "posix" and os.geteuid() == 0 else None  # fmt: skip
    if mounted is None or mounted.returncode:
        pytest.skip("needs the right to mount a small file system")

    def resize(size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)

    yield folder, resize
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("small_batches")
def test_an_ingest_onto_a_small_disk(jobs: int, disk: tuple[Path, Resize], tmp_path: Path) -> None:
    folder, resize = disk
    logs = write_logs(tmp_path / "logs")
    store = Store(folder / "workspace")
    with pytest.raises(StorageError, match=r"no room for .* bytes are free"):
        ingest(store, Catalog(), [logs], jobs=jobs)
    store.close()
    kept = is_intact(folder / "workspace")
    assert kept < RECORDS
    resize("64m")
    store = Store(folder / "workspace")
    assert ingest(store, Catalog(), [logs]).stored == RECORDS - kept
    store.close()
    assert is_intact(folder / "workspace") == RECORDS


@pytest.mark.usefixtures("small_batches")
def test_following_merging_and_dropping_on_a_small_disk(
    disk: tuple[Path, Resize], tmp_path: Path
) -> None:
    folder, resize = disk
    logs = write_logs(tmp_path / "logs")
    store = Store(folder / "workspace")
    with pytest.raises(StorageError):
        for _ in range(9):
            Follower(store, Catalog(), [logs], interval=0).look()
    resize("64m")
    following = Follower(store, Catalog(), [logs], interval=0)
    for _ in range(4):
        following.look()
    assert len(identities(store)) == RECORDS
    resize(f"{shutil.disk_usage(folder).used + 300_000}")
    with pytest.raises(StorageError):
        compact(store)
    assert is_intact(folder / "workspace") == RECORDS
    (dropped,) = drop(store, dt.datetime(2015, 5, 2, tzinfo=dt.UTC))
    store.stored()
    store.remove_replaced()
    store.close()
    assert is_intact(folder / "workspace") == RECORDS - dropped.rows


def test_the_command_line_says_so_and_exits_2(disk: tuple[Path, Resize], tmp_path: Path) -> None:
    folder, _ = disk
    logs = write_logs(tmp_path / "logs")
    words = ["ingest", str(logs), "--workspace", str(folder / "workspace")]
    for follow in ([], ["--follow"]):
        done = CliRunner().invoke(main, [*words, *follow])
        assert done.exit_code == 2, done.output
        assert "no room for" in done.stderr
        assert "bytes more are to be written" in done.stderr
        assert "Traceback" not in done.output
    assert is_intact(folder / "workspace") < RECORDS


# --- where nothing can be mounted ---------------------------------------------------------------


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
@pytest.mark.parametrize("at", range(1, 12, 2))
@pytest.mark.usefixtures("small_batches")
def test_any_write_may_fail(
    at: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, folder = write_logs(tmp_path / "logs"), tmp_path / "workspace"
    calls = 0
    write = lake._write

    def fail(*arguments: Any) -> int:
        nonlocal calls
        calls += 1
        number = calls  # threads write
        size = write(*arguments)
        if number == at:
            raise OSError(code, os.strerror(code))
        return size

    store = Store(folder)
    monkeypatch.setattr(lake, "_write", fail)
    words = "cannot be written" if code == errno.EIO else "no room for"
    with pytest.raises(StorageError, match=words):
        ingest(store, Catalog(), [logs])
        compact(store)
    monkeypatch.setattr(lake, "_write", write)
    store.close()
    is_intact(folder)
    store = Store(folder)
    ingest(store, Catalog(), [logs])
    store.close()
    assert is_intact(folder) == RECORDS


@pytest.mark.parametrize("pages", [0, 1, 3, 6])
def test_a_manifest_that_cannot_grow(pages: int, tmp_path: Path) -> None:
    logs, folder = write_logs(tmp_path / "logs", 60), tmp_path / "workspace"
    store = Store(folder)
    ingest(store, Catalog(), [logs / "0.log"])
    kept = len(identities(store))
    (used,) = store._connection.execute("pragma page_count").fetchone()
    store._connection.execute(f"pragma max_page_count = {used + pages}")
    with pytest.raises(StorageError, match=r"manifest\.sqlite"):
        for part in range(1, 100):  # many small sources, until a table of the manifest is full
            name = logs / f"more-{part}.log"
            name.write_text((logs / "1.log").read_text().replace("/1-", f"/{part + 10}-"))
            ingest(store, Catalog(), [name])
    with pytest.raises(StorageError, match=r"manifest\.sqlite"):
        for days in range(1, 10_000):
            store.retain(f"T{days}", days)
    store.close()
    assert is_intact(folder) >= kept
    store = Store(folder)
    ingest(store, Catalog(), [logs])
    store.close()
    assert is_intact(folder) >= 60


def test_other_mistakes_of_sqlite_are_not_hidden(tmp_path: Path) -> None:
    store = Store(tmp_path / "workspace")
    with pytest.raises(sqlite3.OperationalError, match="syntax"), store.writing():
        store._connection.execute("nonsense")
    store.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_archive_that_cannot_be_unpacked_is_not_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, catalog = tmp_path / "a.zip", Catalog()
    catalog.declare("T", {"n": "long"})
    pq.write_table(pa.table({"n": [1, 2]}), tmp_path / "a.parquet")
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(tmp_path / "a.parquet", "a.parquet")
    store = Store(tmp_path / "workspace")

    def full(prefix: str) -> tuple[int, str]:
        return os.open("/dev/full", os.O_WRONLY), str(tmp_path / "spooled")

    with monkeypatch.context() as patched:
        patched.setattr("vedette.logs.sources.tempfile.mkstemp", full)
        with pytest.raises(NoRoom, match=r"cannot be unpacked in .*: No space left"):
            ingest(store, catalog, [archive], "T")
    assert store.quarantine() == []
    assert ingest(store, catalog, [archive], "T").stored == 2
    store.close()


def test_names_that_the_disk_does_not_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs, folder = write_logs(tmp_path / "logs", 60), tmp_path / "workspace"
    store = Store(folder)
    for log in sorted(logs.iterdir()):
        ingest(store, Catalog(), [log])
    before = sorted(identities(store))

    def fail(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr("vedette.workspace.lake.os.open", fail)
        with pytest.raises(StorageError, match="no room for"):
            compact(store)
    assert sorted(identities(store)) == before
    assert compact(store)
    assert sorted(identities(store)) == before
    store.stored()
    store.remove_replaced()
    store.close()
    assert is_intact(folder) == 60
