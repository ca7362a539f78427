"""Findings of queries that do no more than choose events: takes the events that one pass kept, in
columns, gives the findings that each query's own rows would make (``Gathering``).

What is shown of an event is read when it is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from vedette.detections.model import Detection, Query
from vedette.hunt.ahead import ReadAhead, Shown
from vedette.hunt.alerts import worded
from vedette.hunt.behind import Behind, Hours, Rows, Times
from vedette.hunt.findings import (
    MOST_EVIDENCE,
    MOST_ROWS,
    Basis,
    Finding,
    entity_columns,
    is_apart,
    types_of,
)
from vedette.hunt.one_pass.answers import Answer
from vedette.hunt.one_pass.parts import Places
from vedette.hunt.one_pass.riders import IDENTITY
from vedette.hunt.one_pass.scanning import Numbers
from vedette.hunt.one_pass.survived import NEVER, Survived
from vedette.hunt.windows import Window
from vedette.plan.types import datetime_of, ticks_of
from vedette.workspace.events import Event

_TICKS_PER_HOUR = 36_000_000_000
_TICKS_PER_MICROSECOND = 10
_LAST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Events of a table that a query chose: where they are among all that were kept, and what it
    shows of each. ``moment`` is the column of their moments, ``rows_ahead`` and
    ``events_ahead`` what reads rows and events of all queries."""

    survived: Survived
    places: Places
    answer: Answer
    moment: str | None
    rows_ahead: ReadAhead
    events_ahead: ReadAhead

    @property
    def is_each_once(self) -> bool:
        """Whether each of them has an identity of its own."""
        return not self.survived.is_repeated[self.places].any()

    def within(self, windows: Sequence[Window], at_once: int) -> Places:
        """Where those are that windows, oldest first, hold; in the order of statements that look at
        so many windows each. Without windows all are."""
        if not windows or self.moment is None:
            return self.places
        ticks = self.survived.ticks(self.moment)[self.places]
        starts, ends = (np.array([ticks_of(w[side]) for w in windows], np.int64) for side in (0, 1))
        first = np.searchsorted(ends, ticks)
        is_held = ticks > starts[np.minimum(first, len(windows) - 1)]
        is_held &= first < len(windows)
        held, statements = self.places[is_held], first[is_held] // at_once
        return held if at_once >= len(windows) else held[np.argsort(statements, kind="stable")]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Places by the entity that they are about, and of each entity the ends of its own, the first
    and the last moment in ticks, its name and the column that has it."""

    places: Places
    ends: list[tuple[int, int]]
    moments: list[tuple[int, int]]
    entities: list[tuple[str | None, str | None]]


def findings_of(
    detection: Detection, query: Query, chosen: Chosen, places: Places, evidence: int
) -> tuple[Finding, ...]:
    """The findings about the chosen events at these places, as ``Gathering`` gives them."""
    if not len(places):
        return ()
    groups = _groups(detection, chosen, places)
    names, types = chosen.answer.names, types_of(detection)
    found: list[Finding] = []
    order = sorted(
        range(len(groups.ends)),
        key=lambda g: (groups.ends[g][0] - groups.ends[g][1], groups.entities[g][1] or ""),
    )
    own = [groups.places[start:stop] for start, stop in (groups.ends[group] for group in order)]
    shown = _Shown(chosen, own, evidence)
    for number, group in enumerate(order):
        count = len(own[number])
        first, last = groups.moments[group]
        column, entity = groups.entities[group]
        behind = _Kept(shown, number)
        is_worded = detection.alert is not None
        found.append(
            Finding(
                detection=detection,
                query=query,
                entity=entity,
                entity_column=column,
                entity_type=types.get(column or "") or None,
                count=count,
                basis=Basis.EVENTS,
                is_at_least=False,
                first_seen=None if first == _LAST else datetime_of(first),
                last_seen=None if last == NEVER else datetime_of(last),
                columns=names,
                row_count=count,
                behind=behind,
                worded=worded(detection, names, behind.rows) if is_worded else None,
            )
        )
    return tuple(found)


def _groups(detection: Detection, chosen: Chosen, places: Places) -> _Groups:
    """The events by entity, in the order in which entities are met."""
    survived, shown = chosen.survived, chosen.answer.columns
    known: list[tuple[int, str | None, Sequence[str | None]]] = [(0, None, (None,))]
    about, count = np.zeros(len(places), np.int64), 1
    for candidate in entity_columns(chosen.answer.names, (e.column for e in detection.entities)):
        name, column = shown[candidate]
        codes, entities = survived.names(column)
        here = codes[places]
        about = np.where((about == 0) & (here >= 0), here + count, about)
        known.insert(0, (count, name, entities))
        count += len(entities)
    keys = np.arange(len(places)) if is_apart(detection) else about
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    met = np.argsort(order[starts])
    ticks = _ticks(chosen, places[order])
    firsts = np.minimum.reduceat(np.where(ticks == NEVER, _LAST, ticks), starts)[met]
    lasts = np.maximum.reduceat(ticks, starts)[met]
    return _Groups(
        places[order],
        list(zip(starts[met].tolist(), ends[met].tolist(), strict=True)),
        list(zip(firsts.tolist(), lasts.tolist(), strict=True)),
        [
            next((name, entities[n - first]) for first, name, entities in known if n >= first)
            for n in about[order[starts]][met].tolist()
        ],
    )


def _ticks(chosen: Chosen, places: Places) -> Numbers:
    if chosen.moment is None:
        return np.full(len(places), NEVER)
    return chosen.survived.ticks(chosen.moment)[places]


class _Shown:
    """What findings of one query show, read when it is asked for; of each at most *evidence*
    events."""

    def __init__(self, chosen: Chosen, own: Sequence[Places], evidence: int) -> None:
        self.chosen, self.own, self._evidence = chosen, own, evidence
        shown = tuple(column for _, column in chosen.answer.columns)
        survived, count = chosen.survived, len(own)
        self.rows = Shown(survived, shown, lambda number: own[number][:MOST_ROWS], count)
        self.events = Shown(survived, survived.columns, self._oldest, count)
        lengths = [min(evidence, len(each)) for each in own]
        self._before = [0, *accumulate(lengths)]

    def _oldest(self, number: int) -> Places:
        """Where the oldest events of a finding are, until there are enough in all."""
        own, most = self.own[number], min(self._evidence, MOST_EVIDENCE - self._before[number])
        if most <= 0:
            return own[:0]
        ticks = _ticks(self.chosen, own)
        moments = np.where(ticks == NEVER, _LAST, ticks) // _TICKS_PER_MICROSECOND
        if len(own) > most:
            is_old = moments <= np.partition(moments, most - 1)[most - 1]
            own, moments = own[is_old], moments[is_old]
        identities = self.chosen.survived.values(IDENTITY, own)
        told = zip(moments.tolist(), identities, range(len(own)), strict=True)
        return own[[place for _, _, place in sorted(told)[:most]]]

    def event(self, row: tuple[object, ...]) -> Event:
        """What a row says of an event."""
        pairs = zip(self.events.columns, row, strict=True)
        there = {column: value for column, value in pairs if value is not None}
        identity, moment = there.pop(IDENTITY), there.pop(self.chosen.moment or "", None)
        if not isinstance(identity, str) or not isinstance(moment, dt.datetime | None):
            raise TypeError("an event's identity is no text, or its moment none")
        return Event(identity, self.chosen.survived.table, moment, there)


class _Kept(Behind):
    """What is read of kept columns when it is asked for: of the finding of a number among those of
    its query."""

    __slots__ = ("_number", "_shown")

    def __init__(self, shown: _Shown, number: int) -> None:
        self._shown, self._number = shown, number

    @property
    def rows(self) -> Rows:
        return self._shown.chosen.rows_ahead.rows(self._shown.rows, self._number)

    @property
    def hours(self) -> Hours:
        ticks = _ticks(self._shown.chosen, self._shown.own[self._number])
        counts = Counter((ticks[ticks != NEVER] // _TICKS_PER_HOUR).tolist())
        return tuple((datetime_of(h * _TICKS_PER_HOUR), n) for h, n in sorted(counts.items()))

    @property
    def event_times(self) -> Times:
        chosen, own = self._shown.chosen, self._shown.own[self._number]
        identities = chosen.survived.values(IDENTITY, own)
        ticks = _ticks(chosen, own).tolist()
        pairs = zip(identities, ticks, strict=True)
        return {identity: None if t == NEVER else datetime_of(t) for identity, t in pairs}

    @property
    def events(self) -> tuple[Event, ...]:
        rows = self._shown.chosen.events_ahead.rows(self._shown.events, self._number)
        return tuple(map(self._shown.event, rows))
