"""What a detection is: takes nothing, gives the types that packages, bare files and pages are read
into and that everything above works on.

A query keeps the whole text of the file it stands in, so that a problem found in the query points
at that file's own line.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from vedette.syntax import Problem, Repair, Source, Span, one_line

Language = Literal["kql", "aql", "sigma"]
Status = Literal["experimental", "test", "stable", "deprecated", "unsupported"]
Form = Literal["package", "query", "page", "rule"]

# Which language a platform's queries are written in; a package's query files are named for them.
PLATFORMS: dict[str, Language] = {"sentinel": "kql", "defender": "kql", "qradar": "aql"}


class Level(enum.IntEnum):
    """An ordered word; ``str`` gives it as it is written, ``int`` as OCSF numbers it."""

    def __str__(self) -> str:
        """The word in lower case."""
        return self.name.lower()


class Severity(Level):
    """How bad what a detection finds is; numbered as OCSF's ``severity_id``."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class Confidence(Level):
    """How often a finding is what is looked for; numbered as OCSF's ``confidence_id``."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Query:
    """One platform's query: exactly the text that ``span`` covers in the file ``page``.

    ``platform`` is a key of PLATFORMS, or ``sigma``. ``page.name`` is the file's path as it was
    given.
    """

    platform: str
    language: Language
    page: Source
    span: Span

    @property
    def text(self) -> str:
        """The query's text, character for character."""
        return self.page.at(self.span)

    @property
    def line(self) -> int:
        """The line of the file on which the query starts, from 1."""
        return self.page.position(self.span.start)[0]

    def in_page(self, problem: Problem) -> Problem:
        """The problem of the query's text, moved to its place in the file."""
        moved = self._moved(problem.span)
        line, column = self.page.position(moved.start)
        fix = problem.fix and replace(problem.fix, span=self._moved(problem.fix.span))
        return replace(problem, span=moved, line=line, column=column, fix=fix)

    def repair_in_page(self, repair: Repair) -> Repair:
        """The repair of the query's text, moved to its place in the file."""
        moved = self._moved(repair.span)
        line, column = self.page.position(moved.start)
        return replace(repair, span=moved, line=line, column=column)

    def _moved(self, span: Span) -> Span:
        end = len(self.page.text)
        start = self.span.start
        return Span(min(span.start + start, end), min(span.end + start, end))


@dataclass(frozen=True, slots=True)
class Schedule:
    """How far back each run looks, and how often it runs; None where nothing says so."""

    lookback: dt.timedelta | None = None
    step: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A result column that names an entity, with Sentinel's word for its type."""

    column: str
    type: str


@dataclass(frozen=True, slots=True)
class Argument:
    """An input of a test's command, written ``#{name}`` there, with its default."""

    name: str
    description: str
    default: str


@dataclass(frozen=True, slots=True)
class Executor:
    """How a test is carried out, in Atomic Red Team's terms: a shell and what it is given.

    Without ``command`` a person does ``steps``. ``cleanup`` takes back what the command left.
    """

    name: str
    command: str | None = None
    cleanup: str | None = None
    steps: str | None = None
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectionTest:
    """A numbered test of a detection: what is done, and the telemetry that is to be seen.

    ``records`` are files of logs that hold this telemetry; a page's test has none. ``silent`` names
    the platforms whose query is known not to fire on it, each with the reason. ``technique`` is
    the one whose published tests the number counts, where it is another than the detection's.
    """

    number: int
    title: str
    expected_signal: str | None
    technique: str | None = None
    records: tuple[Path, ...] = ()
    executor: Executor | None = None
    silent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class QuietCase:
    """What only looks like an attack: files of logs over which no query may fire.

    ``source`` says where the records come from: real logs, or made for the purpose.
    """

    name: str
    title: str
    source: str
    records: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of a detection that its source does not give: the field, and why it is absent."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Detection:
    """One detection; every part that was not found is None or empty, and listed in ``missing``.

    ``techniques`` are ATT&CK ids, ``tactics`` ATT&CK's short names (``reconnaissance``). A
    detection without queries holds notes on a technique, and cannot run.
    """

    id: str
    title: str
    origin: Path
    form: Form
    description: str | None = None
    techniques: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    severity: Severity | None = None
    confidence: Confidence | None = None
    status: Status | None = None
    queries: tuple[Query, ...] = ()
    tables: tuple[str, ...] = ()
    data_sources: tuple[str, ...] = ()
    schedule: Schedule | None = None
    entities: tuple[Entity, ...] = ()
    false_positives: tuple[str, ...] = ()
    tests: tuple[DetectionTest, ...] = ()
    quiet: tuple[QuietCase, ...] = ()
    references: tuple[str, ...] = ()
    notes: str | None = None
    missing: tuple[Missing, ...] = ()

    def why_missing(self, field: str) -> str | None:
        """Why *field* is absent, or None where nothing was expected or it is there."""
        return next((m.reason for m in self.missing if m.field == field), None)


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem and the file it is in; as text, ``file:line:column: severity CODE: message``."""

    problem: Problem
    source: Source

    def __str__(self) -> str:
        """One line, as compilers write."""
        return one_line(self.problem, self.source)


class Loaded(NamedTuple):
    """What was read from paths: the detections, and everything wrong with what was found there."""

    detections: tuple[Detection, ...]
    problems: tuple[PlacedProblem, ...]

    @property
    def errors(self) -> Sequence[PlacedProblem]:
        """The problems that are errors."""
        return [p for p in self.problems if p.problem.severity == "error"]
