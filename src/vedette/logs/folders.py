"""Which files there are: takes paths, gives the files at and under them.

What is no regular file (a pipe, a loop, a folder without permission) is given with its reason.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or member that is not read, and why; ``quarantined`` where bytes were lost by it.

    ``refused`` is the file or folder that the system does not give, which it may give later.
    """

    name: str
    reason: str
    quarantined: bool = False
    refused: Path | None = None


def walk(paths: Sequence[Path], exclude: Path | None = None) -> Iterator[Path | Unread]:
    """Every regular file at and under *paths*, folders in the order of names.

    *exclude* is a folder that is left out. Raises FileNotFoundError for a path that is not there.
    """
    excluded = exclude.resolve() if exclude else None
    for path in paths:
        if not _is_there(path):
            raise FileNotFoundError(f"no such file or folder: {path}")
        pending: list[tuple[Path, frozenset[_Identity]]] = [(path, frozenset())]
        while pending:
            place, above = pending.pop()
            try:
                found = _look(place, above, excluded)
            except OSError as error:
                found = refused(place, error)
            if isinstance(found, tuple):
                identity, children = found
                pending += [(child, above | {identity}) for child in children]
            else:
                yield found


_Identity = tuple[int, int]


def _is_there(path: Path) -> bool:
    """Whether there is something of this name, as far as the system tells."""
    try:
        path.lstat()
    except OSError as error:
        return not leads_nowhere(error)
    return True


def leads_nowhere(error: OSError) -> bool:
    """Whether an error says that no file has this name, so that nothing is lost by it."""
    is_absent = isinstance(error, FileNotFoundError | NotADirectoryError)
    return is_absent or error.errno == errno.ELOOP


def refused(path: Path, error: OSError) -> Unread:
    """A file or folder that the system does not give."""
    reason = error.strerror or str(error)
    if leads_nowhere(error):
        return Unread(shown(path), reason)
    return Unread(shown(path), reason, True, path)


def _look(
    path: Path, above: frozenset[_Identity], excluded: Path | None
) -> Path | Unread | tuple[_Identity, list[Path]]:
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        if not stat.S_ISREG(status.st_mode):
            return Unread(shown(path), "not a regular file")
        return path if status.st_size else Unread(shown(path), "empty")
    identity = (status.st_dev, status.st_ino)
    if identity in above:
        return Unread(shown(path), "a link to a folder above it")
    if excluded is not None and path.resolve() == excluded:
        return Unread(shown(path), "the workspace's own folder")
    return identity, sorted(path.iterdir(), reverse=True)


def shown(path: Path) -> str:
    """A path as text that any encoding can hold."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
