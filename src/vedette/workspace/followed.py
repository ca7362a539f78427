"""Which files are followed and what they are: takes paths, gives each file's state and kind."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vedette.logs.base import Layout, Reader
from vedette.logs.folders import Unread, leads_nowhere
from vedette.logs.formats import reader_of, table_reader_of
from vedette.logs.live import Live
from vedette.logs.sources import HEAD_BYTES, Source, open_sources
from vedette.workspace.manifest import Store

Identity = tuple[int, int]
"""What a file is whatever its name: its device and its number there."""

Kind = Literal["lines", "records", "whole", "unknown", "refused"]
"""Whether a file is read as it grows, as its records are, or as a whole once it is complete.

What the system does not give is refused.
"""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was at one look: its size, and when it was written and changed (ns)."""

    name: str
    size: int
    written: int
    changed: int

    @property
    def path(self) -> Path:
        """Its name as a path."""
        return Path(self.name)

    def is_there(self, identity: Identity) -> bool:
        """Whether the file has this name still."""
        try:
            status = os.stat(self.name)  # noqa: PTH116 - of many files, and often
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == identity

    def same(self, other: FileState) -> bool:
        """Whether nothing was written in between."""
        return (self.size, self.written) == (other.size, other.written)

    def is_given(self) -> bool:
        """Whether the system gives the file's bytes now."""
        try:
            with self.path.open("rb") as file:
                file.read(HEAD_BYTES)
        except OSError as error:
            return leads_nowhere(error)
        return True


