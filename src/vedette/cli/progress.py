"""Progress on standard error: a bar with rate and time left, silent where nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vedette.cli.console import error_console

Report = Callable[[int, int, str], None]


@contextmanager
def reading() -> Iterator[Report | None]:
    """What an ingest calls with bytes done, bytes in all and the source's name; None when piped."""
    console = error_console()
    if not console.is_terminal or console.is_dumb_terminal:
        yield None
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from vedette.cli.output import visible

    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def report(done: int, total: int, name: str) -> None:
            shown = visible(name)
            described = shown if len(shown) <= 40 else "…" + shown[-39:]
            bar.update(task, completed=done, total=total, description=described)

        yield report


@contextmanager
def counting(what: str) -> Iterator[Report | None]:
    """What a long run calls with steps done, steps in all and the present step; None when piped."""
    console = error_console()
    if not console.is_terminal or console.is_dumb_terminal:
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from vedette.cli.output import visible

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def report(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=visible(name)[:60])

        yield report
