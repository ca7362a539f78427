"""Why a query is silent, or fires: takes a query and logs, gives what each of its stages does.

A stage is a part of the query that rows go into and come out of. Of a condition, every part is
counted: how many rows pass it alone, and how many would pass if it were not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vedette.lab.conditions import (
    all_but,
    cut,
    has_value,
    held_at_a_moment,
    is_joined,
    joined,
    literal_text,
    negated,
    parts_of,
    shown_as,
    threshold_of,
)
from vedette.lab.nearest import Nearest, rows_of
from vedette.plan.build import apply, text
from vedette.plan.expressions import Apply, Column, Expression, Fields, Literal, walk
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    FirstPer,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Scan,
    Union,
)
from vedette.plan.rewrite import expressions, inputs, relations, rewrite_relation, with_inputs
from vedette.plan.types import Type, datetime_of
from vedette.syntax import NOWHERE, Problem, Repair, Source, Span
from vedette.tables.views import expand_views, fields_after
from vedette.workspace import Workspace
from vedette.workspace.events import IDENTITY

MOST_PARTS = 200
"""How many parts of one condition are counted."""
MOST_COLUMNS = 200
_MOST_NEAR = 12
"""For how many parts that no row passes the nearest values are looked for."""
_MOST_BEFORE = 20
"""How many conditions further up are tried without."""
_COUNTED = (Filter, Aggregate, FirstPer, Join, Union, Limit, Expand)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition: its text and place, and how many of the stage's rows pass it.

    ``alone`` passes this part whatever the others say; ``without`` would pass the condition if a
    part that all must pass were not there, None for parts inside. ``nearest`` says how close the
    rows come where none passes.
    """

    text: str
    line: int
    column: int
    depth: int
    joined_by: str
    alone: int
    without: int | None
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the query: rows in and out; ``notes`` tell empty columns and missing tables."""

    kind: str
    text: str
    line: int
    depth: int
    rows_in: int | None
    rows_out: int
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing passes it: parts that no row passes, or that are all that hinders rows."""
        if not self.parts:
            return self.notes
        told = []
        blocking = False
        for part in self.parts:
            if not part.depth:
                blocking = bool(part.without) or not part.alone
                if blocking and not part.nearest:
                    told.append(f"{part.text}: {part.alone:,} of {self.rows_in:,} rows pass it")
            if blocking and part.nearest:
                told.append(f"{part.text}: {part.nearest}")
        told = told or ["each part lets rows through, but no row passes them all"]
        return (*self.notes, *told)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What every stage of a query does with the logs, in the order that rows go through them.

    ``now`` is the moment that the query was read at. ``stopped_at`` is the first stage that rows go
    into and none comes out of, or that has none to begin with; None where the query fires.
    """

    stages: tuple[Stage, ...]
    rows: int
    now: dt.datetime
    problems: tuple[Problem, ...]
    repairs: tuple[Repair, ...]

    @property
    def fires(self) -> bool:
        """Whether rows come out at the end."""
        return self.rows > 0

    @property
    def stopped_at(self) -> Stage | None:
        """The stage behind which nothing is left."""
        if self.fires:
            return None
        at = next((i for i, s in enumerate(self.stages) if not s.depth and not s.rows_out), None)
        if at is None:
            return None
        # Of a join or union with an empty side, the stage that empties that side.
        inside = self._empty_sides(at)
        return inside[0] if inside and self.stages[at].rows_in is None else self.stages[at]

    def _empty_sides(self, at: int) -> list[Stage]:
        """Of each side below a stage, the first stage that nothing passes."""
        found: list[Stage] = []
        told = False
        for stage in self.stages[:at]:
            told = told and stage.kind != "scan"
            if stage.depth and not stage.rows_out and not told:
                found.append(stage)
                told = True
        return found

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing comes out: the parts that would let rows through if they were left out.

        Of a union every side is told, since each of them alone would be enough.
        """
        stage = self.stopped_at
        if stage is None:
            return ()
        at = next(i for i, s in enumerate(self.stages) if not s.depth and not s.rows_out)
        if self.stages[at].kind != "union":
            return stage.reasons
        return tuple(reason for side in self._empty_sides(at) for reason in side.reasons)


