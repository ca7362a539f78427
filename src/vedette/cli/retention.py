"""``vedette retention``: say how long a workspace keeps events."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.exits import OK, USAGE, CommandError
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import DEFAULT_WORKSPACE


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path), default=DEFAULT_WORKSPACE)
@click.option("--days", type=click.IntRange(min=1), help="Keep this many whole days and today.")
@click.option("--forever", is_flag=True, help="Keep all events, as without a setting.")
@click.option("--table", default="", help="Set it for this stored table, before what all have.")
@format_option
def command(
    workspace: Path, days: int | None, forever: bool, table: str, output_format: str
) -> int:
    """Show or set how many days of events WORKSPACE keeps, by UTC days, or one --table of it.

    Older events are deleted after each ingest, while logs are followed, and by vedette drop.
    Exit code 0.
    """
    from vedette.cli.sources import open_workspace

    if days is not None and forever:
        raise click.UsageError("--days and --forever exclude each other")
    with open_workspace(workspace) as opened:
        if days is not None or forever:
            try:
                opened.retain(days, table)
            except ValueError as error:
                raise CommandError(str(error), exit_code=USAGE) from error
        elif table and opened.catalog.table(table) is None:
            hint = opened.catalog.suggest(table)
            raise CommandError(f"there is no table '{table}'", hint=hint, exit_code=USAGE)
        settings = opened.retention()
    if table:
        settings = {name: days for name, days in settings.items() if name in (table, "")}
    rows = [(name or "(all others)", kept) for name, kept in sorted(settings.items())]
    write_rows(("table", "days"), rows, output_format)
    if not settings:
        click.echo("all events are kept", err=True)
    return OK
