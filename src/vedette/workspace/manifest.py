"""What a workspace's folder holds: takes a folder, gives its tables, files, sources, quarantine.

``manifest.sqlite`` is the only word on what is stored: a Parquet file that it does not list does
not exist. One transaction makes a batch visible: its files, how far each source is told, what could
not be read. One process writes at a time; others wait. Files that others take the place of stay on
the disk as long as a reader lives that may have listed them.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vedette.engines.base import Stored
from vedette.logs.base import Layout, Unreadable
from vedette.plan.types import Type
from vedette.tables.catalog import builtin_table
from vedette.workspace.lake import StoredFile, remove, remove_unlisted, storage_error
from vedette.workspace.manifest_schema import ManifestError as ManifestError
from vedette.workspace.manifest_schema import connect, storing
from vedette.workspace.readers import Lease, oldest

_CHECKPOINTS = 48
_WAIT_SECONDS = 0.5
_LINEAGE_DIGITS = 20


class Stopped(Exception):
    """What was to be written is not, or only to some border: it was asked to end."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A piece of a log that could not be read: its file, its offset there, why, its first bytes."""

    file: str
    offset: int
    reason: str
    sample: bytes


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source that was read before: its lineage, and how far it was told at which digests."""

    id: int
    lineage: str
    checkpoints: Mapping[int, tuple[bytes, int]]
    """By position: the digest there, and how many records precede it."""
    path: str
    """The name under which it was first read."""


class Store:
    """A workspace's folder: the lake's Parquet files and the manifest that lists them."""

    def __init__(self, path: Path) -> None:
        """Open the folder, made if absent; what no manifest lists is removed if nobody writes.

        Raises ManifestError for a folder of a newer version or with a damaged manifest,
        StorageError where it cannot be made or its disk is full.
        """
        self.path = path
        self.lake = path / "lake"
        try:
            self.lake.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error
        self._lease: Lease | None = None
        self._unfinished = path / "unfinished"
        with storing(path):
            self._connection = connect(path / "manifest.sqlite")
            self._lock = sqlite3.connect(path / "lock.sqlite", timeout=0, isolation_level=None)
            if self._may_write():
                try:
                    self._remove_unlisted()
                    self._remove_replaced()
                finally:
                    self._lock.execute("rollback")

    def _remove_unlisted(self) -> None:
        listed = self._connection.execute("select path from files union select path from replaced")
        remove_unlisted(self.lake, {path for (path,) in listed})

    def _remove_replaced(self) -> None:
        """Remove the files that others took the place of, but those that a reader may need."""
        found = self._connection.execute("select path, generation from replaced").fetchall()
        if not found:
            return
        needed = oldest(self.path / "readers")
        gone = [path for path, since in found if needed is None or needed >= since]
        for path in gone:
            remove(self.lake / path)
        self._connection.executemany("delete from replaced where path = ?", [(p,) for p in gone])
        self._connection.commit()

    @contextlib.contextmanager
    def writing(
        self,
        waiting: Callable[[], None] | None = None,
        stopping: Callable[[], bool] | None = None,
    ) -> Iterator[None]:
        """Hold the right to write; waits for another process that has it, calling *waiting*.

        What is added and not committed when the block is left is taken back. Raises StorageError
        where the disk is full, Stopped where *stopping* says so while it waits.
        """
        while not self._may_write():
            if stopping is not None and stopping():
                raise Stopped
            if waiting is not None:
                waiting()
            time.sleep(_WAIT_SECONDS)
        try:
            with storing(self.path):
                self._begin()
                try:
                    yield
                except BaseException:
                    self._connection.rollback()
                    self._remove_unlisted()
                    raise
                finally:
                    self._connection.rollback()
                    self._unfinished.unlink(missing_ok=True)
        finally:
            self._lock.execute("rollback")

    def _begin(self) -> None:
        """Take away what a writer left that died, and files that no reader needs any more."""
        if self._unfinished.exists():
            self._remove_unlisted()
        try:
            self._unfinished.touch()
        except OSError as error:
            raise storage_error(self._unfinished, error) from error
        self._remove_replaced()

    def remove_replaced(self) -> None:
        """Remove files that others took the place of and no reader needs, if nobody writes."""
        with storing(self.path):
            if self._may_write():
                try:
                    self._remove_replaced()
                finally:
                    self._lock.execute("rollback")

    def _may_write(self) -> bool:
        """Take the lock, unless another has it; it goes with a process that ends."""
        try:
            self._lock.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def close(self) -> None:
        """Close the manifest."""
        if self._lease is not None:
            self._lease.release()
        self._connection.close()
        self._lock.close()

    # --- what is stored -----------------------------------------------------------------------

    def stored(self) -> dict[str, Stored]:
        """The tables that have rows, each with its files and the columns these may have.

        The files stay until this is asked again, or the store closed.
        """
        self._hold()
        files: dict[str, list[str]] = {}
        for table, path in self._connection.execute(
            'select "table", path from files order by rowid'
        ):
            files.setdefault(table, []).append(str((self.lake / path).absolute()))
        columns = self._columns()
        return {
            table: Stored(tuple(paths), {**columns.get(table, {}), **_known_columns(table)})
            for table, paths in files.items()
        }

    def _hold(self) -> None:
        """Mark what is listed from now on as in use, and nothing older."""
        row = self._connection.execute(
            "select value from settings where name = 'generation'"
        ).fetchone()
        generation = row[0] if row is not None else 0
        # Where a folder takes no file, files may go while a query reads them: it says so then.
        with contextlib.suppress(OSError):
            if self._lease is None:
                self._lease = Lease(self.path / "readers", generation)
            else:
                self._lease.renew(generation)

    def files(self) -> list[StoredFile]:
        """Every stored file, in the order of their making."""
        rows = self._connection.execute(
            'select path, "table", day, rows, bytes, earliest, latest, sorted from files'
            " order by rowid"
        )
        return [StoredFile(*row) for row in rows]

    def _columns(self, declared_only: bool = False) -> dict[str, dict[str, Type]]:
        found: dict[str, dict[str, Type]] = {}
        condition = "where declared" if declared_only else ""
        rows = self._connection.execute(
            f'select "table", name, type from columns {condition} order by "table", place'
        )
        for table, name, type in rows:
            found.setdefault(table, {})[name] = Type(type)
        return found

    def declared(self) -> dict[str, dict[str, str]]:
        """The tables that were declared, or got columns: their columns' names and type names."""
        found = self._columns(declared_only=True)
        return {table: {c: str(t) for c, t in columns.items()} for table, columns in found.items()}

    def remember(self, table: str, columns: Mapping[str, str]) -> None:
        """Keep a declaration; columns add to those that are there."""
        with storing(self.path), self._connection as transaction:
            _add_columns(transaction, table, columns, declared=True)

    def retention(self) -> dict[str, int]:
        """How many days of events each table keeps; the empty name counts for all others."""
        return dict(self._connection.execute('select "table", days from retention').fetchall())

    def retain(self, table: str, days: int | None) -> None:
        """Keep this many days of a table's events from now on, of every table's for no name.

        None keeps all.
        """
        with storing(self.path), self._connection as transaction:
            transaction.execute('delete from retention where "table" = ?', (table,))
            if days is not None:
                transaction.execute("insert into retention values (?, ?)", (table, days))

    def time_span(self, table: str) -> tuple[int, int] | None:
        """Ticks of a table's earliest and latest row; None where no row has a time."""
        (earliest, latest) = self._connection.execute(
            'select min(earliest), max(latest) from files where "table" = ?', (table,)
        ).fetchone()
        return None if earliest is None else (earliest, latest)

    def days(self, table: str) -> dict[str, int]:
        """How many rows a table has on each UTC day; ``unknown`` counts those without time."""
        rows = self._connection.execute(
            'select day, sum(rows) from files where "table" = ? group by day order by day', (table,)
        )
        return dict(rows.fetchall())

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        rows = self._connection.execute('select "table", sum(rows) from files group by "table"')
        return dict(rows.fetchall())

    def quarantine(self, limit: int | None = None) -> list[Quarantined]:
        """What could not be read, in the order it was met; *limit* bounds how much is given."""
        rows = self._connection.execute(
            "select path, position, reason, sample from quarantine order by rowid limit ?",
            (-1 if limit is None else limit,),
        )
        return [Quarantined(*row) for row in rows]

    def quarantine_count(self) -> int:
        """How many pieces could not be read."""
        (count,) = self._connection.execute("select count(*) from quarantine").fetchone()
        return int(count)

    # --- sources ------------------------------------------------------------------------------
    # What a writer adds is in one open transaction: it sees it at once, others when it commits.

    def known_content(self, digest: bytes, target: str) -> tuple[str, int] | None:
        """The path under which equal content was read for this target, and its records' number."""
        row: tuple[str, int] | None = self._connection.execute(
            "select path, records from contents where digest = ? and target = ?", (digest, target)
        ).fetchone()
        return row

    def known_sources(
        self, opening: bytes | None, path: str, target: str, format: str
    ) -> list[KnownSource]:
        """The sources that began so, or had this name: those that a source may continue."""
        rows = self._connection.execute(
            "select id, lineage, path from sources where target = ? and format = ?"
            " and (opening = ? or path = ?) order by id",
            (target, format, opening, path),
        ).fetchall()
        return [KnownSource(id, name, self._checkpoints(id), place) for id, name, place in rows]

    def _checkpoints(self, source: int) -> dict[int, tuple[bytes, int]]:
        rows = self._connection.execute(
            "select position, digest, records from checkpoints where source = ?", (source,)
        )
        return {position: (digest, records) for position, digest, records in rows}

    def add_source(self, target: str, format: str, opening: bytes, path: str) -> tuple[int, str]:
        """A new source's number and lineage.

        The lineage begins every event_id of the source. It depends on what the source begins with,
        so that a source that grew and one that is whole agree, and on how many began so before.
        """
        sibling = 0
        while True:
            seed = f"{target}\0{format}\0{sibling}\0".encode() + opening
            lineage = hashlib.sha256(seed).hexdigest()[:_LINEAGE_DIGITS]
            added = self._connection.execute(
                "insert or ignore into sources (lineage, target, format, opening, path)"
                " values (?, ?, ?, ?, ?)",
                (lineage, target, format, opening, path),
            )
            if added.rowcount:
                return int(added.lastrowid or 0), lineage
            sibling += 1

    def add_checkpoint(self, source: int, position: int, digest: bytes, records: int) -> None:
        """Note how far a source is told, and how many records that were.

        Without a digest nothing new was told: what is known of the position stays.
        """
        self._connection.execute(
            f"insert or {'replace' if digest else 'ignore'} into checkpoints values (?, ?, ?, ?)",
            (source, position, digest, records),
        )
        self._thin_checkpoints(source)

    def _thin_checkpoints(self, source: int) -> None:
        """Forget most of how a source grew: the last steps are kept, and one a doubling before."""
        positions = [
            position
            for (position,) in self._connection.execute(
                "select position from checkpoints where source = ? order by position", (source,)
            )
        ]
        if len(positions) <= _CHECKPOINTS:
            return
        kept = {*positions[-_CHECKPOINTS // 2 :], *{p.bit_length(): p for p in positions}.values()}
        gone = [(source, position) for position in positions if position not in kept]
        self._connection.executemany(
            "delete from contents where digest = (select digest from checkpoints where source = ?"
            " and position = ?) and target = (select target from sources where id = ?)",
            [(*one, source) for one in gone],
        )
        self._connection.executemany(
            "delete from checkpoints where source = ? and position = ?", gone
        )

    def add_content(self, digest: bytes, target: str, path: str, records: int) -> None:
        """Note that all of some content is told."""
        self._connection.execute(
            "insert or replace into contents values (?, ?, ?, ?)", (digest, target, path, records)
        )

    def set_aside(self, source: int | None, path: str, pieces: Sequence[Unreadable]) -> None:
        """Note what could not be read."""
        now = time.time()
        self._connection.executemany(
            "insert into quarantine values (?, ?, ?, ?, ?, ?)",
            [(source, path, u.offset, u.reason, u.sample, now) for u in pieces],
        )

    def read_again(self, source: int, position: int) -> None:
        """Forget what could not be read behind a position: it is read again."""
        self._connection.execute(
            "delete from quarantine where source = ? and position >= ?", (source, position)
        )

    def commit(self, files: Sequence[StoredFile], layouts: Iterable[Layout]) -> None:
        """Make all that was added visible, with these files: all of it or nothing."""
        for layout in layouts:
            columns = {c: str(t) for c, t in layout.columns.items()}
            _add_columns(self._connection, layout.table, columns)
        self._list(files)
        self._connection.commit()

    def replace(self, old: Iterable[str], new: Sequence[StoredFile]) -> None:
        """Let files take the place of others, by their paths, in one step.

        The old ones stay on the disk until no reader is left that may have listed them.
        """
        self._connection.execute(
            "insert into settings values ('generation', 1)"
            " on conflict (name) do update set value = value + 1"
        )
        for path in old:
            self._connection.execute("delete from files where path = ?", (path,))
            self._connection.execute(
                "insert into replaced select ?, value from settings where name = 'generation'",
                (path,),
            )
        self._list(new)
        self._connection.commit()

    def _list(self, files: Sequence[StoredFile]) -> None:
        self._connection.executemany(
            "insert into files values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (f.path, f.table, f.day, f.rows, f.bytes, f.earliest, f.latest, int(f.sorted))
                for f in files
            ],
        )


def _known_columns(table: str) -> Mapping[str, Type]:
    """The columns of a built-in table: there may be more than when its files were written."""
    known = builtin_table(table)
    return known.columns if known is not None else {}


def _add_columns(
    transaction: sqlite3.Connection, table: str, columns: Mapping[str, str], declared: bool = False
) -> None:
    (place,) = transaction.execute(
        'select coalesce(max(place), 0) from columns where "table" = ?', (table,)
    ).fetchone()
    for name, type in columns.items():
        place += 1
        transaction.execute(
            "insert into columns values (?, ?, ?, ?, ?)"
            ' on conflict ("table", name) do update set declared = declared or excluded.declared',
            (table, place, name, type, int(declared)),
        )
