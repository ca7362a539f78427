"""``vedette prove``: try detections on their own tests and quiet cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, visible, write_object, write_rows
from vedette.cli.sources import detections_of, require_places, strict_option

if TYPE_CHECKING:
    from vedette.lab import Cell, Proof

COLUMNS = ("detection", "case", "title", "platform", "outcome", "claim", "reason")


@click.command()
@click.argument("detections", nargs=-1, type=click.Path(path_type=Path))
@strict_option
@format_option
@click.option(
    "--real-logs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder of the real logs that quiet cases mean; without it these are skipped.",
)
@click.option("--differences", is_flag=True, help="Show only what is not as claimed.")
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write JUnit XML into this file, too.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write an HTML page into this file, too.",
)
def command(
    detections: tuple[Path, ...],
    strict: bool,
    output_format: str,
    real_logs: Path | None,
    differences: bool,
    junit: Path | None,
    page: Path | None,
) -> int:
    """Try each query of DETECTIONS on the tests and quiet cases that prove it.

    DETECTIONS are packages, folders of them, or published pages; our own packages where none is
    named. A page's tests are tried on the records that our packages have of them. Exit code 0 when
    every query does what is claimed, 1 when one does not or a detection cannot be read, 2 when
    nothing could be tried.
    """
    from vedette.cli.progress import counting
    from vedette.lab import prove

    require_places(junit, page)
    loaded = detections_of(detections)
    with counting("proving") as bar:
        proof = prove(loaded, real_logs=real_logs, strict=strict, progress=bar)
    _write(proof, output_format, differences)
    if junit is not None:
        from vedette.lab.written import as_junit

        _save(junit, as_junit(proof))
    if page is not None:
        from vedette.lab.page import proof_page

        _save(page, proof_page(proof))
    if not any(cell.outcome != "untested" for cell in proof.cells):
        return NOTHING_RAN
    return FINDINGS if proof.differences or proof.unread else OK


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}", exit_code=USAGE) from error
    click.echo(f"written to {path}", err=True)


def _write(proof: Proof, output_format: str, differences: bool) -> None:
    if output_format == "json":
        from vedette.lab.written import as_json

        write_object(as_json(proof))
    else:
        cells = proof.differences if differences else proof.cells
        write_rows(COLUMNS, [_row(cell) for cell in cells], output_format)
    for problem in proof.unread:
        click.echo(visible(str(problem)), err=True)
    for warning in proof.warnings:
        click.echo(visible(f"warning: {warning}"), err=True)
    for detection, reason in proof.unproven:
        click.echo(f"not tried: {visible(detection.title)}: {visible(reason)}", err=True)
    held = len(proof.cells) - len(proof.differences)
    click.echo(f"{held:,} of {len(proof.cells):,} are as claimed", err=True)
    if proof.skipped:
        said = f"{len(proof.skipped):,} quiet cases of real logs were skipped"
        click.echo(f"{said}: name the folder of these logs with --real-logs", err=True)


def _row(cell: Cell) -> tuple[str, ...]:
    repairs = f"repaired: {', '.join(cell.repairs)}" if cell.repairs else ""
    reason = "; ".join(part for part in (cell.reason, repairs) if part)
    return (
        cell.detection.id, cell.case.label, cell.case.title, cell.platform, cell.word, cell.claim,
        reason,
    )  # fmt: skip
