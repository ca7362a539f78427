"""A workspace that follows, merges and drops, as Python code asks it to."""

import datetime as dt
import threading
from pathlib import Path

import pytest

from vedette import Workspace

COUNT = "CommonSecurityLog | count"


def line(day: int, number: int) -> str:
    return f'192.0.2.1 - - [{day:02}/May/2015:10:00:00 +0000] "GET /{number} HTTP/1.1" 200 5\n'


def test_queries_see_what_was_reported(tmp_path: Path) -> None:
    log, stop = tmp_path / "a.log", threading.Event()
    log.write_text(line(1, 0))
    counted = []
    with Workspace(tmp_path / "workspace") as workspace:
        for report in workspace.follow(log, interval=0.01, stop=stop):
            assert report.time.tzinfo is not None
            counted.append((report.stored, workspace.query(COUNT).rows()[0][0]))
            with log.open("a") as file:
                file.write(line(1, len(counted)) * 2)
            if len(counted) == 3:
                stop.set()
    assert counted == [(1, 1), (2, 3), (2, 5)]


def test_merging_and_dropping_show_at_once(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    with Workspace(tmp_path / "workspace") as workspace:
        for day in (1, 1, 2, 2):
            with log.open("a") as file:
                file.write(line(day, day))
            workspace.ingest(log)
        assert [(c.files, c.files_after) for c in workspace.compact()] == [(2, 1), (2, 1)]
        assert workspace.query(COUNT).rows() == [(4,)]
        before = dt.datetime(2015, 5, 2, tzinfo=dt.UTC)
        assert [(d.table, d.rows) for d in workspace.drop(before, dry_run=True)] == [
            ("web_event", 2)
        ]
        assert workspace.query(COUNT).rows() == [(4,)]
        assert [d.rows for d in workspace.drop(before)] == [2]
        assert workspace.query(COUNT).rows() == [(2,)]
        files = list((tmp_path / "workspace" / "lake").rglob("*.parquet"))
        assert len(files) == 1


def test_a_setting_is_followed_while_logs_are(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(line(1, 0))
    with Workspace(tmp_path / "workspace") as workspace:
        workspace.retain(30)
        report = next(iter(workspace.follow(log, interval=0.01)))
        assert (report.stored, [(d.table, d.rows) for d in report.dropped]) == (
            1, [("web_event", 1)],
        )  # fmt: skip
        assert workspace.ingest(log).dropped == 0
        assert workspace.status() == []


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    with Workspace(tmp_path / "workspace") as workspace:
        with pytest.raises(ValueError, match="at least one day"):
            workspace.retain(0)
        with pytest.raises(ValueError, match="no table 'Nothing'"):
            workspace.retain(1, "Nothing")
        with pytest.raises(ValueError, match="no rows are stored in a table 'web_event'"):
            workspace.drop(dt.datetime(2015, 5, 2, tzinfo=dt.UTC), "web_event")
        assert workspace.retention() == {}
        with pytest.raises(ValueError, match="no table 'Nothing': declare it first"):
            next(workspace.follow(tmp_path, "Nothing"))


def test_a_workspace_in_memory_follows_too(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(line(1, 0))
    with Workspace() as workspace:
        assert next(workspace.follow(log, interval=0.01)).stored == 1
        assert workspace.query(COUNT).rows() == [(1,)]
