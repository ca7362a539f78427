"""Problems and repairs for the person at the terminal, on standard error."""

from __future__ import annotations

from collections.abc import Iterable

import click

from vedette.cli.output import visible
from vedette.syntax import Problem, QueryError, Repair, Source, render

COLOURS = {"error": "red", "warning": "yellow", "information": "cyan"}


def show_problems(problems: Iterable[Problem], source: Source) -> None:
    """Write each problem with its line of text and a caret."""
    for problem in problems:
        first, *rest = render(problem, source).split("\n")
        click.secho(visible(first), fg=COLOURS[problem.severity], err=True)
        for line in rest:
            click.echo(visible(line.replace("\t", " ")), err=True)


def show_repairs(repairs: Iterable[Repair], source: Source) -> None:
    """Write each repair with its place."""
    for repair in repairs:
        place = f"{source.name}:{repair.line}:{repair.column}"
        click.secho(
            visible(f"{place}: repaired ({repair.name}): {repair.message}"), fg="magenta", err=True
        )


def show_refusal(error: QueryError) -> None:
    """Write every problem of a refused query."""
    show_problems(error.problems, error.source)
