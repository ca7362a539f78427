"""Functions of time without a row: what they give, constant and over rows, and what they refuse."""

from __future__ import annotations

import pytest

from vedette import QueryError
from vedette.workspace import Workspace

MOMENTS = (
    "0001-01-01", "0001-12-31 23:59:59.9999999", "1900-02-28 12:00", "2000-02-29", "2023-11-18",
    "2023-11-19 00:00:00.0000001", "2024-02-29 23:59:59.9999999", "2024-12-31", "9999-12-31",
)  # fmt: skip
PERIODS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond")


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("startofday(datetime(2023-11-14 22:13), -2)", "datetime(2023-11-12)"),
        ("startofweek(datetime(2023-11-14 22:13), 1)", "datetime(2023-11-19)"),
        ("startofmonth(datetime(2024-03-31), -1)", "datetime(2024-02-01)"),
        ("startofyear(datetime(2024-03-31), int(1))", "datetime(2025-01-01)"),
        ("endofday(datetime(2023-11-14 22:13))", "datetime(2023-11-14 23:59:59.9999999)"),
        ("endofday(datetime(2023-11-14 22:13), 1)", "datetime(2023-11-15 23:59:59.9999999)"),
        ("endofweek(datetime(2023-11-14))", "datetime(2023-11-18 23:59:59.9999999)"),
        ("endofweek(datetime(2023-11-19), -1)", "datetime(2023-11-18 23:59:59.9999999)"),
        ("endofmonth(datetime(2024-01-31), 1)", "datetime(2024-02-29 23:59:59.9999999)"),
        ("endofyear(datetime(2024-01-31), -1)", "datetime(2023-12-31 23:59:59.9999999)"),
        ("endofyear(datetime(null))", "datetime(null)"),
        ("startofday(datetime(2024-01-31), long(null))", "datetime(null)"),
        ("datetime_add('Month', 1, datetime(2023-01-31 08:00))", "datetime(2023-02-28 08:00)"),
        ("datetime_add('nanosecond', 300, datetime(2023-01-31))", "datetime(2023-01-31) + 3tick"),
        ("datetime_add('year', 8000, datetime(2023-01-31))", "datetime(null)"),
        ("datetime_add('day', int(null), datetime(2023-01-31))", "datetime(null)"),
        ("datetime_diff('year', datetime(2024-01-01), datetime(2023-12-31))", "1"),
        ("datetime_diff('month', datetime(2023-11-01), datetime(2024-02-28))", "-3"),
        ("datetime_diff('week', datetime(2023-11-19), datetime(2023-11-18 23:00))", "1"),
        ("datetime_diff('hour', datetime(2023-11-18 10:01), datetime(2023-11-18 09:59))", "1"),
        ("datetime_diff('nanosecond', datetime(2023-11-18), datetime(2023-11-18) + 2tick)", "-200"),
        ("datetime_diff('day', datetime(2023-11-18), datetime(null))", "long(null)"),
        ("datetime_part('DayOfYear', datetime(2024-12-31))", "int(366)"),
        ("datepart('nanosecond', datetime(2024-12-31) + 5tick)", "int(500)"),
        ("make_timespan(7, 8)", "7h + 8m"),
        ("make_timespan(7, 8, 9.5)", "7h + 8m + 9.5s"),
        ("make_timespan(3, 7, 8, 9)", "3d + 7h + 8m + 9s"),
        ("make_timespan(24, 0)", "timespan(null)"),
        ("bin_at(7, 5, 1)", "6"),
        ("bin_at(0.5, 2, 1)", "-1.0"),
        ("bin_at(5h, 2h, 30m)", "4h + 30m"),
        ("bin_at(datetime(2023-11-14), 7d, datetime(2024-03-03))", "datetime(2023-11-12)"),
        ("bin_at(datetime(2023-11-14), 0s, datetime(2024-03-03))", "datetime(null)"),
        ("unixtime_seconds_todatetime(int(60))", "datetime(1970-01-01 00:01)"),
        ("unixtime_seconds_todatetime(-1)", "datetime(1969-12-31 23:59:59)"),
        ("unixtime_milliseconds_todatetime(1700000000007)", "datetime(2023-11-14 22:13:20.007)"),
        ("unixtime_microseconds_todatetime(11)", "datetime(1970-01-01 00:00:00.000011)"),
        ("unixtime_nanoseconds_todatetime(700)", "datetime(1970-01-01 00:00:00.0000007)"),
        ("datetime(2023-11-14) between (datetime(2023-11-14) .. datetime(2023-11-15))", "true"),
    ],
)  # fmt: skip
def test_what_a_rule_gives(workspace: Workspace, call: str, value: str) -> None:
    result = workspace.query(f"print got = {call}, expected = {value}")
    ((got, expected),) = result.rows()
    assert got == expected
    assert result.columns[0].type == result.columns[1].type


