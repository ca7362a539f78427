"""Detections that the tests hunt with, built without files."""

import datetime as dt
from pathlib import Path
from typing import Any

from vedette.detections.model import Detection, Language, Query, Schedule, Severity
from vedette.syntax import Source, Span

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def detection(
    text: str,
    language: Language = "aql",
    platform: str = "qradar",
    lookback: dt.timedelta | None = None,
    step: dt.timedelta | None = None,
    **parts: Any,
) -> Detection:
    page = Source(text, f"test.{language}")
    return Detection(
        id=parts.pop("id", "test"),
        title=parts.pop("title", "Test"),
        origin=Path(page.name),
        form="query",
        severity=parts.pop("severity", Severity.MEDIUM),
        queries=(Query(platform, language, page, Span(0, len(text))),),
        schedule=Schedule(lookback, step) if lookback or step else None,
        **parts,
    )


def event(number: int, moment: str | None, **values: Any) -> dict[str, Any]:
    """A row of an event table."""
    time = at(moment) if moment else None
    return {"event_id": f"e{number}", "time": time, "raw": f"record {number}", **values}
