"""Proving by what was seen: takes tests, carries them out, hunts over what was recorded of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from vedette.detections.model import Detection, DetectionTest
from vedette.hunt import hunt
from vedette.lab.emulation import CannotEmulate, Recording, emulate
from vedette.lab.emulation.sandbox import scratch
from vedette.workspace import Workspace

Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Emulated:
    """A test that was carried out: what was recorded, and how many findings each query has of it.

    ``recording`` is None where it was not carried out, for ``reason``; ``findings`` has a platform
    for each query, -1 where the query could not run.
    """

    detection: Detection
    test: DetectionTest
    recording: Recording | None
    findings: Mapping[str, int]
    reason: str = ""

    @property
    def label(self) -> str:
        """The technique and the test's number."""
        technique = self.test.technique or next(iter(self.detection.techniques), "test")
        return f"{technique}-{self.test.number}"

    @property
    def holds(self) -> bool:
        """Whether it was carried out and every query fires that is not known to be silent."""
        known = dict(self.test.silent)
        fired = all((n > 0) == (platform not in known) for platform, n in self.findings.items())
        return self.recording is not None and bool(self.findings) and fired


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
            yield Emulated(detection, test, found, _findings(detection, found.folder))


def _findings(detection: Detection, recorded: Path) -> dict[str, int]:
    with Workspace() as workspace:
        workspace.ingest(recorded)
        runs = hunt(workspace, [detection], evidence=0).runs
        return {
            run.platform: len(run.findings) if run.status in ("ran", "no data") else -1
            for run in runs
            if run.query is not None
        }
