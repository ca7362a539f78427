"""Several processes read the same as one: the same rows, reports and quarantine."""

import io
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.logs import lines as lines_module
from vedette.logs.base import Origin, Piece
from vedette.logs.readers.access_log import AccessLogReader
from vedette.tables.catalog import Catalog
from vedette.workspace import ingest as ingest_module
from vedette.workspace.hands import Job
from vedette.workspace.ingest import IngestReport, ingest
from vedette.workspace.lake import StorageError
from vedette.workspace.manifest import Store
from vedette.workspace.worker import receive, send
from vedette.workspace.workers import WorkerError, Workers


def stored(store: Store) -> dict[str, list[str]]:
    """Every row of every table, in an order of its own."""
    found: dict[str, list[str]] = {}
    for table, held in store.stored().items():
        rows: list[dict[str, Any]] = []
        for file in held.files:
            rows += pq.ParquetFile(file).read().to_pylist()
        found[table] = sorted(map(repr, rows))
    return found


def both(
    tmp_path: Path, logs: Sequence[Path], catalog: Catalog | None = None, table: str | None = None
) -> tuple[IngestReport, Store]:
    """One workspace filled by two processes, after proving that one alone gives the same."""
    reports, stores = [], []
    for jobs in (1, 2):
        store = Store(tmp_path / f"jobs{jobs}")
        reports.append(ingest(store, catalog or Catalog(), logs, table, jobs=jobs))
        stores.append(store)
    one, two = stores
    assert stored(one) == stored(two)
    assert one.quarantine() == two.quarantine()
    assert reports[0] == reports[1]
    one.close()
    return reports[1], two


def access_lines(count: int, chance: random.Random) -> list[str]:
    return [
        f"203.0.113.{chance.randrange(256)} - - [{chance.randrange(1, 3):02}/May/2015:10:00:00"
        f' +0000] "GET /{n}?q={chance.random()} HTTP/1.1" 200 {n}'
        for n in range(count)
    ]


