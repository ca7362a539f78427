"""What a table is: takes names and types, gives tables and the views that fill them with events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vedette.plan.types import Type

Platform = Literal["sentinel", "qradar", "event", "user"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, and the datetime column that says when a row happened.

    ``platform`` says whose it is: Sentinel's or Defender's, QRadar's, one of our own event tables
    (what is stored), or the user's.
    """

    name: str
    columns: Mapping[str, Type]
    platform: Platform
    time_column: str | None = None


@dataclass(frozen=True, slots=True)
class ViewSource:
    """How one event table shows itself in a platform's table.

    ``columns`` maps the platform's columns to core notation over the event table's columns (usually
    a bare name); a column that is not there is null. ``where`` picks the events, in the same
    notation; empty takes all. ``each`` names a dynamic column whose elements are a row each: the
    notations of columns call one ``element``.
    """

    event_table: str
    columns: Mapping[str, str]
    where: str = ""
    each: str = ""
