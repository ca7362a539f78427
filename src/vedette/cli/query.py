"""``vedette query``: run one query over logs or a workspace and write its rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from vedette.cli.exits import NOTHING_RAN, OK
from vedette.cli.output import format_option, write_rows
from vedette.cli.rules import know_rules, rule_options, with_filters
from vedette.cli.sources import (
    beside_options,
    clock_option,
    language_option,
    name_and_value,
    strict_option,
)


def _values(words: tuple[str, ...], language: str) -> dict[str, Any]:
    """Values by name; a placeholder that comes twice has a list of them."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, value = name_and_value(word, "--parameter")
        found.setdefault(name, []).append(value)
    return {name: v if language == "sigma" else v[-1] for name, v in found.items()}


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
    help="A value of one of the query's parameters (KQL) or placeholders (Sigma); may be repeated.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="PLACE",
    help="A folder, or address=file, that externaldata may read (KQL); may be repeated.",
)
@beside_options
@rule_options
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
    pipelines: tuple[Path, ...],
    values: tuple[Path, ...],
    filters: tuple[Path, ...],
    output_format: str,
) -> int:
    """Run QUERY (text, a file, or - for standard input) over LOGS.

    LOGS are raw logs of any known format (- for standard input), or the folder of one workspace.
    Exit code 0 with the rows on standard output, 2 when the query was refused or failed.
    """
    from vedette.cli.problems import show_problems, show_refusal, show_repairs
    from vedette.cli.sources import (
        know,
        read_query,
        require_kql,
        require_one_reader,
        workspace_of,
    )
    from vedette.syntax import QueryError, Source

    require_one_reader(query, logs)
    text, language, name = read_query(query, language)
    require_kql(output, language)
    parameters = _values(given, language)
    if language != "sigma" and (pipelines or values or filters):
        message = "--pipeline, --sigma-values and --filter go with Sigma's rules only"
        raise click.UsageError(message)
    asked = with_filters(text, name, filters)
    with workspace_of(logs) as workspace:
        know(workspace, functions, geo)
        know_rules(workspace, pipelines, values)
        workspace.allow(allow)
        try:
            result = workspace.query(
                asked.text, language, now, strict, name=name, output=output, parameters=parameters
            )
        except QueryError as error:
            if language != "sigma":
                show_refusal(error)
            else:
                show_problems(map(asked.in_page, error.problems), asked.page)
            return NOTHING_RAN
        source = Source(text, name)
        show_problems(map(asked.in_page, result.problems), source)
        show_repairs(result.repairs, source)
        write_rows([c.name for c in result.columns], result.written(), output_format)
    return OK
