"""Stored events by identity and by time, whatever way they are looked up."""

import datetime as dt
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import HOUR, at, event

from vedette.workspace.events import Volume, moment_columns

MOMENTS = {f"e{n}": at("2020-01-01T00:00:00") + n * 25 * dt.timedelta(minutes=1) for n in range(40)}


def rows() -> list[dict[str, Any]]:
    made = [event(n, None, host=f"ws{n}") for n in range(40)]
    for row in made:
        row["time"] = MOMENTS[row["event_id"]]
    return [*made, event(99, None, host="timeless")]


def test_events_come_oldest_first_with_what_is_stored_of_them(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(), web_event=[event(50, "2019-01-01T00:00:00")])
    found = workspace.events(["e3", "e99", "e2", "e50", "absent"], ["process_event", "web_event"])
    assert [(e.event_id, e.table) for e in found] == [
        ("e50", "web_event"),
        ("e2", "process_event"),
        ("e3", "process_event"),
        ("e99", "process_event"),
    ]
    assert found[1].time == MOMENTS["e2"]
    assert found[1].values == {"raw": "record 2", "host": "ws2"}
    assert found[3].time is None


@pytest.mark.parametrize(("chunk", "lookups"), [(5_000, 4), (3, 100), (3, 1)])
def test_times_are_the_same_looked_up_or_picked(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch, chunk: int, lookups: int
) -> None:
    monkeypatch.setattr("vedette.workspace.events._CHUNK", chunk)
    monkeypatch.setattr("vedette.workspace.events._MOST_LOOKUPS", lookups)
    monkeypatch.setattr("vedette.workspace.events._MOST_PICKED", 7)
    workspace = make_workspace(process_event=rows())
    wanted = [name for name in MOMENTS if int(name[1:]) % 3] + ["e99", "absent"]
    expected = {name: MOMENTS[name] for name in wanted if name in MOMENTS}
    assert workspace.event_times(wanted, ["process_event", "nothing_stored"]) == expected


def test_volume_counts_rows_by_hour_with_their_own_moments(make_workspace: Make) -> None:
    late = event(1, None)
    late["time"] = at("2020-01-01T10:59:59") + dt.timedelta(microseconds=999_999)
    workspace = make_workspace(
        process_event=[event(0, "2020-01-01T10:00:00"), late, event(2, None)]
    )
    untimed, hour = workspace.volume("process_event", HOUR)
    assert untimed == Volume(None, 1, None, None)
    assert (hour.start, hour.rows) == (at("2020-01-01T10:00:00"), 2)
    assert (hour.first, hour.last) == (at("2020-01-01T10:00:00"), late["time"])
    assert workspace.volume("DeviceProcessEvents", HOUR) == (untimed, hour)
    assert workspace.volume("EmailEvents", HOUR) == ()


def test_the_stored_tables_behind_a_table(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(), web_event=[])
    assert workspace.stored_behind("DeviceProcessEvents") == ("process_event",)
    assert workspace.stored_behind("process_event") == ("process_event",)
    assert set(workspace.stored_behind("events")) == {"process_event", "web_event"}
    assert workspace.stored_behind("EmailEvents") == ()


def test_columns_that_are_a_rows_moment_wherever_it_comes_from(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows())
    # A row that was exported from Defender may have come in at another time than it happened.
    assert moment_columns(workspace, "DeviceProcessEvents") == ("TimeGenerated",)
    assert moment_columns(workspace, "AWSCloudTrail") == ("TimeGenerated",)
    assert moment_columns(workspace, "events") == ("$time",)
    assert moment_columns(workspace, "process_event") == ("time",)
