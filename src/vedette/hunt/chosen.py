"""Findings of queries that do no more than choose events: takes the events that one pass kept, in
columns, gives the findings that each query's own rows would make (``Gathering``).

What is shown of an event is read when it is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_LAST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Events of a table that a query chose: where they are among all that were kept, and what it
    shows of each. ``moment`` is the column of their moments, ``ahead`` what reads rows of all
    queries."""

    survived: Survived
    places: Places
    answer: Answer
    moment: str | None
    ahead: ReadAhead

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
    basis, left = Basis.EVENTS, MOST_EVIDENCE if evidence else 0
    found: list[Finding] = []
    order = sorted(
        range(len(groups.ends)),
        key=lambda g: (groups.ends[g][0] - groups.ends[g][1], groups.entities[g][1] or ""),
    )
    own = [groups.places[start:stop] for start, stop in (groups.ends[group] for group in order)]
    columns = tuple(column for _, column in chosen.answer.columns)
    rows = Shown(chosen.survived, columns, [places[:MOST_ROWS] for places in own])
    for number, group in enumerate(order):
        count = len(own[number])
        first, last = groups.moments[group]
        column, entity = groups.entities[group]
        events = min(evidence, left, count)
        left -= events
        behind = _Kept(chosen, own[number], events, rows, number)
        is_worded = detection.alert is not None
        found.append(
            Finding(
                detection=detection,
                query=query,
                entity=entity,
                entity_column=column,
                entity_type=types.get(column or "") or None,
                count=count,
                basis=basis,
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


class _Kept(Behind):
    """What is read of kept columns when it is asked for: of the events at some places, at *most* so
    many of them, and of the finding of a number among those of its query."""

    __slots__ = ("_chosen", "_most", "_number", "_own", "_shown")

    def __init__(self, chosen: Chosen, own: Places, most: int, shown: Shown, number: int) -> None:
        self._chosen, self._own, self._most = chosen, own, most
        self._shown, self._number = shown, number

    @property
    def rows(self) -> Rows:
        return self._chosen.ahead.rows(self._shown, self._number)

    @property
    def hours(self) -> Hours:
        ticks = _ticks(self._chosen, self._own)
        counts = Counter((ticks[ticks != NEVER] // _TICKS_PER_HOUR).tolist())
        return tuple((datetime_of(h * _TICKS_PER_HOUR), n) for h, n in sorted(counts.items()))

    @property
    def event_times(self) -> Times:
        return dict(self._timed())

    @property
    def events(self) -> tuple[Event, ...]:
        if not self._most:
            return ()
        survived, latest = self._chosen.survived, dt.datetime.max.replace(tzinfo=dt.UTC)
        timed = list(self._timed())
        order = sorted(range(len(timed)), key=lambda n: (timed[n][1] or latest, timed[n][0]))
        chosen = self._own[order[: self._most]]
        values = {c: survived.values(c, chosen) for c in survived.columns}
        told = zip(*values.values(), strict=True)
        return tuple(self._event(dict(zip(values, row, strict=True))) for row in told)

    def _event(self, values: dict[str, object]) -> Event:
        there = {c: v for c, v in values.items() if v is not None}
        identity, moment = there.pop(IDENTITY), there.pop(self._chosen.moment or "", None)
        if not isinstance(identity, str) or not isinstance(moment, dt.datetime | None):
            raise TypeError("an event's identity is no text, or its moment none")
        return Event(identity, self._chosen.survived.table, moment, there)

    def _timed(self) -> Iterator[tuple[str, dt.datetime | None]]:
        identities = self._chosen.survived.values(IDENTITY, self._own)
        ticks = _ticks(self._chosen, self._own).tolist()
        for identity, tick in zip(identities, ticks, strict=True):
            yield identity, None if tick == NEVER else datetime_of(tick)
