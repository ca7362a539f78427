"""Sliding windows over data: the newest in the last, the oldest in the first, nothing between."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.hunt.windows import Stretch, Window, merge, pin, slide

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def stretch(first: str, last: str) -> Stretch:
    return at(first), at(last)


def shown(windows: tuple[Window, ...]) -> list[str]:
    return [f"{a:%m-%d %H:%M:%S} {b:%m-%d %H:%M:%S}" for a, b in windows]


ONE_DAY = [stretch("2015-05-17T00:00:00", "2015-05-17T23:59:59")]
THREE_DAYS = [stretch("2015-05-17T10:00:00", "2015-05-19T12:00:00")]
DECADES = [
    stretch("2002-08-22T12:00:00", "2002-08-22T13:00:00"),
    stretch("2026-01-01T12:00:00", "2026-01-01T13:00:00"),
]


@pytest.mark.parametrize(
    ("stretches", "lookback", "step", "expected", "empty"),
    [
        pytest.param(
            ONE_DAY, DAY, None, ["05-16 23:59:59 05-17 23:59:59"], 0, id="a day in a day's window"
        ),
        pytest.param(
            THREE_DAYS,
            DAY,
            None,
            [
                "05-16 12:00:00 05-17 12:00:00",
                "05-17 12:00:00 05-18 12:00:00",
                "05-18 12:00:00 05-19 12:00:00",
            ],
            0,
            id="windows without a gap",
        ),
        pytest.param(
            [stretch("2015-05-17T10:00:00", "2015-05-17T11:30:00")],
            HOUR,
            HOUR / 2,
            [
                "05-17 09:30:00 05-17 10:30:00",
                "05-17 10:00:00 05-17 11:00:00",
                "05-17 10:30:00 05-17 11:30:00",
            ],
            0,
            id="overlapping windows",
        ),
        pytest.param(
            THREE_DAYS,
            None,
            None,
            ["05-17 09:59:59 05-19 12:00:00"],
            0,
            id="no lookback: everything",
        ),
        pytest.param(
            DECADES,
            DAY,
            None,
            ["08-21 13:00:00 08-22 13:00:00", "12-31 13:00:00 01-01 13:00:00"],
            8532,
            id="decades with nothing in between",
        ),
        pytest.param([], DAY, None, [], 0, id="no data"),
        pytest.param(
            [stretch("2015-05-17T10:00:00", "2015-05-17T10:00:00")],
            HOUR,
            None,
            ["05-17 09:00:00 05-17 10:00:00"],
            0,
            id="one event",
        ),
    ],
)
def test_the_grid(
    stretches: list[Stretch],
    lookback: dt.timedelta | None,
    step: dt.timedelta | None,
    expected: list[str],
    empty: int,
) -> None:
    windows = slide(stretches, lookback, step)
    assert shown(windows.evaluated) == expected
    assert windows.empty == empty
    assert windows.unreached == ()


def test_a_step_longer_than_the_lookback_leaves_data_unreached() -> None:
    windows = slide(THREE_DAYS, HOUR, DAY)
    assert shown(windows.evaluated) == [
        "05-17 11:00:00 05-17 12:00:00",
        "05-18 11:00:00 05-18 12:00:00",
        "05-19 11:00:00 05-19 12:00:00",
    ]
    assert shown(windows.unreached) == [
        "05-17 10:00:00 05-17 11:00:00",
        "05-17 12:00:00 05-18 11:00:00",
        "05-18 12:00:00 05-19 11:00:00",
    ]


def test_a_stretch_that_no_window_touches_is_unreached() -> None:
    lonely = stretch("2015-05-18T20:00:00", "2015-05-18T21:00:00")
    newest = stretch("2015-05-19T12:00:00", "2015-05-19T12:00:00")
    windows = slide([lonely, newest], HOUR, DAY)
    assert shown(windows.evaluated) == ["05-19 11:00:00 05-19 12:00:00"]
    assert windows.unreached == (lonely,)


def test_since_and_until_bound_what_windows_see() -> None:
    windows = slide(
        THREE_DAYS, DAY, since=at("2015-05-17T20:00:00"), until=at("2015-05-18T18:00:00")
    )
    assert shown(windows.evaluated) == ["05-17 19:59:59 05-18 18:00:00"]
    assert slide(THREE_DAYS, DAY, since=at("2016-01-01T00:00:00")).evaluated == ()


def test_the_last_window_ends_on_a_whole_second_at_or_after_the_newest_event() -> None:
    windows = slide([stretch("2015-05-17T10:00:00.250000", "2015-05-17T10:00:00.250000")], HOUR)
    assert shown(windows.evaluated) == ["05-17 09:00:01 05-17 10:00:01"]


@pytest.mark.parametrize("span", [dt.timedelta(0), -HOUR])
def test_a_span_of_nothing_is_refused(span: dt.timedelta) -> None:
    with pytest.raises(ValueError, match="lookback"):
        slide(ONE_DAY, span)
    with pytest.raises(ValueError, match="step"):
        slide(ONE_DAY, HOUR, span)


def test_a_pinned_window_is_evaluated_where_it_holds_data() -> None:
    now = at("2015-05-18T12:00:00")
    assert shown(pin(THREE_DAYS, now, DAY).evaluated) == ["05-17 12:00:00 05-18 12:00:00"]
    assert shown(pin(THREE_DAYS, now, None).evaluated) == ["05-17 09:59:59 05-18 12:00:00"]
    for moment in ("2015-05-21T00:00:00", "2014-01-01T00:00:00"):
        windows = pin(THREE_DAYS, at(moment), DAY)
        assert (windows.evaluated, windows.empty) == ((), 1)


def test_stretches_that_touch_are_one() -> None:
    hours = [stretch("2015-05-17T11:00:00", "2015-05-17T12:00:00")]
    hours.append(stretch("2015-05-17T10:00:00", "2015-05-17T11:00:00"))
    assert merge(hours) == [stretch("2015-05-17T10:00:00", "2015-05-17T12:00:00")]


MINUTES = st.integers(min_value=0, max_value=5_000)


@given(
    moments=st.lists(MINUTES, min_size=1, max_size=12),
    lookback=st.integers(min_value=1, max_value=700),
    step=st.integers(min_value=1, max_value=700),
)
def test_each_window_holds_data_and_each_event_is_in_one_or_unreached(
    moments: list[int], lookback: int, step: int
) -> None:
    start = at("2020-01-01T00:00:00")
    minute = dt.timedelta(minutes=1)
    events = [start + m * minute for m in moments]
    windows = slide([(e, e) for e in events], lookback * minute, step * minute)
    for low, high in windows.evaluated:
        assert any(low < e <= high for e in events)
        assert high - low == lookback * minute
    assert list(windows.evaluated) == sorted(set(windows.evaluated))
    assert max(events) == windows.evaluated[-1][1]
    for event in events:
        reached = any(low < event <= high for low, high in windows.evaluated)
        missed = any(low <= event <= high for low, high in windows.unreached)
        assert reached is not missed
    if step <= lookback:
        assert windows.unreached == ()
        assert windows.evaluated[0][0] < min(events)
