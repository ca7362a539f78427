"""``vedette show``: the tables there are, one table's columns, detections, what was quarantined."""

from __future__ import annotations

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

    What is in quarantine is shown of vedette-workspace, where no other is named. Exit code 0, or 2
    when there is nothing to show.
    """
    if what in _ALWAYS:
        columns, rows = _ALWAYS[what]()
    else:
        columns, rows = _of_workspace(what, workspace)
    write_rows(columns, rows, output_format)
    return OK if rows else NOTHING_RAN


def _of_workspace(what: str, folder: Path | None) -> Rows:
    from vedette.cli.sources import DEFAULT_WORKSPACE, open_workspace, workspace_of

    if what == "quarantine" and folder is None:
        with open_workspace(DEFAULT_WORKSPACE) as opened:
            return _quarantine(opened)
    with workspace_of([folder] if folder else []) as opened:
        topic = _TOPICS.get(what)
        return topic(opened) if topic else _columns(opened, what)


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
        hint = workspace.catalog.suggest(name) or f"topics are {', '.join((*_TOPICS, *_ALWAYS))}"
        raise CommandError(f"there is no table '{name}'", hint=hint, exit_code=USAGE)
    sources = view_sources(name) if table.platform in ("sentinel", "qradar") else ()
    rows: list[tuple[object, ...]] = []
    for column, type in table.columns.items():
        filled = [f"{s.event_table}: {s.columns[column]}" for s in sources if column in s.columns]
        rows.append((column, str(type), "; ".join(filled)))
    return ("column", "type", "filled from"), rows


def _detections() -> Rows:
    from vedette.detections.find import shipped

    rows: list[tuple[object, ...]] = []
    for d in shipped().detections:
        platforms = ", ".join(q.platform for q in d.queries)
        rows.append((d.id, d.title, ", ".join(d.techniques), str(d.severity), platforms))
    return ("id", "title", "techniques", "severity", "platforms"), rows


def _formats() -> Rows:
    from vedette.logs.format_names import FORMATS

    return ("format", "what it reads"), list(FORMATS.items())


def _quarantine(workspace: Workspace) -> Rows:
    rows: list[tuple[object, ...]] = [
        (q.file, q.offset, q.reason, q.sample.decode("utf-8", "backslashreplace"))
        for q in workspace.quarantine()
    ]
    return ("file", "offset", "reason", "sample"), rows


_TOPICS: dict[str, Callable[[Workspace], Rows]] = {
    "tables": _tables,
    "quarantine": _quarantine,
}
_ALWAYS: dict[str, Callable[[], Rows]] = {
    "detections": _detections,
    "formats": _formats,
}
"""What hangs on no workspace."""
