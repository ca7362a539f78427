"""``vedette watchlist``: add, list and remove the watchlists of a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.exits import NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import DEFAULT_WORKSPACE

FOLDER = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    default=DEFAULT_WORKSPACE,
    show_default=True,
    help="The workspace's folder.",
)
COLUMNS = ("alias", "search key", "rows", "updated")


@click.group()
def command() -> None:
    """Keep lists that KQL queries look up with _GetWatchlist."""


@command.command()
@click.argument("alias")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--search-key", help="The column to look up by; else the first one.")
@FOLDER
def add(alias: str, file: Path, search_key: str | None, workspace: Path) -> int:
    """Take the rows of a CSV FILE (- for standard input) as the watchlist ALIAS.

    They take the place of those that it had. The first line names the columns. Exit code 0, or 3
    when the file is no watchlist.
    """
    from vedette.cli.sources import open_workspace, with_standard_input

    with open_workspace(workspace) as opened, with_standard_input([file]) as files:
        try:
            entry = opened.add_watchlist(alias, files[0], search_key)
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
    click.echo(f"{alias}: {entry.rows:,} rows, looked up by {entry.key}", err=True)
    return OK


@command.command("list")
@FOLDER
@format_option
def list_(workspace: Path, output_format: str) -> int:
    """List the watchlists. Exit code 0, or 2 when there is none."""
    from vedette.cli.sources import open_workspace

    with open_workspace(workspace) as opened:
        try:
            entries = opened.watchlists()
        except ValueError as error:
            raise CommandError(str(error)) from error
    write_rows(COLUMNS, [(e.alias, e.key, e.rows, e.updated) for e in entries], output_format)
    return OK if entries else NOTHING_RAN


@command.command()
@click.argument("alias")
@FOLDER
def remove(alias: str, workspace: Path) -> int:
    """Forget the watchlist ALIAS. Exit code 0, or 3 when there is none of that alias."""
    from vedette.cli.sources import open_workspace

    with open_workspace(workspace) as opened:
        try:
            opened.remove_watchlist(alias)
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
    return OK
