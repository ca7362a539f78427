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
from pathlib import Path
from typing import Any

import orjson


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
