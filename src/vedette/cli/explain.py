"""``vedette explain``: show how a query is understood, its plan and its statement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from vedette.cli.exits import NOTHING_RAN, OK
from vedette.cli.sources import beside_options, clock_option, language_option, strict_option


@click.command()
@click.argument("query")
@click.option("--workspace", type=click.Path(path_type=Path), help="Whose tables it is read over.")
@language_option
@clock_option
@strict_option
@beside_options
@click.option("--output", help="Explain this `let` table in place of the result (KQL).")
def command(
    query: str,
    workspace: Path | None,
    language: str | None,
    now: dt.datetime | None,
    strict: bool,
    functions: tuple[Path, ...],
    geo: Path | None,
    output: str | None,
) -> int:
    """Show the plan and the SQL of QUERY (text, a file, or - for standard input).

    Exit code 0, or 2 when it is refused.
    """
    from vedette.cli.output import visible
    from vedette.cli.problems import show_problems, show_refusal, show_repairs
    from vedette.cli.sources import know, read_query, require_kql, workspace_of
    from vedette.plan.check import check
    from vedette.plan.show import show
    from vedette.syntax import QueryError, Source

    text, language, name = read_query(query, language)
    require_kql(output, language)
    with workspace_of([workspace] if workspace else []) as opened:
        know(opened, functions, geo)
        try:
            compiled = opened.compile(text, language, now, strict, name=name, output=output)
        except QueryError as error:
            show_refusal(error)
            return NOTHING_RAN
    source = Source(text, name)
    show_problems(compiled.problems, source)
    show_repairs(compiled.repairs, source)
    if compiled.plan is not None:
        check(compiled.plan)
        click.echo("-- plan")
        click.echo(visible_lines(show(compiled.plan)))
    click.echo("-- columns")
    for column in compiled.columns:
        click.echo(f"{visible(column.name)}: {column.type}")
    click.echo("\n-- SQL")
    click.echo(visible_lines(compiled.sql))
    return OK


def visible_lines(text: str) -> str:
    """The text with control characters written out, its line ends kept."""
    from vedette.cli.output import visible

    return "\n".join(visible(line) for line in text.split("\n"))
