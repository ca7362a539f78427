"""What people do that nobody meant: closed and full streams, damaged folders, hostile names."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main
from vedette.cli.exits import INTERRUPTED, NOTHING_RAN, OK, USAGE
from vedette.cli.output import write_rows
from vedette.workspace import Workspace

LINE = '203.0.113.{} - - [01/Nov/2015:08:00:00 +0000] "GET /{} HTTP/1.1" 200 12 "-" "curl/8"\n'
PROGRAM = "from vedette.cli import main; main()"
posix = pytest.mark.skipif(os.name != "posix", reason="streams are closed by a POSIX shell")


def run(*words: str | Path, input: str | bytes | None = None) -> Result:
    """The command line, run; nothing but an exit may come out of it."""
    done = CliRunner().invoke(main, [str(word) for word in words], input=input)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three requests."""
    file = tmp_path / "access.log"
    file.write_text("".join(LINE.format(n, n) for n in range(1, 4)))
    return file


@pytest.fixture
def workspace(tmp_path: Path, log: Path) -> Path:
    """A workspace of these requests."""
    with Workspace(tmp_path / "workspace") as opened:
        opened.ingest(log)
    return tmp_path / "workspace"


@posix
@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        (">&-", OK, ""),
        ("2>&-", OK, ""),
        ("<&- >&- 2>&-", OK, ""),
        pytest.param(
            ">/dev/full", NOTHING_RAN, "writing failed: No space left",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full"),
        ),
    ],
)  # fmt: skip
def test_streams_that_are_closed_or_full(how: str, code: int, told: str) -> None:
    program = f'"{sys.executable}" -c "{PROGRAM}" query "print 1" {how}'
    done = subprocess.run(program, shell=True, capture_output=True, text=True)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stream_that_is_not_in_unicode() -> None:
    program = [sys.executable, "-c", PROGRAM, "query", "print '\u65e5\xe9'", "--format"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for output_format, expected in (("json", '"\\u65e5\\u00e9"'), ("table", "\\u65e5\\xe9")):
        done = subprocess.run([*program, output_format], capture_output=True, env=environment)
        assert done.returncode == OK, done.stderr
        assert expected.encode() in done.stdout


def test_control_c_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vedette.cli.sources.read_query", interrupted)
    done = run("query", "print 1")
    assert (done.exit_code, done.stderr.strip()) == (INTERRUPTED, "Interrupted.")


def test_standard_input() -> None:
    assert run("query", "-", input=b"\xef\xbb\xbfprint 1").exit_code == OK
    done = run("query", "-", input=b'print "\xff"')
    assert done.exit_code == USAGE
    assert "standard input is not UTF-8" in done.stderr


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none_in_utc(time: str, workspace: Path) -> None:
    done = run("drop", workspace, "--before", time)
    assert done.exit_code == USAGE
    assert "outside the years 1 to 9999" in done.stderr


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("a:foo", "no type 'foo'"),
        ("a:int,a:string", "a column comes twice"),
        ("a: int, :long", "write name:type"),
    ],
)
def test_columns_that_cannot_be_declared(
    columns: str, told: str, log: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    done = run("ingest", log, "--workspace", folder, "--table", "T", "--columns", columns)
    assert done.exit_code == USAGE
    assert told in done.stderr


def test_a_workspace_where_none_can_be(log: Path) -> None:
    for place in (log, log / "deeper"):
        done = run("ingest", log, "--workspace", place)
        assert done.exit_code == NOTHING_RAN
        assert f"{place} cannot be written" in done.stderr


def _lost(workspace: Path) -> None:
    (workspace / "manifest.sqlite").write_bytes(b"")


def _garbled(workspace: Path) -> None:
    (workspace / "manifest.sqlite").write_bytes(b"no database" * 500)


def _halved(workspace: Path) -> None:
    file = workspace / "manifest.sqlite"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _lock(workspace: Path) -> None:
    (workspace / "lock.sqlite").write_bytes(b"no database" * 500)


def _mappings(workspace: Path) -> None:
    (workspace / "mappings.toml").write_text("x=[")


def _watchlists(workspace: Path) -> None:
    (workspace / "watchlists").mkdir()
    (workspace / "watchlists" / "watchlists.json").write_text("{")


def _events(workspace: Path) -> None:
    for file in (workspace / "lake").glob("*/*/*.parquet"):
        file.write_bytes(b"PAR1")


DAMAGES = (_lost, _garbled, _halved, _lock, _mappings, _watchlists, _events)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_workspace_is_told(
    damage: Callable[[Path], None], workspace: Path, tmp_path: Path
) -> None:
    damage(workspace)
    query = tmp_path / "query.aql"
    query.write_text("SELECT sourceip FROM events LAST 9999 DAYS")
    kept = sorted((workspace / "lake").glob("*/*/*.parquet"))
    for words in (("hunt", workspace, "--detections", query), ("status", workspace)):
        if words[0] == "status" and damage in (_watchlists, _events):
            continue  # it asks neither
        done = run(*words)
        assert done.exit_code in (NOTHING_RAN, USAGE), done.output
        assert str(workspace) in done.stderr or "cannot be read" in done.stderr
    assert sorted((workspace / "lake").glob("*/*/*.parquet")) == kept


def test_a_lost_manifest_leaves_the_events(workspace: Path, log: Path) -> None:
    (workspace / "manifest.sqlite").unlink()
    done = run("ingest", log, "--workspace", workspace)
    assert done.exit_code == NOTHING_RAN
    assert "lost or empty" in done.stderr
    assert list((workspace / "lake").glob("*/*/*.parquet"))
    shutil.rmtree(workspace / "lake")
    assert run("ingest", log, "--workspace", workspace).exit_code == OK


def test_names_of_logs_do_not_drive_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[2J\x9b.log"
    file.write_bytes(b"\x00\x01" * 50)
    done = CliRunner().invoke(main, ["ingest", str(file), "--workspace", str(tmp_path / "w")])
    assert "a\\x1b[2J\\x9b.log" in done.stderr


class Terminal:
    """A stream that says it is a terminal, of so many columns."""

    encoding = "utf-8"

    def __init__(self) -> None:
        """Nothing is written yet."""
        self.text = ""

    def isatty(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Keep the text."""
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


def shown(columns: list[str], rows: list[tuple[object, ...]], output_format: str) -> str:
    """What a terminal gets."""
    terminal = Terminal()
    write_rows(columns, rows, output_format, terminal)  # type: ignore[arg-type]
    return terminal.text


def test_csv_and_json_on_a_terminal() -> None:
    hostile = "a\x1b[2J\x9b\u202e\x7f"
    assert shown(["x"], [(hostile,)], "csv") == "x\r\na\\x1b[2J\\x9b\\u202e\\x7f\r\n"
    text = shown(["x"], [(hostile + "\ud800",)], "jsonl")
    assert text.isascii()
    assert json.loads(text) == {"x": hostile + "\ud800"}


def test_a_table_wider_than_the_terminal_is_shown_as_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = [f"column{n}" for n in range(9)]
    text = shown(columns, [(*["some words"] * 8, None)], "table")
    assert text.splitlines()[:2] == ["-- 1 --", "column0  some words"]
    assert "column8" not in text
    assert shown(columns, [], "table") == ", ".join(columns) + "\n"
    assert "│ some words" in shown(["column"], [("some words",)], "table")


def test_all_seven_digits_are_written() -> None:
    query = "print t=datetime(2026-01-02T03:04:05.1234567), s=1tick, n=datetime(null)"
    done = run("query", query, "--format", "jsonl")
    assert json.loads(done.stdout) == {
        "t": "2026-01-02T03:04:05.1234567Z", "s": "00:00:00.0000001", "n": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        "'infinity'::TIMESTAMP", "TIMESTAMP '20000-01-01'", "DATE '-44-01-01'",
        "['infinity'::TIMESTAMP]", "INTERVAL '1000000 years'",
    ],
)  # fmt: skip
def test_sql_beyond_our_range_is_refused(value: str) -> None:
    done = run("query", f"SELECT {value} AS x", "--language", "sql")
    assert done.exit_code == NOTHING_RAN
    assert "outside the years" in done.stderr or "longer than a timespan" in done.stderr


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with a query and a rule for requests, and a query of a table without rows."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "get.kql").write_text('web_event | where method == "GET"')
    (folder / "get.yml").write_text(
        "title: GET\nlogsource: {category: webserver}\n"
        "detection:\n  s: {cs-method: GET}\n  condition: s\n"
    )
    (tmp_path / "none.kql").write_text("DeviceNetworkEvents | where RemotePort == 1")
    return folder


def test_two_without_data_do_not_agree(rules: Path, log: Path) -> None:
    none, get = rules.parent / "none.kql", rules / "get.kql"
    assert run("compare", none, none, "--logs", log).exit_code == NOTHING_RAN
    assert run("compare", none, get, "--logs", log).exit_code == 1
    done = run("compare", get, get, "--logs", log, "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["agree"]) == (OK, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothere.txt",), "there is no nothere.txt"),
        (("rules", "--platform", "nope"), "pick one with --platform: sentinel, sigma"),
        (("rules", "--language", "kql"), "--language goes with one query"),
        (("rules/get.kql", "--platform", "sigma"), "--platform goes with a package"),
        (("rules/get.log",), "does not say the query's language"),
    ],
)
def test_what_cannot_be_explained(
    words: tuple[str, ...], told: str, rules: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(rules.parent)
    (rules / "get.log").write_text("web_event")
    query, *options = words
    done = run("why", query, log, *options)
    assert done.exit_code == USAGE
    assert told in done.stderr
    done = run("why", "rules/get.log", log, "--language", "kql")
    assert done.exit_code == 1, done.output


def test_a_query_longer_than_a_name_can_be(log: Path) -> None:
    text = "SELECT sourceip FROM events WHERE " + " OR ".join(["sourceip='1.2.3.4'"] * 60)
    assert run("why", f"{text} LAST 5 DAYS", log, "--language", "aql").exit_code == OK
    assert run("compare", "x" * 300, "y" * 300).exit_code == USAGE


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--detections", "get.kql"), NOTHING_RAN, "no test here that could be carried out"),
        (("T1591.002-1", "--argument", "nope=1"), USAGE, "they have domain, output"),
    ],
)
def test_what_cannot_be_carried_out(
    words: tuple[str, ...], code: int, told: str, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(rules)
    done = run("emulate", *words)
    assert done.exit_code == code
    assert told in done.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("title: x\ndetection: [\n", "VD310"),
        ("title: x\ndetection:\n  s: {a: b}\n  condition: s\n", "VD402"),
        ("title: x\n", "VD320"),
    ],
)
def test_what_a_rule_lacks_is_told(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "rule.yml").write_text(text)
    done = run("check", tmp_path / "rule.yml", "--format", "json")
    assert done.exit_code in (1, NOTHING_RAN)
    assert [row["code"] for row in json.loads(done.stdout)] == [code]


def test_a_cache_that_cannot_be_kept(rules: Path, log: Path) -> None:
    done = run("hunt", log, "--detections", rules, "--cache", log / "deeper")
    assert done.exit_code == USAGE
    assert "--cache" in done.stderr


def test_logs_from_standard_input(log: Path, rules: Path, tmp_path: Path) -> None:
    lines = log.read_bytes()
    done = run("query", "web_event | count", "-", "--format", "jsonl", input=lines)
    assert json.loads(done.stdout) == {"Count": 3}
    assert run("hunt", "-", "--detections", rules, input=lines).exit_code == 1
    assert run("why", rules / "get.kql", "-", input=lines).exit_code == 1
    kept = tmp_path / "kept"
    assert run("ingest", "-", "--workspace", kept, input=lines).exit_code == OK
    again = run("ingest", "-", "--workspace", kept, "--format", "jsonl", input=lines)
    assert json.loads(again.stdout)["skipped"] == 3
    added = run("watchlist", "add", "L", "-", "--workspace", kept, input=b"a,b\n1,2\n")
    assert added.exit_code == OK
    assert run("query", "print 1", "-", input=b"").exit_code == NOTHING_RAN


@pytest.mark.parametrize(
    "words",
    [
        ("query", "-", "-"),
        ("why", "-", "-"),
        ("hunt", "access.log", "--detections", "-"),
        ("ingest", "-", "--follow"),
        ("ingest", "access.log", "--follow", "--interval", "nan"),
        ("ingest", "access.log", "--follow", "--interval", "inf"),
        ("query", "rules/get.yml", "access.log", "--output", "x"),
        ("explain", "rules/get.yml", "--output", "x"),
    ],
)
def test_words_that_do_not_go_together(
    words: tuple[str, ...], rules: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(rules.parent)
    assert run(*words, input=b"print 1").exit_code == USAGE


def test_a_report_where_no_folder_is(rules: Path, log: Path) -> None:
    page = rules / "none" / "page.html"
    for words in (
        ("hunt", log, "--detections", rules, "--report", page),
        ("prove", rules, "--report", page),
        ("prove", rules, "--junit", page),
    ):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (USAGE, "")
        assert "there is no folder" in done.stderr
