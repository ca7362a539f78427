"""``vedette ingest``: read logs into a workspace."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.exits import FINDINGS, OK, USAGE, CommandError
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from vedette.workspace import Workspace


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    default=DEFAULT_WORKSPACE,
    show_default=True,
    help="The workspace's folder; it is made if it is absent.",
)
@click.option("--table", help="Store CSV, JSON lines or Parquet in this declared table.")
@click.option(
    "--columns",
    help="Declare the table first: name:type, comma-separated, in KQL's type names.",
)
@click.option(
    "--follow", is_flag=True, help="Go on reading what is added, rotated and new, until stopped."
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0.01, max=86_400),
    callback=lambda _, __, seconds: _a_number(seconds),
    default=1.0,
    show_default=True,
    help="Seconds between two looks at the files that are followed.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Processes that read; without it one a core (four at most) where there is much to read.",
)
@format_option
def command(
    logs: tuple[Path, ...],
    workspace: Path,
    table: str | None,
    columns: str | None,
    jobs: int | None,
    follow: bool,
    interval: float,
    output_format: str,
) -> int:
    """Read LOGS (files and folders, packed or not, - for standard input) into a workspace.

    Formats are recognised. What is in the workspace already is skipped; what cannot be read is
    quarantined with its reason (vedette show quarantine). Exit code 0 when everything was read,
    1 when something was quarantined, 2 when nothing could be read or the disk is full; with
    --follow, 0 when it was stopped by SIGINT or SIGTERM.
    """
    from vedette.cli.following import follow as follow_logs
    from vedette.cli.sources import (
        STANDARD_INPUT,
        ingest,
        require_paths,
        with_standard_input,
        workspace_in,
    )

    require_paths(logs)
    if follow and STANDARD_INPUT in logs:
        raise click.UsageError("--follow goes with files and folders, not with standard input")
    with workspace_in(workspace) as opened:
        if columns is not None:
            _declare(opened, table, columns)
        if table is not None and opened.catalog.table(table) is None:
            hint = opened.catalog.suggest(table) or "give its columns with --columns"
            raise CommandError(f"there is no table {table}", hint=hint, exit_code=USAGE)
        if follow:
            follow_logs(opened, logs, table, interval, output_format)
            return OK
        with with_standard_input(logs) as files:
            report = ingest(opened, files, table, jobs)
    names = ("file", "format", "read", "stored", "quarantined", "skipped", "reasons")
    rows = [
        (str(f.path), f.format, f.read, f.stored, f.quarantined, f.skipped, "; ".join(f.reasons))
        for f in report.files
    ]
    write_rows(names, rows, output_format)
    return FINDINGS if report.quarantined else OK


def _a_number(seconds: float) -> float:
    if math.isnan(seconds):
        raise click.BadParameter("nan is no number of seconds")
    return seconds


def _declare(workspace: Workspace, table: str | None, text: str) -> None:
    """Declare a table with the columns of a text NAME:TYPE,…; raises click's errors of usage."""
    if not table:
        raise click.UsageError("--columns goes with --table")
    pairs = [part.rpartition(":") for part in text.split(",")]
    if any(not name.strip() or not kind.strip() for name, _, kind in pairs):
        raise click.BadParameter("write name:type, comma-separated", param_hint="--columns")
    columns = {name.strip(): kind.strip() for name, _, kind in pairs}
    if len(columns) < len(pairs):
        raise click.BadParameter("a column comes twice", param_hint="--columns")
    try:
        workspace.declare(table, columns)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--columns") from error
