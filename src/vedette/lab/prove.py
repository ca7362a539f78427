"""Proving detections: takes detections, gives for each test and query whether it fires.

The records of a test are ingested into a workspace of their own, through the ordinary readers, and
each query is hunted over them. A test that is told in words only, as in a published page, is tried
on the records of the packages whose tests have the same technique and number. Quiet cases may mean
records of real logs, which lie in a folder that somebody names.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vedette.detections.find import shipped
from vedette.detections.model import (
    Detection,
    DetectionTest,
    Loaded,
    PlacedProblem,
    QuietCase,
    RealLog,
)
from vedette.hunt import hunt
from vedette.hunt.outcome import HuntReport, Run
from vedette.hunt.tuning import expired
from vedette.lab.real_logs import NoSuchRecords, extracted
from vedette.workspace import Workspace

Outcome = Literal["fires", "silent", "cannot run", "untested"]
Claim = Literal["fires", "silent"]
Records = tuple[tuple[Path, ...], RealLog | None]
"""What a case is tried on: a package's files, or a part of real logs."""
Tell = Callable[[int, int, str], None]
"""Called with how many cases are done, how many there are, and the name of the next."""


@dataclass(frozen=True, slots=True)
class Case:
    """Telemetry that queries are tried on: of an attack test, or quiet, of what only looks so.

    ``label`` names it, such as ``T1591.002-1``; ``origin`` is the package that its records are of.
    ``real`` are records in real logs, which are no part of the package.
    """

    label: str
    title: str
    quiet: bool
    records: tuple[Path, ...]
    origin: str
    real: RealLog | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One query on one case: what was claimed of it, and what happened.

    ``reason`` says why a query cannot run, why a case was not tried, or why silence is claimed;
    ``count`` is how many findings there are; ``repairs`` made a published text run.
    """

    detection: Detection
    platform: str
    case: Case
    claim: Claim
    outcome: Outcome
    reason: str = ""
    count: int = 0
    repairs: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether what happened is what was claimed."""
        return self.outcome == self.claim

    @property
    def word(self) -> str:
        """``fires``, ``silent``, ``cannot run``, ``untested``, or ``wrong`` for a quiet case."""
        return "wrong" if self.case.quiet and self.outcome == "fires" else self.outcome


@dataclass(frozen=True, slots=True)
class Proof:
    """Every query on every case of its detection, and what is wrong with the detections' files."""

    cells: tuple[Cell, ...]
    problems: tuple[PlacedProblem, ...] = ()
    unproven: tuple[tuple[Detection, str], ...] = ()
    """Detections that could not be tried at all, each with the reason."""
    skipped: tuple[tuple[Detection, Case], ...] = ()
    """Cases whose records lie in real logs, where nobody said in which folder these are."""
    warnings: tuple[str, ...] = ()
    """What detections let through until a day that is over."""

    @property
    def unread(self) -> tuple[PlacedProblem, ...]:
        """Why a detection could not even be read, so that nothing of it is proven."""
        return tuple(p for p in self.problems if p.problem.severity == "error")

    @property
    def differences(self) -> tuple[Cell, ...]:
        """The cells where what happened is not what was claimed."""
        return tuple(cell for cell in self.cells if not cell.holds)


