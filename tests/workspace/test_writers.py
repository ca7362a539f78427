"""Processes that write to one workspace at once wait for each other; readers never fail."""

import datetime as dt
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from vedette import Workspace
from vedette.workspace.compaction import compact
from vedette.workspace.manifest import Store

PROGRAM = """
    import datetime as dt
    import sys
    import threading
    from pathlib import Path
    from vedette import Workspace
    from vedette.workspace import compaction

    compaction.MANY = 4
    what, folder, logs, ended = sys.argv[1], *map(Path, sys.argv[2:])
    stop = threading.Event()

    def rounds():
        while not ended.exists():
            yield
            stop.wait(0.02)

    with Workspace(folder) as workspace:
        print("begun", flush=True)
        if what == "follow":
            threading.Thread(target=lambda: [stop.set() for _ in [*rounds(), 0]]).start()
            for report in workspace.follow([logs / "followed"], interval=0.02, stop=stop):
                pass
        for _ in rounds():
            if what == "ingest":
                workspace.ingest([logs / "ingested"])
            elif what == "compact":
                workspace.compact()
            elif what == "drop":
                workspace.drop(dt.datetime(2015, 5, 2))
        if what == "ingest":
            workspace.ingest([logs / "ingested"])
"""


def line(name: str, number: int, day: int) -> str:
    moment = f"{day:02}/May/2015:10:00:{number % 60:02} +0000"
    return f'192.0.2.1 - - [{moment}] "GET /{name}-{number} HTTP/1.1" 200 5\n'


@pytest.mark.parametrize("victim", [None, "follow"])
def test_follow_ingest_compact_and_drop_at_once(victim: str | None, tmp_path: Path) -> None:
    folder, logs, ended = tmp_path / "workspace", tmp_path / "logs", tmp_path / "ended"
    for name in ("followed", "ingested"):
        (logs / name).mkdir(parents=True)
    Store(folder).close()

    def start(what: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROGRAM), what, folder, logs, ended],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        return process

    names = ("follow", "ingest", "compact", "drop")
    running = {what: start(what) for what in names}
    written = 0
    for number in range(60):
        for name in ("followed", "ingested"):
            with (logs / name / "x.log").open("a") as file:
                file.write(line(name, number, 1) + line(name, number, 2 + number % 3))
            written += 1
        if number % 20 == 19:
            (logs / "followed" / "x.log").rename(logs / "followed" / f"x.log.{number}")
        if number == 30 and victim is not None:
            running[victim].kill()
            running[victim].communicate()
            running[victim] = start(victim)
        if number % 10 == 0:
            with Workspace(folder) as reading:
                time.sleep(0.05)  # what was listed is replaced meanwhile
                for table in reading.stored:
                    assert reading.query(f"{table} | count").rows()
    time.sleep(0.5)
    ended.touch()
    for what, process in running.items():
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, f"{what}: {told}"
    check(folder, logs, written)


def check(folder: Path, logs: Path, written: int) -> None:
    """What is left when all is read and dropped: each record of the days that stay, once."""
    with Workspace(folder) as workspace:
        workspace.ingest([logs])
        workspace.drop(dt.datetime(2015, 5, 2, tzinfo=dt.UTC))
    store = Store(folder)
    compact(store)
    files = store.stored()["web_event"].files
    store.remove_replaced()
    columns = ["url", "event_id"]
    rows = [row for file in files for row in pq.ParquetFile(file).read(columns).to_pylist()]
    assert len(rows) == len({row["event_id"] for row in rows}) == written
    assert len({row["url"] for row in rows}) == written
    assert {str(file) for file in store.lake.rglob("*.parquet")} == {
        os.path.realpath(file) for file in files
    }
    store.close()
