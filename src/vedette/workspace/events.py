"""Stored events by identity and by time: takes a workspace, gives events, moments and volumes.

An identity is what a traced row carries (``event_id``); a stored table without that column has
none, and its rows cannot be looked up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.plan.build import apply, every, text
from vedette.plan.expressions import Column, Expression, Fields, Literal
from vedette.plan.relations import Aggregate, Filter, Plan, Scan
from vedette.plan.types import Type, datetime_of, ticks_of, timespan_ticks
from vedette.tables.catalog import view_sources

if TYPE_CHECKING:
    from vedette.workspace.result import Result
    from vedette.workspace.workspace import Workspace

IDENTITY = "event_id"
_CHUNK = 5_000  # identities a statement; each is a literal of some 40 characters in its text
_MOST_LOOKUPS = 4  # statements; beyond that, reading every row of the table is faster
_MOST_PICKED = 2_000_000


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event: identity, table, moment, and what the table holds of it, without nulls."""

    event_id: str
    table: str
    time: dt.datetime | None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """The rows of a table that begin at ``start``, a moment rounded down, and no later than a size.

    ``first`` and ``last`` are the rows' own moments, ``last`` rounded up to a microsecond. Rows
    without a moment have None in all three.
    """

    start: dt.datetime | None
    rows: int
    first: dt.datetime | None
    last: dt.datetime | None


def stored_behind(workspace: Workspace, table: str, stored: Container[str]) -> tuple[str, ...]:
    """The stored tables whose rows *table* can show: itself, and those its view reads."""
    known = workspace.catalog.table(table)
    names = [table]
    if known is not None and known.platform in ("sentinel", "qradar"):
        names += [source.event_table for source in view_sources(table)]
    return tuple(name for name in dict.fromkeys(names) if name in stored)


def moment_columns(workspace: Workspace, table: str) -> tuple[str, ...]:
    """The datetime columns of a table that all hold the moment of its rows, the main one first."""
    known = workspace.catalog.table(table)
    if known is None or known.time_column is None:
        return ()
    main = known.time_column
    sources = view_sources(table) if known.platform in ("sentinel", "qradar") else ()
    if table in workspace.stored or not sources:  # its own rows may tell them apart
        return (main,)
    same = [
        column
        for column, type in known.columns.items()
        if type is Type.DATETIME
        and all(s.columns.get(column, "") == s.columns.get(main) for s in sources)
    ]
    return (main, *(column for column in same if column != main))


def volume(workspace: Workspace, table: str, size: dt.timedelta) -> tuple[Volume, ...]:
    """How many rows there are in each *size* of time, oldest first; see Workspace.volume."""
    known = workspace.catalog.table(table)
    if known is None:
        raise KeyError(table)
    fields = Fields()
    rows = fields.new("rows", Type.LONG)
    if known.time_column is None:
        column = next(iter(known.columns))
        scan = Scan(table, (fields.new(column, known.columns[column]),), (column,))
        result = workspace.run_plan(
            Plan(Aggregate(scan, (), ((rows, apply("count_rows")),))), table
        )
        count = int(result.rows()[0][0])
        return (Volume(None, count, None, None),) if count else ()
    time = fields.new("time", Type.DATETIME)
    scan = Scan(table, (time,), (known.time_column,))
    start, first, last = (fields.new(n, Type.DATETIME) for n in ("start", "first", "last"))
    step = Literal(timespan_ticks(size), Type.TIMESPAN)
    groups = ((start, apply("bin_time", Column(time), step)),)
    aggregates = (
        (rows, apply("count_rows")),
        (first, apply("minimum_of", Column(time))),
        (last, apply("maximum_of", Column(time))),
    )
    result = workspace.run_plan(Plan(Aggregate(scan, groups, aggregates)), table)
    return tuple(sorted(_volumes(result), key=lambda v: (v.start is not None, v.start)))


def _volumes(result: Result) -> Iterator[Volume]:
    names = [column.name for column in result.columns]
    starts, firsts, lasts = (result.ticks(names.index(n)) for n in ("start", "first", "last"))
    counts = [row[names.index("rows")] for row in result.iterate()]
    for start, rows, first, last in zip(starts, counts, firsts, lasts, strict=True):
        up = None if last is None else last + 9  # datetimes are cut down to microseconds
        yield Volume(_moment(start), int(rows), _moment(first), _moment(up))


