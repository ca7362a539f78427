"""``vedette hunt`` from logs to exit code, table, JSON and page."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main
from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, USAGE

LINE = (
    "198.51.100.7 - - [01/Mar/2026:10:{minute:02d}:00 +0000] "
    '"GET {path} HTTP/1.1" 200 5 "-" "{agent}"\n'
)
SCANS = "SELECT sourceip, COUNT(*) AS n FROM events WHERE url ILIKE '%/partners%'"
SCANS += " GROUP BY sourceip HAVING n > 2 LAST 1 HOURS"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    file = tmp_path / "access.log"
    paths = ["/partners", "/partners/a", "/partners/b", "/", "/"]
    agents = ["curl", "<script>alert(1)</script>", "x", "y", "z"]
    file.write_text(
        "".join(
            LINE.format(minute=n, path=path, agent=agent)
            for n, (path, agent) in enumerate(zip(paths, agents, strict=True))
        )
        + "this is no line of a log\n"
    )
    return file


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return query(tmp_path, "scans.aql", SCANS)


def query(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def vedette(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_findings_are_a_table_and_exit_code_1(logs: Path, scans: Path) -> None:
    done = vedette("hunt", logs, "--detections", scans)
    assert done.exit_code == FINDINGS, done.output
    header, rule, row, *_ = done.stdout.splitlines()
    assert header.split("  ")[0] == "severity"
    assert set(rule) == {"-", " "}
    assert row.split() == ["not", "stated", "scans", "qradar", "198.51.100.7", "3",
                           "2026-03-01T10:00:00Z", "2026-03-01T10:02:00Z"]  # fmt: skip
    assert "\nRan\n" in done.stdout
    assert "1 quarantined" in done.stderr


def test_no_findings_is_exit_code_0(logs: Path, tmp_path: Path) -> None:
    quiet = query(tmp_path, "quiet.aql", SCANS.replace("n > 2", "n > 9"))
    done = vedette("hunt", logs, "--detections", quiet)
    assert done.exit_code == OK, done.output
    assert done.stdout.startswith("No findings.\n")


def test_a_table_without_data_is_not_a_clean_result(logs: Path, tmp_path: Path) -> None:
    mail = query(tmp_path, "mail.kql", "EmailEvents | where Timestamp > ago(1d)")
    done = vedette("hunt", logs, "--detections", mail)
    assert done.exit_code == NOTHING_RAN, done.output
    assert done.stdout.startswith("Nothing could run.\n")
    assert "no data: EmailEvents holds no rows" in done.stdout


def test_strict_fails_where_anything_could_not_run(logs: Path, scans: Path, tmp_path: Path) -> None:
    wrong = query(tmp_path, "wrong.aql", "SELECT FROM events")
    words = ("hunt", logs, "--detections", scans, "--detections", wrong)
    done = vedette(*words)
    assert done.exit_code == FINDINGS, done.output
    assert "Could not run" in done.stdout
    assert "wrong.aql:1:" in done.stderr
    assert vedette(*words, "--strict").exit_code == NOTHING_RAN


def test_a_workspace_is_hunted_as_it_is(logs: Path, scans: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    assert vedette("ingest", logs, "--workspace", workspace).exit_code == FINDINGS
    assert vedette("hunt", workspace, "--detections", scans).exit_code == FINDINGS
    mixed = vedette("hunt", workspace, logs, "--detections", scans)
    assert mixed.exit_code == USAGE
    assert "cannot be read together with other logs" in mixed.stderr


def test_json_holds_everything(logs: Path, scans: Path) -> None:
    done = vedette("hunt", logs, "--detections", scans, "--format", "json")
    assert done.exit_code == FINDINGS, done.output
    said = json.loads(done.stdout)
    assert [(f["entity"], f["count"]) for f in said["findings"]] == [("198.51.100.7", 3)]
    assert len(said["findings"][0]["events"]) == 3
    assert said["quarantined"] == 1
    assert [run["status"] for run in said["ran"]] == ["ran"]


def test_jsonl_is_a_finding_a_line(logs: Path, scans: Path) -> None:
    done = vedette("hunt", logs, "--detections", scans, "--format", "jsonl")
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["detection"] == "scans"
    assert "\nRan\n" in done.stderr


def test_csv_has_the_columns_of_the_table(logs: Path, scans: Path) -> None:
    header, row = vedette(
        "hunt", logs, "--detections", scans, "--format", "csv"
    ).stdout.splitlines()
    assert header == "severity,detection,platform,entity,count,first seen,last seen"
    assert row.startswith(",scans,qradar,198.51.100.7,3,")


def test_the_report_is_one_page(logs: Path, scans: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = vedette("hunt", logs, "--detections", scans, "--report", page)
    assert done.exit_code == FINDINGS, done.output
    text = page.read_text()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    absent = vedette("hunt", logs, "--detections", scans, "--report", tmp_path / "no" / "r.html")
    assert absent.exit_code == USAGE
    assert "cannot be written" in absent.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--now", "2026-03-01", "--since", "2026-03-01"), "--now pins one window"),
        (("--since", "2026-03-02", "--until", "2026-03-01"), "--since lies after --until"),
        (("--since", "yesterday"), "is no time"),
        (("--detections", "absent.kql"), "there is no absent.kql"),
    ],
)
def test_options_that_cannot_be_are_errors_of_usage(
    logs: Path, options: tuple[str, ...], said: str
) -> None:
    done = vedette("hunt", logs, *options)
    assert done.exit_code == USAGE
    assert said in done.stderr


def test_a_query_among_the_logs_is_an_error_of_usage(logs: Path, scans: Path) -> None:
    done = vedette("hunt", logs, scans)
    assert done.exit_code == USAGE
    assert "is a query, not a log" in done.stderr


def test_bounds_and_a_pinned_window_choose_the_events(logs: Path, scans: Path) -> None:
    words = ("hunt", logs, "--detections", scans)
    assert vedette(*words, "--since", "2026-03-01T10:01:00Z").exit_code == OK
    assert vedette(*words, "--now", "2026-03-01T10:05:00Z").exit_code == FINDINGS
    later = vedette(*words, "--now", "2026-03-01T12:00:00Z")
    assert later.exit_code == NOTHING_RAN
    assert "no data in the window" in later.stdout


def test_our_own_detections_are_the_default(logs: Path) -> None:
    done = vedette("hunt", logs, "--format", "json")
    said = json.loads(done.stdout)
    assert len(said["ran"]) + len(said["could_not_run"]) >= 14
    refused = [run for run in said["could_not_run"] if run["status"] != "no data"]
    assert refused == []
