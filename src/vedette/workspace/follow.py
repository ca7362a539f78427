"""Files that grow, rotate and appear: takes paths, looks at them again and again, gives reports.

A look asks the system for each file's size and time; only files that changed are opened. What is
read goes through the same ingest as ever, so that a record is there once, however files are moved,
copied, truncated or packed, and after any stop. The right to write is held while reading only.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vedette.logs.live import Live
from vedette.logs.sources import Source
from vedette.tables.catalog import Catalog
from vedette.workspace.compaction import Compacted, compact_many
from vedette.workspace.followed import FileState, FollowedFile, Formats, Listing
from vedette.workspace.ingest import Progress, ingest
from vedette.workspace.layouts import table_layout
from vedette.workspace.manifest import Store
from vedette.workspace.reports import FileReport, IngestReport
from vedette.workspace.retention import Dropped, drop_expired

PASS_BYTES = 512 * 1024 * 1024
PASS_FILES = 1000
_RACE_SECONDS = 0.05
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class FollowReport:
    """What one look found and made visible.

    ``files`` are those that had something new, and those that cannot be read when first seen.
    """

    time: dt.datetime
    files: tuple[FileReport, ...]
    compacted: tuple[Compacted, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def stored(self) -> int:
        """How many records were stored."""
        return sum(file.stored for file in self.files)

    @property
    def quarantined(self) -> int:
        """How many pieces could not be read."""
        return sum(file.quarantined for file in self.files)


class Follower:
    """Looks at paths; knows what each file was when it was read last."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        paths: Sequence[Path],
        table: str | None = None,
        *,
        interval: float = 1.0,
        quiet: float | None = None,
        stop: Callable[[], bool] = lambda: False,
        progress: Progress | None = None,
    ) -> None:
        """Follow files and folders; with *table*, CSV and JSON go into that table.

        A last record without its end is read when its file was not changed for *quiet* seconds.
        Raises ValueError for a table that is not there.
        """
        layout = table_layout(catalog, table) if table is not None else None
        self._store, self._catalog, self._table = store, catalog, table
        self._formats = Formats(store, layout)
        self._listing = Listing(paths, store.path, self._formats)
        self._interval = interval
        self._quiet = max(5.0, 10 * interval) if quiet is None else quiet
        self._stop, self._progress = stop, progress
        self._files: dict[tuple[int, int], FollowedFile] = {}
        self._telling: dict[Path, tuple[int, int]] = {}
        self._moved: set[tuple[int, int]] = set()
        self._refused: set[Path] = set()
        self._refused_before: frozenset[Path] = frozenset()
        self._mentioned: set[str] = set()
        self._day: dt.date | None = None
        self.has_more = False
        """Whether the last look left files that are to be read at once."""

    # --- one look -----------------------------------------------------------------------------

    def look(self) -> FollowReport | None:
        """Read what is new, if anything is."""
        began = time.time_ns()
        states = self._listing.states(self._files.keys())
        self._take_note(states)
        due = self._due(states)
        refused = self._listing.refused
        report = self._tell(due, states, began, sorted(refused - self._refused_before))
        self._forget_resting(states)
        today = dt.datetime.now(dt.UTC)
        dropped: list[Dropped] = []
        compacted: list[Compacted] = []
        if report.stored or self._day != today.date():
            self._day = today.date()
            dropped = drop_expired(self._store, today, stopping=self._stop)
            compacted = compact_many(self._store, progress=self._progress, stopping=self._stop)
        files = tuple(filter(self._is_news, report.files))
        if not (files or dropped or compacted):
            return None
        return FollowReport(today, files, tuple(compacted), tuple(dropped))

    def _is_news(self, file: FileReport) -> bool:
        if file.stored or file.quarantined:
            return True
        is_first = file.path not in self._mentioned
        if not file.format:
            self._mentioned.add(file.path)
        return is_first and not file.format

    def _take_note(self, states: dict[tuple[int, int], FileState]) -> None:
        """Bring what is known of files to what is there: new ones, renamed ones, lost ones."""
        names = {file.name: identity for identity, file in self._files.items()}
        for identity, file in list(self._files.items()):
            if identity not in states:
                if self._listing.is_emptied(file.name, identity):
                    self._files[identity] = FollowedFile(file.name, Live(begun_anew=True))
                else:
                    del self._files[identity]
        for identity, state in states.items():
            known = self._files.get(identity)
            if known is None:
                before = names.get(state.name)
                known = self._files[identity] = FollowedFile(state.name, Live())
                # A log that was renamed has made room for a new one, whatever that begins with.
                if before is not None and before in states:
                    last = self._files[before].seen
                    known.live.begun_anew = last is not None and state.written >= last.written
            elif known.told is not None and state.size < known.told.size:
                known.begin_anew()
            known.name = state.name

    def _due(self, states: dict[tuple[int, int], FileState]) -> list[tuple[int, int]]:
        """The files that are to be read now, those first that were written first."""
        due, now = [], time.monotonic()
        for identity, state in states.items():
            if self._is_due(self._files[identity], state, now):
                due.append(identity)
        due.sort(key=lambda identity: (states[identity].written, states[identity].name))
        taken, size = 0, 0
        for identity in due[:PASS_FILES]:
            taken, size = taken + 1, size + states[identity].size - self._files[identity].position
            if size > PASS_BYTES:
                break
        self.has_more = taken < len(due)
        return due[:taken]

    def _is_due(self, file: FollowedFile, state: FileState, now: float) -> bool:
        before, file.seen = file.seen, state
        if file.refused:  # which was told: next comes what it holds
            if not state.is_given():
                return False
            file.refused, file.told = False, None
        if file.told is not None and state.same(file.told):
            file.live.growing = file.held_since is None or now - file.held_since < self._quiet
            return not file.live.growing
        file.live.growing = True
        if file.grows:
            return True
        if before is not None and before.same(state):
            file.changing_since = None
            return True  # nobody writes to it any more
        if before is None and time.time() - state.changed / _NANOSECONDS > 2 + 2 * self._interval:
            return True
        kind = self._formats.kind(state.path)
        if kind == "refused":
            return True
        file.grows = kind == "lines"
        if file.changing_since is None:
            file.changing_since = now
        waited = kind == "records" and now - file.changing_since > 10 * self._interval
        if waited:
            file.changing_since = None
        return file.grows or waited

    # --- reading ------------------------------------------------------------------------------

    def _tell(
        self,
        due: Sequence[tuple[int, int]],
        states: dict[tuple[int, int], FileState],
        began: int,
        refused: Sequence[Path],
    ) -> IngestReport:
        self._telling = {states[identity].path: identity for identity in due}
        self._moved, self._refused = set(), set()
        if not due and not refused:
            self._refused_before = self._listing.refused
            return IngestReport()
        files = [self._files[identity] for identity in due]
        anew = [file for file in files if file.live.begun_anew]
        try:
            report = ingest(
                self._store, self._catalog, [*self._telling, *refused], self._table,
                self._progress, following=self,
            )  # fmt: skip
        except FileNotFoundError:  # moved just now: the next look finds it
            self._forget(files, anew)
            return IngestReport()
        except BaseException:
            self._forget(files, anew)
            raise
        if self._stop():
            self._forget(files, anew)
            return report
        self._refused_before = self._listing.refused
        for identity, file in zip(due, files, strict=True):
            state = states[identity]
            # What was written in the moment of the look may be written to again unseen.
            is_race = 0 <= began - state.written < _RACE_SECONDS * _NANOSECONDS
            is_moved = identity in self._moved or not state.is_there(identity)
            file.told = None if is_race or is_moved else state
            file.refused = state.path in self._refused
            file.held_since = time.monotonic() if file.live.held_back else None
        return report

    def _forget_resting(self, states: dict[tuple[int, int], FileState]) -> None:
        """Follow files no more that no link leads to, once nobody writes to them."""
        for identity in self._listing.left:
            file, state = self._files[identity], states[identity]
            is_told = file.told is not None and state.same(file.told) and file.held_since is None
            if is_told and time.time() - state.written / _NANOSECONDS > self._quiet:
                self._listing.forget(identity)

    def _forget(self, files: Iterable[FollowedFile], anew: Sequence[FollowedFile]) -> None:
        """Look at files again from the manifest's word, where it is not sure what was kept."""
        for file in files:
            file.live = Live(begun_anew=any(file is one for one in anew))
            file.told = None

    def prepare(self, source: Source) -> None:
        """Let the reading of a file go on where the last one ended."""
        expected, identity = self._telling.get(source.path), source.identity
        if identity is None:
            return
        if expected is not None and identity != expected:  # another took its name since the look
            self._moved.add(expected)
        if not source.is_packed:
            file = self._files.setdefault(identity, FollowedFile(str(source.path), Live()))
            source.live = file.live

    def moved(self, source: Source) -> None:
        """Look again at a file that was moved while it was read."""
        if source.identity is not None:
            self._moved.add(source.identity)

    def refused(self, path: Path) -> None:
        """Look again at a file that the system does not give."""
        self._refused.add(path)

    def is_stopping(self) -> bool:
        """Whether the reading is to end at the next border between batches."""
        return self._stop()


def follow(
    store: Store,
    catalog: Catalog,
    paths: Sequence[Path],
    table: str | None = None,
    *,
    interval: float = 1.0,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> Iterator[FollowReport]:
    """Follow files and folders until *stop* is set; gives a report whenever something was new.

    Between looks lie *interval* seconds. Raises ValueError for a table that is not there.
    """
    ended = stop or threading.Event()
    follower = Follower(
        store, catalog, paths, table, interval=interval, stop=ended.is_set, progress=progress
    )
    while not ended.is_set():
        report = follower.look()
        if report is not None:
            yield report
        if not follower.has_more:
            ended.wait(interval)
