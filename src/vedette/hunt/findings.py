"""From result rows to findings: takes the rows of a detection's windows with the identities of the
events behind them, gives one finding an entity, each event counted once.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette.detections.model import Detection, Query, Severity
from vedette.hunt.alerts import Worded, worded
from vedette.hunt.behind import Behind, Held, Hours, Rows, Times
from vedette.workspace import Result, Workspace
from vedette.workspace.events import Event

MOST_IDENTITIES = 10_000
"""How many events behind one row are told apart; a row over more counts as at least these."""
MOST_ROWS = 20
MOST_EVIDENCE = 2_000  # events a detection, over all its findings

# Who or what a row is about, where the detection does not say: machine, then account, then address.
ENTITY_COLUMNS = (
    "DeviceName", "Computer", "HostName", "DvcHostname", "Hostname", "AccountName", "AccountUpn",
    "UserPrincipalName", "SourceIP", "SrcIpAddr", "HostIP", "IPAddress", "ClientIP", "cIP",
    "sourceip", "username", "SourceUserName", "SenderFromAddress", "SenderMailFromAddress",
    "SenderAddress", "Sender", "RecipientEmailAddress", "RemoteIP", "DestinationIP",
    "destinationip", "InitiatingProcessAccountName", "DeviceId", "host", "sender_address", "user",
    "source_ip", "c-ip",
)  # fmt: skip
_RANKS = {name.lower(): rank for rank, name in reversed(list(enumerate(ENTITY_COLUMNS)))}


class Basis(enum.StrEnum):
    """What a finding's count counts."""

    EVENTS = "events"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one query of a detection found about one entity.

    ``count`` counts distinct events, or distinct rows where no event stands behind them
    (``basis``); ``is_at_least`` says that it is a lower bound. ``rows`` are some of the
    ``row_count`` distinct rows over all windows, those over the most events; ``events`` are the
    oldest. ``hours`` counts events by the hour of their moment, ``event_times`` has the moment
    of every event by its identity; of many events they are read anew each time.
    """

    detection: Detection
    query: Query
    entity: str | None
    entity_column: str | None
    entity_type: str | None
    count: int
    basis: Basis
    is_at_least: bool
    first_seen: dt.datetime | None
    last_seen: dt.datetime | None
    columns: tuple[str, ...]
    row_count: int
    behind: Behind
    worded: Worded | None = None

    @property
    def rows(self) -> Rows:
        """Some of the rows that it was made of."""
        return self.behind.rows

    @property
    def events(self) -> tuple[Event, ...]:
        """Its oldest events."""
        return self.behind.events

    @property
    def hours(self) -> Hours:
        """How many of its events there are in each hour."""
        return self.behind.hours

    @property
    def event_times(self) -> Times:
        """The moments of its events."""
        return self.behind.event_times

    @property
    def severity(self) -> Severity | None:
        """What the rows say, else the detection's severity; None where it states none."""
        return (self.worded and self.worded.severity) or self.detection.severity

    @property
    def title(self) -> str:
        """The detection's title, as it is worded about these rows."""
        return (self.worded and self.worded.title) or self.detection.title

    @property
    def description(self) -> str | None:
        """The detection's description, as it is worded about these rows."""
        return (self.worded and self.worded.description) or self.detection.description

    @property
    def platform(self) -> str:
        """The platform whose query found it."""
        return self.query.platform


@dataclass(slots=True)
class _Group:
    """What is known of one entity while windows go by."""

    entity: str | None
    column: str | None
    identities: dict[str, None] = field(default_factory=dict)
    contents: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[tuple[Any, ...], frozenset[str]]] = field(default_factory=list)
    row_keys: set[int] = field(default_factory=set)
    moments: list[dt.datetime] = field(default_factory=list)
    is_at_least: bool = False

    def show(self, row: tuple[Any, ...], events: frozenset[str]) -> None:
        """Keep a row to show, but of rows over growing parts of the same events only the last."""
        if events:
            for place, (_, shown) in enumerate(self.rows):
                if events <= shown:
                    return
                if shown and shown <= events:
                    self.rows[place] = (row, events)
                    return
        if len(self.rows) < MOST_ROWS:
            self.rows.append((row, events))


