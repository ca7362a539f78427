"""Logs into a workspace: takes paths, gives a report of what was read, stored and set aside.

Every source is told once: content that is there adds nothing, whatever its name; a source that grew
adds its tail. Memory is bounded; a crash leaves whole batches only; a new run goes on behind them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vedette.logs.base import Chunk, Layout, Reader, Reading, Unreadable, count_ignored
from vedette.logs.batches import Buffer
from vedette.logs.formats import reader_of, table_reader_of, unknown
from vedette.logs.sources import Source, Unread, open_sources, shown, walk
from vedette.plan.types import Type
from vedette.tables.catalog import Catalog
from vedette.workspace.lake import StoredFile, sync_folders, write
from vedette.workspace.manifest import KnownSource, Store

BUFFER_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 512 * 1024 * 1024
BATCH_FILES = 2000
_REASONS_KEPT = 5
_QUARANTINED_A_SOURCE = 10_000

Progress = Callable[[int, int, str], None]
"""Called with the bytes on disk that are done, how many there are, and the source's name."""


@dataclass(slots=True)
class FileReport:
    """One file or archive member: ``read`` records are stored, quarantined or skipped.

    ``skipped`` counts records that were there already; ``format`` is empty for a file that no
    reader took, and ``reasons`` says why.
    """

    path: str
    format: str = ""
    read: int = 0
    stored: int = 0
    quarantined: int = 0
    skipped: int = 0
    reasons: list[str] = field(default_factory=list)

    def because(self, reason: str) -> None:
        """Keep a reason, the first few of them."""
        if len(self.reasons) < _REASONS_KEPT and reason not in self.reasons:
            self.reasons.append(reason)


@dataclass(slots=True)
class IngestReport:
    """What one ingest did: ``read`` = ``stored`` + ``quarantined`` + ``skipped`` records."""

    files: list[FileReport] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many records were met."""
        return sum(f.read for f in self.files)

    @property
    def stored(self) -> int:
        """How many were stored."""
        return sum(f.stored for f in self.files)

    @property
    def quarantined(self) -> int:
        """How many pieces could not be read."""
        return sum(f.quarantined for f in self.files)

    @property
    def skipped(self) -> int:
        """How many were there already."""
        return sum(f.skipped for f in self.files)

    @property
    def skipped_files(self) -> int:
        """How many files no reader took."""
        return sum(not f.format and not f.quarantined for f in self.files)


def ingest(
    store: Store,
    catalog: Catalog,
    paths: Sequence[str | Path],
    table: str | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Read every log at and under *paths* into the store.

    With *table*, CSV, JSON and Parquet go into that table of the catalogue, columns by name.
    Raises FileNotFoundError for a path that is not there, ValueError for a table that is not.
    """
    layout = table_layout(catalog, table) if table is not None else None

    def waiting() -> None:
        if progress is not None:
            progress(0, 0, "waiting: another process writes to this workspace")

    with store.writing(waiting):
        return _Ingest(store, layout, progress).run([Path(p) for p in paths])


def table_layout(catalog: Catalog, name: str) -> Layout:
    """How rows of a catalogue's table are stored: its columns, and an ``event_id`` of ours."""
    table = catalog.table(name)
    if table is None:
        hint = catalog.suggest(name)
        raise ValueError(f"no table '{name}': declare it first" + (f"; {hint}" if hint else ""))
    columns = dict(table.columns)
    columns.setdefault("event_id", Type.STRING)
    time = [table.time_column] if table.time_column else []
    # Sentinel and Defender name the same moment differently; an export holds one of the two.
    if table.platform == "sentinel":
        time += [c for c in ("Timestamp",) if columns.get(c) is Type.DATETIME and c not in time]
    return Layout(table.name, columns, tuple(time))