@pytest.mark.parametrize(
    "call",
    [
        *[f"datetime_add('{p}', {n}, t)" for p in PERIODS for n in (-13, -1, 0, 1, 49)],
        *[f"{n}of{p}(t{o})" for n in ("start", "end") for p in ("day", "week", "month", "year")
          for o in ("", ", 0", ", -1", ", 14")],
    ],
)  # fmt: skip
def test_a_constant_gives_what_a_column_gives(workspace: Workspace, call: str) -> None:
    table = f"datatable(t:datetime)[{', '.join(f'datetime({m})' for m in MOMENTS)}]"
    over_rows = [row[1] for row in workspace.query(f"{table} | extend v = {call}").rows()]
    calls = ", ".join(
        f"v{i} = {call.replace('(t', f'(datetime({m})').replace(', t)', f', datetime({m}))')}"
        for i, m in enumerate(MOMENTS)
    )
    (constants,) = workspace.query(f"print {calls}").rows()
    assert over_rows == list(constants)
    assert any(v is not None for v in over_rows)


@pytest.mark.parametrize(
    ("call", "code", "told"),
    [
        ("datetime_add('fortnight', 1, now())", "KS134", "one of: year, quarter"),
        ("datetime_add('day', 1.5, now())", "KS141", "long, not real"),
        ("datetime_add('nanosecond', 50, now())", "VD001", "no whole ticks"),
        ("datetime_add(tostring(now()), 1, now())", "VD001", "a period from the rows"),
        ("datetime_diff('day', now(), 1d)", "KS141", "datetime, not timespan"),
        ("datetime_part('weekofyear', now())", "VD001", "the part weekofyear"),
        ("datetime_part('week', now())", "KS134", "week_of_year"),
        ("startofday(now(), 1, 2)", "KS120", "startofday"),
        ("endofmonth(1)", "KS141", "datetime, not long"),
        ("make_timespan(1)", "KS120", "make_timespan"),
        ("make_timespan(1.5, 2)", "KS141", "long, not real"),
        ("bin_at(now(), 1, now())", "VD001", "bin_at() of"),
        ("bin_at(now(), 1d, 1h)", "KS127", "not compatible"),
        ("unixtime_seconds_todatetime(1.5)", "VD001", "of a real"),
        ("weekofyear(now())", "VD001", "weekofyear()"),
    ],
)
def test_what_is_refused(workspace: Workspace, call: str, code: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        workspace.query(f"print {call}")
    assert [p.code for p in refused.value.problems] == [code]
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("format_datetime(now(), 'yyyy-MM-ddTHH:mm')", "'T'"),
        ("format_datetime(now(), 'ddd')", "'ddd'"),
        ("format_datetime(now(), 'yyyy;MM')", "';'"),
        ("format_datetime(now(), 'ss.FFF')", "'.F'"),
        ("format_timespan(1d, 'M')", "'M'"),
        ("format_timespan(1d, 'ffffffff')", "'ffffffff'"),
        ("format_timespan(-30m, 'd.hh:mm')", "negative timespan"),
        ("format_timespan(-2d, 'hh:mm')", "negative timespan"),
    ],
)
def test_a_format_that_is_not_kustos_is_refused(workspace: Workspace, call: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        workspace.query(f"print {call}")
    assert told in str(refused.value)
