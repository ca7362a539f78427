"""What Sigma's rules count on beside their text: options of commands, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.exits import USAGE, CommandError

if TYPE_CHECKING:
    from vedette.detections.model import Query
    from vedette.workspace import Workspace


def rule_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--pipeline``, ``--sigma-values`` and ``--filter``.

    They arrive as *pipelines*, *values* and *filters*.
    """
    there = click.Path(path_type=Path, exists=True)
    options = (
        (("--filter", "filters"), "A file or folder of Sigma filters, for the rules they name"),
        (("--sigma-values", "values"), "A YAML file with the values of Sigma's placeholders"),
        (("--pipeline", "-p", "pipelines"), "A processing pipeline that Sigma's rules go through"),
    )
    for names, help in options:
        option = click.option(*names, multiple=True, type=there, help=f"{help}; may be repeated.")
        function = option(function)
    return function


def know_rules(workspace: Workspace, pipelines: Sequence[Path], values: Sequence[Path]) -> None:
    """Let a workspace's rules go through pipelines and have the values of placeholders."""
    try:
        for file in values:
            workspace.add_placeholders(file)
        if pipelines:
            workspace.add_pipelines(pipelines)
    except ValueError as error:
        raise CommandError(str(error), exit_code=USAGE) from error


def with_filters(text: str, name: str, filters: Sequence[Path]) -> Query:
    """A rule's text with the filters of files behind it; a CommandError where one is no text."""
    from vedette.cli.sources import read_file
    from vedette.detections.model import Piece, Query
    from vedette.syntax import Source, Span

    page = Source(text, name)
    pieces = [Piece(text, page, 0)]
    for path in filters:
        suffixes = (".yml", ".yaml")
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files if path.is_file() else [f for f in files if f.suffix in suffixes]:
            source = Source(read_file(file), str(file))
            if path.is_file() or "filter:" in source.text:
                pieces += [Piece("\n---\n", source, 0), Piece(source.text, source, 0)]
    return Query("sigma", "sigma", page, Span(0, len(text)), tuple(pieces))
