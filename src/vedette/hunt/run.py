"""Running detections over a workspace: takes detections and bounds of time, gives a report.

Each query is evaluated as it would have been at the end of each of its windows; an event that
several windows show is counted once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from vedette.detections.model import Detection, Loaded, Query
from vedette.hunt.chosen import Chosen, findings_of
from vedette.hunt.evaluate import ELSEWHERE, Task, at_once_of
from vedette.hunt.findings import MOST_IDENTITIES, Finding, Gathering
from vedette.hunt.known import KnownRules
from vedette.hunt.notes import no_rows, notes_of, shown
from vedette.hunt.one_pass.riders import Rider, Riders
from vedette.hunt.outcome import HuntReport, Run, TableData
from vedette.hunt.together import Narrowed, TellPass, asked_by, together
from vedette.hunt.triggered import triggered
from vedette.hunt.tuning import apart, expired
from vedette.hunt.windows import Stretch, Windows, pin, slide
from vedette.hunt.words import moment_text
from vedette.plan.relations import Plan, Scan
from vedette.plan.rewrite import relations
from vedette.plan.types import ticks_of, timedelta_of
from vedette.syntax import QueryError, Source
from vedette.workspace import Compilation, Workspace
from vedette.workspace.collecting import left_alone, without_collecting

ABSENCE = "it alerts where there is little or nothing"
FEW = 3
"""How many queries are run one by one where nobody says otherwise."""
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a hunt is: the query that runs, its number, and how many of its windows are done."""

    label: str
    query: int
    queries: int
    window: int
    windows: int


Tell = Callable[[Progress], None]


def hunt(
    workspace: Workspace,
    detections: Loaded | Iterable[Detection],
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    now: dt.datetime | None = None,
    strict: bool = False,
    evidence: int = 20,
    progress: Tell | None = None,
    one_pass: bool | None = None,
    cache: Path | None = None,
) -> HuntReport:
    """Run every query of every detection over the workspace's data, and report.

    Without *now* each query's window slides over the data between *since* and *until*; with it,
    one window ends there. *strict* refuses what the vendor refuses. At most *evidence* events are
    read for a finding. *one_pass* says whether what the queries ask of an event is looked for
    together; None does so for more than a few. The folder *cache* keeps what Sigma's rules ask from
    hunt to hunt. Naive datetimes are UTC. Raises ValueError for *now*
    beside bounds, or bounds in the wrong order; what is wrong with a query is in the report.
    """
    since, until, now = _aware(since), _aware(until), _aware(now)
    if now is not None and (since is not None or until is not None):
        raise ValueError("now pins one window: since and until do not go with it")
    if since is not None and until is not None and since > until:
        raise ValueError("since lies after until")
    known = KnownRules(cache, workspace, strict)
    bounds = _Bounds(since, until, now)
    hunting = _Hunt(workspace, bounds, strict, evidence, progress, one_pass, known)
    given = detections.detections if isinstance(detections, Loaded) else tuple(detections)
    runs = hunting.runs(given)
    every = sorted((finding for run in runs for finding in run.findings), key=_order)
    today = (now or dt.datetime.now(dt.UTC)).date()
    findings, allowed = apart(every, today)
    notes = [f"{run.label}: {note}" for run in runs for note in run.notes]
    return HuntReport(
        findings=findings,
        allowed=allowed,
        runs=tuple(runs),
        problems=detections.problems if isinstance(detections, Loaded) else (),
        warnings=(*notes, *expired(given, today)),
        data=tuple(hunting.data(table) for table in sorted(workspace.stored)),
        quarantined=workspace.store.quarantine_count(),
        since=since,
        until=until,
        now=now,
        strict=strict,
    )


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=dt.UTC)


def _order(finding: Finding) -> tuple[int, str, str, int, str]:
    severity = -int(finding.severity or 0)
    title = finding.title
    return severity, title, finding.platform, -finding.count, finding.entity or ""


@dataclass(frozen=True, slots=True)
class _Bounds:
    since: dt.datetime | None
    until: dt.datetime | None
    now: dt.datetime | None


@dataclass(frozen=True, slots=True)
class _Read:
    """A query that was understood, as of one moment."""

    clock: dt.datetime
    compilation: Compilation
    plan: Plan


