"""The timeline: bars of a fitting size, stacked by severity, without years of nothing."""

import datetime as dt
from dataclasses import replace

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import DAY, HOUR, at, detection, event

from vedette.detections.model import Severity
from vedette.hunt import HuntReport, hunt
from vedette.hunt.report.timeline import HEIGHT, LEFT, WIDTH, timeline
from vedette.hunt.report.view import KINDS

START = at("2020-01-01T00:00:00")


def report(make_workspace: Make, moments: list[dt.datetime]) -> HuntReport:
    rows = [event(n, None, user="ann" if n % 2 else "bob") for n in range(len(moments))]
    for row, moment in zip(rows, moments, strict=True):
        row["time"] = moment
    text = "SELECT username FROM events WHERE username = '{}' LAST 1 DAYS"
    queries = [
        detection(text.format("ann"), id="a", severity=Severity.HIGH),
        detection(text.format("bob"), id="b", severity=Severity.LOW),
    ]
    return hunt(make_workspace(process_event=rows), queries)


@pytest.mark.parametrize(
    ("apart", "size"),
    [(HOUR, "1 hour"), (10 * HOUR, "12 hours"), (10 * DAY, "14 days")],
)
def test_bars_are_as_long_as_the_span_needs(
    make_workspace: Make, apart: dt.timedelta, size: str
) -> None:
    drawn = timeline(report(make_workspace, [START + n * apart for n in range(100)]), KINDS)
    assert drawn is not None
    assert drawn.size == size
    for bar in (*drawn.findings, *drawn.volume):
        assert bar.x >= LEFT
        assert bar.x + bar.width <= WIDTH + 0.01
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
    assert {bar.kind for bar in drawn.findings} == {"high", "low"}
    assert drawn.outside == 0


def test_a_few_events_centuries_away_do_not_stretch_the_drawing(make_workspace: Make) -> None:
    moments = [START + n * dt.timedelta(minutes=1) for n in range(3_000)]
    moments[1] = at("0102-07-18T00:00:00")
    hunted = report(make_workspace, moments)
    drawn = timeline(hunted, KINDS)
    assert drawn is not None
    # That event stands behind a finding, so it is drawn; without findings it is not.
    assert drawn.outside == 0
    rest = timeline(replace(hunted, findings=()), KINDS)
    assert rest is not None
    assert (rest.outside, rest.size) == (1, "1 hour")


def test_nothing_stored_draws_nothing(make_workspace: Make) -> None:
    assert timeline(hunt(make_workspace(), []), KINDS) is None
