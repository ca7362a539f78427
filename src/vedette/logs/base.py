"""What a reader is: takes a source of bytes, gives chunks of typed rows and what it could not read.

A source's *position* says how far its records are told; what it counts (bytes, records) is the
reader's business. Its *digest* at a position stands for everything before, so that a source seen
again, under any name, is continued where it was left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol

from vedette.plan.types import Type
from vedette.tables.catalog import event_tables

if TYPE_CHECKING:
    from vedette.logs.sources import Source

MAX_RECORD_BYTES = 16 * 1024 * 1024
CHUNK_RECORDS = 4096
CHUNK_BYTES = 4 * 1024 * 1024
SAMPLE_BYTES = 200

Row = list[Any]
"""Values in the order of the table's layout: ticks for datetimes, JSON text for dynamic.

Text may be bytes that are known to be UTF-8: lines go through to Arrow without being decoded.
"""

Text = str | bytes


@dataclass(frozen=True, eq=False)
class Layout:
    """A stored table's columns in order; ``time`` are those that say when a row happened."""

    table: str
    columns: Mapping[str, Type]
    time: tuple[str, ...]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Each column's place in a row."""
        return {column: place for place, column in enumerate(self.columns)}

    @cached_property
    def time_indexes(self) -> tuple[int, ...]:
        """The places of the time columns."""
        return tuple(self.index[column] for column in self.time)

    def empty_row(self) -> Row:
        """A row of nulls."""
        return [None] * len(self.columns)


@cache
def event_layout(table: str) -> Layout:
    """The layout of one of the stored event tables."""
    return Layout(table, event_tables()[table], ("time",))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a source that gave no record: where, why, and its first bytes."""

    offset: int
    reason: str
    sample: bytes = b""


@dataclass(slots=True)
class Chunk:
    """Some records of a source, in order.

    ``position`` and ``digest`` say how far the source is told behind them. The last chunk's
    ``content`` is the SHA-256 of all of it. ``ignored`` counts values of columns that the table
    lacks. ``size`` is about how many bytes of memory the rows take.
    """

    position: int
    digest: bytes = b""
    rows: list[tuple[Layout, Row]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    content: bytes | None = None
    ignored: dict[str, int] = field(default_factory=dict)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One source as it is read now: its lineage, which every event_id begins with, and its name."""

    source: Source
    lineage: str
    start: int = 0


class Reader(Protocol):
    """Knows one format."""

    @property
    def name(self) -> str:
        """The format's name, as ``log_format`` shows it."""
        ...

    @property
    def hash_first(self) -> bool:
        """Whether all of a source must be hashed before it is read."""
        ...

    @property
    def known_by_name(self) -> bool:
        """Whether a source that grew is known by its name, and not by what it begins with."""
        ...

    def sniff(self, head: bytes, name: str) -> int:
        """How sure it is, 0 (not at all) to 100, that a source that begins so is of its format."""
        ...

    def opening(self, source: Source) -> bytes:
        """What a source begins with that stays when it grows; equal ones may be one source."""
        ...

    def digests(
        self, source: Source, positions: Sequence[int]
    ) -> tuple[bytes, Mapping[int, bytes]]:
        """The SHA-256 of all of it, and the digest at those of *positions* that it reaches."""
        ...

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """The records behind ``reading.start``; at least one chunk, the last with its content."""
        ...
