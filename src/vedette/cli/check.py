"""``vedette check``: read queries, packages and pages, and say all that is wrong with them."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK
from vedette.cli.output import format_option, write_rows
from vedette.cli.rules import know_rules, rule_options
from vedette.cli.sources import beside_options, strict_option
from vedette.syntax import Problem, Repair

COLUMNS = ("file", "line", "column", "severity", "code", "kind", "message", "reason", "hint")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--workspace", type=click.Path(path_type=Path), help="Whose tables they are read over."
)
@strict_option
@beside_options
@rule_options
@format_option
def command(
    paths: tuple[Path, ...],
    workspace: Path | None,
    strict: bool,
    functions: tuple[Path, ...],
    geo: Path | None,
    pipelines: tuple[Path, ...],
    values: tuple[Path, ...],
    filters: tuple[Path, ...],
    output_format: str,
) -> int:
    """Check PATHS: query files, rules, packages, published pages, or folders of them.

    Exit code 0 when every query can run, 1 when one cannot, 2 when nothing could be read, or with
    --strict when a query is one that the vendor refuses.
    """
    from vedette.cli.problems import show_problems, show_repairs
    from vedette.cli.sources import know, workspace_of
    from vedette.detections.check import check_queries, refused_by_vendor
    from vedette.detections.find import load

    loaded = load(paths, filters)
    rows = [(placed.source.name, *_row(placed.problem)) for placed in loaded.problems]
    errors, queries = len(loaded.errors) + (len(refused_by_vendor(loaded)) if strict else 0), 0
    if output_format == "table":
        for placed in loaded.problems:
            show_problems([placed.problem], placed.source)
    with workspace_of([workspace] if workspace else []) as opened:
        know(opened, functions, geo)
        know_rules(opened, pipelines, values)
        for verdict in check_queries(loaded.detections, opened, strict=strict):
            queries += 1
            errors += verdict.refused
            if output_format == "table":
                show_problems(verdict.problems, verdict.source)
                show_repairs(verdict.repairs, verdict.source)
            rows += [(verdict.source.name, *_row(problem)) for problem in verdict.problems]
            rows += [(verdict.source.name, *_repair_row(repair)) for repair in verdict.repairs]
    if output_format != "table":
        write_rows(COLUMNS, rows, output_format)
    click.echo(f"{queries} queries checked, {errors} refused", err=True)
    if not queries:
        return NOTHING_RAN
    return (NOTHING_RAN if strict else FINDINGS) if errors else OK


def _row(problem: Problem) -> tuple[object, ...]:
    place = (problem.line, problem.column)
    text = (problem.message, problem.reason, problem.hint)
    return (*place, problem.severity, problem.code, problem.kind, *text)


def _repair_row(repair: Repair) -> tuple[object, ...]:
    return (
        repair.line,
        repair.column,
        "information",
        repair.name,
        "repair",
        repair.message,
        "",
        "",
    )