class _Hunt:
    """One hunt: what is asked for, and what is known of the data so far."""

    def __init__(
        self,
        workspace: Workspace,
        bounds: _Bounds,
        strict: bool,
        evidence: int,
        progress: Tell | None,
        one_pass: bool | None,
        known: KnownRules,
    ) -> None:
        self._workspace = workspace
        self.known = known
        self._one_pass = one_pass
        self.bounds = bounds
        self.strict = strict
        self.evidence = evidence
        self._progress = progress
        self._known: dict[str, TableData] = {}

    def data(self, table: str) -> TableData:
        """What a table holds; counted once."""
        if table not in self._known:
            volumes = self._workspace.volume(table, HOUR)
            firsts = [v.first for v in volumes if v.first is not None]
            lasts = [v.last for v in volumes if v.last is not None]
            self._known[table] = TableData(
                name=table,
                rows=sum(v.rows for v in volumes),
                untimed=sum(v.rows for v in volumes if v.first is None),
                first=min(firsts, default=None),
                last=max(lasts, default=None),
                volumes=volumes,
            )
        return self._known[table]

    def runs(self, detections: Sequence[Detection]) -> list[Run]:
        """What became of each query of each detection, in their order."""
        queries = sum(len(d.queries) for d in detections)
        with ExitStack() as until_done:
            with without_collecting():
                done, ready = self._begun(detections, queries)
                absent = {place: asked for place, asked in ready.items() if asked.asks_for_absence}
                ready = {place: asked for place, asked in ready.items() if place not in absent}
                at_once = self._one_pass or (self._one_pass is None and len(ready) > FEW)
                asks = asked_by(self._workspace, ready) if at_once else None
                until_done.enter_context(left_alone())
            done |= {place: asked.finish(alone=ABSENCE) for place, asked in absent.items()}
            if asks is not None:
                whole, tell = bool(self.evidence), self._tell_pass(queries)
                done |= together(self._workspace, ready, asks, whole, tell)
            else:
                done |= {place: asked.finish() for place, asked in ready.items()}
        self.known.write()
        return [done[place] for place in sorted(done)]

    def _begun(
        self, detections: Sequence[Detection], queries: int
    ) -> tuple[dict[int, Run], dict[int, _Query]]:
        """What became of the queries that cannot be evaluated, and the others, by their places."""
        number = 0
        done: dict[int, Run] = {}
        ready: dict[int, _Query] = {}
        for detection in detections:
            if not detection.queries:
                reason = detection.why_missing("queries") or "no query found"
                done[len(done) + len(ready)] = Run(detection, None, "no query", reason)
            for query in detection.queries:
                number += 1
                told = Progress(f"{detection.title} ({query.platform})", number, queries, 0, 0)
                asked = _Query(self, self._workspace, detection, query, told)
                run = asked.begin()
                place = len(done) + len(ready)
                if run is None:
                    ready[place] = asked
                else:
                    done[place] = run
        return done, ready

    def _tell_pass(self, queries: int) -> TellPass:
        def tell(table: str, part: int, parts: int) -> None:
            self.tell(Progress(f"what all ask of {table}", queries, queries, part, parts))

        return tell

    def tell(self, progress: Progress) -> None:
        """Say how far the hunt is."""
        if self._progress is not None:
            self._progress(progress)

    def clock(self) -> dt.datetime:
        """The moment at which queries are first read: the pinned one, else the newest data's."""
        bounds = self.bounds
        lasts = (self.data(table).last for table in self._workspace.stored)
        newest = max((last for last in lasts if last is not None), default=None)
        return bounds.now or bounds.until or newest or dt.datetime.now(dt.UTC)


