"""Following, merging and dropping, as they are typed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main

LINE = '203.0.113.1 - - [{:02}/Nov/2015:08:00:00 +0000] "GET /{} HTTP/1.1" 200 12 "-" "curl/8"\n'


def run(*words: str | Path) -> Result:
    """The command line, run."""
    return CliRunner().invoke(main, [str(word) for word in words])


def rows(*words: str | Path) -> list[dict[str, object]]:
    """The rows that a command writes."""
    done = run(*words, "--format", "json")
    assert done.exit_code == 0, done.output
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace of a request a day, each read by itself."""
    folder = tmp_path / "workspace"
    for day in range(1, 5):
        log = tmp_path / f"{day}.log"
        for text in ("a", "b"):
            with log.open("a") as file:
                file.write(LINE.format(day, text))
            assert run("ingest", log, "--workspace", folder).exit_code == 0
    return folder


def test_compact_says_what_became_of_each_day(workspace: Path) -> None:
    found = rows("compact", workspace)
    assert [(row["table"], row["day"], row["files"], row["files_after"]) for row in found] == [
        ("web_event", f"2015-11-0{day}", 2, 1) for day in range(1, 5)
    ]
    assert rows("compact", workspace) == []
    (table,) = rows("status", workspace)
    assert (table["rows"], table["files"]) == (8, 4)


def test_drop_tells_what_it_would_delete_and_deletes_it(workspace: Path) -> None:
    would = run("drop", workspace, "--before", "2015-11-03", "--dry-run")
    assert would.exit_code == 0
    assert "4 rows would be deleted" in would.stderr
    (table,) = rows("status", workspace)
    assert table["rows"] == 8
    (dropped,) = rows("drop", workspace, "--before", "2015-11-03")
    assert (dropped["table"], dropped["rows"], dropped["files"]) == ("web_event", 4, 4)
    (table,) = rows("status", workspace)
    assert table["rows"] == 4
    log = workspace.parent / "1.log"
    assert "0 stored" in run("ingest", log, "--workspace", workspace).stderr


def test_retention_is_kept_and_followed(workspace: Path) -> None:
    assert rows("retention", workspace) == []
    assert rows("retention", workspace, "--days", "30") == [{"table": "(all others)", "days": 30}]
    both = rows("retention", workspace, "--days", "2", "--table", "web_event")
    assert {"table": "web_event", "days": 2} in both
    (dropped,) = rows("drop", workspace)
    assert dropped["rows"] == 8
    run("retention", workspace, "--forever")
    assert rows("retention", workspace, "--forever", "--table", "web_event") == []


def test_an_ingest_drops_what_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    log = tmp_path / "a.log"
    log.write_text(LINE.format(1, "a"))
    run("ingest", tmp_path, "--workspace", folder)
    run("retention", folder, "--days", "1")
    log.write_text(log.read_text() * 2)
    done = run("ingest", log, "--workspace", folder)
    assert "2 rows dropped, which are older than what is kept" in done.stderr
    assert run("status", folder).exit_code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("drop",), "nothing says what is old"),
        (("drop", "--table", "web_event"), "--table goes with --before"),
        (("drop", "--before", "yesterday"), "is no time"),
        (("drop", "--before", "2015-11-03", "--table", "nothing"), "no rows are stored"),
        (("retention", "--days", "0"), "0 is not in the range"),
        (("retention", "--days", "1", "--table", "nothing"), "no table 'nothing'"),
        (("retention", "--days", "1", "--forever"), "exclude each other"),
    ],
)
def test_wrong_words_exit_3(words: tuple[str, ...], told: str, workspace: Path) -> None:
    command, *rest = words
    done = run(command, workspace, *rest)
    assert done.exit_code == 3, done.output
    assert told in done.stderr


@pytest.mark.parametrize("command", ["compact", "drop", "retention"])
def test_a_folder_that_is_no_workspace_exits_3(command: str, tmp_path: Path) -> None:
    before = ("--before", "2026-01-01") if command == "drop" else ()
    done = run(command, tmp_path, *before)
    assert done.exit_code == 3
    assert "is no workspace" in done.stderr


