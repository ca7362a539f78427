"""Records that lie in somebody's real logs: takes what a quiet case means, gives the file of it.

Such logs are not copied into packages. A case names the archive, the member, the lines and the sum
of what it means, so that whoever has the same logs can prove it, and nobody proves it on others.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from vedette.detections.model import RealLog

MOST_BYTES = 1_000_000_000
_INSIDE = "!"


class NoSuchRecords(ValueError):
    """The folder does not hold what a case means; the text says why."""


def extracted(folder: Path, what: RealLog, into: Path) -> Path:
    """The file with the records, written into the folder *into*; raises NoSuchRecords."""
    archive = folder / what.archive
    try:
        data, name = _member(archive, what.member)
    except (OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise NoSuchRecords(f"{archive}: cannot be read: {error}") from error
    if what.lines is not None:
        first, last = what.lines
        data = b"".join(data.splitlines(keepends=True)[first - 1 : last])
    found = hashlib.sha256(data).hexdigest()
    if found != what.sha256:
        raise NoSuchRecords(f"{archive}: other records than the case means: their sum is {found}")
    path = into / name
    path.write_bytes(data)
    return path


def _member(archive: Path, member: str) -> tuple[bytes, str]:
    """The bytes of an archive's member, and how its file is called."""
    if archive.stat().st_size > MOST_BYTES:
        raise NoSuchRecords(f"{archive}: larger than {MOST_BYTES:,} bytes")
    data, name = archive.read_bytes(), archive.name
    for step in member.split(_INSIDE) if member else ():
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            if opened.getinfo(step).file_size > MOST_BYTES:
                raise NoSuchRecords(f"{archive}!{step}: larger than {MOST_BYTES:,} bytes")
            data, name = opened.read(step), PurePosixPath(step).name
    if name.endswith(".gz"):
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as opened_gzip:
            data, name = opened_gzip.read(MOST_BYTES + 1), name.removesuffix(".gz")
        if len(data) > MOST_BYTES:
            raise NoSuchRecords(f"{archive}: larger than {MOST_BYTES:,} bytes")
    return data, name
