"""``vedette emulate``: carry attack tests out harmlessly, and hunt over what was seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.exits import FINDINGS, NOTHING_RAN, OK, USAGE, CommandError
from vedette.cli.output import format_option, visible, write_rows
from vedette.cli.sources import detections_of, name_and_value

if TYPE_CHECKING:
    from vedette.detections.model import DetectionTest
    from vedette.lab.emulated import Emulated

COLUMNS = ("test", "detection", "title", "outcome", "recorded", "reason")


@click.command()
@click.argument("tests", nargs=-1)
@click.option(
    "--detections",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A package or folder of them, in place of our own; may be repeated. "
    "Its commands are run: read them first.",
)
@click.option(
    "--argument",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value for an input argument of the tests; may be repeated.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep what was recorded in this folder.",
)
@format_option
def command(
    tests: tuple[str, ...],
    paths: tuple[Path, ...],
    given: tuple[str, ...],
    keep: Path | None,
    output_format: str,
) -> int:
    """Carry TESTS out (such as T1591.002-1; all of them where none is named) and hunt the traces.

    Each runs in a folder of its own, with inert stand-ins for the tools, and talks to servers on
    loopback only. What is recorded was observed: the process table, the web server's log, the
    resolver's questions, the maildir, the files. Exit code 0 when every query fires on it, 1 when
    one does not, 2 when nothing could be carried out.
    """
    from vedette.cli.progress import counting
    from vedette.lab.emulated import emulate_all
    from vedette.lab.emulation import tests_of

    arguments = dict(name_and_value(word, "--argument") for word in given)
    loaded = detections_of(paths)
    for problem in loaded.errors:
        click.echo(visible(str(problem)), err=True)
    known = [(d.label_of(test), d, test) for d, test in tests_of(loaded.detections)]
    names = {label for label, _, _ in known}
    absent = [name for name in tests if name not in names]
    if absent:
        raise CommandError(
            f"there is no test {visible(', '.join(absent))}",
            hint=f"tests are {', '.join(sorted(names))}",
            exit_code=USAGE,
        )
    chosen = [(d, test) for label, d, test in known if not tests or label in tests]
    if not chosen:
        raise CommandError(
            "there is no test here that could be carried out",
            hint="a published page tells its tests in words; a package's test.yaml says under "
            "'executor' what is done",
            exit_code=NOTHING_RAN,
        )
    _require_arguments(arguments, [test for _, test in chosen])
    with counting("emulating") as bar:
        done = emulate_all(chosen, given=arguments, keep=keep, progress=bar)
    write_rows(COLUMNS, [_row(one) for one in done], output_format)
    if not any(one.recording is not None for one in done):
        return NOTHING_RAN
    return OK if all(one.holds for one in done) else FINDINGS


def _require_arguments(given: Mapping[str, str], tests: Sequence[DetectionTest]) -> None:
    takes = {a.name for t in tests if t.executor is not None for a in t.executor.arguments}
    absent = [name for name in given if name not in takes]
    if absent:
        raise CommandError(
            f"none of these tests has an input argument {visible(', '.join(absent))}",
            hint=f"they have {', '.join(sorted(takes)) or 'none'}",
            exit_code=USAGE,
        )


def _row(one: Emulated) -> tuple[str, ...]:
    if one.recording is None:
        outcome, recorded = "not carried out", ""
    else:
        outcome = ", ".join(f"{platform} {word}" for platform, word in one.outcomes.items())
        recorded = ", ".join(f"{n} {kind}" for kind, n in one.recording.counts.items() if n)
    return one.label, one.detection.id, one.test.title, outcome, recorded, one.reason
