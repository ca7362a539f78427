"""Plug-ins whose periods look back over those before them."""

from __future__ import annotations

import pytest
from tests.kql.conftest import bound

from vedette.workspace import Workspace

EVENTS = """
datatable(who:string, at:datetime, class:string, size:int)[
    "A", datetime(2020-08-01 10:00), "x", 10, "A", datetime(2020-08-01 11:00), "x", 20,
    "B", datetime(2020-08-02), "y", 30, "C", datetime(2020-08-03 23:00), "x", 40,
    "Z", datetime(2020-07-30), "x", 50, "Y", datetime(2020-08-05), "x", 60]
"""
DAYS = "datetime(2020-08-01), datetime(2020-08-03)"


def days(workspace: Workspace, query: str) -> tuple[list[str], list[tuple[object, ...]]]:
    result = workspace.query(f"{EVENTS} | {query} | extend at = dayofmonth(at)")
    return [f"{c.name}:{c.type}" for c in result.columns], sorted(result.rows(), key=str)


@pytest.mark.parametrize(
    ("lookback", "rows"),
    [
        ("2d", [(1, 2, 1), (2, 3, 2), (3, 2, 2)]),
        ("1d", [(1, 2, 1), (2, 1, 1), (3, 1, 1)]),
        ("1h", [(1, 2, 1), (2, 1, 1), (3, 1, 1)]),
        ("71h", [(1, 2, 1), (2, 3, 2), (3, 2, 2)]),
        ("3d", [(1, 3, 2), (2, 3, 2), (3, 4, 3)]),
    ],
)
def test_events_are_counted_as_far_as_the_window_looks_back(
    workspace: Workspace, lookback: str, rows: list[tuple[object, ...]]
) -> None:
    query = f"evaluate sliding_window_counts(who, at, {DAYS}, {lookback}, 1d)"
    columns, found = days(workspace, query)
    assert columns == ["at:int", "Count:long", "Dcount:long"]
    assert found == rows


def test_a_window_slides_over_each_dimension_apart(workspace: Workspace) -> None:
    columns, rows = days(
        workspace, f"evaluate sliding_window_counts(who, at, {DAYS}, 2d, 1d, class)"
    )
    assert columns[:2] == ["at:int", "class:string"]
    assert rows == [
        (1, "x", 2, 1), (2, "x", 2, 1), (2, "y", 1, 1), (3, "x", 1, 1), (3, "y", 1, 1),
    ]  # fmt: skip


def test_the_ids_may_be_a_dimension_too(workspace: Workspace) -> None:
    query = f"evaluate sliding_window_counts(who, at, {DAYS}, 1d, 1d, who)"
    assert days(workspace, query)[1] == [(1, "A", 2, 1), (2, "B", 1, 1), (3, "C", 1, 1)]


@pytest.mark.parametrize(
    ("call", "column", "rows"),
    [
        ("50, at, 1d, 2", "rolling_2_percentile_size_50:int", [(1, 10), (2, 20), (3, 30)]),
        ("100, at, 1d, 3", "rolling_3_percentile_size_100:int", [(1, 20), (2, 30), (3, 40)]),
        ("0.5, at, 2d, 1", "rolling_1_percentile_size_0.5:int", [(2, 30), (31, 10)]),
    ],
)
def test_a_percentile_rolls_over_the_last_periods(
    workspace: Workspace, call: str, column: str, rows: list[tuple[int, int]]
) -> None:
    query = f"where at between ({DAYS.replace(',', ' ..')} + 1d) | evaluate rolling_percentile"
    columns, found = days(workspace, f"{query}(size, {call})")
    assert columns == ["at:int", column]
    assert found == rows


def test_a_percentile_is_not_guessed_where_a_period_has_no_values(workspace: Workspace) -> None:
    with pytest.raises(Exception, match="without values"):
        workspace.query(f"{EVENTS} | evaluate rolling_percentile(size, 50, at, 1d, 3)").rows()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("sliding_window_counts(s, t, now(), now(), 1d)", "KS120"),
        ("sliding_window_counts(s, n, now(), now(), 1d, 1d)", "VD001"),
        ("sliding_window_counts(d, t, now(), now(), 1d, 1d)", "KS116"),
        ("sliding_window_counts(s, t, now(), now(), 1d, 'week')", "VD001"),
        ("sliding_window_counts(s, t, now(), now(), 365d, 1s)", "VD001"),
        ("rolling_percentile(s, 50, t, 1d, 3)", "VD001"),
        ("rolling_percentile(n, 101, t, 1d, 3)", "KS134"),
        ("rolling_percentile(n, s, t, 1d, 3)", "KS142"),
        ("rolling_percentile(n, 50, t, 1d, 0)", "KS134"),
        ("rolling_percentile(n, 50, n, 1, 3)", "VD001"),
    ],
)
def test_what_is_refused(call: str, code: str) -> None:
    rows = "datatable(s:string, n:long, t:datetime, d:dynamic)[]"
    assert bound(f"{rows} | evaluate {call}").codes == [code]
