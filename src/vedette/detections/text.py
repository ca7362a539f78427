"""Files of text: takes a path, gives its text under the name that messages show, or the reason why
it cannot be read.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from vedette.detections.model import PlacedProblem
from vedette.syntax import NOWHERE, Problem, Source
from vedette.syntax.problem import Kind, Severity

MOST_BYTES = 1_000_000


class Unreadable(Exception):
    """A file or folder cannot be read; ``problem`` says why."""

    def __init__(self, problem: PlacedProblem) -> None:
        """Keep the problem, which is also the message."""
        super().__init__(str(problem))
        self.problem = problem


def about_file(
    path: Path,
    code: str,
    message: str,
    *,
    kind: Kind = "source",
    severity: Severity = "error",
    reason: str = "",
    hint: str = "",
) -> PlacedProblem:
    """A problem with a file or folder as a whole."""
    problem = Problem(code, kind, severity, message, NOWHERE, 1, 1, reason, hint)
    return PlacedProblem(problem, Source("", str(path)))


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> Source:
    """The text of a file in UTF-8, or in UTF-16 with its byte order mark.

    Raises Unreadable for a file that is absent, closed to us, larger than *most_bytes*, or no text,
    and for a pipe or device, whose reading might never end.
    """
    try:
        if path.exists() and not path.is_file():
            # A pipe would be waited for without end: the file may be a stranger's.
            raise Unreadable(about_file(path, "VD300", "is no regular file"))
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(about_file(path, "VD300", f"cannot be read: {reason}")) from error
    if len(data) > most_bytes:
        message = f"is larger than {most_bytes:,} bytes"
        hint = "a detection is a query or a page; logs are read with the workspace's ingest"
        raise Unreadable(about_file(path, "VD300", message, kind="limit", hint=hint))
    try:
        return Source(_decoded(data), str(path))
    except UnicodeDecodeError as error:
        message = f"is not text: byte {error.start} is not {error.encoding}"
        hint = "save it as UTF-8"
        raise Unreadable(about_file(path, "VD300", message, hint=hint)) from error


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    text = data.decode("utf-8-sig")
    if "\0" in text:
        raise UnicodeDecodeError("UTF-8", data, data.index(0), data.index(0) + 1, "zero byte")
    return text


def slug(*parts: str) -> str:
    """The words of *parts* in small letters, joined by hyphens: the form of an id."""
    words = re.findall(r"[^\W_]+(?:\.\d+)?", " ".join(parts).lower())
    return "-".join(words)[:120] or "detection"
