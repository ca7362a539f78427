"""Packages: what is read from a folder, and every mistake at its line and column."""

import datetime as dt
from pathlib import Path

import pytest

from vedette.detections.model import (
    Confidence,
    Detection,
    DetectionTest,
    Entity,
    PlacedProblem,
    Severity,
)
from vedette.detections.packages.read import is_package, read_package

WHOLE = """\
title: Printers asked for their settings
id: printer-settings
description: >
  One address asks many printers
  for their settings.
status: test
techniques: [T1590, T1590.004]
tactics: [Reconnaissance]
severity: low
confidence: high
tables: [CommonSecurityLog, events]
data_sources: ["Network Traffic: Network Traffic Flow"]
schedule: {lookback: 14d, step: 30m}
entities:
  SourceIP: IP
  AccountName: Account
false_positives:
  - Fleet managers
tests:
  - {number: 1, title: Ask ten printers, expected_signal: "ten rows: one each"}
  - {number: 2, title: Ask one printer}
references: [https://example.org/printers]
notes: Seen twice.
"""


def package(folder: Path, description: str, **queries: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "detection.yaml").write_text(description, encoding="utf-8")
    for name, text in (queries or {"sentinel_kql": "CommonSecurityLog\n| take 1\n"}).items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def places(problems: list[PlacedProblem]) -> list[tuple[str, int, int, str]]:
    found = [p.problem for p in problems]
    return [(p.code, p.line, p.column, p.message) for p in found]


def read(folder: Path) -> Detection:
    detection, problems = read_package(folder)
    assert problems == []
    assert detection is not None
    return detection


def test_every_key_is_read(tmp_path: Path) -> None:
    folder = package(tmp_path / "printers", WHOLE, qradar_aql="SELECT 1 FROM events")
    detection = read(folder)
    assert detection.id == "printer-settings"
    assert detection.title == "Printers asked for their settings"
    assert detection.description == "One address asks many printers for their settings."
    assert (detection.status, detection.severity) == ("test", Severity.LOW)
    assert detection.confidence is Confidence.HIGH
    assert detection.techniques == ("T1590", "T1590.004")
    assert detection.tactics == ("reconnaissance",)
    assert detection.tables == ("CommonSecurityLog", "events")
    assert detection.data_sources == ("Network Traffic: Network Traffic Flow",)
    assert detection.schedule is not None
    assert detection.schedule.lookback == dt.timedelta(days=14)
    assert detection.schedule.step == dt.timedelta(minutes=30)
    assert detection.entities == (Entity("SourceIP", "IP"), Entity("AccountName", "Account"))
    assert detection.false_positives == ("Fleet managers",)
    assert detection.tests == (
        DetectionTest(1, "Ask ten printers", "ten rows: one each"),
        DetectionTest(2, "Ask one printer", None),
    )
    assert detection.references == ("https://example.org/printers",)
    assert detection.notes == "Seen twice."
    assert detection.missing == ()
    assert (detection.form, detection.origin) == ("package", folder)


def test_queries_are_named_for_their_platforms(tmp_path: Path) -> None:
    kql = "Device\r\n| take 1"
    queries = {"sentinel_kql": kql, "defender_kql": "T", "qradar_aql": "SELECT x FROM events"}
    folder = tmp_path / "p"
    package(folder, WHOLE, **queries)
    (folder / "sentinel.kql").write_bytes(kql.encode())
    detection = read(folder)
    assert [(q.platform, q.language) for q in detection.queries] == [
        ("sentinel", "kql"),
        ("defender", "kql"),
        ("qradar", "aql"),
    ]
    sentinel = detection.queries[0]
    assert sentinel.text == kql
    assert sentinel.page.name == str(folder / "sentinel.kql")


def test_what_is_not_given_is_listed(tmp_path: Path) -> None:
    text = "title: A thing\ntechniques: [T1590]\nseverity: high\n"
    detection = read(package(tmp_path / "Some Folder", text))
    assert detection.id == "some-folder"
    assert detection.schedule is None
    assert detection.confidence is None
    missing = {m.field for m in detection.missing}
    assert {"description", "confidence", "schedule", "entities", "false_positives"} <= missing
    assert "title" not in missing
    assert "detection.yaml" in (detection.why_missing("schedule") or "")