def _state(name: str, status: os.stat_result) -> FileState:
    return FileState(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass(slots=True)
class FollowedFile:
    """What is known of a file: how it was when it was told, and when it was looked at."""

    name: str
    live: Live
    told: FileState | None = None
    seen: FileState | None = None
    grows: bool | None = None
    held_since: float | None = None
    changing_since: float | None = None
    refused: bool = False
    """Whether the system did not give it when it was to be read last."""

    @property
    def position(self) -> int:
        """How many of its bytes are told."""
        return self.live.position

    def begin_anew(self) -> None:
        """Know nothing of a file that was truncated."""
        self.live, self.told, self.grows = Live(), None, None
        self.held_since = self.changing_since = None


class Formats:
    """Says of files how they are read."""

    def __init__(self, store: Store, layout: Layout | None) -> None:
        """With *layout*, all goes into that table."""
        self._store, self._layout = store, layout
        self._target = layout.table if layout is not None else ""

    def kind(self, path: Path) -> Kind:
        """How a file is read; unknown where no reader takes it, or it is packed."""
        source = next(open_sources(path), None)
        if isinstance(source, Unread) and source.refused is not None:
            return "refused"
        if not isinstance(source, Source) or source.is_packed:
            return "unknown"
        reader = self._reader(source)
        if reader is None:
            return "unknown"
        if reader.known_by_name:
            return "records"
        return "whole" if reader.hash_first else "lines"

    def _reader(self, source: Source) -> Reader | None:
        layout = self._layout
        return reader_of(source) if layout is None else table_reader_of(source, layout)

    def goes_on(self, path: Path) -> bool:
        """Whether a file begins as one that was read before."""
        for source in open_sources(path):
            reader = self._reader(source) if isinstance(source, Source) else None
            if reader is not None and isinstance(source, Source):
                opening = hashlib.sha256(reader.opening(source)).digest()
                if self._store.known_sources(opening, "", self._target, reader.name):
                    return True
        return False


class Listing:
    """The files at and under paths, and those beside a named file that it was rotated to."""

    def __init__(self, paths: Sequence[Path], exclude: Path, formats: Formats) -> None:
        """Leave out the folder *exclude*."""
        self._paths, self._formats = tuple(paths), formats
        status = exclude.stat()
        self._excluded: Identity = status.st_dev, status.st_ino
        self._beside: dict[Identity, tuple[FileState, bool]] = {}
        self._real: dict[Identity, tuple[str, str]] = {}
        self.left: set[Identity] = set()
        """Files that links led to, which lead elsewhere now."""
        self.refused: frozenset[Path] = frozenset()
        """The folders, and files in them, that the system did not give at the last look."""
        self._refusing: set[Path] = set()

    def states(self, followed: Collection[Identity]) -> dict[Identity, FileState]:
        """Each file once, as it is now; one that is followed is found beside its old name."""
        found: dict[Identity, FileState] = {}
        self._refusing = set()
        for path in self._paths:
            self._add(found, str(path))
        for path in self._paths:
            if not os.path.isdir(path):  # noqa: PTH112 - Path's raises where it may not look
                for place in dict.fromkeys((path, Path(os.path.realpath(path)))):
                    for file in self._rotated(place, found, followed):
                        self._add(found, str(file))
        self._behind_links(found, followed)
        self.refused = frozenset(self._refusing)
        return found

    def _add(self, found: dict[Identity, FileState], name: str) -> None:
        """Add a file, or all under a folder."""
        pending: list[tuple[str, frozenset[Identity]]] = [(name, frozenset())]
        while pending:
            place, above = pending.pop()
            try:
                status = os.stat(place)  # noqa: PTH116 - of many files, and often
                identity = status.st_dev, status.st_ino
                if stat.S_ISDIR(status.st_mode):
                    if identity not in above and identity != self._excluded:
                        within = above | {identity}
                        pending += [(entry.path, within) for entry in os.scandir(place)]
                elif stat.S_ISREG(status.st_mode) and status.st_size and identity not in found:
                    found[identity] = _state(place, status)
            except OSError as error:  # moved just now, or not given: the next look tries again
                if not leads_nowhere(error):
                    self._refusing.add(Path(place))

    def _behind_links(
        self, found: dict[Identity, FileState], followed: Collection[Identity]
    ) -> None:
        """Add files that are followed under a link's name, where that leads elsewhere now."""
        for identity, state in found.items():
            if self._real.get(identity, ("", ""))[0] != state.name:
                self._real[identity] = state.name, os.path.realpath(state.name)
        self.left = set()
        for identity in followed:
            if identity in found or identity not in self._real:
                continue
            real = self._real[identity][1]
            try:
                status = os.stat(real)  # noqa: PTH116 - of many files, and often
            except OSError:
                continue
            if (status.st_dev, status.st_ino) == identity and status.st_size:
                found[identity] = _state(real, status)
                self._real[identity] = real, real
                self.left.add(identity)
        self._real = {identity: self._real[identity] for identity in found}

    def forget(self, identity: Identity) -> None:
        """Look no more for a file that a link led to."""
        self._real.pop(identity, None)

    def _rotated(
        self, path: Path, found: Collection[Identity], followed: Collection[Identity]
    ) -> Iterator[Path]:
        """Files beside a named one that begin with its name, and are or go on what was read."""
        try:
            entries = [e for e in os.scandir(path.parent) if e.name.startswith(path.stem)]
        except OSError:
            return
        for entry in entries:
            try:
                status = entry.stat()
            except OSError:
                continue
            identity = (status.st_dev, status.st_ino)
            if identity in found or not stat.S_ISREG(status.st_mode) or not status.st_size:
                continue
            beside = Path(entry.path)
            if identity in followed or self._goes_on(beside, identity, status):
                yield beside

    def _goes_on(self, path: Path, identity: Identity, status: os.stat_result) -> bool:
        """Whether a file goes on what was read; looked up again when it has changed."""
        known, state = self._beside.get(identity), _state(str(path), status)
        if known is None or not state.same(known[0]):
            known = self._beside[identity] = state, self._formats.goes_on(path)
        return known[1]

    def is_emptied(self, name: str, identity: Identity) -> bool:
        """Whether a file is still there under its name, and has nothing in it now."""
        try:
            status = os.stat(name)  # noqa: PTH116 - of many files, and often
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == identity and status.st_size == 0
