"""What the page of a report shows: takes a report, gives plain texts and numbers in its order."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vedette.detections.attack import technique
from vedette.detections.model import Detection, Query
from vedette.hunt.findings import Basis, Finding
from vedette.hunt.outcome import HuntReport, Run
from vedette.hunt.report.shown import (
    MOST_QUERY_LINES,
    MOST_RECORD,
    Budget,
    link,
    prose,
    shown,
)
from vedette.hunt.tuning import Allowed
from vedette.hunt.windows import Window
from vedette.hunt.words import moment_text, span_text
from vedette.syntax import Problem, Repair
from vedette.workspace.events import Event

KINDS = ("critical", "high", "medium", "low", "informational", "none")
MOST_FINDINGS = 500
MOST_ROWS = 10
MOST_EVENTS = 10
MOST_WINDOWS = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """A text and the address it leads to; None is no link."""

    text: str
    address: str | None


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as evidence."""

    time: str
    table: str
    host: str
    place: str
    raw: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding's line, and the evidence beneath."""

    kind: str
    title: str
    platform: str
    anchor: str
    entity: str
    entity_name: str
    count: str
    basis: str
    first: str
    last: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_note: str
    events: tuple[EventView, ...]
    event_note: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of a line of a query."""

    kind: str
    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A line of a query with its number in its file, and what is said of it."""

    number: int
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """One query of a detection: what became of it, its text, and the detection's own words."""

    anchor: str
    kind: str
    title: str
    platform: str
    language: str
    file: str
    status: str
    reason: str
    confidence: str
    findings: int
    events: int
    lookback: str
    step: str
    window_note: str
    windows: tuple[str, ...]
    tables: tuple[str, ...]
    notes: tuple[str, ...]
    techniques: tuple[Reference, ...]
    tactics: str
    description: str
    guidance: str
    false_positives: tuple[str, ...]
    references: tuple[Reference, ...]
    lines: tuple[QueryLine, ...]
    cut_lines: int


@dataclass(frozen=True, slots=True)
class DataView:
    """A line of the table of what is stored."""

    name: str
    rows: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class LetThroughView:
    """A finding that a detection's tuning lets through, why, and on whose word until when."""

    kind: str
    title: str
    platform: str
    entity: str
    entity_name: str
    reason: str
    owner: str
    until: str


@dataclass(frozen=True, slots=True)
class FilterView:
    """A Sigma filter and the detections whose rules it is applied to."""

    title: str
    detections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything the template writes."""

    findings: tuple[FindingView, ...]
    hidden_findings: int
    let_through: tuple[LetThroughView, ...]
    hidden_let_through: int
    filters: tuple[FilterView, ...]
    severities: tuple[tuple[str, int], ...]
    ran: tuple[RunView, ...]
    not_run: tuple[RunView, ...]
    unread: tuple[Reference, ...]
    warnings: tuple[str, ...]
    data: tuple[DataView, ...]
    rows: str
    quarantined: str
    span: str
    bounds: tuple[str, ...]
    entities: int


def page_view(report: HuntReport) -> PageView:
    """The view of a report; evidence beyond the page's budget is left out, which is said."""
    anchors = {id(run): f"run-{number}" for number, run in enumerate(report.runs, start=1)}
    of_query = {id(run.query): anchors[id(run)] for run in report.runs if run.query}
    budget = Budget()
    findings = tuple(
        _finding(finding, of_query.get(id(finding.query), ""), budget)
        for finding in report.findings[:MOST_FINDINGS]
    )
    counts = Counter(_kind(finding.detection) for finding in report.findings)
    span = report.span
    return PageView(
        findings=findings,
        hidden_findings=max(0, len(report.findings) - MOST_FINDINGS),
        let_through=tuple(map(_let_through, report.allowed[:MOST_FINDINGS])),
        hidden_let_through=max(0, len(report.allowed) - MOST_FINDINGS),
        filters=_filters(report.runs),
        severities=tuple((kind, counts[kind]) for kind in KINDS if counts[kind]),
        ran=tuple(_run(run, anchors[id(run)]) for run in report.ran),
        not_run=tuple(_run(run, anchors[id(run)]) for run in report.could_not_run),
        unread=tuple(Reference(shown(str(p)), None) for p in report.unread),
        warnings=tuple(shown(w, 2_000) for w in report.warnings),
        data=tuple(
            DataView(shown(t.name), f"{t.rows:,}", _moment(t.first), _moment(t.last))
            for t in report.data
        ),
        rows=f"{sum(t.rows for t in report.data):,}",
        quarantined=f"{report.quarantined:,}" if report.quarantined else "",
        span=f"{moment_text(span[0])} to {moment_text(span[1])}" if span else "no data",
        bounds=tuple(
            f"{name} {moment_text(moment)}"
            for name, moment in (
                ("since", report.since),
                ("until", report.until),
                ("one window to", report.now),
            )
            if moment is not None
        ),
        entities=len({f.entity for f in report.findings if f.entity is not None}),
    )


def _kind(detection: Detection) -> str:
    return str(detection.severity) if detection.severity else "none"


def _moment(moment: dt.datetime | None) -> str:
    return moment_text(moment).removesuffix("Z") if moment is not None else "–"


def _second(moment: dt.datetime | None) -> str:
    return _moment(None if moment is None else moment.replace(microsecond=0))


