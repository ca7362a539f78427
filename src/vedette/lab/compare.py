"""Comparing two versions of a detection: takes two queries and logs, gives where they differ.

Each is hunted over the same workspace. They are compared by the events behind their findings, so
that two platforms' rows, which look different, can be told alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vedette.detections.find import shipped
from vedette.detections.model import Detection, Query
from vedette.hunt import hunt
from vedette.hunt.outcome import Run
from vedette.lab.prove import trials_of
from vedette.workspace import Workspace
from vedette.workspace.events import Event

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Version:
    """One query of a detection, under comparison."""

    detection: Detection
    query: Query

    @property
    def label(self) -> str:
        """The detection's id and the platform."""
        return f"{self.detection.id} ({self.query.platform})"


@dataclass(frozen=True, slots=True)
class Side:
    """What one version found: its run, and the identities of the events behind its findings."""

    version: Version
    run: Run
    events: frozenset[str]

    @property
    def entities(self) -> frozenset[str]:
        """Whom or what its findings are about."""
        return frozenset(f.entity for f in self.run.findings if f.entity is not None)

    @property
    def without_events(self) -> int:
        """How many findings have no event behind them, such as that something is absent."""
        return sum(1 for finding in self.run.findings if not finding.event_times)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions over the same events.

    ``both`` counts the events that both found; ``only_first`` and ``only_second`` are some of those
    that one found, the smallest first, with how many there are in ``first_count`` and
    ``second_count``. ``looked_at`` is how many events there were.
    """

    first: Side
    second: Side
    looked_at: int
    both: int
    only_first: tuple[Event, ...]
    only_second: tuple[Event, ...]
    first_count: int
    second_count: int

    @property
    def agree(self) -> bool:
        """Whether both ran, over data of their tables, and found the same."""
        ran = self.first.run.status == self.second.run.status == "ran"
        return ran and not self.differ

    @property
    def differ(self) -> bool:
        """Whether one found events, or findings that no event is behind, that the other did not."""
        alike = self.first.without_events == self.second.without_events
        return bool(self.first_count or self.second_count or not alike)

    @property
    def smallest(self) -> Event | None:
        """The event of the shortest record that only one of them found."""
        return min((*self.only_first[:1], *self.only_second[:1]), key=_size, default=None)


def versions(detection: Detection, platform: str | None = None) -> list[Version]:
    """The queries of a detection, those of one platform where it is named."""
    return [
        Version(detection, query)
        for query in detection.queries
        if platform is None or query.platform == platform
    ]


def compare(
    workspace: Workspace, first: Version, second: Version, *, strict: bool = False
) -> Comparison:
    """Hunt both over the workspace's events and tell where they agree and differ."""
    one, two = (_side(workspace, version, strict) for version in (first, second))
    own, other = one.events - two.events, two.events - one.events
    return Comparison(
        one,
        two,
        sum(workspace.store.counts().values()),
        len(one.events & two.events),
        _smallest(workspace, own),
        _smallest(workspace, other),
        len(own),
        len(other),
    )


def telemetry_of(detections: Iterable[Detection]) -> tuple[Path, ...]:
    """The records of all tests and quiet cases that detections are tried on."""
    library = shipped().detections
    trials = [trial for detection in detections for trial in trials_of(detection, library)]
    return tuple(dict.fromkeys(path for trial in trials for path in trial.case.records))


def _side(workspace: Workspace, version: Version, strict: bool) -> Side:
    alone = replace(version.detection, queries=(version.query,))
    (run,) = hunt(workspace, [alone], strict=strict, evidence=0).runs
    identities = frozenset(i for finding in run.findings for i in finding.event_times)
    return Side(version, run, identities)


def _smallest(workspace: Workspace, identities: frozenset[str]) -> tuple[Event, ...]:
    tables: Sequence[str] = sorted(workspace.stored)
    events = workspace.events(sorted(identities), tables)
    return tuple(sorted(events, key=_size)[:MOST_SHOWN])


def _size(event: Event) -> tuple[int, str]:
    return len(str(event.values.get("raw", event.values))), event.event_id