MISTAKES = [
    (
        "titel: x\ntechniques: [T1590]\nseverity: hihg\ntactic: [reconnaissance]\n",
        [
            ("VD313", 1, 1, "the key 'title' is missing"),
            ("VD312", 1, 1, "detection.yaml has no key 'titel'"),
            ("VD314", 3, 11, "cannot be 'hihg'"),
            ("VD312", 4, 1, "detection.yaml has no key 'tactic'"),
        ],
    ),
    (
        "title: x\ntechniques: [T1590, 1591.002]\nseverity: low\nseverity: high\n",
        [
            ("VD314", 2, 21, "'1591.002' is not a technique's id"),
            ("VD312", 4, 1, "detection.yaml has the key 'severity' twice"),
        ],
    ),
    (
        "title:\ntechniques: T1590\nseverity: [low]\n",
        [
            ("VD314", 1, 7, "must be a text, and is empty"),
            ("VD314", 2, 13, "must be a list, not a single value"),
            ("VD314", 3, 11, "must be a text, not a list"),
        ],
    ),
    (
        (
            "title: x\ntechniques: []\nseverity: low\nschedule: {lookback: 24, setp: 1h}\n"
            "entities: {SourceIP: Ip, Host: host}\nid: Has Spaces\n"
        ),
        [
            ("VD314", 2, 13, "the list is empty"),
            ("VD314", 4, 22, "cannot be '24'"),
            ("VD312", 4, 26, "schedule has no key 'setp'"),
            ("VD314", 5, 22, "cannot be 'Ip'"),
            ("VD314", 5, 32, "cannot be 'host'"),
            ("VD314", 6, 5, "'Has Spaces' cannot be an id"),
        ],
    ),
    (
        (
            "title: x\ntechniques: [T1590]\nseverity: low\ntactics: [reconaissance]\n"
            "tests: [{title: no number}, {number: first, title: y}]\n"
        ),
        [
            ("VD314", 4, 11, "ATT&CK has no tactic 'reconaissance'"),
            ("VD314", 5, 9, "a test needs 'number' and 'title'"),
            ("VD314", 5, 38, "cannot be 'first'"),
        ],
    ),
    ("- title\n", [("VD314", 1, 1, "must be a mapping of keys to values")]),
    ("", [("VD313", 1, 1, "describes nothing: it is empty")]),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_every_mistake_is_told_at_once(
    tmp_path: Path, text: str, expected: list[tuple[str, int, int, str]]
) -> None:
    detection, problems = read_package(package(tmp_path / "p", text))
    assert detection is None
    assert places(problems) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("severty: low\n", "did you mean 'severity'?"),
        ("severity: High\n", "did you mean 'high'? (names are case-sensitive)"),
        ("tactics: [reconaissance]\n", "did you mean 'reconnaissance'?"),
        ("entities: {a: Ip}\n", "did you mean 'IP'? (names are case-sensitive)"),
        ("schedule: {lookback: 1 day}\n", "a length of time is written 10m, 24h or 14d"),
    ],
)
def test_a_mistake_comes_with_what_was_meant(tmp_path: Path, text: str, hint: str) -> None:
    _, problems = read_package(package(tmp_path / "p", text))
    assert hint in [p.problem.hint for p in problems]


def test_advice_does_not_refuse_a_package(tmp_path: Path) -> None:
    text = "title: x\ntechniques: [T1591.009]\nseverity: low\nschedule: {lookback: 1h, step: 1d}\n"
    detection, problems = read_package(package(tmp_path / "p", text))
    assert detection is not None
    assert [(p.problem.code, p.problem.severity) for p in problems] == [
        ("VD316", "warning"),
        ("VD317", "warning"),
    ]
    assert str(problems[0]).startswith(f"{tmp_path}/p/detection.yaml:2:14: warning VD316: ")


def test_query_files_of_other_names_are_refused(tmp_path: Path) -> None:
    folder = package(tmp_path / "p", WHOLE, sentinal_kql="T", qradar_kql="T")
    detection, problems = read_package(folder)
    assert detection is None
    assert [p.source.name for p in problems] == [
        str(folder / "qradar.kql"),
        str(folder / "sentinal.kql"),
    ]
    assert "did you mean 'sentinel.kql'" in problems[1].problem.hint


@pytest.mark.parametrize("query", ["", " \n\t\n"])
def test_an_empty_query_is_refused(tmp_path: Path, query: str) -> None:
    detection, problems = read_package(package(tmp_path / "p", WHOLE, sentinel_kql=query))
    assert detection is None
    assert [p.problem.message for p in problems] == ["holds no query: it is empty"]


def test_a_package_without_queries_is_refused(tmp_path: Path) -> None:
    folder = package(tmp_path / "p", WHOLE)
    (folder / "sentinel.kql").unlink()
    assert is_package(folder)
    detection, problems = read_package(folder)
    assert detection is None
    assert [(p.problem.code, p.problem.message) for p in problems] == [("VD315", "has no query")]
