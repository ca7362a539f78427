"""Datetimes and timespans in 100 ns ticks."""

from vedette.plan.operations.base import operation

OPERATIONS = (
    operation("time_add(moment: datetime, span: timespan) -> datetime", "the moment a span later; null outside the years 1 to 9999"),
    operation("time_subtract(moment: datetime, span: timespan) -> datetime", "the moment a span earlier; null outside the years 1 to 9999"),
    operation("time_difference(later: datetime, earlier: datetime) -> timespan", "the span between two moments"),
    operation("span_add(left: timespan, right: timespan) -> timespan", "sum of spans"),
    operation("span_subtract(left: timespan, right: timespan) -> timespan", "difference of spans"),
    operation("span_scale(span: timespan, factor: real) -> timespan", "the span a number of times"),
    operation("span_divide(left: timespan, right: timespan) -> real", "how many times the right span is in the left"),
    operation("bin_time(moment: datetime, size: timespan) -> datetime", "rounded down to a multiple of the size since 0001-01-01"),
    operation("bin_span(span: timespan, size: timespan) -> timespan", "rounded down to a multiple of the size"),
    operation("time_from_unix_milliseconds(milliseconds: long) -> datetime", "the moment that many milliseconds after 1970-01-01"),
    operation("time_to_unix_milliseconds(moment: datetime) -> long", "milliseconds since 1970-01-01, cut down"),
    operation("time_format_java(moment: datetime, pattern: string) -> string", "by a pattern of Java's SimpleDateFormat, in UTC"),
    operation("start_of_day(moment: datetime) -> datetime", "midnight before"),
    operation("start_of_week(moment: datetime) -> datetime", "midnight before the last Sunday"),
    operation("start_of_month(moment: datetime) -> datetime", "midnight before the first of the month"),
    operation("start_of_year(moment: datetime) -> datetime", "midnight before the first of January"),
    operation("hour_of_day(moment: datetime) -> int", "0 to 23"),
    operation("day_of_week(moment: datetime) -> timespan", "whole days since Sunday"),
)  # fmt: skip
