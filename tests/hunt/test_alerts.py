"""Analytics rules in a hunt: when runs alert, what findings are made of their rows."""

from dataclasses import replace
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import DAY, HOUR, at, detection, event

from vedette.detections.model import Alert, Schedule, Severity, Trigger
from vedette.hunt import HuntReport, hunt
from vedette.workspace import Workspace

QUERY = "DeviceProcessEvents | summarize n = count() by DeviceName, AccountName"


def rows() -> list[dict[str, Any]]:
    """Three machines in the first hour, one in the second, none in the third, one in the fourth."""
    hosts = [("a", 0), ("b", 0), ("c", 0), ("a", 1), ("a", 3)]
    return [
        event(n, f"2026-01-01T{hour:02}:30:00", host=host, user=f"u{n}")
        for n, (host, hour) in enumerate(hosts)
    ]


@pytest.fixture
def workspace(make_workspace: Make) -> Workspace:
    return make_workspace(process_event=rows())


def hunted(workspace: Workspace, query: str = QUERY, **parts: Any) -> HuntReport:
    one = detection(query, "kql", "sentinel", HOUR, HOUR, **parts)
    return hunt(workspace, [one], until=at("2026-01-01T04:00:00"))


TRIGGERS = [
    (None, {"a": 3, "b": 1, "c": 1}),
    (Trigger("gt", 0), {"a": 3, "b": 1, "c": 1}),
    (Trigger("gt", 2), {"a": 1, "b": 1, "c": 1}),
    (Trigger("eq", 3), {"a": 1, "b": 1, "c": 1}),
    (Trigger("lt", 2), {"a": 2}),
    (Trigger("ne", 1), {"a": 1, "b": 1, "c": 1}),
    (Trigger("gt", 3), {}),
]


@pytest.mark.parametrize(("trigger", "found"), TRIGGERS)
def test_a_run_alerts_by_its_number_of_rows(
    workspace: Workspace, trigger: Trigger | None, found: dict[str, int]
) -> None:
    report = hunted(workspace, trigger=trigger)
    assert {f.entity: f.count for f in report.findings} == found
    (run,) = report.runs
    assert (run.status, len(run.windows.evaluated)) == ("ran", 3)


def test_absence_is_found_where_there_is_data(workspace: Workspace) -> None:
    report = hunted(workspace, f"{QUERY} | where DeviceName == 'b'", trigger=Trigger("lt", 1))
    (finding,) = report.findings
    assert (finding.entity, finding.count, finding.rows) == (None, 2, ())
    assert finding.first_seen == at("2026-01-01T01:30:00")
    assert [w for w in report.warnings if "windows without data" in w]


def test_each_row_may_be_a_finding(workspace: Workspace) -> None:
    report = hunted(workspace, alert=Alert(each_row=True))
    assert sorted(str(f.entity) for f in report.findings) == ["a", "a", "a", "b", "c"]
    assert {f.count for f in report.findings} == {1}


def test_a_finding_is_worded_by_its_row(workspace: Workspace) -> None:
    alert = Alert(
        title="Many on {{DeviceName}} by {{Nobody}}",
        description="{{ n }} starts",
        severity_column="Level",
        tactics_column="Tactic",
        details=(("Accounts", "AccountName"), ("None", "Nothing")),
    )
    query = f"{QUERY} | extend Level = 'High', Tactic = 'Impact'"
    report = hunted(workspace, query, alert=alert)
    finding = report.findings[0]
    assert finding.title == "Many on a by"
    assert finding.description == "1 starts"
    assert finding.severity is Severity.HIGH
    assert finding.worded is not None
    assert finding.worded.tactics == ("Impact",)
    assert finding.worded.details == (("Accounts", ("u0", "u3", "u4")),)
    plain = hunted(workspace).findings[0]
    assert (plain.title, plain.severity, plain.worded) == ("Test", Severity.MEDIUM, None)


def test_a_rule_sees_nothing_before_its_period(workspace: Workspace) -> None:
    query = "DeviceProcessEvents | where Timestamp > ago(1d) | summarize n = count()"
    one = detection(query, "kql", "sentinel")
    for schedule, length in ((Schedule(HOUR, HOUR, is_bound=True), HOUR), (Schedule(HOUR), DAY)):
        (run,) = hunt(workspace, [replace(one, schedule=schedule)]).runs
        assert run.lookback == length
    (run,) = hunt(workspace, [replace(one, schedule=Schedule(HOUR, HOUR, is_bound=True))]).runs
    assert max(row[0] for f in run.findings for row in f.rows) == 3


def test_the_one_pass_leaves_absence_alone(workspace: Workspace) -> None:
    rare = detection(
        f"{QUERY} | where DeviceName == 'x'", "kql", "sentinel", HOUR, HOUR,
        trigger=Trigger("eq", 0),
    )  # fmt: skip
    many = detection(QUERY, "kql", "sentinel", HOUR, HOUR, trigger=Trigger("gt", 2), id="many")
    for one_pass in (False, True):
        report = hunt(workspace, [rare, many], one_pass=one_pass)
        assert [(f.detection.id, f.entity, f.count) for f in report.findings] == [
            ("test", None, 3), ("many", "a", 1), ("many", "b", 1), ("many", "c", 1),
        ]  # fmt: skip