class _Ingest:
    """One run: what waits in memory, what is written and not yet listed, what is reported."""

    def __init__(self, store: Store, layout: Layout | None, progress: Progress | None) -> None:
        self.store = store
        self.layout = layout
        self.target = layout.table if layout is not None else ""
        self._progress = progress
        self._buffer = Buffer()
        self._files: list[StoredFile] = []
        self._layouts: set[Layout] = set()
        self._batch_bytes = 0
        self._report = IngestReport()
        self._done = self._total = 0

    def run(self, paths: Sequence[Path]) -> IngestReport:
        found = list(walk(paths, exclude=self.store.path))
        sizes = [_size(entry) for entry in found]
        self._total = sum(sizes)
        for entry, size in zip(found, sizes, strict=True):
            before = self._done
            for source in [entry] if isinstance(entry, Unread) else open_sources(entry):
                if isinstance(source, Unread):
                    self._unread(source)
                else:
                    self._source(source)
            self._done = before + size
            self.tell(shown(entry) if isinstance(entry, Path) else entry.name, 0)
        self.commit()
        return self._report

    def tell(self, name: str, done: int) -> None:
        """Show how far the run is, *done* bytes into the source of this name."""
        if self._progress is not None:
            self._progress(min(self._done + done, self._total), self._total, name)

    def _unread(self, unread: Unread) -> None:
        report = FileReport(unread.name, reasons=[unread.reason])
        if unread.quarantined:
            report.read = report.quarantined = 1
            self.store.set_aside(None, unread.name, [Unreadable(0, unread.reason)])
        self._report.files.append(report)

    def _source(self, source: Source) -> None:
        report = FileReport(source.name)
        self._report.files.append(report)
        self.tell(source.name, 0)
        layout = self.layout
        reader = reader_of(source) if layout is None else table_reader_of(source, layout)
        if reader is not None:
            report.format = reader.name
            _Telling(self, source, reader, report).run()
        elif layout is None:
            report.because(unknown(source))
        else:
            report.because(f"no CSV, JSON or Parquet with a column of the table {layout.table}")
        self._done += source.disk_bytes

    # --- batches ------------------------------------------------------------------------------

    def take(self, chunk: Chunk) -> None:
        """Buffer a chunk's rows, writing the largest table and day where memory is short."""
        self._buffer.add(chunk.rows, chunk.size)
        self._batch_bytes += chunk.size
        while self._buffer.size > BUFFER_BYTES:
            self._flush()

    def _flush(self) -> bool:
        drained = self._buffer.drain_largest()
        if drained is None:
            return False
        layout, day, batches = drained
        self._files.append(write(self.store.lake, layout, day, batches))
        self._layouts.add(layout)
        return True

    @property
    def is_due(self) -> bool:
        """Whether so much is read that it is to be made visible."""
        return self._batch_bytes > BATCH_BYTES or len(self._files) > BATCH_FILES

    def commit(self) -> None:
        """Make visible what was read."""
        while self._flush():
            continue
        sync_folders(self.store.lake, self._files)
        self.store.commit(self._files, self._layouts)
        self._files, self._batch_bytes = [], 0


def _size(entry: Path | Unread) -> int:
    try:
        return entry.stat().st_size if isinstance(entry, Path) else 0
    except OSError:
        return 0


