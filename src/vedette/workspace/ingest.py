"""Logs into a workspace: takes paths, gives a report of what was read, stored and set aside.

Every source is told once: content that is there adds nothing, whatever its name; a source that grew
adds its tail. Memory is bounded; a crash leaves whole batches only; a new run goes on behind them.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from vedette.logs.base import (
    Chunk,
    Layout,
    Parsed,
    Piece,
    PieceReader,
    Reader,
    Reading,
    Unreadable,
    count_ignored,
    event_layout,
    told,
)
from vedette.logs.folders import Unread, shown, walk
from vedette.logs.formats import reader_of, table_reader_of, unknown
from vedette.logs.readers.lines import LinesReader
from vedette.logs.sources import Source, open_sources
from vedette.tables.catalog import Catalog
from vedette.workspace.hands import Job
from vedette.workspace.known import TELLING_BYTES, all_of, copied, furthest, is_new, own
from vedette.workspace.lake import sync_folders
from vedette.workspace.layouts import table_layout as table_layout
from vedette.workspace.manifest import KnownSource, Stopped, Store
from vedette.workspace.reports import REASONS_KEPT
from vedette.workspace.reports import FileReport as FileReport
from vedette.workspace.reports import IngestReport as IngestReport
from vedette.workspace.team import Team
from vedette.workspace.workers import available

T = TypeVar("T")

BUFFER_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 1024 * 1024 * 1024
BATCH_FILES = 2000
MUCH_BYTES = 32 * 1024 * 1024
"""From here on other processes help: less is read by the time that they are there."""

_COUNTED_BYTES = 64 * 1024 * 1024
"""So long is what is read once more to count it, at each look at a log that is being copied."""

_PACKED_ENDINGS = (".gz", ".tgz", ".zip")
PACKED = 10
"""About how many times their size archives hold."""

_QUARANTINED_A_SOURCE = 10_000

Progress = Callable[[int, int, str], None]
"""Called with the bytes on disk that are done, how many there are, and the source's name."""


class Following(Protocol):
    """Who follows files as they grow, and says when an ingest is to end."""

    def prepare(self, source: Source) -> None:
        """Say of a source what is known of its file; called before it is read."""
        ...

    def moved(self, source: Source) -> None:
        """Hear that a source was moved or cut while it was read."""
        ...

    def refused(self, path: Path) -> None:
        """Hear that the system does not give a file or folder."""
        ...

    def is_stopping(self) -> bool:
        """Whether the ingest is to end where it is, with what was read."""
        ...


def ingest(
    store: Store,
    catalog: Catalog,
    paths: Sequence[str | Path],
    table: str | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
    following: Following | None = None,
) -> IngestReport:
    """Read every log at and under *paths* into the store.

    With *table*, CSV, JSON and Parquet go into that table of the catalogue, columns by name. *jobs*
    is how many processes read; without it, one a core where there is much to read.
    Raises FileNotFoundError for a path that is not there, ValueError for a table that is not.
    """
    layout = table_layout(catalog, table) if table is not None else None

    def waiting() -> None:
        if progress is not None:
            progress(0, 0, "waiting: another process writes to this workspace")

    try:
        with store.writing(waiting, following.is_stopping if following is not None else None):
            run = _Ingest(store, layout, progress, jobs, following)
            return run.run([Path(p) for p in paths])
    except Stopped:
        return IngestReport()


