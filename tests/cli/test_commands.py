"""The commands over logs and queries, as they are typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main

LINE = (
    '203.0.113.{} - - [20/Nov/2026:08:0{}:00 +0000] "GET /partners HTTP/1.1" 200 12 "-" "curl/8"\n'
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An access log of four requests from two addresses."""
    file = tmp_path / "access.log"
    file.write_text("".join(LINE.format(n % 2 + 1, n) for n in range(4)))
    return file


def run(*words: str | Path, text: str | None = None) -> Result:
    """The command line, run."""
    return CliRunner().invoke(main, [str(word) for word in words], input=text)


KQL = "CommonSecurityLog | summarize n = count() by SourceIP | sort by SourceIP asc"
AQL = "SELECT sourceip, COUNT(*) AS n FROM events GROUP BY sourceip ORDER BY sourceip LAST 99 DAYS"
SQL = "SELECT source_ip AS ip, count(*) AS n FROM web_event GROUP BY ip ORDER BY ip"


@pytest.mark.parametrize(("language", "query"), [("kql", KQL), ("aql", AQL), ("sql", SQL)])
def test_query_in_every_language(language: str, query: str, log: Path) -> None:
    now = ("--now", "2026-11-21") if language != "sql" else ()
    done = run("query", "--language", language, query, log, "--format", "json", *now)
    assert done.exit_code == 0, done.stderr
    rows = [list(row.values()) for row in json.loads(done.stdout)]
    assert rows == [["203.0.113.1", 2], ["203.0.113.2", 2]]


def test_query_from_a_file_and_from_standard_input(log: Path, tmp_path: Path) -> None:
    file = tmp_path / "by-address.kql"
    file.write_text(KQL)
    outputs = [
        run("query", file, log, "--format", "csv"),
        run("query", "-", log, "--format", "csv", text=KQL),
    ]
    assert [o.exit_code for o in outputs] == [0, 0]
    assert outputs[0].stdout == outputs[1].stdout
    assert outputs[0].stdout.splitlines() == ["SourceIP,n", "203.0.113.1,2", "203.0.113.2,2"]


def test_a_select_without_a_language_is_asked_for_one(log: Path) -> None:
    done = run("query", f" \n{AQL}", log)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "--language aql, or --language sql" in done.stderr


def test_a_refused_query_shows_its_places_and_exits_2(log: Path) -> None:
    done = run("query", "CommonSecurityLog | where SorceIP == 'x'", log)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "query:1:27: error KS142" in done.stderr
    assert "^^^^^^^" in done.stderr
    assert "SourceIP" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("query", "print 1", "absent.log"), ("query", "absent.kql"), ("ingest", "absent.log"),
     ("status", "absent"), ("show", "NoSuchTable"), ("query", "print 1", "--now", "soon")],
)  # fmt: skip
def test_wrong_words_exit_3(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 3, done.output
    assert done.stderr


def test_ingest_then_status_then_query(log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    first = run("ingest", log, "--workspace", folder, "--format", "json")
    again = run("ingest", log, "--workspace", folder, "--format", "json")
    assert (first.exit_code, again.exit_code) == (0, 0)
    (file,) = json.loads(first.stdout)
    assert (file["read"], file["stored"], file["format"]) == (4, 4, "access_log")
    (file,) = json.loads(again.stdout)
    assert (file["stored"], file["skipped"]) == (0, 4)
    (table,) = json.loads(run("status", folder, "--format", "json").stdout)
    assert (table["table"], table["rows"]) == ("web_event", 4)
    counted = run("query", "CommonSecurityLog | count", folder, "--format", "jsonl")
    assert json.loads(counted.stdout) == {"Count": 4}


def test_ingest_into_a_declared_table(tmp_path: Path) -> None:
    file, folder = tmp_path / "tools.csv", tmp_path / "workspace"
    file.write_text("name,seen\nnmap,2026-01-01T00:00:00Z\nbroken,yesterday\n")
    words = ("--table", "Tools", "--columns", "name:string, seen:datetime")
    done = run("ingest", file, "--workspace", folder, *words)
    assert done.exit_code == 1
    assert "1 quarantined" in done.stderr
    (piece,) = json.loads(
        run("show", "quarantine", "--workspace", folder, "--format", "json").stdout
    )
    assert "seen" in piece["reason"]
    rows = run("query", "Tools | project name", folder, "--format", "jsonl").stdout
    assert json.loads(rows) == {"name": "nmap"}


def test_a_folder_with_nothing_readable_exits_2(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# notes\n")
    done = run("ingest", tmp_path / "notes.md", "--workspace", tmp_path / "workspace")
    assert done.exit_code == 2
    assert "nothing could be read" in done.stderr


def test_explain_shows_plan_columns_and_statement() -> None:
    done = run("explain", "DeviceProcessEvents | where FileName has 'nmap' | project Timestamp")
    assert done.exit_code == 0
    assert "text_has_term(FileName#" in done.stdout
    assert "Timestamp: datetime" in done.stdout
    assert "SELECT" in done.stdout


def test_check_tells_every_problem_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "good.kql").write_text("DeviceProcessEvents | take 1")
    (tmp_path / "bad.aql").write_text("SELECT nosuchfield FROM events LAST 1 HOURS")
    done = run("check", tmp_path, "--format", "json")
    assert done.exit_code == 1
    (problem,) = [p for p in json.loads(done.stdout) if p["severity"] == "error"]
    assert problem["code"] == "2000"
    assert problem["file"].endswith("bad.aql")
    assert run("check", tmp_path / "good.kql").exit_code == 0
    assert run("check", "--strict", tmp_path).exit_code == 2


@pytest.mark.parametrize("topic", ["tables", "detections", "formats", "CommonSecurityLog"])
def test_show(topic: str) -> None:
    done = run("show", topic, "--format", "json")
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)) > 3
