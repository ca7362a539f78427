"""Where a test runs: a folder of its own under the system's temporary one, and what cleans it up.

A run that was killed leaves its folder behind, with the number of its process in it: the next run
removes what no living process owns, and ends what still runs of it. What runs in a sandbox is known
by its environment, which names the folder: also what left its session. Linux only: it reads /proc.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

PREFIX = "vedette-emulate-"
_OWNER = "owner.json"
_SETTINGS = "stand_ins.json"
_SETTINGS_NAME = "VEDETTE_STAND_INS"
_MOST_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A test's folder: ``root`` is what it may write into, ``bin`` comes first on its path."""

    folder: Path

    @property
    def root(self) -> Path:
        """What stands for the file system's root in the test's own paths."""
        return self.folder / "root"

    @property
    def bin(self) -> Path:
        """The stand-ins that are found by their names."""
        return self.folder / "bin"

    def inside(self, path: str) -> str:
        """A path of the test's, moved into the sandbox; its folder is made."""
        moved = self.root / path.lstrip("/")
        moved.parent.mkdir(parents=True, exist_ok=True)
        return str(moved)

    def end_processes(self) -> None:
        """End what was started in the sandbox's environment and still runs."""
        _end_processes(self.folder)


@contextmanager
def scratch() -> Iterator[Path]:
    """A fresh folder of ours, gone when the block is left; what killed runs left goes first."""
    clean_up()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        owner = json.dumps({"pid": os.getpid()})
        (folder / _OWNER).write_text(owner, encoding="utf-8")
        yield folder
    finally:
        _remove(folder)


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A fresh sandbox; what still runs in it when the block is left, however it is, is ended."""
    with scratch() as folder:
        made = Sandbox(folder)
        for place in (made.root / "tmp", made.root / "home", made.bin):
            place.mkdir(parents=True)
        try:
            yield made
        finally:
            made.end_processes()


def clean_up() -> list[Path]:
    """Remove the folders that killed runs left, and end what runs in them; gives the folders."""
    removed = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        owner = _owner(folder)
        if owner is None or _is_alive(int(owner.get("pid", 0))):
            continue
        _end_processes(folder)
        _remove(folder)
        removed.append(folder)
    return removed


def _end_processes(folder: Path) -> None:
    named = f"{_SETTINGS_NAME}={folder / _SETTINGS}".encode()
    for _ in range(_MOST_LOOKS):  # what starts others may have done so behind the first look
        found = False
        for environment in Path("/proc").glob("[0-9]*/environ"):
            # One that is gone, or another user's, is none of ours.
            with contextlib.suppress(OSError):
                if named in environment.read_bytes().split(b"\0"):
                    found = True
                    os.kill(int(environment.parent.name), signal.SIGKILL)
        if not found:
            return


def _owner(folder: Path) -> Mapping[str, Any] | None:
    """Who made a folder; None where it is not ours, or not yet told."""
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return None
        owner = json.loads((folder / _OWNER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return owner if isinstance(owner, dict) else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def _remove(folder: Path) -> None:
    """Remove a folder, also where a test took its own rights to write there away."""
    for place, folders, _ in os.walk(folder):
        for name in folders:
            below = Path(place, name)
            if not below.is_symlink():
                below.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


def put_stand_ins(made: Sandbox, resolver: tuple[str, int], seconds: float) -> dict[str, str]:
    """Write the stand-ins into a sandbox; gives the environment in which they work."""
    folder = files("vedette.lab.emulation")
    tools = tomllib.loads(folder.joinpath("stand_ins.toml").read_text(encoding="utf-8"))
    code = folder.joinpath("stand_in.py").read_text(encoding="utf-8")
    interpreter = os.path.realpath(sys.executable)
    (made.bin / "python3").symlink_to(interpreter)
    for name, tool in tools.items():
        own = code.replace('TOOL = ""', f"TOOL = {name!r}", 1)
        if tool["kind"] == "command":
            path = made.bin / name
            path.write_text(f"#!{interpreter}\n{own}", encoding="utf-8")
            path.chmod(0o755)
        else:
            Path(made.inside(f"{tool['folder']}/{name}")).write_text(own, encoding="utf-8")
    settings = {"tools": tools, "resolver": list(resolver), "seconds": seconds}
    place = made.folder / _SETTINGS
    place.write_text(json.dumps(settings), encoding="utf-8")
    return {
        "PATH": f"{made.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(made.root / "home"),
        "TMPDIR": str(made.root / "tmp"),
        "LANG": "C.UTF-8",
        _SETTINGS_NAME: str(place),
    }
