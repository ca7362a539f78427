"""What is seen of a test while it runs: processes in the process table, files in its folder.

Every field is read from the system; what cannot be seen is left out. Linux only: it reads /proc.
"""

from __future__ import annotations

import datetime as dt
import os
import pwd
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
_EVERY_SECONDS = 0.0005
"""How often the programs below the session's first are looked for."""
_ALL_EVERY_SECONDS = 0.02
"""How often the whole process table is, for those whose parent has ended."""


@dataclass(frozen=True, slots=True)
class Process:
    """A program that was seen to run; what the system did not tell is None."""

    pid: int
    parent: int
    started: dt.datetime
    image: str | None
    command_line: str
    user: str | None
    folder: str | None
    parent_image: str | None
    parent_command_line: str | None


class ProcessWatch:
    """Looks at the process table again and again, in its block, for what runs in one session."""

    def __init__(self, session: int) -> None:
        """Begin to look for processes of this session."""
        self._session = session
        self._clock = os.sysconf("SC_CLK_TCK")
        self._boot = _boot_time()
        self._seen: dict[tuple[int, str | None, str], Process] = {}
        self._stop = threading.Event()
        self._take(session)  # at once: what is short may be over before a thread begins
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Go on looking till the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def seen(self) -> list[Process]:
        """The programs that were seen, in the order in which they were."""
        return list(self._seen.values())

    def _look(self) -> None:
        all_again = 0.0
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= all_again:
                with os.scandir(PROC) as entries:
                    numbers = [int(entry.name) for entry in entries if entry.name.isdigit()]
                all_again = time.monotonic() + _ALL_EVERY_SECONDS
            else:
                numbers = _below(self._session)
            for number in numbers:
                self._take(number)
            time.sleep(_EVERY_SECONDS)

    def _take(self, pid: int) -> None:
        stat = _stat(pid)
        if stat is None or stat[1] != self._session:
            return
        parent, _, ticks = stat
        image, line = _image(pid), _command_line(pid)
        if not line or (pid, image, line) in self._seen:
            return
        parent_image, parent_line = _image(parent), _command_line(parent)
        if (image, line) == (parent_image, parent_line):
            return  # a shell before it becomes the program that it was started for
        self._seen[pid, image, line] = Process(
            pid, parent, self._boot + dt.timedelta(seconds=ticks / self._clock), image, line,
            _user(pid), _link(pid, "cwd"), parent_image, parent_line or None,
        )  # fmt: skip


def _below(pid: int) -> list[int]:
    """A process and those that it and its children have started, as far as they are told."""
    found, place = [pid], 0
    while place < len(found):
        try:
            words = (PROC / f"{found[place]}/task/{found[place]}/children").read_text().split()
        except OSError:
            words = []
        found += map(int, words)
        place += 1
    return found


def _stat(pid: int) -> tuple[int, int, int] | None:
    """A process's parent, session and start in clock ticks since boot; None where it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return (int(fields[1]), int(fields[3]), int(fields[19])) if len(fields) > 19 else None


def _link(pid: int, name: str) -> str | None:
    try:
        return str((PROC / str(pid) / name).readlink())
    except OSError:
        return None


def _image(pid: int) -> str | None:
    return _link(pid, "exe")


def _command_line(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return ""
    return " ".join(word.decode("utf-8", "backslashreplace") for word in words)


def _user(pid: int) -> str | None:
    try:
        return pwd.getpwuid((PROC / str(pid)).stat().st_uid).pw_name
    except (OSError, KeyError):
        return None


def _boot_time() -> dt.datetime:
    lines = (PROC / "stat").read_text().splitlines()
    seconds = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was not there before a test, and when it was written last."""

    path: Path
    written: dt.datetime


def files_in(folder: Path) -> set[Path]:
    """Every file below a folder."""
    return {Path(place) / name for place, _, names in os.walk(folder) for name in names}


def new_files(folder: Path, before: set[Path]) -> list[WrittenFile]:
    """The files below a folder that were not there before, the oldest first."""
    found = []
    for path in files_in(folder) - before:
        try:
            written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        except OSError:
            continue
        found.append(WrittenFile(path, written))
    return sorted(found, key=lambda file: (file.written, str(file.path)))