def events(count: int, chance: random.Random) -> list[str]:
    return [
        json.dumps(
            {
                "EventID": chance.choice([1, 3, 11]),
                "UtcTime": f"2026-03-0{chance.randrange(1, 3)} 10:00:00.{n % 1000:03}",
                "Image": f"C:\\{n}.exe",
            }
        )
        for n in range(count)
    ]


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Logs of several pieces each: good and broken lines, copies, a tail without its end."""
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", 10_000)
    monkeypatch.setattr(ingest_module, "BUFFER_BYTES", 200_000)
    monkeypatch.setattr(ingest_module, "BATCH_BYTES", 1_000_000)
    chance = random.Random(11)
    folder = tmp_path / "logs"
    folder.mkdir()
    lines = access_lines(800, chance)
    for number in range(0, 800, 97):
        lines[number] = "broken " + lines[number]
    lines[0] = lines[1]
    (folder / "access.log").write_text("\n".join(lines))
    (folder / "copy.log").write_text("\n".join(lines))
    (folder / "longer.log").write_text("\n".join([*lines, *access_lines(100, chance), "open"]))
    (folder / "events.json").write_text("\n".join(events(400, chance)) + '\n{"EventID": 1')
    for number in range(5):
        (folder / f"z{number}.json").write_text("\n".join(events(3, chance)))
    return folder


def test_two_processes_store_what_one_stores(tmp_path: Path, logs: Path) -> None:
    report, store = both(tmp_path, [logs])
    assert report.read == report.stored + report.quarantined + report.skipped
    by_name = {Path(file.path).name: file for file in report.files}
    assert by_name["copy.log"].stored == 0
    assert by_name["copy.log"].skipped == 800
    assert by_name["events.json"].stored == 400
    again = ingest(store, Catalog(), [logs], jobs=2)
    assert again.stored == 0
    store.close()


def test_tables_of_ones_own_are_the_same(tmp_path: Path, logs: Path) -> None:
    catalog = Catalog()
    catalog.declare("Things", {"a": "long", "b": "string", "t": "datetime"})
    chance = random.Random(5)
    rows = [
        {"a": n if n % 90 else "x", "b": "é" * (n % 5), "t": "2026-01-01T00:00:00Z", f"c{n % 7}": 1}
        for n in range(3000)
    ]
    chance.shuffle(rows)
    (tmp_path / "t.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    quoted = [f'{n},"a\n""{n}",2026-01-0{n % 2 + 1},9' for n in range(3000)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,t,zzz", *quoted, '7,"open']))
    report, store = both(
        tmp_path, [tmp_path / "t.jsonl", tmp_path / "t.csv"], table="Things", catalog=catalog
    )
    assert report.stored == 3000 - 34 + 3000
    assert report.files[1].reasons[-1] == "ignored columns: zzz (3,000)"
    store.close()


@pytest.mark.shared("data")
def test_real_logs_are_the_same(tmp_path: Path, shared: Path) -> None:
    data = shared / "data"
    report, store = both(tmp_path, [data / "sigma-regression.zip"])
    assert report.stored > 200
    store.close()


def test_a_worker_that_dies_ends_the_ingest(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Workers] = []
    make = Workers.__init__

    def remember(self: Workers, *words: Any) -> None:
        make(self, *words)
        started.append(self)

    monkeypatch.setattr(Workers, "__init__", remember)

    def kill(done: int, total: int, name: str) -> None:
        if done and started:
            for worker in started.pop()._workers:
                worker._process.kill()

    store = Store(tmp_path / "workspace")
    with pytest.raises(WorkerError, match="ended before its time"):
        ingest(store, Catalog(), [logs], progress=kill, jobs=2)
    ingest(store, Catalog(), [logs], jobs=1)
    whole = Store(tmp_path / "whole")
    ingest(whole, Catalog(), [logs], jobs=1)
    assert stored(store) == stored(whole)
    store.close()
    whole.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from vedette.tables.catalog import Catalog
from vedette.workspace import ingest as ingest_module
from vedette.workspace.ingest import ingest
from vedette.workspace.manifest import Store

def kill(done, total, name):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)

ingest_module.BUFFER_BYTES = 20_000
ingest(Store(Path(sys.argv[1])), Catalog(), [sys.argv[2]], progress=kill, jobs=3)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a signal that cannot be caught")
def test_those_that_help_end_without_a_word_when_who_they_help_is_killed(
    tmp_path: Path, logs: Path
) -> None:
    words = [sys.executable, "-c", KILLED, str(tmp_path / "workspace"), str(logs)]
    # What is written to the error stream ends when the last process does that has it.
    done = subprocess.run(words, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert done.stderr == b""


def test_memory_is_given_back_as_it_was(tmp_path: Path, logs: Path) -> None:
    before = pa.default_memory_pool().backend_name
    store = Store(tmp_path / "workspace")
    ingest(store, Catalog(), [logs], jobs=2)
    assert pa.default_memory_pool().backend_name == before
    store.close()


def test_messages_carry_bytes_beside_and_arrays_inside() -> None:
    stream = io.BytesIO()
    piece = Piece(bytes(100_000), 7, 8, b"digest")
    job = Job(3, AccessLogReader(), Origin("a.log", "lineage"), piece)
    send(stream, job)
    send(stream, np.arange(10))
    stream.seek(0)
    received = receive(stream)
    assert (received.source, received.origin, received.piece) == (3, job.origin, piece)
    assert type(received.piece.data) is bytes
    assert receive(stream).flags.writeable
    with pytest.raises(EOFError):
        receive(stream)


def test_a_full_disk_is_an_error_of_the_ingest(tmp_path: Path, logs: Path) -> None:
    store = Store(tmp_path / "workspace")
    store.lake.rmdir()
    store.lake.write_text("no folder")
    with pytest.raises(StorageError, match="Not a directory"):
        ingest(store, Catalog(), [logs], jobs=2)
    store.close()
