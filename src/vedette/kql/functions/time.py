"""Parts of moments and spans."""

from vedette.plan.library import function

FUNCTIONS = (
    function("hourofday(date: datetime) -> int", "hour_of_day(date)", ("hourofday(datetime(2015-12-14 18:54))", "int(18)")),
    function("dayofweek(date: datetime) -> timespan", "day_of_week(date)", ("dayofweek(datetime(2015-12-14))", "1d"), ("dayofweek(datetime(1947-11-30 10:00:05))", "0s")),
    function("unixtime_milliseconds_todatetime(milliseconds: long) -> datetime", "time_from_unix_milliseconds(milliseconds)", ("unixtime_milliseconds_todatetime(1546300800000)", "datetime(2019-01-01)")),
)  # fmt: skip
