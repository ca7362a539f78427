"""Parts and periods of the calendar in DuckDB's SQL, over whole numbers of 100 ns ticks.

Takes calls whose period is a constant, gives SQL; refuses a period that is none.
"""

from __future__ import annotations

from vedette.engines.sql import Call, Lowering
from vedette.plan.types import MAX_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND, UNIX_EPOCH_TICKS

_HOUR = 3600 * TICKS_PER_SECOND
_MINUTE = 60 * TICKS_PER_SECOND
_TICKS = {
    "week": 7 * TICKS_PER_DAY, "day": TICKS_PER_DAY, "hour": _HOUR, "minute": _MINUTE,
    "second": TICKS_PER_SECOND, "millisecond": 10_000, "microsecond": 10, "tick": 1,
}  # fmt: skip
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_ALL_MONTHS = 12 * 9999

# Parts over the TIMESTAMP at {1} and the ticks at {0}.
_PARTS = {
    "year": "extract(year FROM {1})",
    "quarter": "extract(quarter FROM {1})",
    "month": "extract(month FROM {1})",
    "week_of_year": "extract(week FROM {1})",
    "day": "extract(day FROM {1})",
    "dayofyear": "extract(doy FROM {1})",
    "hour": f"{{0}} // {_HOUR} % 24",
    "minute": f"{{0}} // {_MINUTE} % 60",
    "second": f"{{0}} // {TICKS_PER_SECOND} % 60",
    "millisecond": f"{{0}} % {TICKS_PER_SECOND} // 10000",
    "microsecond": f"{{0}} % {TICKS_PER_SECOND} // 10",
    "nanosecond": f"{{0}} % {TICKS_PER_SECOND} * 100",
}
_NUMBERS = {
    "year": "extract(year FROM {1})",
    "quarter": "(extract(year FROM {1}) * 4 + extract(quarter FROM {1}))",
    "month": "(extract(year FROM {1}) * 12 + extract(month FROM {1}))",
    "week": f"({{0}} // {TICKS_PER_DAY} + 1) // 7",
    **{name: f"({{0}} // {ticks})" for name, ticks in _TICKS.items() if name != "week"},
}


def timestamp(ticks: str) -> str:
    """DuckDB's TIMESTAMP of ticks; the seventh fractional digit is cut."""
    return f"make_timestamp({ticks} // 10 - {UNIX_EPOCH_TICKS // 10})"


def ticks_of(moment: str) -> str:
    """The ticks of a TIMESTAMP."""
    return f"(epoch_us({moment}) * 10 + {UNIX_EPOCH_TICKS})"


def _period(call: Call, index: int, periods: dict[str, str]) -> str:
    """The row of the call's period; raises Unsupported where it has none."""
    name = call.constant_text(index)
    if name not in periods:
        raise call.refuse(f"the period must be one of {', '.join(periods)}, written in the query")
    return periods[name]


def _move(call: Call) -> str:
    moment, count, _ = call.arguments
    name = call.constant_text(2) or ""
    months, ticks = _MONTHS.get(name), _TICKS.get(name, 1)
    most = _ALL_MONTHS // months if months else MAX_TICKS // ticks
    held = f"least(greatest({count}, {-most}), {most})"  # a constant is multiplied in any branch
    if months:
        later = f"{timestamp(moment)} + to_months(CAST({held} * {months} AS INTEGER))"
        moved = f"{ticks_of(later)} + {moment} % 10"
    else:
        moved = f"{moment} + {held} * {ticks}"
    rows = dict.fromkeys([*_MONTHS, *_TICKS], f"in_years({moved})")
    return f"CASE WHEN {count} BETWEEN {-most} AND {most} THEN {_period(call, 2, rows)} END"


def _end_of(call: Call) -> str:
    moment = call.arguments[0]
    days = f"{moment} // {TICKS_PER_DAY}"
    ends = {
        "day": f"(({days} + 1) * {TICKS_PER_DAY} - 1)",
        "week": f"in_years((({days} + 1) // 7 * 7 + 6) * {TICKS_PER_DAY} - 1)",
    }
    for name in ("month", "year"):
        start = f"date_trunc('{name}', {timestamp(moment)})"
        ends[name] = f"({ticks_of(f'{start} + INTERVAL 1 {name}')} - 1)"
    return _period(call, 1, ends)


def _part(call: Call) -> str:
    moment = call.arguments[0]
    return f"CAST({_period(call, 1, _PARTS).format(moment, timestamp(moment))} AS INTEGER)"


def _number(call: Call) -> str:
    moment = call.arguments[0]
    return f"({_period(call, 1, _NUMBERS).format(moment, timestamp(moment))})"


PERIOD_ROWS: dict[str, Lowering] = {
    "time_move": _move,
    "end_of": _end_of,
    "time_part": _part,
    "period_number": _number,
    "time_of_parts": "time_of_parts({0}, {1}, {2}, {3}, {4}, {5})",
    "span_of_parts": "span_of_parts({0}, {1}, {2}, {3})",
}