def test_a_table_that_is_not_declared_exits_3(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    words = ("ingest", tmp_path / "a.csv", "--workspace", tmp_path / "w", "--table", "Nothing")
    for follow in ((), ("--follow",)):
        done = run(*words, *follow)
        assert done.exit_code == 3
        assert "there is no table Nothing" in done.stderr


def test_a_workspace_of_a_newer_version_exits_2(workspace: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(workspace / "manifest.sqlite")
    connection.execute("pragma user_version = 99")
    connection.close()
    done = run("status", workspace)
    assert done.exit_code == 2
    assert "newer version" in done.stderr


# --- following ----------------------------------------------------------------------------------


def start(*words: str | Path) -> subprocess.Popen[str]:
    """The command line as a process, with its output to be read as it comes."""
    return subprocess.Popen(
        [sys.executable, "-c", "from vedette.cli import main; main()", *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def next_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_follow_writes_a_line_a_batch_and_ends_on_a_signal(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder, logs = tmp_path / "workspace", tmp_path / "logs"
    logs.mkdir()
    words = ("ingest", "--follow", logs, "--workspace", folder, "--interval", "0.05")
    with start(*words, "--format", "jsonl") as following:
        assert "following" in next_line(following.stderr)
        for count in range(1, 4):
            with (logs / "a.log").open("a") as file:
                file.write(LINE.format(1, "a") * count)
            batch = json.loads(next_line(following.stdout))
            assert (batch["files"], batch["stored"]) == (1, count)
            assert batch["names"] == [str(logs / "a.log")]
        # Nobody holds the right to write while nothing is to be read.
        assert run("compact", folder).exit_code == 0
        (logs / "b.log").write_text(LINE.format(2, "b"))
        assert json.loads(next_line(following.stdout))["stored"] == 1
        following.send_signal(number)
        rest, told = following.communicate(timeout=30)
        assert following.returncode == 0
    assert rest == ""
    assert "stopped: 7 records stored, 0 quarantined" in told
    (table,) = rows("status", folder)
    assert table["rows"] == 7


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_follow_tells_people_in_words(tmp_path: Path) -> None:
    folder, log = tmp_path / "workspace", tmp_path / "a.log"
    log.write_text(LINE.format(1, "a") + "broken\n")
    with start("ingest", "--follow", log, "--workspace", folder) as following:
        line = next_line(following.stdout)
        following.send_signal(signal.SIGTERM)
        following.communicate(timeout=30)
        assert following.returncode == 0
    assert "1 stored, 1 quarantined" in line
    assert str(log) in line
    assert "(not a line of an access log)" in line


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_stop_is_heard_while_another_process_writes(tmp_path: Path) -> None:
    from vedette.workspace.manifest import Store

    folder, log = tmp_path / "workspace", tmp_path / "a.log"
    log.write_text(LINE.format(1, "a"))
    store = Store(folder)
    with store.writing(), start("ingest", "--follow", log, "--workspace", folder) as following:
        assert "following" in next_line(following.stderr)
        time.sleep(0.3)
        following.send_signal(signal.SIGTERM)
        following.communicate(timeout=30)
        assert following.returncode == 0
    assert store.counts() == {}
    store.close()


@pytest.mark.parametrize(
    "words", [("compact",), ("drop", "--before", "2016-01-01"), ("retention", "--days", "9")]
)
def test_a_table_that_stores_nothing_is_told(words: tuple[str, ...], workspace: Path) -> None:
    command, *options = words
    done = run(command, workspace, *options, "--table", "W3CIISLog")
    assert done.exit_code == 3
    assert "it shows those of web_event" in done.stderr
    assert run(command, workspace, *options, "--table", "nope").exit_code == 3


def test_retention_of_one_table(workspace: Path) -> None:
    run("retention", workspace, "--days", "4000")
    run("retention", workspace, "--days", "5000", "--table", "dns_event")
    assert rows("retention", workspace, "--table", "web_event") == [
        {"table": "(all others)", "days": 4000}
    ]
    assert run("retention", workspace, "--table", "nope").exit_code == 3
    assert run("retention", workspace, "--days", "9" * 20).exit_code == 3


def test_quarantine_is_of_the_usual_workspace(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.parent)
    assert run("show", "quarantine").exit_code == 3
    workspace.rename("vedette-workspace")
    assert run("show", "quarantine").exit_code == 2
