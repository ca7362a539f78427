"""What the pass chose is what each query's own statement over its rows gives, to the last field."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import cycle
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import DAY, HOUR, at, detection, event
from tests.hunt.one_pass.test_ride import RULE, SELECTIONS

from vedette.detections.model import Alert, Allowance, Detection, Entity, Severity, Trigger
from vedette.hunt import HuntReport, Run, evaluate, hunt, together
from vedette.hunt.behind import Held
from vedette.hunt.run import _Query
from vedette.workspace import Workspace

ENTITIES = {
    "none": (),
    "host": (Entity("host", "Host"),),
    "user, else host": (Entity("user", "Account"), Entity("host", "Host"), Entity("user", "Other")),
    "number": (Entity("ProcessId", "Process"),),
    "dynamic": (Entity("data", "Bag"), Entity("process_path", "File")),
    "absent": (Entity("nowhere", "Nothing"),),
}
RULES = {"ends", "both", "null", "any", "regex", "user", "nothing"}
TEXTS = {
    "kql": "process_event | where process_id > 2",
    "kql null": "process_event | where isnull(process_id)",
    "kql shown": "process_event | where process_id != 4"
    " | project data = event_data, ProcessId = process_id, ['time']",
    "kql text": "process_event | where process_id < 4 | project host, process_id",
    "kql twice": "process_event | where process_id < 8 | project a = process_id, b = process_id",
    "aql": "SELECT username, starttime FROM events WHERE username ILIKE '%a%' LAST 2 HOURS",
    "kql view": "DeviceProcessEvents | where FileName has 'cmd'",
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "everything": {},
    "end to end": {"lookback": HOUR},
    "overlapping": {"lookback": HOUR, "step": HOUR / 4},
    "with gaps": {"lookback": HOUR / 4, "step": HOUR},
}
ALERTS = {
    "each row": Alert(title="{{host}} by {{user}}", each_row=True, severity_column="user"),
    "all rows": Alert(title="{{host}}", details=(("who", "user"), ("what", "process_id"))),
}


def rows(count: int, seed: int, repeated: bool = False) -> list[dict[str, Any]]:
    chance = random.Random(seed)

    def maybe(*values: Any) -> Any:
        return None if chance.random() < 0.2 else chance.choice(values)

    made = []
    for number in range(count):
        day, hour = chance.choice([1, 1, 2, 40]), chance.randrange(5)
        moment = (
            f"20{20 + day // 40}-01-0{day % 5 + 1}T{hour:02}:{chance.randrange(60):02}:00.1234567"
        )
        made.append(
            event(
                chance.randrange(count // 2) if repeated else number,
                maybe(moment[:26]),
                host=maybe("h1", "h2", "h3", ""), user=maybe("ann", "bob", "high", "NULL"),
                provider=maybe("Microsoft-Windows-Sysmon"), event_code=maybe(1, 4688),
                process_path=maybe("C:\\cmd.exe", "C:\\Windows\\net.exe", "C:\\Program Files\\a"),
                process_id=maybe(*range(9)), command_line=maybe("cmd /c whoami", "net user x /add"),
                event_data=maybe("{}", "[]", '""', '{"a": 1}', '{"a":1}', '"\ufdd0x"', "7"),
            )
        )  # fmt: skip
    return made


def asked(**parts: Any) -> list[Detection]:
    made = [
        detection(
            RULE.format(title=title, number=number, selection=selection),
            "sigma", "sigma", title=title, **parts,
        )
        for number, (title, selection) in enumerate(SELECTIONS.items())
        if title in RULES
    ]  # fmt: skip
    for title, text in TEXTS.items():
        language, platform = ("aql", "qradar") if title == "aql" else ("kql", "defender")
        made.append(detection(text, language, platform, title=title, **parts))  # type: ignore[arg-type]
    return made


@contextmanager
def each_by_its_statement(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(together, "_answered", lambda *_: None)
        yield


def told(report: HuntReport) -> list[Any]:
    """All that a report says."""
    told_of = {f.name: getattr(report, f.name) for f in fields(report)}
    return [told_of, [_lists(run) for run in report.runs]]


def _lists(run: Run) -> list[Any]:
    return [(f.rows, f.events, f.hours, dict(f.event_times)) for f in run.findings]


def same(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, some: Sequence[Detection], **bounds: Any
) -> HuntReport:
    """The report, which is the same where each query's own statement runs; says who had none."""
    answered: set[str] = set()
    answer = _Query.answered

    def noted(self: _Query, *words: Any) -> Run | None:
        run = answer(self, *words)
        if run is not None:
            answered.add(run.detection.title)
        return run

    with monkeypatch.context() as patch:
        patch.setattr(_Query, "answered", noted)
        chosen = hunt(workspace, some, one_pass=True, **bounds)
    with each_by_its_statement(monkeypatch):
        general = hunt(workspace, some, one_pass=True, **bounds)
    assert told(chosen) == told(general)
    if not any(d.trigger and not d.trigger.is_any for d in some):
        assert answered >= {"ends", "both", "regex", "kql shown", "kql twice"}
    assert not answered & {"user", "aql", "kql view"}
    return chosen


