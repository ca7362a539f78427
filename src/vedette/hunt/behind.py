"""What stands behind a finding: rows, events and their moments, held or read when they are asked
for.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.workspace.events import Event

Rows = tuple[tuple[Any, ...], ...]
Hours = tuple[tuple[dt.datetime, int], ...]
Times = Mapping[str, dt.datetime | None]


class Behind(ABC):
    """What a finding was made of; equal where it says the same."""

    __slots__ = ()

    @property
    @abstractmethod
    def rows(self) -> Rows:
        """Some of the rows, those over the most events."""

    @property
    @abstractmethod
    def events(self) -> tuple[Event, ...]:
        """Some of the events, the oldest."""

    @property
    @abstractmethod
    def hours(self) -> Hours:
        """How many events there are in each hour that has any."""

    @property
    @abstractmethod
    def event_times(self) -> Times:
        """The moment of every event by its identity."""

    def __eq__(self, other: object) -> bool:
        """Whether all of it is the same."""
        if not isinstance(other, Behind):
            return NotImplemented
        return (
            self.rows == other.rows
            and self.events == other.events
            and self.hours == other.hours
            and self.event_times == other.event_times
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class Held(Behind):
    """What is at hand."""

    rows: Rows = ()
    events: tuple[Event, ...] = ()
    hours: Hours = ()
    event_times: Times = field(default_factory=dict)