def why(
    workspace: Workspace,
    query: str,
    language: str = "kql",
    *,
    event: str | None = None,
    now: dt.datetime | None = None,
    strict: bool = False,
    name: str = "query",
    output: str | None = None,
    first_line: int = 1,
) -> Explanation:
    """Count the rows that go through each stage of a query.

    *event* leaves one event only, by its ``event_id``. The query is read as of *now*: the newest
    moment of the workspace's events where it is None; *first_line* is the line of its file on which
    the text begins. Raises QueryError for a query that is refused, ValueError for SQL and for an
    event that is not there.
    """
    clock = now or _newest(workspace) or dt.datetime.now(dt.UTC)
    compilation = workspace.compile(query, language, clock, strict, name=name, output=output)
    plan = compilation.plan
    if plan is None:
        raise ValueError("SQL has no stages that are known")
    run = plan if event is None else _only(workspace, plan, event)
    fields = fields_after(run)
    nearest = Nearest(workspace, fields, whole=event is None)
    asking = _Asking(workspace, Source(query, name), nearest, fields, first_line - 1)
    stages = tuple(asking.stages(plan.root, run.root, 0))
    found = Explanation(
        stages, asking.count(run.root), clock, compilation.problems, compilation.repairs
    )
    stopped = found.stopped_at
    if stopped is None:
        return found
    more = asking.left_out_before(stopped)
    told = replace(stopped, notes=(*stopped.notes, *more))
    return replace(found, stages=tuple(told if s is stopped else s for s in stages))


def _newest(workspace: Workspace) -> dt.datetime | None:
    spans = [workspace.store.time_span(table) for table in workspace.stored]
    latest = max((span[1] for span in spans if span is not None), default=None)
    return None if latest is None else datetime_of(latest + 10).replace(tzinfo=dt.UTC)


def _only(workspace: Workspace, plan: Plan, event: str) -> Plan:
    """The plan over one event, in the place of all of each stored table."""
    if not workspace.events([event], sorted(workspace.stored)):
        raise ValueError(f"there is no event {event}")
    below = expand_views(plan, workspace.catalog, workspace.stored)
    fields = fields_after(below)

    def narrow(relation: Relation) -> Relation:
        if not isinstance(relation, Scan):
            return relation
        stored = workspace.stored.get(relation.table)
        if stored is None or IDENTITY not in stored.columns:
            return Limit(relation, 0)
        identity = fields.new(IDENTITY, Type.STRING)
        scan = replace(
            relation,
            fields=(*relation.fields, identity),
            columns=(*relation.columns, IDENTITY),
        )
        kept = Filter(scan, apply("equals", Column(identity), text(event)))
        return Project(kept, tuple((f, Column(f)) for f in relation.fields))

    return replace(below, root=rewrite_relation(below.root, narrow))


