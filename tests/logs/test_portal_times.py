"""Moments as portals write them, in the languages of who exports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.portal_times import Order, portal_ticks, slash_order, zone_seconds
from vedette.logs.times import iso_ticks


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("2026-03-05T21:00:21.1234567Z", None, "2026-03-05T21:00:21.1234567Z"),
        ("2026-03-05 21:00:21", None, "2026-03-05T21:00:21Z"),
        ("3/5/2026, 9:00:21.543 PM", None, "2026-03-05T21:00:21.543Z"),
        ("3/5/2026, 9:00:21.543\u202fPM", None, "2026-03-05T21:00:21.543Z"),
        ("3/5/2026 12:00:21 AM", None, "2026-03-05T00:00:21Z"),
        ("3/5/2026 12:00 PM", None, "2026-03-05T12:00:00Z"),
        ("3/5/2026, 9:00:21 pm", "day", "2026-05-03T21:00:21Z"),
        ("3/5/2026, 21:00:21", "month", "2026-03-05T21:00:21Z"),
        ("25/3/2026, 21:00:21", None, "2026-03-25T21:00:21Z"),
        ("3/25/2026, 21:00:21", None, "2026-03-25T21:00:21Z"),
        ("05/05/2026 21:00:21", None, "2026-05-05T21:00:21Z"),
        ("05.03.2026, 21:00:21,5", None, "2026-03-05T21:00:21.5Z"),
        ("5-3-2026 21:00:21", None, "2026-03-05T21:00:21Z"),
        ("2026/3/5 9:00:21", None, "2026-03-05T09:00:21Z"),
        ("Mar 5, 2026 9:00:21 PM", None, "2026-03-05T21:00:21Z"),
        ("5 Mar 2026 21:00:21", None, "2026-03-05T21:00:21Z"),
        ("Mar 5, 2026, 9:00:21 p.m.", None, "2026-03-05T21:00:21Z"),
    ],
)
def test_a_moment(text: str, order: Order | None, moment: str) -> None:
    assert portal_ticks(text, order) == iso_ticks(moment)


@pytest.mark.parametrize("text", ["", "yesterday", "13/13/2026 1:00:00", "5 Foo 2026 21:00:21"])
def test_what_is_no_moment(text: str) -> None:
    assert portal_ticks(text) is None


def test_what_can_be_read_in_two_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="day and month"):
        portal_ticks("3/5/2026, 21:00:21")


def test_the_order_of_a_column() -> None:
    assert slash_order(["3/5/2026, 1:00", "", "25/5/2026, 1:00"]) == "day"
    assert slash_order(["3/5/2026, 1:00", "5/25/2026, 1:00"]) == "month"
    assert slash_order(["25/5/2026, 1:00", "5/25/2026, 1:00"]) is None
    assert slash_order(["2026-05-05"]) is None


def test_zones() -> None:
    assert [zone_seconds(z) for z in ("UTC", "UTC+02:00", "UTC-5", "Local Time")] == [
        0, 7200, -18000, None,
    ]  # fmt: skip


@given(st.text(alphabet="0123456789/.-:, APMapmJan\u202f", max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        ticks = portal_ticks(text)
    except ValueError as error:
        assert "day and month" in str(error)
    else:
        assert ticks is None or isinstance(ticks, int)
