"""``vedette drop``: delete what is old from a workspace."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from vedette.cli.exits import OK, USAGE, CommandError
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import DEFAULT_WORKSPACE, Moment


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path), default=DEFAULT_WORKSPACE)
@click.option(
    "--before",
    type=Moment(),
    help="Delete events that happened before this day or moment (UTC unless it says otherwise).",
)
@click.option("--table", help="Delete from this stored table only.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@format_option
def command(
    workspace: Path,
    before: dt.datetime | None,
    table: str | None,
    dry_run: bool,
    output_format: str,
) -> int:
    """Delete old events from WORKSPACE for good, and say how many rows of each table.

    Without --before, what the settings of vedette retention do not keep. Events without a time
    stay. What is deleted is not read again from the same logs. Exit code 0.
    """
    from vedette.cli.sources import open_workspace

    with open_workspace(workspace) as opened:
        if before is None and table is not None:
            raise click.UsageError("--table goes with --before")
        if before is None and not opened.retention():
            raise CommandError(
                "nothing says what is old",
                hint="give --before 2026-01-31, or keep a setting: vedette retention --days 90",
                exit_code=USAGE,
            )
        try:
            dropped = opened.drop(before, table, dry_run)
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
    rows = [(d.table, d.rows, d.files, d.bytes) for d in dropped]
    write_rows(("table", "rows", "files", "bytes"), rows, output_format)
    total = sum(d.rows for d in dropped)
    click.echo(f"{total:,} rows {'would be ' if dry_run else ''}deleted", err=True)
    return OK
