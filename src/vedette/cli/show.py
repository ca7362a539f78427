"""``vedette show``: the tables there are, one table's columns, detections, what was quarantined."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.exits import NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, write_rows

if TYPE_CHECKING:
    from vedette.workspace import Workspace

Rows = tuple[tuple[str, ...], list[tuple[object, ...]]]


@click.command()
@click.argument("what", default="tables")
@click.option("--workspace", type=click.Path(path_type=Path), help="Whose tables; else built in.")
@format_option
def command(what: str, workspace: Path | None, output_format: str) -> int:
    """Show WHAT: `tables`, `detections`, `formats`, `quarantine`, or a table's columns by its name.

    Exit code 0, or 2 when there is nothing to show.
    """
    from vedette.cli.sources import workspace_of

    with workspace_of([workspace] if workspace else []) as opened:
        topic = _TOPICS.get(what)
        columns, rows = topic(opened) if topic else _columns(opened, what)
    write_rows(columns, rows, output_format)
    return OK if rows else NOTHING_RAN


def _tables(workspace: Workspace) -> Rows:
    known = [workspace.catalog.table(name) for name in workspace.catalog.names()]
    rows: list[tuple[object, ...]] = [
        (t.name, t.platform, len(t.columns), t.time_column) for t in known if t is not None
    ]
    return ("table", "platform", "columns", "time column"), rows


def _columns(workspace: Workspace, name: str) -> Rows:
    from vedette.tables.catalog import view_sources

    table = workspace.catalog.table(name)
    if table is None:
        hint = workspace.catalog.suggest(name) or f"topics are {', '.join(_TOPICS)}"
        raise CommandError(f"there is no table '{name}'", hint=hint, exit_code=USAGE)
    sources = view_sources(name) if table.platform in ("sentinel", "qradar") else ()
    rows: list[tuple[object, ...]] = []
    for column, type in table.columns.items():
        filled = [f"{s.event_table}: {s.columns[column]}" for s in sources if column in s.columns]
        rows.append((column, str(type), "; ".join(filled)))
    return ("column", "type", "filled from"), rows


def _detections(workspace: Workspace) -> Rows:
    from vedette.detections.find import shipped

    rows: list[tuple[object, ...]] = []
    for d in shipped().detections:
        platforms = ", ".join(q.platform for q in d.queries)
        rows.append((d.id, d.title, ", ".join(d.techniques), str(d.severity), platforms))
    return ("id", "title", "techniques", "severity", "platforms"), rows


def _formats(workspace: Workspace) -> Rows:
    from vedette.logs.formats import READERS

    rows: list[tuple[object, ...]] = []
    for reader in READERS:
        about = (inspect.getmodule(type(reader)) or reader).__doc__ or ""
        rows.append((reader.name, about.split("\n", 1)[0]))
    return ("format", "what it reads"), rows


def _quarantine(workspace: Workspace) -> Rows:
    rows: list[tuple[object, ...]] = [
        (q.file, q.offset, q.reason, q.sample.decode("utf-8", "backslashreplace"))
        for q in workspace.quarantine()
    ]
    return ("file", "offset", "reason", "sample"), rows


_TOPICS: dict[str, Callable[[Workspace], Rows]] = {
    "tables": _tables,
    "detections": _detections,
    "formats": _formats,
    "quarantine": _quarantine,
}