@pytest.mark.parametrize(("entities", "schedule"), [*zip(ENTITIES, cycle(SCHEDULES), strict=False)])
def test_findings_are_those_of_the_statements(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch, entities: str, schedule: str
) -> None:
    workspace = make_workspace(process_event=rows(120, seed=3))
    some = asked(entities=ENTITIES[entities], **SCHEDULES[schedule])
    report = same(monkeypatch, workspace, some, evidence=3)
    assert {"ends", "null", "kql shown"} <= {f.detection.title for f in report.findings}
    assert any(len(finding.rows) > 1 for finding in report.findings)
    assert any(finding.events for finding in report.findings)


@pytest.mark.parametrize("alert", ALERTS)
def test_alerts_are_worded_alike(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch, alert: str
) -> None:
    workspace = make_workspace(process_event=rows(150, seed=4))
    some = asked(alert=ALERTS[alert], entities=ENTITIES["user, else host"], lookback=HOUR)
    report = same(monkeypatch, workspace, some, evidence=2)
    if alert == "each row":
        assert Severity.HIGH in {finding.severity for finding in report.findings}


@pytest.mark.parametrize(
    "bounds",
    [
        {"since": at("2020-01-02T01:30:00"), "until": at("2020-01-03T02:00:00")},
        {"now": at("2020-01-02T03:00:00")},
        {"evidence": 0},
    ],
)
def test_bounds_and_many_rows(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, Any]
) -> None:
    workspace = make_workspace(process_event=rows(400, seed=5))
    for parts in SCHEDULES.values():
        same(monkeypatch, workspace, asked(entities=ENTITIES["host"], **parts), **bounds)


def test_windows_of_several_statements_come_in_their_order(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "MOST_ROWS", 40)
    workspace = make_workspace(process_event=rows(200, seed=6))
    same(monkeypatch, workspace, asked(entities=ENTITIES["absent"], lookback=HOUR))
    same(monkeypatch, workspace, asked(lookback=HOUR, step=HOUR / 2))


def test_triggers_and_what_is_let_through(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(process_event=rows(120, seed=7))
    some = asked(lookback=HOUR, trigger=Trigger("gt", 3)) + asked(trigger=Trigger("gt", 0))
    same(monkeypatch, workspace, some)
    ever = dt.date(9999, 1, 1)
    through = Allowance("HOST", ("h1", "H2"), "known", "ann", ever)
    tuned = [replace(d, allowances=(through,)) for d in asked(entities=ENTITIES["host"])]
    assert same(monkeypatch, workspace, tuned).allowed


def test_events_without_a_time_and_identities_that_repeat(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeless = [{**row, "time": None} for row in rows(60, seed=8)]
    report = same(monkeypatch, make_workspace(process_event=timeless), asked())
    assert report.findings and all(f.first_seen is None and not f.hours for f in report.findings)
    doubled = make_workspace(process_event=rows(80, seed=9, repeated=True))
    with each_by_its_statement(monkeypatch):
        general = hunt(doubled, asked(lookback=DAY), one_pass=True)
    assert told(hunt(doubled, asked(lookback=DAY), one_pass=True)) == told(general)
    few = {**rows(80, seed=9)[0], "process_path": "\\cmd.exe", "host": None, "user": None}
    lone = make_workspace(process_event=[few, {**few, "event_id": None}])
    with each_by_its_statement(monkeypatch):
        general = hunt(lone, asked(), one_pass=True)
    assert told(hunt(lone, asked(), one_pass=True)) == told(general)


def test_what_findings_show_is_read_when_the_workspace_is_closed(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(40, seed=10))
    (finding, *_) = hunt(workspace, asked(), one_pass=True, evidence=2).findings
    workspace.close()
    assert len(finding.rows) == min(finding.row_count, 20) and finding.events
    assert len(finding.event_times) == finding.count == len(finding.event_times.keys())
    assert sum(count for _, count in finding.hours) <= finding.count
    held = Held(finding.rows, finding.events, finding.hours, finding.event_times)
    assert finding == replace(finding, behind=held) != replace(finding, behind=Held())
