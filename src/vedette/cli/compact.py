"""``vedette compact``: merge a workspace's small files."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.exits import OK, USAGE, CommandError
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import DEFAULT_WORKSPACE


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path), default=DEFAULT_WORKSPACE)
@click.option("--table", help="Merge the files of this table only.")
@format_option
def command(workspace: Path, table: str | None, output_format: str) -> int:
    """Merge the small files of WORKSPACE, the rows of each day in order of time.

    An ingest does it by itself where files are many. Other writers are waited for, readers go on.
    Exit code 0.
    """
    from vedette.cli.progress import counting
    from vedette.cli.sources import open_workspace

    with open_workspace(workspace) as opened, counting("merging") as progress:
        try:
            days = opened.compact(table, progress)
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
    names = ("table", "day", "files", "files_after", "bytes", "bytes_after", "rows")
    rows = [(d.table, d.day, d.files, d.files_after, d.bytes, d.bytes_after, d.rows) for d in days]
    write_rows(names, rows, output_format)
    files, after = sum(d.files for d in days), sum(d.files_after for d in days)
    click.echo(f"{files:,} files became {after:,}", err=True)
    return OK
