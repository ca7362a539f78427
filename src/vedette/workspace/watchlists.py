"""Watchlists of a workspace: takes CSV files, gives lists by their aliases.

A folder keeps them as ``watchlists/ALIAS.csv`` and says in ``watchlists/watchlists.json`` by which
column each is looked up and when it was last written; without a folder they are kept in memory.
One process changes them at a time (``watchlists/lock.sqlite``), and need not wait for an ingest.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import re
import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vedette.kql.binding.beside.given import Watchlist
from vedette.plan.types import ticks_of
from vedette.workspace.known_good import KEYS, shipped_file

MOST_ROWS = 100_000
"""Rows that one list may have; they become part of a statement."""
MOST_BYTES = 50_000_000
LIST = "watchlists.json"
_PATIENCE = 600.0
"""Seconds for which another process is waited for."""

_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,199}")
_OURS = {"_DTItemId", "LastUpdatedTimeUTC", "SearchKey"}


class WatchlistError(ValueError):
    """A watchlist that cannot be: the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a list beside its rows; ``updated`` is a moment in UTC."""

    alias: str
    key: str
    updated: dt.datetime
    rows: int


class Watchlists:
    """The watchlists of one workspace; *folder* is the workspace's, None where it has none."""

    def __init__(self, folder: Path | None) -> None:
        """Look at what is there when it is asked for."""
        self._folder = folder / "watchlists" if folder is not None else None
        self._texts: dict[str, str] = {}
        self._entries: dict[str, Entry] = {}
        self._read: dict[str, tuple[Entry, Watchlist]] = {}
        self._turn = threading.RLock()
        self._has_lock = False

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Let nobody else change the lists meanwhile; waits for who does.

        May be entered again inside. Raises WatchlistError where somebody does not let go.
        """
        with self._turn:
            if self._folder is None or self._has_lock:
                yield
                return
            with self._locked(self._folder):
                self._has_lock = True
                try:
                    yield
                finally:
                    self._has_lock = False

    @contextlib.contextmanager
    def _locked(self, folder: Path) -> Iterator[None]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = sqlite3.connect(folder / "lock.sqlite", _PATIENCE, isolation_level=None)
            with contextlib.closing(lock):
                lock.execute("begin exclusive")
                yield
        except (OSError, sqlite3.Error) as error:
            raise WatchlistError(f"{folder}: cannot be changed: {error}") from error

    def add(self, alias: str, file: Path, search_key: str | None = None) -> Entry:
        """Take the rows of a CSV file, in place of those that the list had; raises WatchlistError.

        The first line names the columns; without *search_key* the first column is looked up by.
        """
        if not _ALIAS.fullmatch(alias):
            hint = "letters, digits, spaces, '_', '-' and '.', a letter or digit first"
            raise WatchlistError(f"'{alias}' is no alias of a watchlist: {hint}")
        try:
            if file.stat().st_size > MOST_BYTES:
                raise WatchlistError(f"{file}: larger than {MOST_BYTES:,} bytes")
            text = file.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise WatchlistError(f"{file}: cannot be read: {error}") from error
        columns, rows = _table(text, str(file))
        with self.changing():
            return self._take(alias, text, columns, len(rows), search_key, str(file))

    def _take(
        self, alias: str, text: str, columns: tuple[str, ...], rows: int,
        search_key: str | None, file: str,
    ) -> Entry:  # fmt: skip
        key = search_key if search_key is not None else columns[0]
        if key not in columns:
            raise WatchlistError(f"{file}: no column '{key}'; there are {', '.join(columns)}")
        entry = Entry(alias, key, dt.datetime.now(dt.UTC).replace(microsecond=0), rows)
        entries = self._known()
        same = next((a for a in entries if a.lower() == alias.lower() and a != alias), None)
        if same is not None:
            raise WatchlistError(f"'{alias}' and '{same}' differ in letter case only")
        entries[alias] = entry
        self._read.pop(alias, None)  # another one of the same second and size looks the same
        if self._folder is None:
            self._texts[alias] = text
        else:
            _replace(self._folder / f"{alias}.csv", text)
        self._remember(entries)
        return entry

    def remove(self, alias: str) -> None:
        """Forget a list; raises WatchlistError where there is none."""
        if alias not in self._known():
            raise WatchlistError(f"there is no watchlist '{alias}'")
        with self.changing():
            entries = self._known()
            entries.pop(alias, None)
            self._texts.pop(alias, None)
            self._remember(entries)
            if self._folder is not None:
                (self._folder / f"{alias}.csv").unlink(missing_ok=True)

    def entries(self) -> list[Entry]:
        """Every list, by alias."""
        return [entry for _, entry in sorted(self._known().items())]

    def aliases(self) -> list[str]:
        """The aliases, in order."""
        return sorted(self._known())

    def find(self, alias: str) -> Watchlist | None:
        """The list of an alias, else one that comes with Vedette; None where there is neither.

        Raises WatchlistError.
        """
        entry = self._known().get(alias)
        if entry is None:
            return _shipped(alias)
        read = self._read.get(alias)
        if read is not None and read[0] == entry:
            return read[1]
        if self._folder is None:
            text, name = self._texts[alias], alias
        else:
            file = self._folder / f"{alias}.csv"
            name = str(file)
            try:
                text = file.read_bytes().decode("utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise WatchlistError(f"{file}: cannot be read: {error}") from error
        columns, rows = _table(text, name)
        if entry.key not in columns:
            raise WatchlistError(f"{name}: no column '{entry.key}', by which it is looked up")
        found = Watchlist(
            alias, columns, rows, entry.key, ticks_of(entry.updated), _identities(alias, rows)
        )
        self._read[alias] = (entry, found)
        return found

    def _known(self) -> dict[str, Entry]:
        file = self._folder / LIST if self._folder is not None else None
        if file is None:
            return self._entries
        if not file.is_file():
            return {}
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            return {
                alias: Entry(
                    alias, told["search_key"], dt.datetime.fromisoformat(told["updated"]),
                    int(told["rows"]),
                )
                for alias, told in kept.items()
                if _ALIAS.fullmatch(alias)
            }  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise WatchlistError(f"{file}: cannot be read: {error}") from error

    def _remember(self, entries: dict[str, Entry]) -> None:
        if self._folder is None:
            self._entries = entries
            return
        told = {
            e.alias: {"search_key": e.key, "updated": e.updated.isoformat(), "rows": e.rows}
            for e in entries.values()
        }
        text = json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        _replace(self._folder / LIST, text)


def _replace(file: Path, text: str) -> None:
    """Write a file that is whole at every moment: the old text, then the new one."""
    written = file.with_name(f"{file.name}.new")
    try:
        written.write_text(text, encoding="utf-8", newline="")
        written.replace(file)
    except OSError:
        written.unlink(missing_ok=True)
        raise


@cache
def _shipped(alias: str) -> Watchlist | None:
    """A list that comes with Vedette, as of the last day on which a part of it was fetched."""
    file = shipped_file(alias)
    if file is None:
        return None
    columns, rows = _table(file.read_text(encoding="utf-8"), str(file))
    fetched = max(row[columns.index("Fetched")] for row in rows)
    updated = ticks_of(dt.datetime.fromisoformat(fetched).replace(tzinfo=dt.UTC))
    return Watchlist(alias, columns, rows, KEYS[alias], updated, _identities(alias, rows))


def _table(text: str, name: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The columns and rows of a CSV text; a row that is too short is filled up with nothing."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    try:
        for row in reader:
            if not any(row):
                continue
            if not columns:
                columns = _columns(row, name)
                continue
            if len(row) > len(columns):
                told = f"{len(row)} columns, the first line names {len(columns)}"
                raise WatchlistError(f"{name}:{reader.line_num}: {told}")
            if len(rows) == MOST_ROWS:
                raise WatchlistError(f"{name}: more than {MOST_ROWS:,} rows")
            rows.append((*row, *[""] * (len(columns) - len(row))))
    except csv.Error as error:
        raise WatchlistError(f"{name}:{reader.line_num}: {error}") from error
    if not columns:
        raise WatchlistError(f"{name}: it is empty")
    return columns, tuple(rows)


def _columns(row: list[str], name: str) -> tuple[str, ...]:
    columns = tuple(column.strip() for column in row)
    for column in columns:
        if not column or column in _OURS or columns.count(column) > 1:
            why = "is Sentinel's own" if column in _OURS else "is empty or comes twice"
            raise WatchlistError(f"{name}: the column name '{column}' {why}")
    return columns


def _identities(alias: str, rows: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """An identity a row that hangs on the row alone, and on how often it came before."""
    seen: Counter[tuple[str, ...]] = Counter()
    made = []
    for row in rows:
        seen[row] += 1
        told = json.dumps([alias, *row, seen[row]])
        made.append(str(uuid.uuid5(uuid.NAMESPACE_OID, told)))
    return tuple(made)
