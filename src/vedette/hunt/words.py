"""Moments and spans in words, for reports and for the terminal."""

from __future__ import annotations

import datetime as dt


def moment_text(moment: dt.datetime) -> str:
    """A moment in UTC, to the second or as finely as it is known: ``2026-01-31 08:00:00.25Z``."""
    text = moment.astimezone(dt.UTC).isoformat(sep=" ")[:-6]
    return f"{text.rstrip('0') if moment.microsecond else text}Z"


def span_text(span: dt.timedelta | None) -> str:
    """A span in words: ``1 day``, ``90 minutes``; ``everything`` for None."""
    if span is None:
        return "everything"
    seconds = span.total_seconds()
    for word, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count:,} {word}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"
