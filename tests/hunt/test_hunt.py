"""Hunting: each event once over all windows, each query accounted for."""

import datetime as dt
from pathlib import Path

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import DAY, HOUR, at, detection, event

from vedette.detections.model import Detection, Entity, Loaded, Missing, Severity
from vedette.hunt import Progress, hunt
from vedette.hunt.findings import Basis

LOGONS = [
    event(1, "2020-01-01T10:00:00", user="ann"),
    event(2, "2020-01-01T10:30:00", user="ann"),
    event(3, "2020-01-01T11:15:00", user="ann"),
    event(4, "2020-01-01T11:20:00", user="bob"),
]
EACH = "SELECT username, starttime FROM events LAST 1 HOURS"
COUNTED = "SELECT username, COUNT(*) AS n FROM events GROUP BY username LAST 1 HOURS"


@pytest.mark.parametrize("text", [EACH, COUNTED])
def test_an_event_in_two_windows_counts_once(make_workspace: Make, text: str) -> None:
    workspace = make_workspace(process_event=LOGONS)
    report = hunt(workspace, [detection(text, step=HOUR / 4)])
    found = {f.entity: (f.count, f.first_seen, f.last_seen) for f in report.findings}
    assert found == {
        "ann": (3, at("2020-01-01T10:00:00"), at("2020-01-01T11:15:00")),
        "bob": (1, at("2020-01-01T11:20:00"), at("2020-01-01T11:20:00")),
    }
    (run,) = report.runs
    assert run.status == "ran"
    assert (run.lookback, run.step) == (HOUR, HOUR / 4)
    # The grid ends at the newest event, 11:20, and goes back until the oldest is in.
    assert [f"{end:%H:%M}" for _, end in run.windows.evaluated] == ["10:50", "11:05", "11:20"]
    assert {f.basis for f in report.findings} == {Basis.EVENTS}


