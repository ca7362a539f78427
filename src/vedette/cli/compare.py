"""``vedette compare``: where two versions of a detection agree and differ on the same logs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, json_value, visible, write_object, write_rows
from vedette.cli.sources import strict_option

if TYPE_CHECKING:
    from vedette.lab.compare import Comparison, Side, Version
    from vedette.workspace.events import Event

COLUMNS = ("found by", "event", "table", "time", "record")
_WIDEST = 200
_TELLING = ("command_line", "url", "subject", "query_name", "message", "raw")


@click.command()
@click.argument("first")
@click.argument("second")
@click.option(
    "--logs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Logs, or a workspace's folder, to compare over; may be repeated. "
    "By default the records of both detections' tests and quiet cases.",
)
@strict_option
@format_option
def command(
    first: str, second: str, logs: tuple[Path, ...], strict: bool, output_format: str
) -> int:
    """Run FIRST and SECOND over the same events and tell where they differ.

    Each is a query file, rule, package or page; PATH@PLATFORM picks one query of several
    (sentinel, defender, qradar, sigma). Exit code 0 when they find the same events, 1 when they
    differ, 2 when one of them cannot run, or has no data and the other finds nothing.
    """
    from vedette.cli.sources import workspace_of
    from vedette.lab.compare import compare, telemetry_of

    versions = [_version(word) for word in (first, second)]
    over = logs or telemetry_of(v.detection for v in versions)
    if not over:
        raise CommandError(
            "neither detection has records of its tests",
            hint="name logs with --logs",
            exit_code=USAGE,
        )
    with workspace_of(over) as workspace:
        comparison = compare(workspace, versions[0], versions[1], strict=strict)
    _write(comparison, output_format)
    if any(side.run.status in ("refused", "failed") for side in _sides(comparison)):
        return NOTHING_RAN
    if comparison.differ:
        return FINDINGS
    return OK if comparison.agree else NOTHING_RAN


def _version(word: str) -> Version:
    from vedette.detections.find import load
    from vedette.lab.compare import versions

    name, mark, platform = word.rpartition("@")
    if not mark or os.path.exists(word):  # noqa: PTH110
        name, platform = word, ""
    if not os.path.exists(name):  # noqa: PTH110 - Path's raises for a long name
        raise CommandError(f"there is no {visible(name)}", exit_code=USAGE)
    loaded = load([name])
    found = [v for d in loaded.detections for v in versions(d, platform or None)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"@{v.query.platform}" for v in found)
    if not found:
        reasons = "; ".join(str(p) for p in loaded.errors) or "no query of this platform"
        raise CommandError(f"{visible(word)}: {visible(reasons)}", exit_code=USAGE)
    raise CommandError(
        f"{visible(name)} holds several queries", hint=f"pick one: {known}", exit_code=USAGE
    )


def _sides(comparison: Comparison) -> tuple[Side, Side]:
    return comparison.first, comparison.second


def _write(comparison: Comparison, output_format: str) -> None:
    if output_format == "json":
        write_object(_json(comparison))
        return
    rows = [
        (side.version.label, event.event_id, event.table, event.time, _record(event))
        for side, events in (
            (comparison.first, comparison.only_first),
            (comparison.second, comparison.only_second),
        )
        for event in events
    ]
    write_rows(COLUMNS, rows, output_format)
    for side in _sides(comparison):
        told = side.run.reason or side.run.status
        if not told.startswith(side.run.status):
            told = f"{side.run.status}: {told}"
        click.echo(visible(f"{side.version.label}: {told}"), err=True)
    click.echo(
        f"of {comparison.looked_at:,} events both found {comparison.both:,}, "
        f"only the first {comparison.first_count:,}, only the second {comparison.second_count:,}",
        err=True,
    )
    first, second = (side.without_events for side in _sides(comparison))
    if first or second:
        told = f"findings without events: {first:,} of the first, {second:,} of the second"
        click.echo(told, err=True)


def _record(event: Event) -> str:
    told = (event.values[name] for name in _TELLING if event.values.get(name))
    text = str(next(told, ""))
    return text if len(text) <= _WIDEST else text[:_WIDEST] + "…"


def _json(comparison: Comparison) -> dict[str, Any]:
    smallest = comparison.smallest
    return {
        "agree": comparison.agree,
        "events": comparison.looked_at,
        "both": comparison.both,
        "first": _side_json(comparison.first, comparison.first_count, comparison.only_first),
        "second": _side_json(comparison.second, comparison.second_count, comparison.only_second),
        "smallest": None if smallest is None else _event_json(smallest),
    }


def _side_json(side: Side, count: int, events: tuple[Event, ...]) -> dict[str, Any]:
    return {
        "version": side.version.label,
        "status": side.run.status,
        "reason": side.run.reason,
        "found": len(side.events),
        "without_events": side.without_events,
        "entities": sorted(side.entities),
        "alone": count,
        "events": [_event_json(event) for event in events],
    }


def _event_json(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "table": event.table,
        "time": json_value(event.time),
        "record": str(event.values.get("raw", "")),
    }
