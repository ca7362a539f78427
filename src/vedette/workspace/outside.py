"""What queries may read beside a workspace: takes what is allowed, gives a file's bytes.

Nothing is ever fetched: an address is allowed by the folder it lies in, or by a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from vedette.kql.binding.beside.given import NotAllowed
from vedette.kql.binding.beside.outside import MOST_BYTES


def reader_of(allow: Iterable[str | Path]) -> Callable[[str], bytes] | None:
    """What reads the addresses that are allowed; None where none is.

    An entry is a folder or a file, or ``address=file`` for a copy of what lies at an address.
    """
    copies: dict[str, Path] = {}
    places: list[Path] = []
    for entry in allow:
        address, separator, file = str(entry).rpartition("=")
        if separator and "://" in address:
            copies[address] = Path(file)
        else:
            places.append(Path(entry).resolve())
    if not copies and not places:
        return None

    def read(address: str) -> bytes:
        file = copies.get(address)
        if file is None:
            file = _file_of(address)
            if not any(file == place or place in file.parents for place in places):
                raise NotAllowed(f"{address} lies in no folder that queries may read")
        try:
            if file.stat().st_size > MOST_BYTES:
                raise NotAllowed(f"{file} is larger than {MOST_BYTES:,} bytes")
            return file.read_bytes()
        except OSError as error:
            raise NotAllowed(f"{file}: {error.strerror}") from error

    return read


def _file_of(address: str) -> Path:
    if "://" not in address:
        return Path(address).resolve()
    parts = urlsplit(address)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise NotAllowed(f"{address} is not a file, and queries fetch nothing over a network")
    return Path(unquote(parts.path)).resolve()
