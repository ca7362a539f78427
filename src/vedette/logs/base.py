"""What a reader is: takes a source of bytes, gives chunks of typed rows and what it could not read.

A source's *position* says how far its records are told; what it counts (bytes, records) is the
reader's business. Its *digest* at a position stands for everything before, so that a source seen
again, under any name, is continued where it was left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

from vedette.plan.types import Type
from vedette.tables.catalog import builtin_table, event_tables

if TYPE_CHECKING:
    from vedette.logs.sources import Source

MAX_RECORD_BYTES = 16 * 1024 * 1024
CHUNK_RECORDS = 4096
CHUNK_BYTES = 4 * 1024 * 1024
SAMPLE_BYTES = 200
MAX_IGNORED = 1000

Row = list[Any]
"""Values in the order of the table's layout: ticks for datetimes, JSON text for dynamic.

Text may be bytes that are known to be UTF-8: lines go through to Arrow without being decoded.
"""

Text = str | bytes

Made = tuple[Any, Any]
"""A layout and a row, or what fills rows later and what it fills one with (logs/columns.py)."""


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
    """The layout of a stored event table, or of a platform's table of that name."""
    if table in event_tables():
        return Layout(table, event_tables()[table], ("time",))
    found = builtin_table(table)
    if found is None:
        raise KeyError(table)
    columns = {**found.columns}
    columns.setdefault("event_id", Type.STRING)
    time = [found.time_column] if found.time_column else []
    # Sentinel and Defender name the same moment differently; an export holds one of the two.
    if columns.get("Timestamp") is Type.DATETIME and "Timestamp" not in time:
        time.append("Timestamp")
    return Layout(table, columns, tuple(time))


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
    rows: list[Made] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    content: bytes | None = None
    ignored: dict[str, int] = field(default_factory=dict)
    size: int = 0
    batches: list[tuple[Layout, pa.RecordBatch]] = field(default_factory=list)
    stored: int = 0
    """How many rows more there were, which are with their writer already."""

    @property
    def records(self) -> int:
        """How many rows there are."""
        batches: int = sum(batch.num_rows for _, batch in self.batches)
        return len(self.rows) + batches + self.stored


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows of a source tell of it: its name, and its lineage, which begins every event_id.

    ``head`` is what the source begins with, for formats whose first lines say how to read on;
    ``written`` when it was last written, in ticks, for moments that name no year.
    """

    name: str
    lineage: str
    head: bytes = b""
    written: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One source as it is read now, from ``start`` on."""

    source: Source
    lineage: str
    start: int = 0

    @property
    def origin(self) -> Origin:
        """What its rows tell of it."""
        return Origin(self.source.name, self.lineage, self.source.head, self.source.written)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a source that hold whole records, and what is known of them unread.

    ``position`` and ``digest`` say how far the source is told when the piece is (below 0 where only
    who reads it can tell), ``offset`` where its data begin. ``context`` is what earlier parts say
    of how these data are read. A piece that is ``open`` is a last line without its end: where that
    gives no record, it is not told, and ``left`` is the position and digest before it.
    ``unreadable`` is what lies beside the data.
    """

    data: bytes
    offset: int
    position: int
    digest: bytes
    context: bytes = b""
    open: bool = False
    left: tuple[int, bytes] = (0, b"")
    unreadable: tuple[Unreadable, ...] = ()
    content: bytes | None = None
    begins: int = 0
    """Where the text of its source begins: behind NULs."""


@dataclass(slots=True)
class Parsed:
    """What a piece holds: rows, what could not be read, counts of values without a column."""

    rows: list[Made] = field(default_factory=list)
    batches: list[tuple[Layout, pa.RecordBatch]] = field(default_factory=list)
    """Rows that are columns already."""
    unreadable: list[Unreadable] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    size: int = 0
    is_left: bool = False
    """Whether an open piece gave no record, and waits for its end."""
    reached: tuple[int, bytes] | None = None
    """Position and digest behind the last record, where the piece could not tell."""
    stored: int = 0


PieceParser = Callable[[Piece], Parsed]


def count_ignored(counts: dict[str, int], more: Mapping[str, int]) -> None:
    """Add counts by name; names are the source's and may be endless: the rest count as ``…``."""
    for name, count in more.items():
        known = name if name in counts or len(counts) < MAX_IGNORED else "…"
        counts[known] = counts.get(known, 0) + count


def told(piece: Piece, parsed: Parsed, before: tuple[int, bytes]) -> Chunk:
    """The chunk of a piece, with what lies beside its data; *before* is how far the source is told.

    What is unreadable at an offset below 0 lies behind the record that was told last.
    """
    position, digest = piece.position, piece.digest
    if parsed.is_left:
        position, digest = piece.left
    elif position < 0:
        position, digest = parsed.reached or before
    unreadable = [
        one if one.offset >= 0 else replace(one, offset=before[0])
        for one in (*parsed.unreadable, *piece.unreadable)
    ]
    unreadable.sort(key=lambda one: one.offset)
    return Chunk(
        position, digest, parsed.rows, unreadable, piece.content, parsed.ignored, parsed.size,
        parsed.batches, parsed.stored,
    )  # fmt: skip


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


@runtime_checkable
class PieceReader(Reader, Protocol):
    """Knows one format whose sources can be read in pieces, by several processes at once.

    It is pickled to get there: it has no state but what it was made with. Its ``read`` gives the
    same as its pieces parsed in order.
    """

    def pieces(self, reading: Reading) -> Iterator[Piece]:
        """The source behind ``reading.start``, in order; the last piece has its content."""
        ...

    def parser(self, origin: Origin) -> PieceParser:
        """What reads pieces of one source, of which it may see any, in their order."""
        ...


class InPieces:
    """What readers share whose sources are read in pieces."""

    def pieces(self, reading: Reading) -> Iterator[Piece]:
        """The source behind ``reading.start``, in order; the last piece has its content."""
        raise NotImplementedError

    def parser(self, origin: Origin) -> PieceParser:
        """What reads pieces of one source."""
        raise NotImplementedError

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """The records behind ``reading.start``."""
        parse = self.parser(reading.origin)
        reached = reading.start, b""
        for piece in self.pieces(reading):
            chunk = told(piece, parse(piece), reached)
            reached = chunk.position, chunk.digest
            yield chunk
