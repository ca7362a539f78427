"""Moments in the forms that logs write."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.columnar.iso_texts import iso_texts
from vedette.logs.times import access_ticks, day_of, iso_ticks
from vedette.plan.types import MAX_TICKS, datetime_of, ticks_of
from vedette.plan.value_text import datetime_text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-06-10 02:51:04.728", "2020-06-10T02:51:04.728000+00:00"),
        ("2020-06-10T02:51:05.723Z", "2020-06-10T02:51:05.723000+00:00"),
        ("2020-06-10T02:51:05Z", "2020-06-10T02:51:05+00:00"),
        ("2026-03-11T05:16:41.8163273Z", "2026-03-11T05:16:41.816327+00:00"),
        ("2026-03-11T05:16:41.816+02:00", "2026-03-11T03:16:41.816000+00:00"),
        ("2026-03-11T05:16:41-0130", "2026-03-11T06:46:41+00:00"),
        ("2026-03-11T05:16", "2026-03-11T05:16:00+00:00"),
        ("2026-03-11", "2026-03-11T00:00:00+00:00"),
        (" 2026-3-1 5:06:07 ", "2026-03-01T05:06:07+00:00"),
        ("2026-03-11 05:16:41,5", "2026-03-11T05:16:41.500000+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2026-03-11T24:00:00Z", "2026-03-12T00:00:00+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_iso_moments(text: str, moment: str) -> None:
    ticks = iso_ticks(text)
    assert ticks is not None
    assert datetime_of(ticks) == dt.datetime.fromisoformat(moment)


def test_the_seventh_digit_is_kept_and_the_eighth_cut() -> None:
    whole = iso_ticks("2026-03-11T05:16:41Z")
    assert whole is not None
    assert iso_ticks("2026-03-11T05:16:41.8163273Z") == whole + 8_163_273
    assert iso_ticks("2026-03-11T05:16:41.81632739Z") == whole + 8_163_273


@pytest.mark.parametrize(
    "text",
    ["", "T", "-", "2026", "2026-13-01", "2026-02-30T00:00:00", "2026-03-11T25:00:00Z",
     "2026-03-11T05:60:41", "2026-03-11 05:16:41.", "2026-03-11 05:16:41 noon", "0000-01-01",
     "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "٢٠٢٦-03-11", "2026-03-11T05:16:4²"],
)  # fmt: skip
def test_no_iso_moments(text: str) -> None:
    assert iso_ticks(text) is None


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_every_moment_is_read_as_it_is_written(moment: dt.datetime) -> None:
    assert iso_ticks(moment.isoformat()) == ticks_of(moment)
    assert iso_ticks(moment.isoformat(" ").replace("+00:00", "Z")) == ticks_of(moment)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    for read in (iso_ticks, access_ticks):
        ticks = read(text)
        assert ticks is None or day_of(ticks) != "unknown"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03+00:00"),
        ("17/May/2015:10:05:03 -0700", "2015-05-17T17:05:03+00:00"),
        ("1/jan/2016:00:30:00 +0530", "2015-12-31T19:00:00+00:00"),
        ("17/May/2015:10:05:03.25 +0000", "2015-05-17T10:05:03.250000+00:00"),
    ],
)
def test_moments_of_access_logs(text: str, moment: str) -> None:
    ticks = access_ticks(text)
    assert ticks is not None
    assert datetime_of(ticks) == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "17/Mai/2015:10:05:03 +0000", "32/May/2015:10:05:03 +0000"])
def test_no_moments_of_access_logs(text: str) -> None:
    assert access_ticks(text) is None


def test_days() -> None:
    assert day_of(None) == "unknown"
    assert day_of(iso_ticks("2026-03-11T23:59:59.9999999Z")) == "2026-03-11"


@pytest.mark.parametrize("tail", ["Z+00:00", "+00:00Z", ".+00:00", "+00:0", "+00:00+00:00"])
def test_what_ends_in_more_than_a_zone_is_no_moment(tail: str) -> None:
    assert iso_ticks(f"2026-03-11T05:16:41{tail}") is None


@given(st.lists(st.integers(0, MAX_TICKS), min_size=1))
def test_moments_are_written_alike(ticks: list[int]) -> None:
    rounded = [one // 10**place * 10**place for place, one in enumerate(ticks)]
    moments = np.array([one for one in (*ticks, *rounded) if one <= MAX_TICKS], np.int64)
    assert iso_texts(moments).to_pylist() == list(map(datetime_text, moments.tolist()))
