"""``vedette import``: what a page holds, what it lacks, and the package that comes of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vedette.cli import main
from vedette.cli.exits import NOTHING_RAN, OK, USAGE
from vedette.detections.find import load

PAGE = """Detect Odd Visits in Microsoft Sentinel

Somebody visits, and that is odd.

MITRE ATT&CK

Tactic
Reconnaissance
Technique
T1591 Gather Victim Org Information
Sub-technique
T1591.002 Business Relationships

KQL Detection Query

CommonSecurityLog
| where TimeGenerated > ago(24h)
| where RequestURL has "/partners"

medium severity low confidence

Required Tables

CommonSecurityLog

False Positives & Tuning

- Search engines

Testing Methodology

- Test 1Fetch the page
Expected signal: a line in the access log with the path /partners.
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.txt"
    file.write_text(PAGE)
    return file


def vedette(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_what_a_page_holds_is_shown_with_what_it_lacks(page: Path) -> None:
    done = vedette("import", page)
    assert done.exit_code == OK, done.output
    said = " ".join(done.stdout.split())
    for part in (
        "Detect Odd Visits in Microsoft Sentinel",
        "technique T1591.002 Business Relationships",
        "tactic reconnaissance",
        "platform sentinel",
        "severity medium",
        "confidence low",
        "KQL query 3 lines, from line 16",
        "tables CommonSecurityLog",
        "false positives Search engines",
        "test 1 Fetch the page expected signal: a line in the access log",
        "not found references: the page has no section 'References'",
    ):
        assert part in said


def test_json_holds_the_query_as_it_is_published(page: Path) -> None:
    (said,) = json.loads(vedette("import", page, "--format", "json").stdout)
    (query,) = said["queries"]
    assert query["text"].splitlines()[0] == "CommonSecurityLog"
    assert (query["platform"], query["language"], query["line"]) == ("sentinel", "kql", 16)
    assert said["tests"][0]["number"] == 1
    assert {"field": "references", "reason": "the page has no section 'References'"} in said[
        "not_found"
    ]
    lines = vedette("import", page, page, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [said["id"]]


def test_a_page_becomes_a_package_that_reads_as_it(page: Path, tmp_path: Path) -> None:
    output = tmp_path / "packages"
    done = vedette("import", page, "--output", output)
    assert done.exit_code == OK, done.output
    (published,) = load([page]).detections
    (written,), problems = load([output])
    assert [p for p in problems if p.problem.severity == "error"] == []
    assert written.queries[0].text.rstrip() == published.queries[0].text.rstrip()
    for part in ("id", "title", "techniques", "severity", "confidence", "tables", "tests"):
        assert getattr(written, part) == getattr(published, part)
    again = vedette("import", page, "--output", output)
    assert again.exit_code == USAGE
    assert "is there already" in again.stderr


def test_what_a_package_still_needs_is_said(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE.replace("medium severity low confidence\n", ""))
    done = vedette("import", page, "--output", tmp_path / "packages")
    assert "add to its detection.yaml: severity" in done.stderr


def test_nothing_read_is_exit_code_2(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear all,\n")
    assert vedette("import", other).exit_code == NOTHING_RAN
    absent = vedette("import", tmp_path / "absent.txt")
    assert absent.exit_code == NOTHING_RAN
    assert "there is no such file" in absent.stderr
