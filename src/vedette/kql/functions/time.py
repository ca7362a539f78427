"""Parts of moments and spans, moments and spans out of parts, their texts."""

from vedette.plan.library import function

FUNCTIONS = (
    function("hourofday(date: datetime) -> int", "hour_of_day(date)", ("hourofday(datetime(2015-12-14 18:54))", "int(18)"), page="hour-of-day-function"),
    function("dayofweek(date: datetime) -> timespan", "day_of_week(date)", ("dayofweek(datetime(2015-12-14))", "1d"), ("dayofweek(datetime(1947-11-30 10:00:05))", "0s"), page="day-of-week-function"),
    function("dayofmonth(date: datetime) -> int", "time_part(date, 'day')", ("dayofmonth(datetime(2023-11-14 22:13))", "int(14)"), ("dayofmonth(datetime(null))", "int(null)"), page="day-of-month-function"),
    function("dayofyear(date: datetime) -> int", "time_part(date, 'dayofyear')", ("dayofyear(datetime(2024-12-31 23:59:59))", "int(366)"), page="day-of-year-function"),
    function("monthofyear(date: datetime) -> int", "time_part(date, 'month')", ("monthofyear(datetime(2023-11-14))", "int(11)"), ("getmonth(datetime(2023-11-14))", "int(11)"), aliases=("getmonth",)),
    function("getyear(date: datetime) -> int", "time_part(date, 'year')", ("getyear(datetime(2023-11-14))", "int(2023)")),
    function("week_of_year(date: datetime) -> int", "time_part(date, 'week_of_year')", ("week_of_year(datetime(2023-01-01))", "int(52)"), ("week_of_year(datetime(2024-12-30))", "int(1)")),
    function("make_datetime(year: long, month: long, day: long, hour: long?, minute: long?, second: real?) -> datetime", "time_of_parts(year, month, day, hour, minute, second)", ("make_datetime(2024, 2, 29)", "datetime(2024-02-29)"), ("make_datetime(2023, 2, 29)", "datetime(null)"), ("make_datetime(2023, 7, 4, 15, 6)", "datetime(2023-07-04 15:06)"), ("make_datetime(2023, 7, 4, 15, 6, 7.0203)", "datetime(2023-07-04 15:06:07.0203)"), hour="0", minute="0", second="0.0"),
    function("format_datetime(date: datetime, format: string) -> string", "time_format(date, format)", ("format_datetime(datetime(2023-07-04 15:06:07), 'd/M/yy h:mm tt')", "'4/7/23 3:06 PM'"), ("format_datetime(datetime(2023-07-04 15:06:07.25), 'yyyy-MM-dd HH:mm:ss.fff')", "'2023-07-04 15:06:07.250'"), ("format_datetime(datetime(null), 'yyyy')", "''")),
    function("format_timespan(timespan: timespan, format: string) -> string", "span_format(timespan, format)", ("format_timespan(3d + 4h + 5m, 'd.hh:mm:ss')", "'3.04:05:00'"), ("format_timespan(-26h, 'd.hh:mm')", "'-1.02:00'")),
    function("datetime_utc_to_local(date: datetime, timezone: string) -> datetime", "time_to_zone(date, timezone)", ("datetime_utc_to_local(datetime(2023-07-01 12:00), 'Europe/Copenhagen')", "datetime(2023-07-01 14:00)"), ("datetime_utc_to_local(datetime(2023-01-01 12:00), 'US/Pacific')", "datetime(2023-01-01 04:00)"), page="datetime-utc-to-local-function"),
    function("datetime_local_to_utc(date: datetime, timezone: string) -> datetime", "time_from_zone(date, timezone)", ("datetime_local_to_utc(datetime(2023-07-01 14:00), 'Europe/Copenhagen')", "datetime(2023-07-01 12:00)"), page="datetime-local-to-utc-function"),
)  # fmt: skip