class Gathering:
    """Collects the rows of one query over all its windows."""

    def __init__(self, detection: Detection, query: Query) -> None:
        """Begin with nothing."""
        self._detection = detection
        self._query = query
        self._types = types_of(detection)
        self._each_row = is_apart(detection)
        self._groups: dict[object, _Group] = {}
        self._columns: tuple[str, ...] = ()

    def add(
        self,
        result: Result,
        identities: Sequence[Sequence[str]],
        until: dt.datetime | None = None,
    ) -> None:
        """Take the rows of one window, and the identities of the events behind each.

        Without rows the window that ends at *until* is itself what was found, where the detection
        looks for absence.
        """
        trigger = self._detection.trigger
        if until is not None and not identities and trigger is not None and trigger.fires(0):
            silent = self._groups.setdefault(None, _Group(None, None))
            silent.contents[f"no rows up to {until}"] = None
            silent.moments.append(until)
        self._columns = tuple(column.name for column in result.columns)
        candidates = entity_columns(self._columns, self._types)
        for row, events in zip(result.iterate(), identities, strict=True):
            self._take(row, tuple(events), candidates)

    def _take(
        self, row: tuple[Any, ...], events: tuple[str, ...], candidates: Sequence[int]
    ) -> None:
        place = next((i for i in candidates if row[i] not in (None, "", [], {})), None)
        entity = None if place is None else _text(row[place])
        column = None if place is None else self._columns[place]
        if not self._each_row and len(events) == 1:
            group = self._groups.setdefault((column, entity), _Group(entity, column))
            if events[0] not in group.identities:  # no row was over it, so all there is is added
                group.identities[events[0]] = None
                group.row_keys.add(hash(events))
                if len(group.rows) < MOST_ROWS:
                    group.rows.append((row, frozenset(events)))
                return
        content = repr(row)
        # One event gives the same row in every window, but for what the clock wrote into it.
        key = events if len(events) == 1 else content
        place_of = (column, entity, key) if self._each_row else (column, entity)
        group = self._groups.setdefault(place_of, _Group(entity, column))
        group.is_at_least |= len(events) >= MOST_IDENTITIES
        if events:
            group.identities.update(dict.fromkeys(events))
        else:
            group.contents[content] = None
            group.moments += [value for value in row if isinstance(value, dt.datetime)]
        if hash(key) not in group.row_keys:
            group.row_keys.add(hash(key))
            group.show(row, frozenset(events))

    def findings(
        self,
        workspace: Workspace,
        tables: Iterable[str],
        evidence: int,
        times: Mapping[str, dt.datetime] | None = None,
    ) -> tuple[Finding, ...]:
        """One finding an entity, most events first.

        *tables* are the stored ones that the query reads; at most *evidence* events are read for
        a finding, the oldest, and ``MOST_EVIDENCE`` in all. *times* has the moments of all events
        that may be behind a row, where they are known.
        """
        tables = tuple(tables)
        every = (identity for group in self._groups.values() for identity in group.identities)
        times = workspace.event_times(every, tables) if times is None else times
        groups = sorted(self._groups.values(), key=_weight)
        chosen = _chosen(groups, times, evidence)
        read = workspace.events((i for ids in chosen for i in ids), tables) if evidence else []
        known = {event.event_id: event for event in read}
        return tuple(
            self._finding(group, times, [known[i] for i in ids if i in known])
            for group, ids in zip(groups, chosen, strict=True)
        )

    def _finding(
        self, group: _Group, times: Mapping[str, dt.datetime], events: Sequence[Event]
    ) -> Finding:
        moments = [times[i] for i in group.identities if i in times] or group.moments
        hours = Counter(m.replace(minute=0, second=0, microsecond=0) for m in moments)
        rows = tuple(row for row, _ in group.rows)
        return Finding(
            detection=self._detection,
            query=self._query,
            entity=group.entity,
            entity_column=group.column,
            entity_type=self._types.get(group.column or "") or None,
            count=len(group.identities) + len(group.contents),
            basis=Basis.EVENTS if group.identities else Basis.ROWS,
            is_at_least=group.is_at_least,
            first_seen=min(moments, default=None),
            last_seen=max(moments, default=None),
            columns=self._columns,
            row_count=len(group.row_keys),
            behind=Held(
                rows=rows,
                events=tuple(events),
                hours=tuple(sorted(hours.items())),
                event_times={identity: times.get(identity) for identity in group.identities},
            ),
            worded=worded(self._detection, self._columns, rows),
        )


def entity_columns(columns: Sequence[str], declared: Iterable[str]) -> list[int]:
    """The places of the columns that may name the entity, best first.

    They are the detection's own, where the result has one of them, else the well-known ones.
    """
    own = [columns.index(name) for name in declared if name in columns]
    if own:
        return own
    known = [i for i, name in enumerate(columns) if name.lower() in _RANKS]
    return sorted(known, key=lambda i: _RANKS[columns[i].lower()])


def types_of(detection: Detection) -> dict[str, str]:
    """What kind of thing each of the detection's columns with entities names."""
    types: dict[str, str] = {}
    for entity in detection.entities:
        types.setdefault(entity.column, entity.type)
    return types


def is_apart(detection: Detection) -> bool:
    """Whether each row is a finding of its own."""
    return detection.alert is not None and detection.alert.each_row


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _weight(group: _Group) -> tuple[int, str]:
    return -len(group.identities) - len(group.contents), group.entity or ""


def _chosen(
    groups: Sequence[_Group], times: Mapping[str, dt.datetime], evidence: int
) -> list[list[str]]:
    """The identities to show of each group, oldest first, until there are enough in all."""
    if not evidence:
        return [[] for _ in groups]
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    chosen: list[list[str]] = []
    left = MOST_EVIDENCE
    for group in groups:
        ordered = sorted(group.identities, key=lambda i: (times.get(i, latest), i))
        chosen.append(ordered[: min(evidence, left)])
        left -= len(chosen[-1])
    return chosen
