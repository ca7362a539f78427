"""What a hunt gives back: findings, what ran and over which windows, what could not run and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from vedette.detections.model import Detection, PlacedProblem, Query
from vedette.hunt.findings import Finding
from vedette.hunt.tuning import Allowed
from vedette.hunt.windows import Windows
from vedette.syntax import Problem, Repair
from vedette.workspace.events import Volume

NO_WINDOWS = Windows()
Status = Literal["ran", "no data", "no query", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class TableData:
    """What a table holds: all of its rows, those without a moment among them, from when to when."""

    name: str
    rows: int
    untimed: int
    first: dt.datetime | None
    last: dt.datetime | None
    volumes: tuple[Volume, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one query of a detection.

    ``query`` is None where the detection has none. ``reason`` says why it did not run, or not to
    its end, ``alone`` why it was not part of a hunt's one pass. ``windows`` were evaluated; without
    ``lookback`` one window holds everything. Places of ``problems`` and ``repairs`` are those of
    the query's file.
    """

    detection: Detection
    query: Query | None
    status: Status
    reason: str = ""
    lookback: dt.timedelta | None = None
    step: dt.timedelta | None = None
    windows: Windows = NO_WINDOWS
    tables: tuple[TableData, ...] = ()
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    alone: str = ""

    @property
    def ran(self) -> bool:
        """Whether the query was evaluated over all windows there were."""
        return self.status == "ran"

    @property
    def platform(self) -> str:
        """The query's platform, or nothing."""
        return self.query.platform if self.query else ""

    @property
    def label(self) -> str:
        """The detection's title with its platform."""
        return f"{self.detection.title} ({self.platform})" if self.query else self.detection.title


@dataclass(frozen=True, slots=True)
class HuntReport:
    """Everything a hunt has to say; ``data`` is what is stored, table by table.

    ``quarantined`` counts the pieces of logs that could not be read. ``problems`` are those of
    reading the detections: an error there is a detection that could not even be read.
    """

    findings: tuple[Finding, ...]
    runs: tuple[Run, ...]
    problems: tuple[PlacedProblem, ...]
    warnings: tuple[str, ...]
    data: tuple[TableData, ...]
    quarantined: int
    since: dt.datetime | None
    until: dt.datetime | None
    now: dt.datetime | None
    strict: bool
    allowed: tuple[Allowed, ...] = ()
    """Findings that a detection's tuning lets through."""

    @property
    def ran(self) -> tuple[Run, ...]:
        """The queries that were evaluated."""
        return tuple(run for run in self.runs if run.ran)

    @property
    def ran_alone(self) -> tuple[Run, ...]:
        """The queries that could not be part of the one pass, though others were."""
        return tuple(run for run in self.runs if run.alone)

    @property
    def could_not_run(self) -> tuple[Run, ...]:
        """The queries that could not be evaluated, or not to the end."""
        return tuple(run for run in self.runs if not run.ran)

    @property
    def unread(self) -> tuple[PlacedProblem, ...]:
        """Why a path gave no detection."""
        return tuple(p for p in self.problems if p.problem.severity == "error")

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime] | None:
        """From the oldest to the newest moment of the data; None without any."""
        firsts = [table.first for table in self.data if table.first is not None]
        lasts = [table.last for table in self.data if table.last is not None]
        return (min(firsts), max(lasts)) if firsts and lasts else None
