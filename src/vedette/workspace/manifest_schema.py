"""The manifest as a database: takes its file, gives a connection to tables of this version."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from vedette.workspace.lake import StorageError, full_disk

_SCHEMA = """
create table if not exists files (
    path text primary key, "table" text not null, day text not null, rows integer not null,
    bytes integer not null, earliest integer, latest integer, sorted integer not null default 0
) strict;
create index if not exists files_by_table on files ("table", day);
create table if not exists columns (
    "table" text not null, place integer not null, name text not null, type text not null,
    declared integer not null, primary key ("table", name)
) strict;
create table if not exists sources (
    id integer primary key, lineage text not null unique, target text not null,
    format text not null, opening blob not null, path text not null
) strict;
create index if not exists sources_by_opening on sources (opening, target);
create index if not exists sources_by_path on sources (path, target);
create table if not exists checkpoints (
    source integer not null, position integer not null, digest blob not null,
    records integer not null, primary key (source, position)
) strict;
create table if not exists contents (
    digest blob not null, target text not null, path text not null, records integer not null,
    primary key (digest, target)
) strict;
create table if not exists quarantine (
    source integer, path text not null, position integer not null, reason text not null,
    sample blob not null, at real not null
) strict;
create index if not exists quarantine_by_source on quarantine (source, position);
create table if not exists replaced (path text primary key, generation integer not null) strict;
create table if not exists settings (name text primary key, value integer not null) strict;
create table if not exists retention ("table" text primary key, days integer not null) strict;
"""
_SINCE = {2: "alter table files add column sorted integer not null default 0"}
"""What else makes a manifest of the version before one of this version."""

_VERSION = 2


_MENDED = "restore it, or read the logs into a new workspace"


class ManifestError(RuntimeError):
    """The folder is a workspace that this version cannot use, or none that can be made."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a manifest, made or brought to this version where it is none yet.

    Raises ManifestError for one of a newer version, and for one that lists nothing while the lake
    beside it holds files: these would count as left over from a crash, and be removed.
    """
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == _VERSION:
        return
    connection.execute("begin immediate")
    version = _version(connection)  # another process may have been first
    if version > _VERSION:
        raise ManifestError(f"{path.parent} is a workspace of a newer version; update vedette")
    if version == 0 and next((path.parent / "lake").glob("*/*/*.parquet"), None) is not None:
        lost = f"{path} is lost or empty, and files of events lie beside it"
        raise ManifestError(f"{lost}; {_MENDED}")
    older = [statement for since, statement in _SINCE.items() if 0 < version < since]
    for statement in [*_SCHEMA.split(";"), *older, f"pragma user_version = {_VERSION}"]:
        connection.execute(statement)
    connection.commit()


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("pragma user_version").fetchone()
    return int(version)


@contextlib.contextmanager
def storing(path: Path) -> Iterator[None]:
    """Raise StorageError where SQLite says that the disk of a workspace takes nothing more.

    Raises ManifestError where the manifest is none, or not whole.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such" in str(error):
            damaged = f"the manifest or lock of the workspace {path} is damaged: {error}"
            raise ManifestError(f"{damaged}; {_MENDED}") from error
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StorageError(f"{path}: another process does not let go of it") from error
        if kind == sqlite3.SQLITE_FULL:
            raise full_disk(path / "manifest.sqlite") from error
        if kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise StorageError(f"{path / 'manifest.sqlite'} cannot be written: {error}") from error
        raise
