"""``vedette demo``: the product at work on a sample of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.exits import OK, USAGE, CommandError

if TYPE_CHECKING:
    from vedette.demo.folder import DemoFolder
    from vedette.demo.play import Played
    from vedette.hunt import Finding

COLUMNS = ("severity", "technique", "detection", "platform", "entity", "count", "first seen")


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another day.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where logs, workspace and report go; by default among temporary files.",
)
def command(seed: int, folder: Path | None) -> int:
    """Play a company's day and hunt in its logs.

    A web server on 127.0.0.1 is visited from loopback addresses by people, a crawler and two
    scrapers: the requests in its access log are real, their times are the demo's own clock. Process
    events and mail are made up beside it. The same seed gives the same logs, byte for byte.

    Finding something is what must happen here: exit code 0 when the hunt found all that is hidden
    in the logs, on both platforms, and nothing that is ordinary; 2 otherwise.
    """
    from vedette.demo.folder import NotOurs, fresh_folder

    try:
        place = fresh_folder(folder)
    except NotOurs as error:
        hint = "name another one; only what a demo made is made afresh"
        raise CommandError(str(error), hint=hint, exit_code=USAGE) from error
    except OSError as error:
        raise CommandError(f"the folder cannot be made: {error}", exit_code=USAGE) from error
    click.echo(f"Playing a day of Brackwater Castings in {place.path}", err=True)
    _write(_played(place, seed), place)
    return OK


def _played(place: DemoFolder, seed: int) -> Played:
    from vedette.demo.play import play
    from vedette.demo.visitors import NoLoopback

    try:
        return play(place, seed, lambda line: click.echo(line, err=True))
    except NoLoopback as error:
        hint = (
            "the visitors need addresses of their own: all of 127.0.0.0/8 must lie on the loopback "
            "interface, as on Linux and Windows"
        )
        raise CommandError(str(error), hint=hint) from error
    except OSError as error:
        raise CommandError(f"the demo cannot be played: {error}") from error


def _write(played: Played, place: DemoFolder) -> None:
    from vedette.cli.output import write_rows

    findings = played.report.findings
    write_rows(COLUMNS, map(_row, findings))
    click.echo(f"\n{len(findings)} findings. Report: {place.report}")
    if played.mistakes:
        raise CommandError(
            "the hunt did not do what its logs are made for\n  " + "\n  ".join(played.mistakes),
            hint="the shipped detections or what they run on are broken: please report it",
        )
    click.echo(f"Go on with: vedette query 'CommonSecurityLog | take 5' {place.workspace}")


def _row(finding: Finding) -> tuple[object, ...]:
    techniques = ", ".join(finding.detection.techniques)
    severity = str(finding.severity) if finding.severity else None
    title, moment = finding.detection.title, finding.first_seen
    return severity, techniques, title, finding.platform, finding.entity, finding.count, moment
