"""Proving by what was seen: takes tests, carries them out, hunts over what was recorded of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from vedette.detections.model import Detection, DetectionTest
from vedette.hunt import hunt
from vedette.lab.emulation import CannotEmulate, Recording, emulate
from vedette.lab.emulation.sandbox import scratch
from vedette.lab.prove import Outcome, Tell, outcome_of
from vedette.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Emulated:
    """A test that was carried out: what was recorded, and what each query does with it.

    ``recording`` is None where it was not carried out, for ``reason``; ``outcomes`` go by the
    queries' platforms.
    """

    detection: Detection
    test: DetectionTest
    recording: Recording | None
    outcomes: Mapping[str, Outcome]
    reason: str = ""

    @property
    def label(self) -> str:
        """The technique and the test's number."""
        return self.detection.label_of(self.test)

    @property
    def holds(self) -> bool:
        """Whether it was carried out and every query fires that is not known to be silent."""
        silent = dict(self.test.silent)
        return bool(self.outcomes) and all(
            (outcome == "fires") == (platform not in silent)
            for platform, outcome in self.outcomes.items()
        )


def emulate_all(
    tests: Sequence[tuple[Detection, DetectionTest]],
    *,
    given: Mapping[str, str] | None = None,
    keep: Path | None = None,
    progress: Tell | None = None,
) -> list[Emulated]:
    """Carry tests out one after another and hunt over what was recorded of each.

    Tests of one command are carried out once. *keep* is a folder that the recordings stay in, a
    folder a test; else they are gone. Raises OSError where they cannot be written.
    """
    with nullcontext(keep) if keep is not None else scratch() as folder:
        return list(_each(tests, given or {}, folder, progress))


def _each(
    tests: Sequence[tuple[Detection, DetectionTest]],
    given: Mapping[str, str],
    folder: Path,
    progress: Tell | None,
) -> Iterator[Emulated]:
    recorded: dict[str, Recording | str] = {}
    for number, (detection, test) in enumerate(tests):
        if progress is not None:
            progress(number, len(tests), test.title)
        command = test.executor.command or "" if test.executor is not None else ""
        if command not in recorded:
            place = folder / f"{detection.id}-{test.technique or ''}-{test.number}"
            try:
                recorded[command] = emulate(test, place, given)
            except CannotEmulate as reason:
                recorded[command] = str(reason)
        found = recorded[command]
        if isinstance(found, str):
            yield Emulated(detection, test, None, {}, found)
        else:
            yield Emulated(detection, test, found, _outcomes(detection, found.folder))


def _outcomes(detection: Detection, recorded: Path) -> dict[str, Outcome]:
    with Workspace() as workspace:
        workspace.ingest(recorded)
        runs = hunt(workspace, [detection], evidence=0).runs
        return {run.platform: outcome_of(run) for run in runs if run.query is not None}
