"""``vedette import``: show what published pages hold, and write it as packages."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.exits import NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import visible, write_object

if TYPE_CHECKING:
    from vedette.detections.model import Detection

FORMATS = ("table", "json", "jsonl")
_WIDTH = 98
_INDENT = " " * 19
_WRAPPER = textwrap.TextWrapper(
    _WIDTH - len(_INDENT), break_on_hyphens=False, break_long_words=False
)


@click.command()
@click.argument("pages", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="How to write what was read.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each as a package into this folder, too.",
)
def command(pages: tuple[Path, ...], output_format: str, output: Path | None) -> int:
    """Show what PAGES hold: published pages saved as text, query files, packages, or folders.

    What was not found is said, with the reason. Exit code 0, or 2 when nothing could be read.
    """
    from vedette.cli.problems import show_problems
    from vedette.detections.find import load

    loaded = load(pages)
    if output_format == "json":
        found = [detection_object(detection) for detection in loaded.detections]
        write_object(found)
    for detection in loaded.detections:
        if output_format == "jsonl":
            write_object(detection_object(detection), indent=None)
        elif output_format == "table":
            _show(detection)
    for placed in loaded.problems:
        show_problems([placed.problem], placed.source)
    if output is not None:
        _write(loaded.detections, output)
    return OK if loaded.detections else NOTHING_RAN


def detection_object(detection: Detection) -> dict[str, Any]:
    """What was read of a detection, in terms that JSON has."""
    return {
        "file": str(detection.origin),
        "form": detection.form,
        "id": detection.id,
        "title": detection.title,
        "description": detection.description,
        "techniques": list(detection.techniques),
        "tactics": list(detection.tactics),
        "severity": str(detection.severity) if detection.severity else None,
        "confidence": str(detection.confidence) if detection.confidence else None,
        "status": detection.status,
        "queries": [
            {"platform": q.platform, "language": q.language, "line": q.line, "text": q.text}
            for q in detection.queries
        ],
        "tables": list(detection.tables),
        "data_sources": list(detection.data_sources),
        "false_positives": list(detection.false_positives),
        "tests": [
            {"number": t.number, "title": t.title, "expected_signal": t.expected_signal}
            for t in detection.tests
        ],
        "references": list(detection.references),
        "notes": detection.notes,
        "not_found": [{"field": m.field, "reason": m.reason} for m in detection.missing],
    }


def _show(detection: Detection) -> None:
    click.secho(visible(detection.title), bold=True)
    _entry("file", str(detection.origin))
    _entry("id", detection.id)
    _entry("technique", ", ".join(map(_technique, detection.techniques)))
    _entry("tactic", ", ".join(detection.tactics))
    _entry("platform", ", ".join(query.platform for query in detection.queries))
    _entry("severity", str(detection.severity or ""))
    _entry("confidence", str(detection.confidence or ""))
    _entry("description", detection.description or "")
    for query in detection.queries:
        lines = query.text.rstrip().expandtabs(4).splitlines()
        _entry(f"{query.language.upper()} query", f"{len(lines)} lines, from line {query.line}")
        for line in lines:
            click.echo(f"{_INDENT}{click.style(visible(line), fg='cyan')}")
    _list("tables", detection.tables)
    _list("data sources", detection.data_sources)
    _list("false positives", detection.false_positives)
    for test in detection.tests:
        _entry(f"test {test.number}", test.title)
        _entry("", f"expected signal: {test.expected_signal}" if test.expected_signal else "")
    _list("references", detection.references)
    _entry("notes", detection.notes or "")
    for missing in detection.missing:
        _entry("not found", f"{missing.field}: {missing.reason}", colour="yellow")
    click.echo()


def _technique(id: str) -> str:
    from vedette.detections.attack import technique

    known = technique(id)
    return f"{id} {known.name}" if known else id


def _entry(name: str, text: str, colour: str | None = None) -> None:
    lines = [
        wrapped for line in text.splitlines() for wrapped in _WRAPPER.wrap(visible(line)) or [""]
    ]
    for number, line in enumerate(lines):
        label = f"  {name:<17}" if number == 0 else _INDENT
        click.echo(f"{click.style(label, fg=colour or 'bright_black')}{line}")


def _list(name: str, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        _entry(name if number == 0 else "", text)


def _write(detections: Sequence[Detection], output: Path) -> None:
    from vedette.detections.packages.read import DESCRIPTION, REQUIRED
    from vedette.detections.packages.write import FolderTaken, description, write_package

    for detection in detections:
        if not detection.queries:
            click.echo(f"not written, it has no query: {visible(detection.title)}", err=True)
            continue
        try:
            folder = write_package(detection, output)
        except FolderTaken as taken:
            hint = "move it away, or name another --output"
            raise CommandError(str(taken), hint=hint, exit_code=USAGE) from taken
        except OSError as error:
            raise CommandError(f"nothing can be written: {error}", exit_code=USAGE) from error
        click.echo(f"written: {folder}", err=True)
        lacking = [key for key in REQUIRED if key not in description(detection)]
        if lacking:
            click.echo(f"  add to its {DESCRIPTION}: {', '.join(lacking)}", err=True)
