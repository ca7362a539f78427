"""``vedette hunt``: run detections over logs and report what they find."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, visible, write_object, write_rows
from vedette.cli.rules import know_rules, rule_options
from vedette.cli.sources import (
    Moment,
    beside_options,
    clock_option,
    detections_of,
    strict_option,
)

if TYPE_CHECKING:
    from vedette.hunt import Finding, HuntReport, Progress, Run

COLUMNS = ("severity", "detection", "platform", "entity", "count", "first seen", "last seen")


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--detections",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A query file, Sigma rule, package, page or folder of them, in place of our own; "
    "may be repeated.",
)
@click.option("--since", type=Moment(), help="Leave out events before this time.")
@click.option("--until", type=Moment(), help="Leave out events after this time.")
@clock_option
@strict_option
@beside_options
@rule_options
@click.option(
    "--one-pass/--each-alone",
    default=None,
    help="Look for what all detections ask of an event together, or run each on its own; "
    "without either, more than a few are looked for together.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep in this folder what Sigma's rules ask, so that the next hunt begins sooner.",
)
@format_option
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write an HTML report into this file, too.",
)
def command(
    logs: tuple[Path, ...],
    paths: tuple[Path, ...],
    since: dt.datetime | None,
    until: dt.datetime | None,
    now: dt.datetime | None,
    strict: bool,
    functions: tuple[Path, ...],
    geo: Path | None,
    pipelines: tuple[Path, ...],
    values: tuple[Path, ...],
    filters: tuple[Path, ...],
    one_pass: bool | None,
    cache: Path | None,
    output_format: str,
    page: Path | None,
) -> int:
    """Run detections over LOGS: raw logs of any known format, or the folder of one workspace.

    A log may be - for standard input.

    Over archived logs each detection's own window slides over the time that the data spans; --now
    pins one window. Exit code 1 with findings, 0 without, 2 when nothing could run, or with
    --strict when anything could not.
    """
    from vedette.cli.progress import counting
    from vedette.cli.sources import know, require_places, workspace_of
    from vedette.hunt import hunt

    _refuse_misplaced(logs, since, until, now)
    require_places(page)
    if cache is not None:
        _require_folder(cache)
    loaded = detections_of(paths, filters)
    evidence = 20 if page or output_format in ("json", "jsonl") else 0
    with workspace_of(logs) as workspace, counting("hunting") as bar:
        know(workspace, functions, geo)
        know_rules(workspace, pipelines, values)
        report = hunt(
            workspace,
            loaded,
            since=since,
            until=until,
            now=now,
            strict=strict,
            evidence=evidence,
            progress=_told(bar),
            one_pass=one_pass,
            cache=cache,
        )
    _write(report, output_format)
    if page is not None:
        _write_page(report, page)
    return _exit_code(report)


def _refuse_misplaced(
    logs: Sequence[Path],
    since: dt.datetime | None,
    until: dt.datetime | None,
    now: dt.datetime | None,
) -> None:
    queries = [str(path) for path in logs if path.suffix.lower() in (".kql", ".aql")]
    if queries:
        raise CommandError(
            f"{', '.join(queries)} is a query, not a log",
            hint="write --detections before each query or folder of detections",
            exit_code=USAGE,
        )
    if now is not None and (since is not None or until is not None):
        raise click.UsageError("--now pins one window; --since and --until do not go with it")
    if since is not None and until is not None and since > until:
        raise click.UsageError("--since lies after --until")


def _require_folder(cache: Path) -> None:
    """Make the folder of --cache; a CommandError where nothing can be kept in it."""
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"--cache {cache} cannot be made: {error.strerror or error}"
        raise CommandError(message, exit_code=USAGE) from error
    if not os.access(cache, os.W_OK):
        raise CommandError(f"--cache {cache} cannot be written", exit_code=USAGE)


def _told(bar: Callable[[int, int, str], None] | None) -> Callable[[Progress], None] | None:
    if bar is None:
        return None

    def tell(progress: Progress) -> None:
        place = f"{progress.window} of {progress.windows} windows: " if progress.windows else ""
        bar(progress.query, progress.queries, f"{place}{progress.label}")

    return tell


def _exit_code(report: HuntReport) -> int:
    if report.strict and (report.could_not_run or report.unread):
        return NOTHING_RAN
    if report.findings:
        return FINDINGS
    return OK if report.ran else NOTHING_RAN


def _write_page(report: HuntReport, page: Path) -> None:
    from vedette.hunt.report import report_page

    try:
        page.write_text(report_page(report), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"the report cannot be written: {error}", exit_code=USAGE) from error
    click.echo(f"report written to {page}", err=True)


# --- what is told on standard output and standard error -----------------------------------------


def _write(report: HuntReport, output_format: str) -> None:
    from vedette.hunt.as_json import finding_object, report_object

    if output_format == "json":
        write_object(report_object(report))
        return
    if output_format == "jsonl":
        for finding in report.findings:
            write_object(finding_object(finding), indent=None)
    elif output_format == "csv" or report.findings:
        unstated = "not stated" if output_format == "table" else None
        write_rows(COLUMNS, (_row(f, unstated) for f in report.findings), output_format)
    else:
        click.echo("No findings." if report.ran else "Nothing could run.")
    _write_runs(report, to_error=output_format != "table")


def _row(finding: Finding, unstated: str | None) -> tuple[object, ...]:
    count: object = f">= {finding.count}" if finding.is_at_least else finding.count
    severity = str(finding.severity) if finding.severity else unstated
    seen = (finding.first_seen, finding.last_seen)
    return (severity, finding.title, finding.platform, finding.entity, count, *seen)


def _write_runs(report: HuntReport, to_error: bool) -> None:
    from vedette.cli.problems import show_problems, show_repairs
    from vedette.hunt.words import span_text
    from vedette.sigma.codes import FILTER

    def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        click.echo(f"\n{title}", err=to_error)
        write_rows(columns, rows, "table", sys.stderr if to_error else sys.stdout)

    if report.ran:
        columns = ("detection", "platform", "looked back", "windows", "empty", "findings")
        table(
            "Ran",
            columns,
            [
                (*_name(run), span_text(run.lookback), max(len(run.windows.evaluated), 1),
                 run.windows.empty, len(run.findings))
                for run in report.ran
            ],
        )  # fmt: skip
    if report.ran_alone:
        alone = [(*_name(run), run.alone) for run in report.ran_alone]
        table("Ran alone, not in the one pass", ("detection", "platform", "why"), alone)
    if report.allowed:
        let = [
            (one.finding.detection.title, one.finding.platform, one.finding.entity,
             one.allowance.reason, one.allowance.owner, one.allowance.expires.isoformat())
            for one in report.allowed
        ]  # fmt: skip
        columns = ("detection", "platform", "entity", "reason", "owner", "until")
        table("Let through by the detections' tuning", columns, let)
    filtered = [run for run in report.runs if run.query is not None and run.query.filters]
    if filtered:
        pairs = [(f, run.detection.title) for run in filtered for f in _filters(run)]
        table("Filters", ("filter", "applied to"), sorted(pairs))
    if report.could_not_run or report.unread:
        rows: list[tuple[Any, ...]] = [(*_name(r), r.reason) for r in report.could_not_run]
        rows += [(p.source.name, "", p.problem.message) for p in report.unread]
        table("Could not run", ("detection", "platform", "why"), rows)
    sys.stdout.flush()
    for placed in report.problems:
        show_problems([placed.problem], placed.source)
    for run in report.runs:
        if run.query is not None:
            told = [p for p in run.problems if p.code != FILTER or p.severity != "information"]
            show_problems(told, run.query.page)
            show_repairs(run.repairs, run.query.page)
    for warning in report.warnings:
        click.secho(visible(f"warning: {warning}"), fg="yellow", err=True)


def _filters(run: Run) -> tuple[str, ...]:
    return run.query.filters if run.query is not None else ()


def _name(run: Run) -> tuple[str, str]:
    return run.detection.title, run.platform
