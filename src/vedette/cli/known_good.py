"""``vedette known-good``: update, export and list the crawlers that are let through."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.exits import OK, USAGE, CommandError
from vedette.cli.output import format_option, visible, write_rows
from vedette.cli.watchlist import FOLDER


@click.group()
def command() -> None:
    """Keep the known crawlers and monitors, by the addresses that their operators publish."""


@command.command()
@click.option(
    "--from", "given", type=click.Path(path_type=Path, exists=True), multiple=True, required=True,
    help="A published file as downloaded, or a folder of them; may be repeated.",
)  # fmt: skip
@FOLDER
def update(given: tuple[Path, ...], workspace: Path) -> int:
    """Make new lists of files that operators publish, for one workspace; nothing is fetched.

    `vedette known-good sources` says which files there are. Lists of other operators stay as they
    are. Exit code 0, or 3 when a file is no such list.
    """
    from vedette.cli.sources import open_workspace
    from vedette.workspace.known_good import update as lists

    with open_workspace(workspace) as opened:
        try:
            changes = lists.update_workspace(opened, given)
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
    for change in changes:
        told = f"{change.publisher.file}: {change.after:,} rows in place of {change.before:,}"
        click.echo(told, err=True)
    return OK


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@FOLDER
def export(folder: Path, workspace: Path) -> int:
    """Write the lists into FOLDER as Sentinel, QRadar and Sigma take them.

    Watchlists for Sentinel, reference sets for QRadar (CIDR and ALNIC, as their first line says),
    filters for Sigma: those of the workspace, or those that came with Vedette where none is named
    and vedette-workspace is not there.
    """
    from vedette.cli.sources import DEFAULT_WORKSPACE, is_workspace, open_workspace
    from vedette.workspace.known_good import forms
    from vedette.workspace.watchlists import Watchlists

    own = Watchlists(workspace)
    if workspace == DEFAULT_WORKSPACE and not is_workspace(workspace):
        own = Watchlists(None)
    elif not is_workspace(workspace):
        open_workspace(workspace)  # says what is wrong
    try:
        written = forms.export(own.find, folder)
    except (ValueError, OSError) as error:
        raise CommandError(str(error), exit_code=USAGE) from error
    for file in written:
        click.echo(visible(str(file)))
    return OK


@command.command()
@format_option
def sources(output_format: str) -> int:
    """List the files that can be read, where they are to be had, and whose they are."""
    from vedette.workspace.known_good.update import publishers

    rows = [(p.file, p.address, p.operator, ", ".join(p.agents)) for p in publishers()]
    write_rows(("file", "address", "operator", "agents"), rows, output_format)
    return OK