def prove(
    detections: Loaded | Iterable[Detection],
    *,
    library: Iterable[Detection] | None = None,
    real_logs: Path | None = None,
    strict: bool = False,
    progress: Tell | None = None,
) -> Proof:
    """Try every query of every detection on the detection's tests and quiet cases.

    *library* gives records for pages, by technique and number of test: the shipped packages where
    it is None. *real_logs* is the folder of the real logs that quiet cases mean; without it these
    cases are skipped. *strict* refuses what the vendor refuses.
    """
    given = detections.detections if isinstance(detections, Loaded) else tuple(detections)
    known = tuple(shipped().detections if library is None else library)
    trials = [(detection, trials_of(detection, known)) for detection in given]
    every = [(detection, trial) for detection, tried in trials for trial in tried]
    skipped = [pair for pair in every if pair[1].case.real is not None and real_logs is None]
    pairs = [pair for pair in every if pair[1].case.real is None or real_logs is not None]
    sharing: dict[Records, list[int]] = {}  # which of the pairs have the same records
    for place, (_, trial) in enumerate(pairs):
        sharing.setdefault((trial.case.records, trial.case.real), []).append(place)
    cells: dict[int, list[Cell]] = {}
    for done, (records, places) in enumerate(sharing.items()):
        if progress is not None:
            progress(done, len(sharing), pairs[places[0]][1].case.label)
        tried_here = _try(records, real_logs, [pairs[place] for place in places], strict)
        cells.update(zip(places, tried_here, strict=True))
    return Proof(
        tuple(cell for place in range(len(pairs)) for cell in cells[place]),
        detections.problems if isinstance(detections, Loaded) else (),
        tuple((d, _why_unproven(d)) for d, tried in trials if not tried or not d.queries),
        tuple((detection, trial.case) for detection, trial in skipped),
        tuple(expired(given, dt.datetime.now(dt.UTC).date())),
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """A case and the platforms that are known to be silent on it."""

    case: Case
    silent: dict[str, str]


def trials_of(detection: Detection, library: Sequence[Detection]) -> list[_Trial]:
    """What a detection is tried on: its own cases, or a library's for what it tells in words."""
    tests = [
        _test(detection, test, test.records, detection.id)
        if test.records
        else _borrowed(detection, test, library)
        for test in detection.tests
    ]
    if detection.form == "package":
        quiet = [(detection.id, case) for case in detection.quiet]
    else:
        quiet = _quiet_of(detection, library)
    return tests + [
        _Trial(Case(case.name, case.title, True, case.records, origin, case.real), {})
        for origin, case in quiet
    ]


def _test(
    detection: Detection, test: DetectionTest, records: tuple[Path, ...], origin: str
) -> _Trial:
    case = Case(detection.label_of(test), test.title, False, records, origin)
    return _Trial(case, dict(test.silent))


def _borrowed(detection: Detection, test: DetectionTest, library: Sequence[Detection]) -> _Trial:
    label = detection.label_of(test)
    found = [
        (other.id, known)
        for other in library
        for known in other.tests
        if known.records and other.label_of(known) == label
    ]
    records = tuple(dict.fromkeys(path for _, known in found for path in known.records))
    return _test(detection, test, records, ", ".join(dict.fromkeys(id for id, _ in found)))


def _quiet_of(detection: Detection, library: Sequence[Detection]) -> list[tuple[str, QuietCase]]:
    return [
        (other.id, case)
        for other in library
        if set(other.techniques) & set(detection.techniques)
        for case in other.quiet
    ]


def _try(
    records: Records,
    real_logs: Path | None,
    together: Sequence[tuple[Detection, _Trial]],
    strict: bool,
) -> list[list[Cell]]:
    """The cells of all detections that share records."""

    def untested(reason: str) -> list[list[Cell]]:
        return [
            [_cell(d, q.platform, trial, "untested", reason) for q in d.queries]
            for d, trial in together
        ]

    files, real = records
    if not files and real is None:
        return untested("this test is told in words only, and no package has records of it")
    with tempfile.TemporaryDirectory(prefix="vedette-") as folder, Workspace() as workspace:
        if real is not None and real_logs is not None:
            try:
                files = (extracted(real_logs, real, Path(folder)),)
            except NoSuchRecords as absent:
                return untested(str(absent))
        report = workspace.ingest(list(files))
        if report.quarantined or not report.stored:
            reasons = "; ".join(reason for file in report.files for reason in file.reasons)
            return untested(f"its records cannot be read: {reasons}")
        found = []
        for detection, trial in together:
            told = hunt(workspace, [detection], strict=strict)
            found.append([_ran(run, told, trial) for run in told.runs if run.query is not None])
        return found


def outcome_of(run: Run) -> Outcome:
    """What a hunt's run of one query shows; a query without data to look at is silent."""
    if run.status in ("refused", "failed"):
        return "cannot run"
    return "fires" if run.findings else "silent"


def _ran(run: Run, report: HuntReport, trial: _Trial) -> Cell:
    repairs = tuple(dict.fromkeys(repair.name for repair in run.repairs))
    allowed = [one for one in report.allowed if any(one.finding is f for f in run.findings)]
    count = len(run.findings) - len(allowed)
    if allowed and not count:
        by = allowed[0].allowance
        reason = f"tuning lets it through until {by.expires}: {by.reason} ({by.owner})"
        return _cell(run.detection, run.platform, trial, "silent", reason, 0, repairs)
    if trial.case.real is not None and run.status == "no data":
        return _cell(run.detection, run.platform, trial, "untested", run.reason, 0, repairs)
    return _cell(run.detection, run.platform, trial, outcome_of(run), run.reason, count, repairs)


def _cell(
    detection: Detection,
    platform: str,
    trial: _Trial,
    outcome: Outcome,
    reason: str = "",
    count: int = 0,
    repairs: tuple[str, ...] = (),
) -> Cell:
    known = trial.silent.get(platform)
    claim: Claim = "silent" if trial.case.quiet or known is not None else "fires"
    said = reason or (known or "" if outcome == "silent" else "")
    return Cell(detection, platform, trial.case, claim, outcome, said, count, repairs)


def _why_unproven(detection: Detection) -> str:
    if not detection.queries:
        return detection.why_missing("queries") or "no query found"
    return "it has no tests and no quiet cases"
