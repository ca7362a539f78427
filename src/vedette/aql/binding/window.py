"""A query's time window: takes LAST, START and STOP, gives ticks.

START and STOP are inclusive, read as UTC; without any of the three a search covers the last five
minutes.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from vedette.aql.binding.context import Context, Refused
from vedette.aql.codes import NO_WINDOW, WRONG_TIME
from vedette.aql.reading.syntax_tree import Call, Expression, Last, Number, Query, StartStop, Text
from vedette.plan.types import (
    MAX_TICKS,
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    UNIX_EPOCH_TICKS,
    ticks_of,
)
from vedette.syntax.problem import Fix
from vedette.syntax.source import Span

TICKS_PER_MILLISECOND = TICKS_PER_SECOND // 1000
DEFAULT = 5 * 60 * TICKS_PER_SECOND
UNITS = {
    "minutes": 60 * TICKS_PER_SECOND,
    "hours": 3600 * TICKS_PER_SECOND,
    "days": TICKS_PER_DAY,
}
IN_PLACE = {"second": "MINUTES", "week": "DAYS", "month": "DAYS", "year": "DAYS"}
SINGULAR = {"minute": "minutes", "hour": "hours", "day": "days"}
AGO = {
    "second": TICKS_PER_SECOND, "minute": 60 * TICKS_PER_SECOND, "hour": 3600 * TICKS_PER_SECOND,
    "day": TICKS_PER_DAY, "week": 7 * TICKS_PER_DAY,
}  # fmt: skip
FORMATS = "'yyyy-MM-dd HH:mm', 'yyyy-MM-dd HH:mm:ss', 'yyyy/MM/dd HH:mm:ss', epoch milliseconds"

_SECONDS = 10_000_000_000
"""Below it a written moment is one of early 1970: it is meant in seconds."""

_MOMENT = re.compile(
    r"(\d{4})([-/: ])(\d{1,2})\2(\d{1,2})[ T-]+"
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)? *[Zz]?"
)
_AGO = re.compile(r"(\d{1,9})\s+(second|minute|hour|day|week)s?\s+ago")


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start``, included, to before ``end``, in ticks; how far back a schedule must look."""

    start: int
    end: int
    lookback: int | None


def window(query: Query, context: Context) -> Window:
    """The window of a query; problems go to the context's findings."""
    now = context.now
    try:
        if isinstance(query.window, Last):
            ticks = _last(query.window, context)
            return Window(max(now - ticks, 0), now + 1, ticks)
        if isinstance(query.window, StartStop):
            return _start_stop(query.window, context)
    except Refused:  # already among the problems; the rest of the query is still worth reading
        return Window(now - DEFAULT, now + 1, None)
    if not any(name in ("LAST", "START", "STOP") for name, _ in query.clauses):
        context.findings.advise(
            NO_WINDOW,
            "the query has no time window: it covers the last 5 minutes",
            query.source.span if query.source else query.span,
            reason="that is QRadar's own default",
            hint="end it with LAST 24 HOURS, or with START and STOP",
            fix=_with_window(query),
        )
    return Window(now - DEFAULT, now + 1, DEFAULT)


def _with_window(query: Query) -> Fix:
    """The edit that gives the query a window of a day, before PARAMETERS where they stand."""
    behind = [span.start for name, span in query.clauses if name == "PARAMETERS"]
    at = min(behind, default=query.span.end)
    text = "LAST 24 HOURS " if behind else " LAST 24 HOURS"
    return Fix(Span(at, at), text, "add LAST 24 HOURS")


def _last(last: Last, context: Context) -> int:
    unit = last.unit
    if unit in SINGULAR:
        plural = SINGULAR[unit].upper()
        context.repair(
            "singular-unit",
            f"LAST {last.count} {unit.upper()} is read as LAST {last.count} {plural}",
            last.unit_span,
            f"the units of LAST are MINUTES, HOURS and DAYS, not {unit.upper()}",
        )
        unit = SINGULAR[unit]
    if unit not in UNITS:
        message = f"LAST takes MINUTES, HOURS or DAYS, not {last.unit.upper()}"
        other = IN_PLACE.get(unit.removesuffix("s"))
        hint = f"write it in {other}" if other else ""
        raise context.refuse(WRONG_TIME, "syntax", message, last.unit_span, hint=hint)
    return last.count * UNITS[unit]


def _start_stop(bounds: StartStop, context: Context) -> Window:
    if bounds.start is None:
        message = "STOP needs START before it"
        raise context.refuse(WRONG_TIME, "syntax", message, bounds.span)
    start = moment(bounds.start, context)
    if bounds.stop is None:
        end = context.now + 1
    else:
        end = moment(bounds.stop, context) + TICKS_PER_MILLISECOND
    if start >= end:
        message = "START lies behind STOP" if bounds.stop else "START lies in the future"
        raise context.refuse(WRONG_TIME, "syntax", message, bounds.span)
    return Window(start, end, context.now - start if start < context.now else None)


def moment(node: Expression, context: Context) -> int:
    """Ticks of a moment as START and STOP take it; raises Refused."""
    if isinstance(node, Number) and 0 < node.value < _SECONDS:
        message = f"{node.value:.0f} milliseconds are a moment of 1970"
        hint = f"START and STOP take milliseconds: {node.value * 1000:.0f}"
        raise context.refuse(WRONG_TIME, "syntax", message, node.span, hint=hint)
    if isinstance(node, Number) and isinstance(node.value, int):
        ticks = UNIX_EPOCH_TICKS + node.value * TICKS_PER_MILLISECOND
        if ticks <= MAX_TICKS:
            return ticks
    if isinstance(node, Text):
        ticks_of_text = _written(node.value)
        if ticks_of_text is not None:
            return ticks_of_text
    if isinstance(node, Call) and node.name.lower() == "now" and not node.arguments:
        return context.now
    if isinstance(node, Call) and node.name.lower() == "parsedatetime":
        if len(node.arguments) == 1 and isinstance(node.arguments[0], Text):
            return relative(node.arguments[0].value, node.span, context)
        raise context.refuse(WRONG_TIME, "syntax", "PARSEDATETIME takes one text", node.span)
    raise context.refuse(
        WRONG_TIME, "syntax", "START and STOP take a moment", node.span,
        hint=f"write {FORMATS}, or PARSEDATETIME('1 day ago')",
    )  # fmt: skip


def relative(reference: str, span: Span, context: Context) -> int:
    """Ticks of a reference such as ``1 day ago``, or of a moment that START takes; or Refused."""
    plain = reference.strip().lower()
    if plain == "now":
        return context.now
    written = _written(reference)
    if written is not None:
        return written
    match = _AGO.fullmatch(plain)
    if match is None:
        raise context.refuse(
            WRONG_TIME, "syntax", f"PARSEDATETIME does not read '{reference}'", span,
            hint="write 'now', '1 hour ago' with second, minute, hour, day or week, or a moment "
            "such as '2026-11-21 11:59'",
        )  # fmt: skip
    return max(context.now - int(match[1]) * AGO[match[2]], 0)


def _written(text: str) -> int | None:
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[i] or 0) for i in (1, 3, 4, 5, 6, 7))
    try:
        whole = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    return ticks_of(whole) + int((match[8] or "0").ljust(7, "0"))