class _Query:
    """One query of a detection on its way through the data."""

    def __init__(
        self,
        hunting: _Hunt,
        workspace: Workspace,
        detection: Detection,
        query: Query,
        progress: Progress,
    ) -> None:
        self._hunt = hunting
        self._workspace = workspace
        self._detection = detection
        self._query = query
        self._progress = progress
        self._source = Source(query.text, query.page.name)
        self._known = hunting.known.find(query)
        self._read: _Read | None = None
        self._ready: Run | None = None

    def begin(self) -> Run | None:
        """Read the query and lay its windows; what became of it where it cannot be evaluated."""
        self._hunt.tell(self._progress)
        blank = Run(self._detection, self._query, "ran")
        try:
            read = None if self._known else self._compile(self._hunt.clock())
            lookback = self._lookback(read) if read else self._schedule_lookback()
        except QueryError as error:
            problems = tuple(self._query.in_page(p) for p in error.problems)
            return replace(blank, status="refused", reason=_first(error), problems=problems)
        schedule = self._detection.schedule
        step = schedule.step if schedule and lookback else None
        names = _scanned(read.plan) if read else self._known.tables if self._known else ()
        tables = tuple(self._hunt.data(name) for name in names)
        blank = replace(
            blank,
            lookback=lookback,
            step=step,
            tables=tables,
        )
        if read is not None:
            told = read.compilation
            problems = tuple(self._query.in_page(p) for p in told.problems)
            repairs = tuple(self._query.repair_in_page(r) for r in told.repairs)
            blank = replace(blank, problems=problems, repairs=repairs)
        if tables and not any(table.rows for table in tables):
            return replace(blank, status="no data", reason=no_rows(tables))
        windows = self._windows(tables, lookback, step)
        blank = replace(blank, windows=windows, notes=notes_of(tables, windows, lookback, step))
        if any(table.first for table in tables) and not windows.evaluated:
            return replace(blank, status="no data", reason=self._outside(tables, lookback))
        if self.asks_for_absence and windows.empty:
            note = f"{windows.empty:,} windows without data are not evaluated, nor alerted on"
            blank = replace(blank, notes=(*blank.notes, note))
        self._ready, self._read = blank, read
        return None

    def finish(self, over: Narrowed | None = None, alone: str = "") -> Run:
        """Evaluate the query over its windows, over some of the rows or, for a reason, alone."""
        return replace(self._evaluate(self._begun(), self._first(), over), alone=alone)

    def answered(self, chosen: Chosen) -> Run | None:
        """What became of it where it does no more than choose events, which are known; None where
        it has to be evaluated to know."""
        run, trigger = self._begun(), self._detection.trigger
        table, windows = (chosen.answer.table,), run.windows.evaluated
        by_itself = tuple(t.name for t in run.tables) == self._behind(run) == table
        is_any = trigger is None or trigger.is_any
        if not (by_itself and is_any and chosen.is_each_once) or (windows and not chosen.moment):
            return None
        size = at_once_of(len(windows), len(chosen.places), run.lookback, run.step)
        places = chosen.within(windows, size)
        found = findings_of(self._detection, self._query, chosen, places, self._hunt.evidence)
        self._hunt.tell(replace(self._progress, window=len(windows), windows=len(windows)))
        return replace(run, findings=found)

    @property
    def asks_for_absence(self) -> bool:
        """Whether a run without rows raises an alert."""
        trigger = self._detection.trigger
        return trigger is not None and trigger.fires(0)

    def found_nothing(self) -> Run:
        """What became of a query that no event answers."""
        return self._begun()

    def rider(self, reader: Riders) -> Rider:
        """What it asks of stored rows; raises Alone and QueryError."""
        if self._known is not None:
            return self._known.rider
        rider = reader.rider(self._stored_plans())
        run, read = self._begun(), self._first()
        if read.plan.timeless and not (run.problems or run.repairs):
            self._hunt.known.keep(self._query, _scanned(read.plan), rider)
        return rider

    def _stored_plans(self) -> list[tuple[int, Plan]]:
        """The query over stored tables, as of some moments in ticks; of one where it has no clock.

        Raises QueryError.
        """
        run, read = self._begun(), self._first()
        over = self._workspace.stored_plan
        plans = [(ticks_of(read.clock), read.compilation.stored_plan or over(read.plan))]
        if not read.plan.timeless:
            ends = [
                window[1] for window in (*run.windows.evaluated[:1], *run.windows.evaluated[-1:])
            ]
            clocks = (*ends, *(read.clock + away for away in ELSEWHERE))
            plans += [(ticks_of(clock), over(self._plan(clock))) for clock in clocks]
        return plans

    def _begun(self) -> Run:
        if self._ready is None:
            raise ValueError("the query has not begun, or cannot be evaluated")
        return self._ready

    def _first(self) -> _Read:
        """The query as it was read first; one that is known from before is read now."""
        self._read = self._read or self._compile(self._hunt.clock())
        return self._read

    def _compile(self, clock: dt.datetime) -> _Read:
        query, strict = self._query, self._hunt.strict
        compilation = self._workspace.compile(
            query.text, query.language, clock, strict, name=query.page.name
        )
        if compilation.plan is None:
            raise ValueError(f"{query.language} gives no plan to hunt with")
        return _Read(clock, compilation, compilation.plan)

    def _at(self, clock: dt.datetime, first: _Read) -> _Read:
        """The query as of a moment, which is as it was read first where it has no clock."""
        return first if first.plan.timeless else self._compile(clock)

    def _plan(self, clock: dt.datetime) -> Plan:
        query = self._query
        name, strict = query.page.name, self._hunt.strict
        return self._workspace.plan(query.text, query.language, clock, strict, name=name)

    def _lookback(self, read: _Read) -> dt.timedelta | None:
        """How far back the query looks: by its own words, else by the detection's schedule."""
        schedule = self._detection.schedule
        bound = schedule.lookback if schedule and schedule.is_bound else None
        ticks = read.plan.lookback_ticks
        if ticks is None:
            return self._schedule_lookback()
        # A query that begins at a date looks back further the later it is read: nothing slides it.
        if self._plan(read.clock + DAY).lookback_ticks != ticks:
            return bound
        own = timedelta_of(ticks)
        return own if bound is None else min(own, bound)

    def _schedule_lookback(self) -> dt.timedelta | None:
        schedule = self._detection.schedule
        return schedule.lookback if schedule else None

    def _windows(
        self,
        tables: Sequence[TableData],
        lookback: dt.timedelta | None,
        step: dt.timedelta | None,
    ) -> Windows:
        bounds = self._hunt.bounds
        stretches = _stretches(tables)
        if bounds.now is not None:
            return pin(stretches, bounds.now, lookback)
        return slide(stretches, lookback, step, bounds.since, bounds.until)

    def _evaluate(self, run: Run, first: _Read, narrowed: Narrowed | None) -> Run:
        over = narrowed.workspace if narrowed else self._workspace
        stored = sum(table.rows for table in run.tables)
        gathering = Gathering(self._detection, self._query)
        windows = run.windows.evaluated
        task = Task(
            workspace=over,
            source=self._source,
            compile=lambda clock: self._at(clock, first).compilation,
            plan=self._plan,
            windows=windows,
            lookback=run.lookback,
            step=run.step,
            rows=narrowed.rows if narrowed else stored,
            is_sparse=bool(run.windows.unreached),
            most=MOST_IDENTITIES,
        )
        failure, done = "", 0
        try:
            if not windows:  # its tables have no time: there is nothing to slide over
                gathering.add(*over.trace(first.compilation, self._source, None))
            for done, part in triggered(task, self._detection.trigger):
                if part is not None:
                    gathering.add(*part, until=windows[done - 1][1])
                self._hunt.tell(replace(self._progress, window=done, windows=len(windows)))
        except QueryError as error:
            place = f", {shown(windows[done])}" if done < len(windows) else ""
            failure = f"{_first(error)} (after {done:,} of {len(windows):,} windows{place})"
        tables = self._behind(run)
        times = narrowed.times(tables) if narrowed else None
        findings = gathering.findings(over, tables, self._hunt.evidence, times)
        run = replace(run, findings=findings)
        return replace(run, status="failed", reason=failure) if failure else run

    def _behind(self, run: Run) -> tuple[str, ...]:
        """The stored tables that the query reads."""
        behind = [name for t in run.tables for name in self._workspace.stored_behind(t.name)]
        return tuple(dict.fromkeys(behind))

    def _outside(self, tables: Sequence[TableData], lookback: dt.timedelta | None) -> str:
        bounds = self._hunt.bounds
        first = min(t.first for t in tables if t.first is not None)
        last = max(t.last for t in tables if t.last is not None)
        where = "between since and until"
        if bounds.now is not None:
            start = f"{moment_text(bounds.now - lookback)} to " if lookback else "up to "
            where = f"in the window {start}{moment_text(bounds.now)}"
        names = ", ".join(t.name for t in tables)
        return f"no data {where}: {names} runs from {moment_text(first)} to {moment_text(last)}"


def _scanned(plan: Plan) -> tuple[str, ...]:
    """The tables that a plan reads, each once."""
    scans = (r.table for r in relations(plan.root) if isinstance(r, Scan))
    return tuple(dict.fromkeys(scans))


def _stretches(tables: Iterable[TableData]) -> list[Stretch]:
    """Where the tables have data."""
    return [
        (volume.first, volume.last)
        for table in tables
        for volume in table.volumes
        if volume.first is not None and volume.last is not None
    ]


def _first(error: QueryError) -> str:
    problems = [p for p in error.problems if p.severity == "error"] or error.problems
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0].message}{more}"
