"""What a run has to tell of its tables and windows: takes both, gives sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from vedette.hunt.outcome import TableData
from vedette.hunt.windows import Window, Windows
from vedette.hunt.words import moment_text, span_text


def no_rows(tables: Sequence[TableData]) -> str:
    """That tables hold nothing."""
    names = ", ".join(table.name for table in tables)
    return f"no data: {names} hold{'s' if len(tables) == 1 else ''} no rows"


def notes_of(
    tables: Sequence[TableData],
    windows: Windows,
    lookback: dt.timedelta | None,
    step: dt.timedelta | None,
) -> tuple[str, ...]:
    """What to know of rows that no window reaches."""
    notes = [f"{table.name} holds no rows" for table in tables if not table.rows]
    notes += [
        f"{table.untimed:,} of {table.rows:,} rows of {table.name} have no time: no window has them"
        for table in tables
        if table.untimed and table.first is not None
    ]
    if windows.unreached:
        first, last = windows.unreached[0][0], windows.unreached[-1][1]
        notes.append(
            f"data between {moment_text(first)} and {moment_text(last)} lies in no window, in "
            f"{len(windows.unreached):,} places: it runs every {span_text(step)} and looks back "
            f"{span_text(lookback)}"
        )
    return tuple(notes)


def shown(window: Window) -> str:
    """A window in words."""
    return f"{moment_text(window[0])} to {moment_text(window[1])}"
