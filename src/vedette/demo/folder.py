"""The folder that the demo works in: takes where it is to be, gives it empty of an earlier demo."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MARK: Final = ".vedette-demo"
_MADE: Final = ("logs", "workspace", "report.html", "page.txt")


class NotOurs(Exception):
    """The folder holds something and no demo made it, so that nothing in it is touched."""


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the parts of a demo lie."""

    path: Path

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.path / "logs"

    @property
    def access_log(self) -> Path:
        """The web server's log."""
        return self.logs / "web" / "access.log"

    @property
    def process_events(self) -> Path:
        """The endpoints' process events."""
        return self.logs / "endpoint" / "sysmon.jsonl"

    @property
    def mail(self) -> Path:
        """The folder of the messages, one file each."""
        return self.logs / "mail"

    @property
    def workspace(self) -> Path:
        """The workspace that the logs are ingested into."""
        return self.path / "workspace"

    @property
    def report(self) -> Path:
        """The hunt's report."""
        return self.path / "report.html"

    @property
    def page(self) -> Path:
        """A page with a detection, as such are published: what the guide starts from."""
        return self.path / "page.txt"


def fresh_folder(path: Path | None = None) -> DemoFolder:
    """Return the folder, made if it is absent, without what an earlier demo left in it.

    Without *path* it is ``vedette-demo`` in the machine's folder of temporary files, or one with a
    name of its own where somebody else has taken that. Raises ``NotOurs`` for a *path* that holds
    something and that no demo made, and ``OSError`` where it cannot be written.
    """
    if path is not None:
        return _fresh(path)
    try:
        return _fresh(Path(tempfile.gettempdir()) / "vedette-demo")
    except (NotOurs, OSError):
        return _fresh(Path(tempfile.mkdtemp(prefix="vedette-demo-")))


def _fresh(path: Path) -> DemoFolder:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise NotOurs(f"{path} is not a folder")
    path.mkdir(parents=True, exist_ok=True)
    mark = path / _MARK
    if not mark.is_file() and any(path.iterdir()):
        raise NotOurs(f"{path} is not empty, and no demo made it")
    mark.write_text("The demo of vedette made this folder, and makes it afresh.\n", "utf-8")
    # What else lies in it is somebody's own, put there since.
    for name in _MADE:
        part = path / name
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
    folder = DemoFolder(path)
    for place in (folder.access_log.parent, folder.process_events.parent, folder.mail):
        place.mkdir(parents=True)
    return folder
