"""``vedette why``: say why a query is silent over logs, or fires."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, json_value, visible, write_object, write_rows
from vedette.cli.sources import beside_options, clock_option, language_option, strict_option

if TYPE_CHECKING:
    from vedette.lab.why import Explanation, Part, Stage

_MOST_ALIKE = 5
_MOST_REASONS = 10
COLUMNS = ("line", "rows in", "rows out", "if left out", "stage or part", "note")


@click.command()
@click.argument("query")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--event", help="Look at this event alone, by its event_id.")
@click.option("--platform", help="Which query of a package or page: sentinel, qradar, sigma.")
@language_option
@clock_option
@strict_option
@click.option("--output", help="Explain this `let` table in place of the result (KQL).")
@beside_options
@format_option
def command(
    query: str,
    logs: tuple[Path, ...],
    event: str | None,
    platform: str | None,
    language: str | None,
    now: dt.datetime | None,
    strict: bool,
    output: str | None,
    functions: tuple[Path, ...],
    geo: Path | None,
    output_format: str,
) -> int:
    """Count the rows of LOGS that go through each stage of QUERY, and each part of its conditions.

    QUERY is a text, a file, a package, a published page, or - for standard input. It is read as
    of the newest event, or as of --now. Exit code 0 when it is silent, 1 when it fires, 2 when it
    was refused.
    """
    from vedette.cli.problems import show_refusal
    from vedette.cli.sources import know, require_kql, require_one_reader, workspace_of
    from vedette.lab.why import why
    from vedette.syntax import QueryError

    require_one_reader(query, logs)
    text, language, name, first_line = _query(query, language, platform)
    require_kql(output, language)
    with workspace_of(logs) as workspace:
        know(workspace, functions, geo)
        try:
            explanation = why(
                workspace, text, language, event=event, now=now, strict=strict, name=name,
                output=output, first_line=first_line,
            )  # fmt: skip
        except QueryError as error:
            show_refusal(error)
            return NOTHING_RAN
        except ValueError as error:
            raise CommandError(str(error), exit_code=USAGE) from error
    _write(explanation, output_format)
    return FINDINGS if explanation.fires else OK


def _query(word: str, language: str | None, platform: str | None) -> tuple[str, str, str, int]:
    """The text, language, name and first line of a query, out of a package or page."""
    from vedette.cli.sources import read_query, require_paths

    if not _holds_queries(word):
        if platform is not None:
            raise click.UsageError("--platform goes with a package or a page")
        return *read_query(word, language), 1
    from vedette.detections.find import load

    if language is not None:
        raise click.UsageError("--language goes with one query; a package or page says it itself")
    require_paths([Path(word)])
    loaded = load([Path(word)])
    queries = [query for detection in loaded.detections for query in detection.queries]
    found = [query for query in queries if platform in (None, query.platform)]
    if len(found) != 1:
        known = ", ".join(query.platform for query in queries)
        reasons = "\n  ".join(map(str, loaded.errors))
        raise CommandError(
            f"{word} holds {'several queries' if found else 'no such query'}",
            hint=f"pick one with --platform: {known}" if queries else reasons,
            exit_code=USAGE,
        )
    return found[0].text, found[0].language, found[0].page.name, found[0].line


def _holds_queries(word: str) -> bool:
    """Whether a word names a package or page, and is no query's text, and no file of one query."""
    # Path's own question raises for a query's text that is longer than a name can be.
    is_folder = os.path.isdir(word)  # noqa: PTH112
    ends_so = Path(word).suffix.lower() in (".txt", ".md")
    return word != "-" and "|" not in word and (is_folder or ends_so)


def _write(explanation: Explanation, output_format: str) -> None:
    if output_format == "json":
        write_object(_json(explanation))
        return
    write_rows(COLUMNS, [row for s in explanation.stages for row in _rows(s)], output_format)
    for repair in explanation.repairs:
        click.echo(visible(f"repaired ({repair.name}): {repair.message}"), err=True)
    stage = explanation.stopped_at
    if explanation.fires:
        click.echo(f"it fires: {explanation.rows:,} rows come out", err=True)
    elif stage is not None:
        place = f" on line {stage.line}" if stage.line else ""
        click.echo(visible(f"it is silent: nothing passes {_name(stage)}{place}"), err=True)
        for reason in explanation.reasons[:_MOST_REASONS]:
            click.echo(visible(f"  {reason}"), err=True)


def _name(stage: Stage) -> str:
    return f"{stage.kind} {stage.text}".strip()


def _rows(stage: Stage) -> Iterator[tuple[object, ...]]:
    pad = "  " * stage.depth
    note = "; ".join(stage.notes)
    yield stage.line or None, stage.rows_in, stage.rows_out, None, pad + _name(stage), note
    if len(stage.parts) > 1 or any(part.nearest for part in stage.parts):
        for part, more in _folded(stage.parts):
            said = "  ".join([pad, *[""] * part.depth, f"{part.joined_by} {part.text}".strip()])
            said += f" … and {more:,} more that no row passes" if more else ""
            yield part.line or None, None, part.alone, part.without, said, part.nearest


def _folded(parts: Sequence[Part]) -> Iterator[tuple[Part, int]]:
    """The parts, a long run of alternatives that no row passes as its first with their number."""
    for (silent, _, _), run in groupby(
        parts, lambda part: (not part.alone and part.joined_by == "or", part.depth, part.line)
    ):
        alike = list(run)
        if silent and len(alike) > _MOST_ALIKE:
            yield alike[0], len(alike) - 1
        else:
            yield from ((part, 0) for part in alike)


def _json(explanation: Explanation) -> dict[str, Any]:
    return {
        "fires": explanation.fires,
        "rows": explanation.rows,
        "now": json_value(explanation.now),
        "reasons": list(explanation.reasons),
        "stages": [
            {
                "kind": s.kind, "text": s.text, "line": s.line, "depth": s.depth,
                "rows_in": s.rows_in, "rows_out": s.rows_out, "notes": list(s.notes),
                "parts": [
                    {
                        "text": p.text, "line": p.line, "column": p.column, "depth": p.depth,
                        "joined_by": p.joined_by, "alone": p.alone, "without": p.without,
                        "nearest": p.nearest,
                    }
                    for p in s.parts
                ],
            }
            for s in explanation.stages
        ],
        "repairs": [repair.name for repair in explanation.repairs],
    }  # fmt: skip
