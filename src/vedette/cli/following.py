"""What ``vedette ingest --follow`` shows: takes a workspace's reports, gives lines as they come.

SIGINT and SIGTERM end it at a border between batches; a second one ends it at once.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.output import cell_text, visible, write_rows

if TYPE_CHECKING:
    from vedette.workspace import Workspace
    from vedette.workspace.follow import FollowReport

_COLUMNS = ("time", "files", "stored", "quarantined", "merged", "dropped", "names", "reasons")
_SHOWN = 3


def follow(
    workspace: Workspace, logs: Sequence[Path], table: str | None, interval: float, output: str
) -> None:
    """Follow logs until a signal says stop; a line a batch, and a summary on standard error."""
    from vedette.cli.progress import reading

    stored = quarantined = 0

    def reports() -> Iterator[FollowReport]:
        nonlocal stored, quarantined
        for report in workspace.follow(
            logs, table, interval=interval, stop=stop, progress=progress
        ):
            stored, quarantined = stored + report.stored, quarantined + report.quarantined
            yield report
            sys.stdout.flush()

    with stopping() as stop, reading() as progress:
        click.echo("following; Ctrl-C ends it", err=True)
        if output == "table":
            for report in reports():
                click.echo(_line(report))
        else:
            write_rows(_COLUMNS, map(_row, reports()), output)
    click.echo(f"stopped: {stored:,} records stored, {quarantined:,} quarantined", err=True)


@contextlib.contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; the second does what it always does."""
    stop = threading.Event()
    before: dict[int, Any] = {}

    def asked(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, asked)
    try:
        yield stop
    finally:
        for known, handler in before.items():
            signal.signal(known, handler)


def _row(report: FollowReport) -> tuple[object, ...]:
    return (
        report.time, len(report.files), report.stored, report.quarantined, _merged(report),
        _dropped(report), [file.path for file in report.files], _reasons(report),
    )  # fmt: skip


def _line(report: FollowReport) -> str:
    """A batch in words."""
    counts = (
        (report.stored, "stored"), (report.quarantined, "quarantined"),
        (_merged(report), "files merged"), (_dropped(report), "rows dropped"),
    )  # fmt: skip
    words = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "not read"
    names = " ".join(file.path for file in report.files[:_SHOWN])
    more = len(report.files) - _SHOWN
    rest = f" and {more:,} more" if more > 0 else ""
    reasons = "; ".join(_reasons(report)[:_SHOWN])
    why = f" ({reasons})" if reasons else ""
    return visible(f"{cell_text(report.time)}  {words}  {names}{rest}{why}".rstrip())


def _merged(report: FollowReport) -> int:
    return sum(day.files for day in report.compacted)


def _dropped(report: FollowReport) -> int:
    return sum(one.rows for one in report.dropped)


def _reasons(report: FollowReport) -> list[str]:
    """Why something of these files was not read."""
    told = [file for file in report.files if file.quarantined or not file.format]
    return sorted({reason for file in told for reason in file.reasons})