def _moment(ticks: int | None) -> dt.datetime | None:
    return None if ticks is None else datetime_of(ticks)


def event_times(
    workspace: Workspace, identities: Iterable[str], tables: Iterable[str]
) -> dict[str, dt.datetime]:
    """When events happened, by identity; an event without a moment is left out."""
    found: dict[str, dt.datetime] = {}
    wanted = list(dict.fromkeys(identities))
    for table in tables:
        time = moment_column(workspace, table)
        if time is None:
            continue
        missing = [identity for identity in wanted if identity not in found]
        if len(missing) > _MOST_LOOKUPS * _CHUNK:
            found.update(_picked(workspace, table, time, missing))
            continue
        for chunk in _chunks(missing):
            result = _lookup(workspace, table, chunk, (IDENTITY, time))
            found.update((row[0], row[1]) for row in result.iterate() if row[1] is not None)
    return found


def _picked(
    workspace: Workspace, table: str, time: str, identities: Sequence[str]
) -> Iterator[tuple[str, dt.datetime]]:
    """Identities with their moments, picked from all rows of a table, some hours at a time."""
    wanted = pa.array(identities, pa.string())
    fields = Fields()
    event, moment = fields.new(IDENTITY, Type.STRING), fields.new(time, Type.DATETIME)
    scan = Scan(table, (event, moment), (IDENTITY, time))
    for first, last in _spans(volume(workspace, table, dt.timedelta(hours=1))):
        bounds = (
            apply("greater_or_equal", Column(moment), Literal(ticks_of(first), Type.DATETIME)),
            apply("less_or_equal", Column(moment), Literal(ticks_of(last), Type.DATETIME)),
        )
        rows = workspace.run_plan(Plan(Filter(scan, every(bounds))), table).to_arrow()
        rows = rows.filter(pc.is_in(rows.column(0), wanted))
        yield from zip(*(column.to_pylist() for column in rows.columns), strict=True)


def _spans(volumes: Iterable[Volume]) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Spans of time that hold some million rows each."""
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    rows = 0
    for one in volumes:
        if one.first is None or one.last is None:
            continue
        if start is not None and end is not None and rows + one.rows > _MOST_PICKED:
            yield start, end
            start, rows = None, 0
        start, end, rows = start or one.first, one.last, rows + one.rows
    if start is not None and end is not None:
        yield start, end


def events(workspace: Workspace, identities: Iterable[str], tables: Iterable[str]) -> list[Event]:
    """The events of these identities, oldest first, those without a moment last."""
    found: list[Event] = []
    wanted = list(dict.fromkeys(identities))
    for table in tables:
        stored = workspace.stored.get(table)
        if stored is None or IDENTITY not in stored.columns:
            continue
        time = moment_column(workspace, table)
        columns = (IDENTITY, *(c for c in stored.columns if c != IDENTITY))
        for chunk in _chunks(wanted):
            for row in _lookup(workspace, table, chunk, columns).iterate():
                values = {c: v for c, v in zip(columns, row, strict=True) if v is not None}
                values.pop(IDENTITY)
                moment = values.pop(time, None) if time is not None else None
                found.append(Event(row[0], table, moment, values))
    return sorted(found, key=lambda e: (e.time is None, e.time, e.event_id))


def moment_column(workspace: Workspace, table: str) -> str | None:
    """The column of a stored table with its events' moments; None where they have no identity."""
    stored, known = workspace.stored.get(table), workspace.catalog.table(table)
    if stored is None or known is None or IDENTITY not in stored.columns:
        return None
    return known.time_column


def _chunks(identities: Sequence[str]) -> Iterator[list[str]]:
    pending = iter(identities)
    while chunk := list(islice(pending, _CHUNK)):
        yield chunk


def _lookup(
    workspace: Workspace, table: str, identities: Sequence[str], columns: Sequence[str]
) -> Result:
    stored = workspace.stored[table].columns
    fields = Fields()
    scanned = tuple(fields.new(name, stored[name]) for name in columns)
    items: list[Expression] = [text(identity) for identity in identities]
    condition = apply("is_in", Column(scanned[0]), *items)
    return workspace.run_plan(Plan(Filter(Scan(table, scanned, tuple(columns)), condition)), table)
