"""Periods of the calendar over constants: takes 100 ns ticks and a period's name, gives ticks.

None stands for what lies outside the years 1 to 9999.
"""

from __future__ import annotations

from calendar import monthrange

from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND, datetime_of, ticks_of

_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_TICKS = {
    "week": 7 * TICKS_PER_DAY, "day": TICKS_PER_DAY, "hour": 3600 * TICKS_PER_SECOND,
    "minute": 60 * TICKS_PER_SECOND, "second": TICKS_PER_SECOND, "millisecond": 10_000,
    "microsecond": 10, "tick": 1,
}  # fmt: skip


def in_years(ticks: int) -> int | None:
    """The ticks where they are a moment."""
    return ticks if 0 <= ticks <= MAX_TICKS else None


def moved(ticks: int, count: int, period: str) -> int | None:
    """So many periods later; the last day of a month that is too short."""
    if period in _TICKS:
        return in_years(ticks + count * _TICKS[period])
    moment = datetime_of(ticks)
    year, month = divmod(moment.year * 12 + moment.month - 1 + count * _MONTHS[period], 12)
    if not 1 <= year <= 9999:
        return None
    day = min(moment.day, monthrange(year, month + 1)[1])
    midnight = moment.replace(
        year=year, month=month + 1, day=day, hour=0, minute=0, second=0, microsecond=0
    )
    return ticks_of(midnight) + ticks % TICKS_PER_DAY


def start_of_week(ticks: int) -> int:
    """Midnight before the last Sunday; below 0 in the first days of the year 1."""
    days = ticks // TICKS_PER_DAY
    return (days - (days + 1) % 7) * TICKS_PER_DAY  # 0001-01-01 was a Monday


def start_of_month(ticks: int) -> int:
    """Midnight before the first of the month."""
    return ticks_of(datetime_of(ticks).replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def start_of_year(ticks: int) -> int:
    """Midnight before the first of January."""
    return start_of_month(ticks_of(datetime_of(ticks).replace(month=1, day=1)))


def end_of(ticks: int, period: str) -> int | None:
    """The last tick of the day, the week (Sunday to Saturday), the month or the year."""
    if period == "week":
        return in_years(start_of_week(ticks) + 7 * TICKS_PER_DAY - 1)
    if period == "day":
        return ticks - ticks % TICKS_PER_DAY + TICKS_PER_DAY - 1
    moment = datetime_of(ticks)
    month = 12 if period == "year" else moment.month
    last = moment.replace(day=1).replace(month=month, day=monthrange(moment.year, month)[1])
    return end_of(ticks_of(last), "day")
