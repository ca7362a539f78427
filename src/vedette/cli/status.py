"""``vedette status``: say what a workspace holds."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.exits import NOTHING_RAN, OK
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import DEFAULT_WORKSPACE


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path), default=DEFAULT_WORKSPACE)
@format_option
def command(workspace: Path, output_format: str) -> int:
    """Say which tables WORKSPACE holds, how many rows, and from when to when.

    Exit code 0, or 2 when nothing is stored.
    """
    from vedette.cli.sources import open_workspace

    with open_workspace(workspace) as opened:
        tables = opened.status()
    rows = [(t.name, t.rows, t.first, t.last, t.files, t.bytes) for t in tables]
    write_rows(("table", "rows", "first", "last", "files", "bytes"), rows, output_format)
    return OK if rows else NOTHING_RAN