class _Telling:
    """One source: whether it is known, where it goes on, its records."""

    def __init__(self, run: _Ingest, source: Source, reader: Reader, report: FileReport) -> None:
        self._run = run
        self._store = run.store
        self._source = source
        self._reader = reader
        self._report = report
        self._records = 0
        self._behind = 0
        self._set_aside = 0
        self._ignored: dict[str, int] = {}

    def run(self) -> None:
        position = 0
        try:
            begun = self._begin()
            if begun is None:
                return
            number, reading = begun
            position = reading.start
            for chunk in self._reader.read(reading):
                self._take(number, chunk)
                position = chunk.position
        except (OSError, EOFError) as error:
            self._quarantine(None, [Unreadable(position, f"not readable further: {error}")])

    def _begin(self) -> tuple[int, Reading] | None:
        """The source's number and where it is read from; None where all of it is there."""
        store, source, reader, target = self._store, self._source, self._reader, self._run.target
        opening = hashlib.sha256(reader.opening(source)).digest()
        begins = None if reader.known_by_name else opening
        known = store.known_sources(begins, source.name, target, reader.name)
        if known or reader.hash_first:
            positions = sorted({p for one in known for p in one.checkpoints})
            content, digests = reader.digests(source, positions)
            held = store.known_content(content, target)
            if held is not None:
                self._skip(held[1], f"already ingested as {held[0]}")
                return None
            continued = _furthest(known, digests)
            if continued is not None:
                return self._continue(*continued, opening)
        number, lineage = store.add_source(target, reader.name, opening, source.name)
        return number, Reading(source, lineage)

    def _continue(self, known: KnownSource, position: int, opening: bytes) -> tuple[int, Reading]:
        source, records = self._source, known.checkpoints[position][1]
        self._records = records
        self._skip(records, f"{records:,} records were there already")
        if position == max(known.checkpoints):
            self._store.read_again(known.id, position)
            return known.id, Reading(source, known.lineage, position)
        # It goes on otherwise than the source that shares its beginning: the tail is its own.
        number, lineage = self._store.add_source(
            self._run.target, self._reader.name, opening, source.name
        )
        return number, Reading(source, lineage, position)

    def _skip(self, records: int, reason: str) -> None:
        self._report.read += records
        self._report.skipped += records
        self._report.because(reason)

    def _take(self, number: int, chunk: Chunk) -> None:
        report, run = self._report, self._run
        told = len(chunk.rows)
        report.read += told
        report.stored += told
        run.take(chunk)
        count_ignored(self._ignored, chunk.ignored)
        self._quarantine(number, chunk.unreadable)
        # What lies behind the position is read again when the source has grown.
        behind = sum(piece.offset >= chunk.position for piece in chunk.unreadable)
        self._records += told + len(chunk.unreadable) - behind
        self._behind += behind
        if chunk.content is not None:
            self._finish(number, chunk, chunk.content)
        elif run.is_due:
            self._store.add_checkpoint(number, chunk.position, chunk.digest, self._records)
            run.commit()
        if not self._reader.hash_first:
            run.tell(self._source.name, self._source.done(chunk.position))

    def _finish(self, number: int, chunk: Chunk, content: bytes) -> None:
        records, name = self._records, self._source.name
        self._store.add_checkpoint(number, chunk.position, chunk.digest, records)
        self._store.add_content(content, self._run.target, name, records + self._behind)
        if self._ignored:
            most = sorted(self._ignored.items(), key=lambda pair: -pair[1])[:20]
            self._report.because(
                "ignored columns: " + ", ".join(f"{name} ({count:,})" for name, count in most)
            )
        if self._set_aside > _QUARANTINED_A_SOURCE:
            more = self._set_aside - _QUARANTINED_A_SOURCE
            reason = f"{more:,} further pieces could not be read"
            self._store.set_aside(number, name, [Unreadable(chunk.position, reason)])
        if self._run.is_due:
            self._run.commit()

    def _quarantine(self, number: int | None, pieces: Sequence[Unreadable]) -> None:
        report = self._report
        report.read += len(pieces)
        report.quarantined += len(pieces)
        for piece in pieces[:_REASONS_KEPT]:
            report.because(piece.reason)
        room = max(0, _QUARANTINED_A_SOURCE - self._set_aside)
        self._set_aside += len(pieces)
        self._store.set_aside(number, self._source.name, pieces[:room])


def _furthest(
    known: Sequence[KnownSource], digests: Mapping[int, bytes]
) -> tuple[KnownSource, int] | None:
    """The known source that the content continues furthest, and from where."""
    held = [
        (position, one)
        for one in known
        for position, (digest, _) in one.checkpoints.items()
        if position > 0 and digests.get(position) == digest
    ]
    best = max(held, key=lambda pair: pair[0], default=None)
    return (best[1], best[0]) if best is not None else None