def test_an_aggregate_sees_only_its_window(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    text = "SELECT username, COUNT(*) AS n FROM events GROUP BY username HAVING n > 2 LAST 1 HOURS"
    assert hunt(workspace, [detection(text)]).findings == ()
    wider = hunt(workspace, [detection(text.replace("1 HOURS", "2 HOURS"))])
    assert [(f.entity, f.count, f.rows) for f in wider.findings] == [("ann", 3, (("ann", 3.0),))]


def test_evidence_is_the_oldest_events_behind_a_finding(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    report = hunt(workspace, [detection(COUNTED.replace("1 HOURS", "1 DAYS"))], evidence=2)
    ann = report.findings[0]
    assert [(e.event_id, e.time, e.values["raw"]) for e in ann.events] == [
        ("e1", at("2020-01-01T10:00:00"), "record 1"),
        ("e2", at("2020-01-01T10:30:00"), "record 2"),
    ]
    assert ann.count == 3
    assert ann.hours == ((at("2020-01-01T10:00:00"), 2), (at("2020-01-01T11:00:00"), 1))
    assert hunt(workspace, [detection(EACH)], evidence=0).findings[0].events == ()


def test_now_pins_one_window(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    report = hunt(workspace, [detection(EACH)], now=at("2020-01-01T11:00:00"))
    assert [(f.entity, f.count) for f in report.findings] == [("ann", 1)]
    (run,) = report.runs
    assert run.windows.evaluated == ((at("2020-01-01T10:00:00"), at("2020-01-01T11:00:00")),)


def test_a_pinned_window_without_data_is_not_a_clean_result(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    (run,) = hunt(workspace, [detection(EACH)], now=at("2026-01-01T00:00:00")).runs
    assert run.status == "no data"
    assert "events runs from 2020-01-01 10:00:00Z to 2020-01-01 11:20:00Z" in run.reason


def test_since_and_until_bound_the_events(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    report = hunt(
        workspace,
        [detection(EACH)],
        since=dt.datetime(2020, 1, 1, 10, 30),  # noqa: DTZ001 - a naive moment is UTC
        until=at("2020-01-01T11:15:00"),
    )
    assert [(f.entity, f.count) for f in report.findings] == [("ann", 2)]
    (run,) = hunt(workspace, [detection(EACH)], since=at("2021-01-01T00:00:00")).runs
    assert run.status == "no data"


def test_bounds_that_contradict_each_other_are_refused(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    now = at("2020-01-01T11:00:00")
    with pytest.raises(ValueError, match="now pins one window"):
        hunt(workspace, [], now=now, since=now)
    with pytest.raises(ValueError, match="since lies after until"):
        hunt(workspace, [], since=now, until=now - DAY)


def test_a_query_without_data_is_told_apart_from_one_without_findings(
    make_workspace: Make,
) -> None:
    quiet = detection("SELECT username FROM events WHERE username = 'eve' LAST 1 HOURS")
    report = hunt(make_workspace(process_event=LOGONS), [quiet])
    assert [run.status for run in report.runs] == ["ran"]
    assert report.findings == ()
    empty = hunt(make_workspace(), [quiet])
    assert [(r.status, r.reason) for r in empty.runs] == [
        ("no data", "no data: events holds no rows")
    ]
    assert empty.could_not_run == empty.runs


def test_a_refused_query_keeps_its_problems_at_their_place(make_workspace: Make) -> None:
    page = "-- a comment\nSELECT nothing_known_of FROM events LAST 1 HOURS"
    (run,) = hunt(make_workspace(process_event=LOGONS), [detection(page)]).runs
    assert run.status == "refused"
    assert run.reason
    assert [(p.severity, p.line) for p in run.problems] == [("error", 2)]


def test_strict_refuses_what_is_repaired_otherwise(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    singular = detection("SELECT username FROM events LAST 1 HOUR")
    (run,) = hunt(workspace, [singular]).runs
    assert [repair.name for repair in run.repairs] == ["singular-unit"]
    (run,) = hunt(workspace, [singular], strict=True).runs
    assert run.status == "refused"


def test_a_detection_without_a_query_is_listed(make_workspace: Make) -> None:
    notes = Detection(
        "t1", "Notes", Path("notes.md"), "page", missing=(Missing("queries", "none"),)
    )
    (run,) = hunt(make_workspace(), Loaded((notes,), ())).runs
    assert (run.status, run.reason, run.query) == ("no query", "none", None)


def test_a_query_from_a_date_on_is_read_once_over_everything(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    absolute = detection("SELECT username FROM events START '2020-01-01 10:15'")
    report = hunt(workspace, [absolute])
    (run,) = report.runs
    assert (run.status, run.lookback, len(run.windows.evaluated)) == ("ran", None, 1)
    assert [(f.entity, f.count) for f in report.findings] == [("ann", 2), ("bob", 1)]


def test_data_that_no_window_reaches_is_told(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    report = hunt(workspace, [detection(EACH.replace("1 HOURS", "10 MINUTES"), step=HOUR)])
    assert [w for w in report.warnings if "lies in no window" in w]
    assert "it runs every 1 hour and looks back 10 minutes" in report.warnings[0]


def test_events_without_a_moment_are_told(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=[*LOGONS, event(9, None, user="eve")])
    report = hunt(workspace, [detection(EACH)])
    assert report.warnings == (
        "Test (qradar): 1 of 5 rows of events have no time: no window has them",
    )
    assert {f.entity for f in report.findings} == {"ann", "bob"}


def test_decades_are_hunted_in_the_windows_that_hold_data(make_workspace: Make) -> None:
    old = event(7, "2002-08-22T12:00:00", user="ann")
    report = hunt(make_workspace(process_event=[old, *LOGONS]), [detection(EACH)])
    (run,) = report.runs
    assert len(run.windows.evaluated) == 3
    assert run.windows.empty > 150_000
    assert report.findings[0].first_seen == at("2002-08-22T12:00:00")


def test_the_entity_is_the_detections_own_column_else_a_well_known_one(
    make_workspace: Make,
) -> None:
    rows = [event(1, "2020-01-01T10:00:00", user="ann", source_ip="192.0.2.1")]
    workspace = make_workspace(process_event=rows)
    text = "SELECT username, sourceip, starttime FROM events LAST 1 HOURS"
    (known,) = hunt(workspace, [detection(text)]).findings
    assert (known.entity, known.entity_column, known.entity_type) == ("192.0.2.1", "sourceip", None)
    own = detection(text, entities=(Entity("username", "Account"),))
    (declared,) = hunt(workspace, [own]).findings
    assert (declared.entity, declared.entity_type) == ("ann", "Account")
    (neither,) = hunt(workspace, [detection("SELECT starttime FROM events LAST 1 HOURS")]).findings
    assert (neither.entity, neither.count) == (None, 1)


def test_findings_stand_by_severity(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=LOGONS)
    every = [
        detection(EACH, id="a", title="A", severity=None),
        detection(EACH, id="b", title="B", severity=Severity.LOW),
        detection(EACH, id="c", title="C", severity=Severity.HIGH),
    ]
    report = hunt(workspace, every)
    assert [(f.detection.id, f.entity) for f in report.findings] == [
        ("c", "ann"),
        ("c", "bob"),
        ("b", "ann"),
        ("b", "bob"),
        ("a", "ann"),
        ("a", "bob"),
    ]


def test_progress_is_told_for_each_window(make_workspace: Make) -> None:
    told: list[Progress] = []
    hunt(make_workspace(process_event=LOGONS), [detection(EACH)], progress=told.append)
    assert [(p.query, p.queries, p.window, p.windows) for p in told] == [
        (1, 1, 0, 0),
        (1, 1, 2, 2),
    ]


def test_the_data_is_counted_table_by_table(make_workspace: Make) -> None:
    report = hunt(make_workspace(process_event=LOGONS), [])
    (table,) = report.data
    assert (table.name, table.rows, table.untimed) == ("process_event", 4, 0)
    assert report.span == (at("2020-01-01T10:00:00"), at("2020-01-01T11:20:00"))
    assert [(v.start, v.rows) for v in table.volumes] == [
        (at("2020-01-01T10:00:00"), 2),
        (at("2020-01-01T11:00:00"), 2),
    ]
