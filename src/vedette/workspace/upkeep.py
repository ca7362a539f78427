"""What comes into a workspace and goes out of it: takes logs and moments, gives reports."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.tables.catalog import view_names

if TYPE_CHECKING:
    from vedette.tables.catalog import Catalog
    from vedette.workspace.compaction import Compacted
    from vedette.workspace.follow import FollowReport
    from vedette.workspace.manifest import Quarantined, Store
    from vedette.workspace.reports import IngestReport
    from vedette.workspace.retention import Dropped
    from vedette.workspace.status import TableStatus

Paths = str | Path | Sequence[str | Path]
Progress = Callable[[int, int, str], None]
"""Called with what is done, how much there is, and the name of what is being done."""

_MOST_DAYS = 3_652_059
"""Days from the year 1 to 9999."""


class WithUpkeep:
    """What a workspace lets people do with what is stored."""

    if TYPE_CHECKING:
        catalog: Catalog

        @property
        def store(self) -> Store: ...

        def _attach(self) -> None: ...

        def stored_behind(self, table: str) -> tuple[str, ...]: ...

    def ingest(
        self,
        paths: Paths,
        table: str | None = None,
        progress: Progress | None = None,
        jobs: int | None = None,
    ) -> IngestReport:
        """Read logs into the workspace and report the records read, stored, quarantined, skipped.

        *paths* are files and folders; formats are recognised. With *table*, CSV, JSON lines and
        Parquet go into that declared table. *jobs* is how many processes read; without it, one a
        core where there is much to read. What the retention settings do not keep is dropped,
        and many small files are merged. Raises StorageError (a RuntimeError) where the disk is
        full; what was read up to the last batch is kept.
        """
        from vedette.workspace.compaction import compact_many
        from vedette.workspace.ingest import ingest
        from vedette.workspace.retention import drop_expired

        try:
            report = ingest(self.store, self.catalog, _many(paths), table, progress, jobs)
            if report.stored:
                report.dropped = sum(one.rows for one in drop_expired(self.store))
                compact_many(self.store, progress=progress)
            return report
        finally:
            self._renew()

    def follow(
        self,
        paths: Paths,
        table: str | None = None,
        *,
        interval: float = 1.0,
        stop: threading.Event | None = None,
        progress: Progress | None = None,
    ) -> Iterator[FollowReport]:
        """Follow files and folders; a report whenever something new was read, until *stop* is set.

        Looks at the files' sizes and times every *interval* seconds. Queries between two reports
        see what was reported.
        """
        from vedette.workspace.follow import follow

        many = [Path(path) for path in _many(paths)]
        for report in follow(
            self.store, self.catalog, many, table, interval=interval, stop=stop, progress=progress
        ):
            self._renew()
            yield report

    def compact(
        self, table: str | None = None, progress: Progress | None = None
    ) -> list[Compacted]:
        """Merge the small files of each table's day, rows in order of time; of one table, or all.

        Readers that began before can finish. Raises ValueError for a table without rows.
        """
        from vedette.workspace.compaction import compact

        if table is not None:
            self._require_rows(table)
        try:
            return compact(self.store, table, progress=progress)
        finally:
            self._renew()

    def drop(
        self,
        before: dt.datetime | None = None,
        table: str | None = None,
        dry_run: bool = False,
        waiting: Callable[[], None] | None = None,
    ) -> list[Dropped]:
        """Delete rows that happened before a moment (a naive one is UTC), of one table, or of all.

        Without *before*, what the retention settings do not keep. Rows without a time stay, and
        what is dropped is not read again. With *dry_run* only says what would go. Raises ValueError
        for a table without rows.
        """
        from vedette.workspace.retention import drop, drop_expired

        if table is not None:
            self._require_rows(table)
        try:
            if before is None:
                return drop_expired(self.store, dry_run=dry_run, waiting=waiting)
            return drop(self.store, before, table, dry_run=dry_run, waiting=waiting)
        finally:
            self._renew()

    def retention(self) -> dict[str, int]:
        """How many days of events each table keeps; the empty name counts for all others."""
        return self.store.retention()

    def retain(self, days: int | None, table: str = "") -> None:
        """Keep so many days of a table's events from now on, or of every table's; None keeps all.

        Older events are dropped after the next ingest, or by :meth:`drop`. Raises ValueError for
        less than one day or more than there are, and for a table that is not there, or that only
        shows the rows of others.
        """
        if days is not None and days < 1:
            raise ValueError("at least one day is kept")
        if days is not None and days > _MOST_DAYS:
            raise ValueError(f"at most {_MOST_DAYS:,} days are kept")
        if table and self.catalog.table(table) is None:
            raise ValueError(f"no table '{table}' {self.catalog.suggest(table)}".rstrip())
        if days is not None and table in view_names():
            self._require_rows(table)
        self.store.retain(table, days)

    def status(self) -> list[TableStatus]:
        """The stored tables: rows, first and last moment, files and bytes."""
        from vedette.workspace.status import status

        return status(self.store)

    def quarantine(self, limit: int | None = None) -> list[Quarantined]:
        """What could not be read: file, offset, reason and first bytes, at most *limit* of them."""
        return self.store.quarantine(limit)

    def _require_rows(self, table: str) -> None:
        """Raise ValueError for a table that stores no rows itself; says which ones it shows."""
        if table in self.store.counts():
            return
        shown = ", ".join(self.stored_behind(table)) if self.catalog.table(table) else ""
        hint = f"; it shows those of {shown}" if shown else ""
        raise ValueError(f"no rows are stored in a table '{table}'{hint}")

    def _renew(self) -> None:
        """Show queries what is stored now, and remove files that nobody lists any more."""
        self._attach()
        self.store.remove_replaced()


def _many(paths: Paths) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)
