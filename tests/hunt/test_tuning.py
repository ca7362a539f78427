"""What a detection's tuning lets through is told apart from findings, and nothing is dropped."""

import datetime as dt
from pathlib import Path

import pytest

from vedette import Workspace
from vedette.detections.find import load
from vedette.hunt import HuntReport, hunt

LOG = """\
203.0.113.9 - - [04/Mar/2026:09:15:02 +0000] "GET /partners HTTP/1.1" 200 5 "-" "curl/8"
198.51.100.7 - - [04/Mar/2026:09:15:03 +0000] "GET /partners HTTP/1.1" 200 5 "-" "curl/8"
"""
TUNING = """\
allow:
  - column: {column}
    values: [{value}]
    reason: our own link checker
    owner: web team
    expires: {expires}
"""


def hunted(folder: Path, tuning: str) -> HuntReport:
    package = folder / "pages"
    package.mkdir()
    (package / "detection.yaml").write_text(
        "title: Pages\ntechniques: [T1594]\nseverity: low\nentities: {SourceIP: IP}\n"
    )
    (package / "sentinel.kql").write_text("CommonSecurityLog | project SourceIP, RequestURL")
    (package / "tuning.yaml").write_text(tuning)
    (folder / "access.log").write_text(LOG)
    loaded = load([package])
    assert not loaded.errors, loaded.errors
    with Workspace() as workspace:
        workspace.ingest(folder / "access.log")
        return hunt(workspace, loaded)


@pytest.mark.parametrize(
    ("value", "column", "left"),
    [
        ("198.51.100.7", "SourceIP", ["203.0.113.9"]),
        ("203.0.113.0/24", "sourceip", ["198.51.100.7"]),
        ("0.0.0.0/0", "SourceIP", []),
        ("192.0.2.1", "SourceIP", ["198.51.100.7", "203.0.113.9"]),
        ("198.51.100.7", "Absent", ["198.51.100.7", "203.0.113.9"]),
        ("/PARTNERS", "RequestURL", []),
    ],
)
def test_values_and_networks_are_let_through(
    tmp_path: Path, value: str, column: str, left: list[str]
) -> None:
    report = hunted(tmp_path, TUNING.format(column=column, value=value, expires="2999-01-01"))
    assert sorted(f.entity or "" for f in report.findings) == left
    assert len(report.allowed) == 2 - len(left)
    assert all(one.allowance.owner == "web team" for one in report.allowed)


def test_an_allowance_ends_on_its_day(tmp_path: Path) -> None:
    tuning = TUNING.format(column="SourceIP", value="0.0.0.0/0", expires="2020-01-01")
    report = hunted(tmp_path, tuning)
    assert len(report.findings) == 2
    assert any("ended on 2020-01-01" in warning for warning in report.warnings)


def test_the_day_is_that_of_the_hunts_clock(tmp_path: Path) -> None:
    tuning = TUNING.format(column="SourceIP", value="0.0.0.0/0", expires="2026-03-04")
    package = hunted(tmp_path, tuning).runs[0].detection
    with Workspace() as workspace:
        workspace.ingest(tmp_path / "access.log")
        now = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
        assert len(hunt(workspace, [package], now=now).allowed) == 2
        assert len(hunt(workspace, [package], now=now + dt.timedelta(days=1)).allowed) == 0


@pytest.mark.parametrize(
    ("tuning", "said"),
    [
        ("allow:\n  - column: a\n", "needs 'values'"),
        (TUNING.format(column="a", value="b", expires="soon"), "'soon' is no day"),
        ("permit: []\n", "no key 'permit'"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, tuning: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        hunted(tmp_path, tuning)
