"""The QRadar pages as published: one text, refused by a stock QRadar, silent on their own tests."""

from pathlib import Path
from typing import Any

import pytest
from tests.seeds.conftest import AT, NOW, only_query, store

from vedette import QueryError, Workspace
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
