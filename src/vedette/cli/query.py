"""``vedette query``: run one query over logs or a workspace and write its rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from vedette.cli.exits import NOTHING_RAN, OK
from vedette.cli.output import format_option, write_rows
from vedette.cli.sources import beside_options, clock_option, language_option, strict_option


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise click.BadParameter(f"'{word}' is not NAME=VALUE", param_hint="--parameter")
    return name.strip(), value


@click.command()
@click.argument("query")
@click.argument("logs", nargs=-1, type=click.Path(path_type=Path))
@language_option
@clock_option
@strict_option
@click.option("--output", help="Give the rows of this `let` table in place of the result (KQL).")
@click.option(
    "--parameter",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value of one of the query's parameters (KQL); may be repeated.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="PLACE",
    help="A folder, or address=file, that externaldata may read (KQL); may be repeated.",
)
@beside_options
@format_option
def command(
    query: str,
    logs: tuple[Path, ...],
    language: str | None,
    now: dt.datetime | None,
    strict: bool,
    output: str | None,
    given: tuple[str, ...],
    allow: tuple[str, ...],
    functions: tuple[Path, ...],
    geo: Path | None,
    output_format: str,
) -> int:
    """Run QUERY (text, a file, or - for standard input) over LOGS.

    LOGS are raw logs of any known format, or the folder of one workspace. Exit code 0 with the
    rows on standard output, 2 when the query was refused or failed.
    """
    from vedette.cli.problems import show_problems, show_refusal, show_repairs
    from vedette.cli.sources import know, read_query, workspace_of
    from vedette.syntax import QueryError, Source

    text, language, name = read_query(query, language)
    parameters = dict(_pair(word) for word in given)
    with workspace_of(logs) as workspace:
        know(workspace, functions, geo)
        workspace.allow(allow)
        try:
            result = workspace.query(
                text, language, now, strict, name=name, output=output, parameters=parameters
            )
        except QueryError as error:
            show_refusal(error)
            return NOTHING_RAN
        source = Source(text, name)
        show_problems(result.problems, source)
        show_repairs(result.repairs, source)
        write_rows([c.name for c in result.columns], result.iterate(), output_format)
    return OK
