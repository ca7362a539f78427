"""Who reads a workspace: takes its folder, gives how old a listing may still be in use.

A reader holds a file in ``readers/`` for as long as it lives, locked by the operating system, whose
name says which generation of the manifest it listed. Files that a later generation replaced stay
on the disk until no such reader is left.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
import weakref
from pathlib import Path

if os.name == "posix":
    import fcntl

_FORGOTTEN_SECONDS = 3600
_DIGITS = 12


class Lease:
    """One reader's mark; it goes with the object, or with the process."""

    def __init__(self, folder: Path, generation: int) -> None:
        """Mark that what is listed at *generation*, or later, is in use.

        Raises OSError where the folder takes no file.
        """
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._name = uuid.uuid4().hex
        unborn = folder / f"{self._name}.new"
        handle = os.open(unborn, os.O_CREAT | os.O_EXCL | os.O_RDWR)
        self._close = weakref.finalize(self, os.close, handle)
        if os.name == "posix":
            fcntl.flock(handle, fcntl.LOCK_EX)
        self._path = folder / f"{generation:0{_DIGITS}}-{self._name}"
        unborn.rename(self._path)

    def renew(self, generation: int) -> None:
        """Mark that nothing older than *generation* is in use any more."""
        renewed = self._folder / f"{generation:0{_DIGITS}}-{self._name}"
        self._path.rename(renewed)
        self._path = renewed

    def release(self) -> None:
        """Mark that the reader is gone."""
        self._close()
        with contextlib.suppress(OSError):  # whoever looks next removes it
            self._path.unlink(missing_ok=True)


def oldest(folder: Path) -> int | None:
    """The oldest generation that a living reader uses; None where there is no reader.

    The marks of readers that are gone are removed.
    """
    found = []
    for mark in folder.iterdir() if folder.is_dir() else ():
        generation = mark.name.partition("-")[0]
        if not generation.isdigit():
            with contextlib.suppress(OSError):
                if time.time() - mark.stat().st_mtime > _FORGOTTEN_SECONDS:
                    mark.unlink()
        elif not _is_removed(mark):
            found.append(int(generation))
    return min(found, default=None)


def _is_removed(mark: Path) -> bool:
    """Whether nobody holds the mark, which is gone then."""
    if os.name != "posix":
        try:
            mark.unlink()  # an open file cannot be removed there
        except PermissionError:
            return False
        except FileNotFoundError:
            return True
        return True
    try:
        handle = os.open(mark, os.O_RDWR)
    except FileNotFoundError:  # renewed or released just now
        return not any(mark.parent.glob(f"*-{mark.name.partition('-')[2]}"))
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        mark.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)
