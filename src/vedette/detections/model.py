"""What a detection is: takes nothing, gives the types that packages, bare files and pages are read
into and that everything above works on.

A query keeps the whole text of the file it stands in, so that a problem found in the query points
at that file's own line.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

from vedette.syntax import Fix, Problem, Repair, Source, Span, one_line

Language = Literal["kql", "aql", "sigma"]
Status = Literal["experimental", "test", "stable", "deprecated", "unsupported"]
Form = Literal["package", "query", "page", "rule", "analytics"]

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
class Piece:
    """A run of a query's text, and where it stands in a file, character for character."""

    text: str
    page: Source = field(repr=False)
    start: int


@dataclass(frozen=True, slots=True)
class Query:
    """One platform's query: the text that ``span`` covers in the file ``page``.

    ``platform`` is a key of PLATFORMS, or ``sigma``. ``page.name`` is the file's path as it was
    given. Where the text is written otherwise (indented, quoted), or has parts from elsewhere (the
    rules that a correlation asks, filters), ``pieces`` joined are the text. ``filters`` are the
    titles of the Sigma filters that are applied to it.
    """

    platform: str
    language: Language
    page: Source
    span: Span
    pieces: tuple[Piece, ...] = ()
    filters: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The query's text, as its language reads it."""
        if self.pieces:
            return "".join(piece.text for piece in self.pieces)
        return self.page.at(self.span)

    @property
    def line(self) -> int:
        """The line of the file on which the query starts, from 1."""
        return self.page.position(self.span.start)[0]

    def in_page(self, problem: Problem) -> Problem:
        """The problem of the query's text, moved to its place in the file.

        One in a part from another file stands at the query, and its message names the place.
        """
        page, moved = self._moved(problem.span)
        line, column = page.position(moved.start)
        if page is not self.page:
            message = f"{page.name}:{line}:{column}: {problem.message}"
            line, column = self.page.position(self.span.start)
            span = Span(self.span.start, self.span.start)
            return replace(problem, message=message, span=span, line=line, column=column, fix=None)
        fix = problem.fix and self._fix(problem.fix)
        return replace(problem, span=moved, line=line, column=column, fix=fix)

    def repair_in_page(self, repair: Repair) -> Repair:
        """The repair of the query's text, moved to its place in the file."""
        page, moved = self._moved(repair.span)
        span = moved if page is self.page else self.span
        line, column = self.page.position(span.start)
        return replace(repair, span=span, line=line, column=column)

    def _fix(self, fix: Fix) -> Fix | None:
        """The edit in the file; None where what it replaces is written otherwise there."""
        page, moved = self._moved(fix.span)
        if page is not self.page or page.at(moved) != self.text[fix.span.start : fix.span.end]:
            return None
        return replace(fix, span=moved)

    def _moved(self, span: Span) -> tuple[Source, Span]:
        """The file that a part of the text stands in, and where."""
        if not self.pieces:
            end, start = len(self.page.text), self.span.start
            return self.page, Span(min(span.start + start, end), min(span.end + start, end))
        first, start = self._placed(span.start)
        last, end = self._placed(max(span.end - 1, span.start))
        if first is not last or span.end <= span.start:
            end = start - 1 if span.end <= span.start else start
        return first, Span(start, min(end + 1, len(first.text)))

    def _placed(self, offset: int) -> tuple[Source, int]:
        """The file and the place of a character of the text."""
        passed = 0
        for piece in self.pieces:
            if offset < passed + len(piece.text):
                return piece.page, min(piece.start + offset - passed, len(piece.page.text))
            passed += len(piece.text)
        last = self.pieces[-1]
        return last.page, min(last.start + len(last.text), len(last.page.text))


@dataclass(frozen=True, slots=True)
class Schedule:
    """How far back each run looks, and how often it runs; None where nothing says so.

    One that *is_bound* shows a query nothing before its lookback, even if the query looks further.
    """

    lookback: dt.timedelta | None = None
    step: dt.timedelta | None = None
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """A result column that names an entity, with Sentinel's words for its type and identifier."""

    column: str
    type: str
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What the number of a run's result rows must be for an alert: ``gt`` and 0, say."""

    operator: Literal["gt", "lt", "eq", "ne"]
    threshold: int

    def fires(self, rows: int) -> bool:
        """Whether a run with that many result rows raises an alert."""
        match self.operator:
            case "gt":
                return rows > self.threshold
            case "lt":
                return rows < self.threshold
            case "eq":
                return rows == self.threshold
        return rows != self.threshold

    @property
    def is_any(self) -> bool:
        """Whether it fires for just those runs that have rows."""
        return (self.operator, self.threshold) in (("gt", 0), ("ne", 0))

    def __str__(self) -> str:
        """In words: ``more than 5 rows``."""
        words = {"gt": "more than", "lt": "fewer than", "eq": "exactly", "ne": "other than"}
        return f"{words[self.operator]} {self.threshold:,} rows"


@dataclass(frozen=True, slots=True)
class Alert:
    """How an alert is named by its rows: texts with ``{{column}}``, and columns that say the rest.

    ``details`` are names with the columns whose values they have. With ``each_row`` every row is
    an alert, else all rows of one run are.
    """

    title: str | None = None
    description: str | None = None
    severity_column: str | None = None
    tactics_column: str | None = None
    details: tuple[tuple[str, str], ...] = ()
    each_row: bool = False


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
class Allowance:
    """Whom a detection lets through: values of a result column, why, by whom, until when.

    A value is a text, compared without case, or a network such as 203.0.113.0/24.
    """

    column: str
    values: tuple[str, ...]
    reason: str
    owner: str
    expires: dt.date


@dataclass(frozen=True, slots=True)
class RealLog:
    """Records of real logs that are no part of a package: which file, which part of it, its sum.

    ``member`` is the path in a zip file (``!`` between one zip file and the next inside it), empty
    where there is none; ``lines`` are the first and the last line, from 1, both included; None is
    all. ``sha256`` is of the bytes meant, in hexadecimal.
    """

    archive: str
    member: str
    lines: tuple[int, int] | None
    sha256: str


@dataclass(frozen=True, slots=True)
class QuietCase:
    """What only looks like an attack: files of logs over which no query may fire.

    ``source`` says where the records come from: real logs, or made for the purpose. Where they are
    ``real``, they lie elsewhere and ``records`` is empty.
    """

    name: str
    title: str
    source: str
    records: tuple[Path, ...]
    real: RealLog | None = None


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A result column that a detection names, and where in the query's file."""

    name: str
    span: Span


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
    trigger: Trigger | None = None
    alert: Alert | None = None
    version: str | None = None
    columns: tuple[ColumnUse, ...] = ()
    false_positives: tuple[str, ...] = ()
    tests: tuple[DetectionTest, ...] = ()
    quiet: tuple[QuietCase, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    references: tuple[str, ...] = ()
    notes: str | None = None
    missing: tuple[Missing, ...] = ()

    def why_missing(self, field: str) -> str | None:
        """Why *field* is absent, or None where nothing was expected or it is there."""
        return next((m.reason for m in self.missing if m.field == field), None)

    def label_of(self, test: DetectionTest) -> str:
        """How a test is called: the technique that it counts for and its number, T1591.002-1."""
        return f"{test.technique or next(iter(self.techniques), 'test')}-{test.number}"


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
