"""The QRadar pages as published: one text, refused by a stock QRadar, silent on their own tests."""

from pathlib import Path
from typing import Any

import pytest
from tests.seeds.conftest import AT, NOW, only_query, store

from vedette import QueryError, Workspace
from vedette.detections.check import check_queries
from vedette.detections.find import load
from vedette.detections.model import Query

HARVESTER = {
    "EventID": 1,
    "UtcTime": AT.isoformat(timespec="milliseconds"),
    "Image": r"C:\tools\theHarvester\.venv\Scripts\theHarvester.exe",
    "CommandLine": "theHarvester.exe -d example.com -b crtsh",
    "User": r"CORP\analyst",
}


def test_the_two_pages_hold_one_query(shared: Path) -> None:
    pages = sorted((shared / "seeds").glob("00[01]_*.txt"))
    first, second = (only_query(page).text for page in pages)
    assert first == second
    assert len(first) == 1129


def test_silent_on_all_nine_tests(
    telemetry: dict[str, dict[str, Any]], qradar: Query, workspace: Workspace, tmp_path: Path
) -> None:
    records = [r for forms in telemetry.values() for r in forms.get("Sysmon", [])]
    store(workspace, tmp_path, records)
    assert len(workspace.query("DeviceProcessEvents", now=NOW)) == 6
    result = workspace.query(qradar.text, "aql", now=NOW)
    assert len(result) == 0
    assert {r.name for r in result.repairs} >= {"property-mapping", "log-source-type-mapping"}


def test_fires_where_the_image_carries_the_name(
    qradar: Query, workspace: Workspace, tmp_path: Path
) -> None:
    store(workspace, tmp_path, [HARVESTER])
    result = workspace.query(qradar.text, "aql", now=NOW)
    (row,) = result.rows()
    found = dict(zip([c.name for c in result.columns], row, strict=True))
    assert found["ProcessImage"] == HARVESTER["Image"]
    assert (found["RiskScore"], found["ToolCategory"]) == (75, "OSINT Harvester")
    assert found["EventTime"] == "2026-11-20 12:00:00"


def test_strict_answers_as_a_stock_qradar(qradar: Query, workspace: Workspace) -> None:
    with pytest.raises(QueryError) as refused:
        workspace.compile(qradar.text, "aql", strict=True)
    errors = [p for p in refused.value.problems if p.severity == "error"]
    image = next(p for p in errors if '"Image"' in p.message)
    assert image.code == "2000"
    assert image.message == 'Field "Image" does not exist in catalog "events"'
    assert "Process Path" in image.hint


def test_advice_is_given_with_line_and_column(qradar: Query, workspace: Workspace) -> None:
    """What the review of the pages found wrong with them beside what a stock QRadar refuses."""
    problems = workspace.compile(qradar.text, "aql").problems
    advice = {(p.code, p.line, p.column): p for p in problems}
    assert sorted(advice) == [
        ("VD211", 24, 24), ("VD211", 24, 58), ("VD219", 9, 26), ("VD220", 10, 6), ("VD220", 16, 6),
    ]  # fmt: skip
    assert "'%whois%' where WHERE selects '%whois %'" in advice["VD219", 9, 26].message
    assert "'%nikto%', '%spiderfoot%', '%-sV %'" in advice["VD220", 10, 6].message
    fix = advice["VD219", 9, 26].fix
    assert fix is not None
    assert (qradar.text[fix.span.start : fix.span.end], fix.text) == ("'%whois %'", "'%whois%'")


def test_strict_names_each_thing_that_a_stock_qradar_lacks(
    qradar: Query, workspace: Workspace
) -> None:
    with pytest.raises(QueryError) as refused:
        workspace.compile(qradar.text, "aql", strict=True)
    errors = [(p.code, p.line, p.column) for p in refused.value.problems if p.severity == "error"]
    assert errors == [("2000", 4, 1), ("2000", 4, 26), ("VD207", 26, 41)]


def test_checking_both_pages_says_that_they_hold_one_query(shared: Path) -> None:
    pages = sorted((shared / "seeds").glob("00[01]_*.txt"))
    with Workspace() as workspace:
        first, second = check_queries(load(pages).detections, workspace)
    assert "VD330" not in {p.code for p in first.problems}
    (same,) = [p for p in second.problems if p.code == "VD330"]
    assert same.line == second.query.line
    assert f"{pages[0]}:{first.query.line}" in same.message