class _Asking:
    """One explanation: asks the workspace to count."""

    def __init__(
        self,
        workspace: Workspace,
        source: Source,
        nearest: Nearest,
        fields: Fields,
        lines_before: int,
    ) -> None:
        self._lines_before = lines_before
        self._workspace = workspace
        self._source = source
        self._fields = fields
        self._nearest = nearest
        self._near_left = _MOST_NEAR
        self._relations: dict[int, Relation] = {}  # what each stage was counted of, by its id

    def stages(self, relation: Relation, run: Relation, depth: int) -> Iterator[Stage]:
        """The stages below a relation, then its own; *run* is what is counted in its place."""
        below = inputs(relation)
        for one, counted in zip(below, inputs(run), strict=False):
            yield from self.stages(one, counted, depth + (len(below) > 1))
        if isinstance(relation, Scan):
            yield self._scan(relation, run, depth)
        elif isinstance(relation, _COUNTED):
            stage = self._stage(run, depth)
            self._relations[id(stage)] = run
            yield stage

    def left_out_before(self, stage: Stage) -> Iterator[str]:
        """The conditions further up without which rows would pass a stage that none passes."""
        relation = self._relations.get(id(stage))
        if relation is None or stage.rows_in == 0:
            return
        tried = 0
        for one in relations(relation):
            if not isinstance(one, Filter) or one is relation:
                continue
            must = joined(one.condition, "and")
            for part in must:
                if tried == _MOST_BEFORE:
                    return
                tried += 1
                rest = all_but(must, part) if len(must) > 1 else None
                other = one.input if rest is None else Filter(one.input, rest)
                rows = self.count(_with(relation, one, other))
                if rows:
                    line, _ = self._place(part.span)
                    place = f" on line {line}" if line else ""
                    yield f"without {self._said(part)}{place}, {rows_of(rows)} would pass"

    def count(self, relation: Relation) -> int:
        """How many rows a relation gives."""
        (count,) = self._aggregated(relation, [apply("count_rows")])
        return int(count)

    def _aggregated(self, relation: Relation, aggregates: Sequence[Expression]) -> tuple[Any, ...]:
        assignments = tuple((self._fields.new("n", a.type), a) for a in aggregates)
        (row,) = self._workspace.run_plan(Plan(Aggregate(relation, (), assignments))).rows()
        return row

    def _stage(self, relation: Relation, depth: int) -> Stage:
        span = _span(relation)
        line, _ = self._place(span)
        rows_in: int | None
        kind, shown = type(relation).__name__.lower(), self._text(span)
        if not any(letter.isalnum() for letter in shown):
            shown = ""  # an operator alone says nothing
        if isinstance(relation, Filter):
            rows_in, rows_out, parts = self._filtered(held_at_a_moment(relation) or relation)
            shown = shown or (parts[0].text if len(parts) == 1 else "")
            return Stage(kind, shown, line, depth, rows_in, rows_out, parts)
        below = inputs(relation)
        rows_in = self.count(below[0]) if len(below) == 1 else None
        rows_out = self.count(relation)
        notes = () if rows_out or not isinstance(relation, Join) else tuple(self._keys(relation))
        return Stage(kind, shown, line, depth, rows_in, rows_out, (), notes)

    def _keys(self, join: Join) -> Iterator[str]:
        """What the keys of a join that gives nothing hold on either side."""
        if join.kind == "left_anti":
            yield "every row of the first side has its like on the other"
            return
        left = set(join.left.fields)
        for part in joined(join.condition, "and"):
            columns = [c for c in walk(part) if isinstance(c, Column)]
            if len(columns) == 2 and len({c.field in left for c in columns}) == 2:
                columns.sort(key=lambda c: c.field not in left)
                sides = zip(columns, (join.left, join.right), ("first", "other"), strict=True)
                yield "; ".join(
                    f"on the {side} side {self._nearest.examples(rows, column)}"
                    for column, rows, side in sides
                )

    def _text(self, span: Span) -> str:
        if span is NOWHERE:
            return ""
        return cut(" ".join(self._source.at(span).split()))

    # --- tables -----------------------------------------------------------------------------

    def _scan(self, scan: Scan, run: Relation, depth: int) -> Stage:
        fields = scan.fields[:MOST_COLUMNS]
        tests = [apply("count_if", has_value(field)) for field in fields]
        rows, *filled = self._aggregated(run, [apply("count_rows"), *tests])
        notes = []
        if not self._workspace.stored_behind(scan.table):
            notes.append(f"nothing that is stored shows itself in {scan.table}")
            notes += self._stored()
        elif not rows:
            notes.append(f"{scan.table} has no rows")
            notes += self._stored()
        else:
            empty = [f.name.lstrip("$") for f, n in zip(fields, filled, strict=True) if not n]
            if empty:
                notes.append(f"empty in all rows: {', '.join(empty)}")
            notes += self._late(scan)
        line, _ = self._place(scan.span)
        return Stage("scan", scan.table, line, depth, None, int(rows), (), tuple(notes))

    def _stored(self) -> Iterator[str]:
        """What there is in place of rows that are missing."""
        counts = [(n, table) for table, n in self._workspace.store.counts().items() if n]
        if counts:
            shown = ", ".join(f"{n:,} of {table}" for n, table in sorted(counts, reverse=True))
            yield f"stored are {shown}"

    def _late(self, scan: Scan) -> Iterator[str]:
        spans = [
            self._workspace.store.time_span(table)
            for table in self._workspace.stored_behind(scan.table)
        ]
        known = [span for span in spans if span is not None]
        if known:
            first, last = (
                datetime_of(f(span[i] for span in known)) for i, f in enumerate((min, max))
            )
            yield f"its events are from {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"
        else:
            yield "none of its events has a time"

    # --- conditions -------------------------------------------------------------------------

    def _filtered(self, filter: Filter) -> tuple[int, int, tuple[Part, ...]]:
        must = joined(filter.condition, "and")
        found = list(parts_of(filter.condition, 0, ""))[:MOST_PARTS]
        thresholds = [threshold_of(e) for e, _, _ in found]
        asked: list[Expression] = [apply("count_rows"), apply("count_if", filter.condition)]
        asked += [apply("count_if", e) for e, _, _ in found]
        others = [all_but(must, e) if d == 0 and len(must) > 1 else None for e, d, _ in found]
        asked += [apply("count_if", o) for o in others if o is not None]
        asked += [e for t in thresholds if t is not None for e in (t.best,)]
        rows, passed, *counts = self._aggregated(filter.input, asked)
        alone, rest = counts[: len(found)], iter(counts[len(found) :])
        without = [None if o is None else int(next(rest)) for o in others]
        best = [None if t is None else (t, next(rest)) for t in thresholds]
        parts: list[Part] = []
        silent: list[bool] = []  # of each group that a part stands in, and the part itself
        for (expression, depth, word), count, other, near in zip(
            found, alone, without, best, strict=True
        ):
            silent[depth:] = [not count]
            nearest = ""
            if not count and rows and near is not None:
                nearest = near[0].said(near[1])
            elif rows and all(silent):
                nearest = self._near(filter.input, expression)
            line, column = self._place(expression.span)
            parts.append(
                Part(self._said(expression), line, column, depth, word, int(count), other, nearest)
            )
        return int(rows), int(passed), tuple(parts)

    def _said(self, part: Expression) -> str:
        """A part as the text says it, with the value where a text says only the field (Sigma)."""
        said = self._text(part.span)
        if isinstance(part, Apply) and not any(letter.isalnum() for letter in said):
            said = ""  # an operator alone says nothing
        inner = negated(part)
        if not said and inner is not None:
            return cut(f"not {self._said(inner)}")
        if isinstance(part, Apply) and not is_joined(part):
            values = [a for a in part.arguments if isinstance(a, Literal)]
            if (
                said
                and len(values) == 1
                and said.isidentifier() | ("|" in said[:-1] and " " not in said)
            ):
                said = f"{said}: {literal_text(values[0])}"
        return cut(said or shown_as(part))

    def _place(self, span: Span) -> tuple[int, int]:
        """Line and column in the file; zeros for what the text does not say."""
        if span is NOWHERE:
            return 0, 0
        line, column = self._source.position(span.start)
        return line + self._lines_before, column

    def _near(self, rows: Relation, part: Expression) -> str:
        """What comes nearest to a part; some values of its column where nothing does."""
        if self._near_left:
            self._near_left -= 1
            found = self._nearest.misses(rows, part)
            if found.startswith("it stands"):
                return f"{self._nearest.examples(rows, part)}; {found}"
            if found:
                return found
        return self._nearest.examples(rows, part)


def _with(relation: Relation, old: Relation, new: Relation) -> Relation:
    """A relation with another in the place of one below it."""
    if relation is old:
        return new
    below = tuple(_with(one, old, new) for one in inputs(relation))
    return with_inputs(relation, below)


def _span(relation: Relation) -> Span:
    """The part of the text that a relation's expressions were written in."""
    spans = [relation.span] if isinstance(relation, Scan) else []
    spans += [e.span for e in expressions(relation)]
    known = [span for span in spans if span is not NOWHERE and span.end > span.start]
    if not known:
        return NOWHERE
    return Span(min(s.start for s in known), max(s.end for s in known))
