"""The shipped detections find what they are for, and stay quiet on what only looks like it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.content.played import Played, cases, machine, write_logs

from vedette.detections.find import shipped
from vedette.detections.model import PLATFORMS
from vedette.workspace.workspace import Workspace

LANGUAGES = ("kql", "aql")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("content")
    write_logs(folder / "logs")
    with Workspace(folder / "workspace") as workspace:
        workspace.ingest(folder / "logs")
        yield Played(workspace)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tools_are_told_by_how_they_are_started(played: Played, language: str) -> None:
    rows = played.rows("osint-tools-run", language)
    found = {row["DeviceName"]: row["Tool"] for row in rows}
    processes = cases("processes.toml", "process")
    assert found == {machine(case): case["tool"] for case in processes if "tool" in case}
    assert len(rows) == len(found)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("detection", ["partner-pages-fetched", "operational-pages-fetched"])
def test_loops_of_commands_are_counted(played: Played, detection: str, language: str) -> None:
    found = {row["DeviceName"] for row in played.rows(detection, language)}
    loops = cases("processes.toml", "loop")
    assert found == {machine(case) for case in loops if case.get("fires") == detection}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("detection", ["partner-pages-scraped", "operational-pages-scraped"])
def test_scrapers_are_told_from_readers(played: Played, detection: str, language: str) -> None:
    found = sorted(row["SourceIP"] for row in played.rows(detection, language))
    visitors = cases("visits.toml", "visitor")
    assert found == sorted(c["address"] for c in visitors if c.get("fires") == detection)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("detection", ["partner-questions-by-mail", "tempo-questions-by-mail"])
def test_questions_are_told_from_business(played: Played, detection: str, language: str) -> None:
    found = {row["SenderFromAddress"] for row in played.rows(detection, language)}
    keys = ("fires", "aql_only") if language == "aql" else ("fires",)
    letters = cases("letters.toml", "letter")
    assert found == {c["sender"] for c in letters if detection in {c.get(k) for k in keys}}


def test_a_scraper_is_shown_with_its_pace_and_share(played: Played) -> None:
    rows = played.rows("operational-pages-scraped", "kql")
    by_address: dict[str, dict[str, Any]] = {row["SourceIP"]: row for row in rows}
    slow, script = by_address["203.0.113.12"], by_address["203.0.113.10"]
    assert (slow["Pace"], slow["Topics"], slow["Requests"], slow["Share"]) == ("slow", 9, 9, 1.0)
    assert slow["LastSeen"] - slow["FirstSeen"] == dt.timedelta(seconds=8 * 3000)
    assert (script["Pace"], script["Topics"], script["Pages"]) == ("fast", 6, 7)
    assert script["Share"] == 7 / 8
    assert script["Agents"] == ["python-requests/2.31.0"]


@pytest.mark.parametrize("detection", [d.id for d in shipped().detections])
def test_a_shipped_detection_says_what_a_reader_needs(detection: str, root: Path) -> None:
    found = next(d for d in shipped().detections if d.id == detection)
    assert {q.platform: q.language for q in found.queries} == {
        "sentinel": PLATFORMS["sentinel"], "qradar": PLATFORMS["qradar"], "sigma": "sigma",
    }  # fmt: skip
    assert found.quiet
    assert {m.field for m in found.missing} <= {"tests"}
    assert found.schedule is not None
    assert found.schedule.lookback == dt.timedelta(days=1)
    assert all(t.startswith("T1591") for t in found.techniques)
    folder = found.origin.parent.name
    assert found.origin.parent.parent == root / "content" / "recon"
    assert folder.startswith(tuple(found.techniques))