def _finding(finding: Finding, anchor: str, budget: Budget) -> FindingView:
    rows = [tuple(shown(value) for value in row) for row in finding.rows[:MOST_ROWS]]
    events = [_event(event) for event in finding.events[:MOST_EVENTS]]
    row_note = _part(len(rows), finding.row_count, "rows of all windows", "over the most events")
    event_note = _part(len(events), finding.count, "events", "oldest") if events else ""
    if not budget.takes([*(c for row in rows for c in row), *(e.raw for e in events)]):
        rows, events = [], []
        row_note = "The evidence is left out: the page holds enough of it. Ask for --format json."
        event_note = ""
    return FindingView(
        kind=_kind(finding.detection),
        title=shown(finding.title),
        platform=finding.platform,
        anchor=anchor,
        entity=shown(finding.entity) if finding.entity is not None else "–",
        entity_name=shown(finding.entity_type or finding.entity_column),
        count=f"{'≥ ' if finding.is_at_least else ''}{finding.count:,}",
        basis=str(finding.basis if finding.count != 1 else finding.basis.removesuffix("s")),
        first=_second(finding.first_seen),
        last=_second(finding.last_seen),
        columns=tuple(shown(column) for column in finding.columns),
        rows=tuple(rows),
        row_note=row_note,
        events=tuple(events),
        event_note=event_note if finding.basis is Basis.EVENTS else "",
    )


def _let_through(one: Allowed) -> LetThroughView:
    finding, allowance = one.finding, one.allowance
    return LetThroughView(
        kind=_kind(finding.detection),
        title=shown(finding.title),
        platform=finding.platform,
        entity=shown(finding.entity) if finding.entity is not None else "–",
        entity_name=shown(finding.entity_type or finding.entity_column),
        reason=shown(allowance.reason, 2_000),
        owner=shown(allowance.owner),
        until=allowance.expires.isoformat(),
    )


def _filters(runs: Iterable[Run]) -> tuple[FilterView, ...]:
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for title in run.query.filters if run.query is not None else ():
            found.setdefault(title, {})[shown(run.detection.title)] = None
    return tuple(FilterView(shown(title), tuple(named)) for title, named in sorted(found.items()))


def _part(part: int, whole: int, what: str, which: str) -> str:
    return "" if part == whole else f"Of {whole:,} {what} the {part:,} {which} are shown."


def _event(event: Event) -> EventView:
    values = dict(event.values)
    file, offset = values.pop("log_file", None), values.pop("log_offset", None)
    raw = values.pop("raw", None)
    place = shown(file) if file is not None else ""
    return EventView(
        time=_moment(event.time),
        table=shown(event.table),
        host=shown(values.get("host")),
        place=f"{place}:{offset}" if offset is not None else place,
        raw=shown(raw if raw is not None else values, MOST_RECORD),
    )


def _run(run: Run, anchor: str) -> RunView:
    detection, query = run.detection, run.query
    windows = run.windows.evaluated
    lines = _lines(query, run.problems, run.repairs) if query else []
    notes = [shown(note, 2_000) for note in run.notes]
    if run.alone:
        notes.append(f"ran alone, not in the one pass: {shown(run.alone)}")
    if len(windows) > MOST_WINDOWS:
        notes.append(f"{len(windows) - MOST_WINDOWS:,} older windows are not listed")
    return RunView(
        anchor=anchor,
        kind=_kind(detection),
        title=shown(detection.title),
        platform=run.platform,
        language=query.language.upper() if query else "",
        file=shown(query.page.name if query else str(detection.origin)),
        status=run.status,
        reason=shown(run.reason, 2_000),
        confidence=str(detection.confidence) if detection.confidence else "",
        findings=len(run.findings),
        events=sum(finding.count for finding in run.findings),
        lookback=span_text(run.lookback),
        step=span_text(run.step or run.lookback),
        window_note=_window_note(run),
        windows=tuple(_window(window) for window in windows[-MOST_WINDOWS:]),
        tables=tuple(f"{shown(t.name)} ({t.rows:,} rows)" for t in run.tables),
        notes=tuple(notes),
        techniques=tuple(_technique(id) for id in detection.techniques),
        tactics=", ".join(map(shown, detection.tactics)),
        description=prose(detection.description),
        guidance=prose(detection.notes),
        false_positives=tuple(shown(text, 2_000) for text in detection.false_positives),
        references=tuple(Reference(shown(r), link(r)) for r in detection.references),
        lines=tuple(lines[:MOST_QUERY_LINES]),
        cut_lines=max(0, len(lines) - MOST_QUERY_LINES),
    )


def _window(window: Window) -> str:
    return f"{moment_text(window[0])} – {moment_text(window[1])}"


def _window_note(run: Run) -> str:
    evaluated, empty = len(run.windows.evaluated), run.windows.empty
    if not evaluated:
        return ""
    plural = "window" if evaluated == 1 else "windows"
    skipped = f", {empty:,} without data" if empty else ""
    return f"{evaluated:,} {plural} evaluated{skipped}"


def _technique(id: str) -> Reference:
    known = technique(id)
    text = f"{id} {known.name}" if known else id
    return Reference(shown(text), link(known.url) if known else None)


def _lines(query: Query, problems: Sequence[Problem], repairs: Iterable[Repair]) -> list[QueryLine]:
    marks: dict[int, list[Mark]] = {}
    for p in problems:
        text = shown(f"{p.severity} {p.code}: {p.message}", 2_000)
        hint = shown(". ".join(part for part in (p.reason, p.hint) if part), 2_000)
        marks.setdefault(p.line, []).append(Mark(p.severity, text, hint))
    for r in repairs:
        text = shown(f"repaired ({r.name}): {r.message}", 2_000)
        marks.setdefault(r.line, []).append(Mark("repair", text, ""))
    lines = query.text.rstrip().expandtabs(4).split("\n")
    return [
        QueryLine(number, shown(line.rstrip("\r"), 1_000), tuple(marks.get(number, ())))
        for number, line in enumerate(lines, start=query.line)
    ]