class _Ingest:
    """One run: what is read and not yet listed, who reads it, what is reported."""

    def __init__(
        self, store: Store, layout: Layout | None, progress: Progress | None, jobs: int | None,
        following: Following | None,
    ) -> None:  # fmt: skip
        self.store = store
        self.layout = layout
        self.target = layout.table if layout is not None else ""
        self._progress = progress
        self._jobs = jobs
        self._following = following
        self._team = Team(store.lake, BUFFER_BYTES)
        self._contents: set[bytes] = set()
        self._batch_bytes = 0
        self._report = IngestReport()
        self._done = self._total = 0

    def run(self, paths: Sequence[Path]) -> IngestReport:
        found = list(walk(paths, exclude=self.store.path))
        sizes = [_size(entry) for entry in found]
        self._total = sum(sizes)
        try:
            self._find_help(found, sizes)
            for entry, size in zip(found, sizes, strict=True):
                if self.is_stopping:
                    break
                before = self._done
                for source in [entry] if isinstance(entry, Unread) else open_sources(entry):
                    if isinstance(source, Unread):
                        self._unread(source)
                    else:
                        self._source(source)
                self._done = before + size
                self.tell(shown(entry) if isinstance(entry, Path) else entry.name, self._done)
            self.commit()
        except Stopped:
            return self._report
        finally:
            self._team.close()
        return self._report

    # --- who reads ----------------------------------------------------------------------------

    def _find_help(self, found: Sequence[Path | Unread], sizes: Sequence[int]) -> None:
        weights = (
            size * (PACKED if isinstance(entry, Path) and entry.suffix in _PACKED_ENDINGS else 1)
            for entry, size in zip(found, sizes, strict=True)
        )
        is_much = sum(weights) >= MUCH_BYTES
        count = self._jobs or (available() if is_much else 1)
        if is_much or count > 1:
            self._team.expect_much(count - 1 if sys.executable else 0)

    def submit(self, telling: _Telling, job: Job, done: int) -> None:
        """Have a piece read, here or elsewhere, which ends *done* bytes into its source on disk."""
        piece = replace(job.piece, data=b"", context=b"")
        self._team.submit(job, partial(telling.take_piece, piece, self._done + done))

    def settle(self) -> None:
        """Wait until all that was submitted is read."""
        self._team.settle()
        self._contents.clear()

    def is_pending(self, source: int) -> bool:
        """Whether pieces of the source of this number are being read."""
        return self._team.is_reading(source)

    def settle_content(self, content: bytes) -> None:
        """Wait for a source of this content, if it is being read; remember that one is now."""
        if content in self._contents:
            self.settle()
        self._contents.add(content)

    def tell(self, name: str, done: int) -> None:
        """Show how many bytes are done, now at the source of this name."""
        if self._progress is not None:
            self._progress(min(done, self._total), self._total, name)

    def _unread(self, unread: Unread) -> None:
        report = FileReport(unread.name, reasons=[unread.reason])
        if unread.quarantined:
            report.read = report.quarantined = 1
            self.store.set_aside(None, unread.name, [Unreadable(0, unread.reason)])
        self._report.files.append(report)
        if unread.refused is not None and self._following is not None:
            self._following.refused(unread.refused)

    def _source(self, source: Source) -> None:
        report = FileReport(source.name)
        self._report.files.append(report)
        if self._team.is_idle:
            self.tell(source.name, self._done)
        if self._following is not None:
            self._following.prepare(source)
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
        """Keep a chunk's rows."""
        if chunk.rows or chunk.batches:
            self._team.take(chunk)
        self._batch_bytes += chunk.size

    @property
    def done(self) -> int:
        """How many bytes on disk lie before the present source."""
        return self._done

    @property
    def is_due(self) -> bool:
        """Whether so much is read that it is to be made visible."""
        return self._batch_bytes > BATCH_BYTES or self._team.files > BATCH_FILES

    def tell_moved(self, source: Source) -> None:
        """Let who follows a source know that it was moved while it was read."""
        if self._following is not None:
            self._following.moved(source)

    @property
    def is_stopping(self) -> bool:
        """Whether the run is to end early."""
        return self._following is not None and self._following.is_stopping()

    def commit(self, telling: _Telling | None = None) -> None:
        """Make visible what was read, also of a source that is being read."""
        files = self._team.flush()
        self._contents.clear()
        if telling is not None:
            telling.add_checkpoint()
        sync_folders(self.store.lake, files)
        tables = dict.fromkeys(file.table for file in files)
        self.store.commit(files, [self._layout_of(table) for table in tables])
        self._batch_bytes = 0

    def _layout_of(self, table: str) -> Layout:
        layout = self.layout
        return layout if layout is not None and layout.table == table else event_layout(table)


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
        self.number = 0
        self._reached = 0, b""
        self._records = 0
        self._behind = 0
        self._set_aside = 0
        self._ignored: dict[str, int] = {}

    def run(self) -> None:
        run, source = self._run, self._source
        try:
            begun = _readable(self._begin)
            if begun is not None:
                self.number, reading = begun
                if source.live is not None:
                    source.live.number, source.live.begun_anew = self.number, False
                self._reached = reading.start, b""
                self._read(reading)
        except _ReadError as error:
            run.settle()
            moved = (EOFError,) if source.live is not None else ()
            if isinstance(error.__cause__, (FileNotFoundError, *moved)):
                self._report.because(f"not read to its end: {error.__cause__}")
                run.tell_moved(source)
                return  # moved or cut just now, as logs are: nothing is lost, the next run reads it
            reason = f"not readable further: {error.__cause__}"
            self._quarantine(None, [Unreadable(self._reached[0], reason)])
        if run.is_due:
            run.commit()

    def _read(self, reading: Reading) -> None:
        reader, source, run = self._reader, self._source, self._run
        if isinstance(reader, PieceReader):
            origin = reading.origin
            for piece in _each(reader.pieces(reading)):
                end = piece.position if piece.position >= 0 else piece.offset + len(piece.data)
                run.submit(self, Job(self.number, reader, origin, piece), source.done(end))
                self._commit_if_due()
        else:
            for chunk in _each(reader.read(reading)):
                self._take(chunk)
                self._commit_if_due()
                if not reader.hash_first:
                    run.tell(source.name, run.done + source.done(chunk.position))

    def _commit_if_due(self) -> None:
        run = self._run
        stopping = run.is_stopping
        if run.is_due or stopping:
            run.commit(self)
        if stopping:
            raise Stopped

    def add_checkpoint(self) -> None:
        """Note how far the source is told."""
        self._store.add_checkpoint(self.number, *self._reached, self._records)

    def take_piece(self, piece: Piece, done: int, parsed: Parsed) -> None:
        """Account for a piece that was read, *done* bytes on disk before its end."""
        self._take(told(piece, parsed, self._reached))
        self._run.tell(self._source.name, done)

    def _begin(self) -> tuple[int, Reading] | None:
        """The source's number and where it is read from; None where all of it is there."""
        store, source, reader, target = self._store, self._source, self._reader, self._run.target
        opening = hashlib.sha256(reader.opening(source)).digest()
        known = self._known(opening)
        if known or reader.hash_first:
            positions = sorted({p for one in known for p in one.checkpoints})
            content, digests = reader.digests(source, positions)
            self._run.settle_content(content)
            continued = own(known, source, digests)
            if continued is not None:
                return self._continue(*continued, opening)
            held = store.known_content(content, target)
            if held is not None and not (is_new(source) and source.disk_bytes < TELLING_BYTES):
                self._skip(held[1], f"already ingested as {held[0]}")
                return None
            continued = furthest(known, digests)
            whole = copied(known, source) if isinstance(reader, LinesReader) else None
            if whole is not None:
                self._skip_beginning(whole, content)
                return None
            if continued is not None:
                return self._continue(*continued, opening)
        number, lineage = store.add_source(target, reader.name, opening, source.name)
        return number, Reading(source, lineage)

    def _skip_beginning(self, whole: KnownSource, content: bytes) -> None:
        """Know what a source holds again when the one whose beginning it is has gone."""
        records, source = 0, self._source
        if source.live is None or source.disk_bytes <= _COUNTED_BYTES:
            live, source.live = source.live, None  # what is counted is not told
            try:
                for chunk in _each(self._reader.read(Reading(source, ""))):
                    told = sum(piece.offset < chunk.position for piece in chunk.unreadable)
                    records += chunk.records + told
            finally:
                source.live = live
            self._store.add_content(content, self._run.target, source.name, records)
        self._skip(records, f"the beginning of {whole.path}, which was read")

    def _known(self, opening: bytes) -> list[KnownSource]:
        """The sources that this one may go on, all of whose pieces are read."""
        source, reader, run = self._source, self._reader, self._run
        begins = None if reader.known_by_name else opening
        question = begins, source.name, run.target, reader.name
        known = self._store.known_sources(*question)
        if any(run.is_pending(one.id) for one in known):
            run.settle()
            known = self._store.known_sources(*question)
        return all_of(known) if is_new(source) else known

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

    def _take(self, chunk: Chunk) -> None:
        report, records = self._report, chunk.records
        report.read += records
        report.stored += records
        self._run.take(chunk)
        count_ignored(self._ignored, chunk.ignored)
        self._quarantine(self.number, chunk.unreadable)
        # What lies behind the position is read again when the source has grown.
        behind = sum(piece.offset >= chunk.position for piece in chunk.unreadable)
        self._records += records + len(chunk.unreadable) - behind
        self._behind += behind
        self._reached = chunk.position, chunk.digest
        if chunk.content is not None:
            self._finish(chunk.content)

    def _finish(self, content: bytes) -> None:
        number, records, name = self.number, self._records, self._source.name
        self.add_checkpoint()
        self._store.add_content(content, self._run.target, name, records + self._behind)
        if self._ignored:
            most = sorted(self._ignored.items(), key=lambda pair: -pair[1])[:20]
            self._report.because(
                "ignored columns: " + ", ".join(f"{name} ({count:,})" for name, count in most)
            )
        if self._set_aside > _QUARANTINED_A_SOURCE:
            more = self._set_aside - _QUARANTINED_A_SOURCE
            reason = f"{more:,} further pieces could not be read"
            self._store.set_aside(number, name, [Unreadable(self._reached[0], reason)])

    def _quarantine(self, number: int | None, pieces: Sequence[Unreadable]) -> None:
        report = self._report
        report.read += len(pieces)
        report.quarantined += len(pieces)
        for piece in pieces[:REASONS_KEPT]:
            report.because(piece.reason)
        room = max(0, _QUARANTINED_A_SOURCE - self._set_aside)
        self._set_aside += len(pieces)
        self._store.set_aside(number, self._source.name, pieces[:room])


class _ReadError(Exception):
    """A source could not be read further; its cause says why."""


def _readable(read: Callable[[], T]) -> T:
    try:
        return read()
    except (OSError, EOFError) as error:
        raise _ReadError from error


def _each(parts: Iterator[T]) -> Iterator[T]:
    """The parts of a source; errors of what is done with them are not the source's."""
    while True:
        part = _readable(lambda: next(parts, None))
        if part is None:
            return
        yield part
