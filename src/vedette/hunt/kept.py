"""Files of what was worked out before: takes an object of names, constants and numbers, gives it
back where the file is whole.

Such a file is JSON behind its digest; nothing in it is ever run.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import orjson

import vedette


def read_kept(file: Path) -> dict[str, Any] | None:
    """What a file holds; None where it is absent or not whole."""
    try:
        digest, _, body = file.read_bytes().partition(b"\n")
        if digest.decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
            return None
        kept = orjson.loads(body)
    except (OSError, orjson.JSONDecodeError):
        return None
    return kept if isinstance(kept, dict) else None


def write_kept(file: Path, content: Mapping[str, Any]) -> None:
    """Put a file in the place of what was there; a folder that takes no file keeps nothing."""
    body = json.dumps(content).encode()
    whole = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as opened:
            opened.write(whole)
        Path(name).replace(file)


def digest_of(*said: Any) -> str:
    """A name for what depends on these texts, numbers and lists of them."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@cache
def program() -> str:
    """What tells this program from another: its version, its files' names, sizes and times.

    A working copy changes without a new version, and may then understand a rule otherwise.
    """
    folder = Path(vedette.__file__).parent
    files = sorted(f for f in folder.rglob("*.*") if f.suffix != ".pyc")
    looks = [(file, file.stat()) for file in files]
    said = [[str(f.relative_to(folder)), s.st_size, s.st_mtime_ns] for f, s in looks]
    return digest_of(vedette.__version__, said)
