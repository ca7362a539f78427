"""Where bytes come from: takes a file, gives every readable source in it.

Gzip, zip and tar are opened wherever they stand, also inside each other. What is no source (a file
without permission, an archive without end) is given with its reason.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import io
import os
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import IO, cast

from vedette.logs.folders import Unread, refused, shown
from vedette.logs.live import Live
from vedette.logs.tars import DamagedTar, Forward, Part, Sparse, headers, is_tar, pieces_of
from vedette.logs.utf16 import LOOKED_AT, utf16_of
from vedette.plan.types import ticks_of

HEAD_BYTES = 64 * 1024
MAX_DEPTH = 5
MAX_EXPANSION = 250
FREE_EXPANSION_BYTES = 512 * 1024 * 1024
MAX_MEMBERS = 1_000_000
_NO_FILES = "an archive without files"
_SPOOL_IN_MEMORY = 8 * 1024 * 1024
_BLOCK = 1024 * 1024
_MOST_NULS = 64 * 1024 * 1024 * 1024

DAMAGE = (
    EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, DamagedTar
)  # fmt: skip
"""What reading a damaged or half-written archive raises."""


class Overgrown(Exception):
    """An archive unpacks to more than its size allows."""


class NoRoom(RuntimeError):
    """The folder for temporary files takes nothing more: what is packed cannot be unpacked."""


Opener = Callable[[], BufferedIOBase]


@dataclass(slots=True)
class _Budget:
    """How many bytes one file on disk may unpack to."""

    left: int
    allowed: int

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Overgrown(
                f"the archive unpacks to more than {self.allowed:,} bytes "
                f"({MAX_EXPANSION} times its size)"
            )


class _Metered(io.RawIOBase):
    """A stream that charges its archive's budget once for each byte, however often it is read."""

    def __init__(self, stream: BufferedIOBase, source: Source) -> None:
        super().__init__()
        self._stream = stream
        self._source = source
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        block = self._stream.read1(len(view))  # read would lose what precedes a damage
        view[: len(block)] = block
        self._position += len(block)
        self._source.charge(self._position)
        return len(block)

    def close(self) -> None:
        self._stream.close()
        super().close()


@dataclass(slots=True)
class Source:
    """A stream of bytes under a name such as ``logs.zip!host/security.evtx``, unpacked.

    ``disk_bytes`` is what it takes on disk, for progress.
    """

    name: str
    path: Path
    disk_bytes: int
    _opener: Opener
    _budget: _Budget | None = None
    _charged: int = 0
    _head: bytes | None = None
    _nuls: int = 0
    content: bytes | None = None
    live: Live | None = None
    identity: tuple[int, int] | None = None
    """The device and the number there of the file on disk, which may have another name by now."""
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _local: Path | None = None
    _below: BufferedIOBase | None = None
    _done: int = 0
    _damage: str = ""

    def open(self) -> BufferedIOBase:
        """A new stream from the beginning; reading it may raise OSError, DAMAGE or Overgrown."""
        if self._budget is None:
            return self._opener()
        return BufferedReader(_Metered(self._opener(), self), _BLOCK)

    @property
    def written(self) -> int:
        """When the file on disk was last written, in ticks; now where it cannot be asked."""
        try:
            return ticks_of(dt.datetime.fromtimestamp(self.path.stat().st_mtime, dt.UTC))
        except (OSError, ValueError, OverflowError):
            return ticks_of(dt.datetime.now(dt.UTC))

    def done(self, position: int) -> int:
        """How many of its bytes on disk are read when *position* of its own are."""
        if self._budget is None:
            return min(position, self.disk_bytes)
        if self._below is not None and not self._below.closed:
            self._done = min(self._below.tell(), self.disk_bytes)
        return self._done

    @property
    def is_packed(self) -> bool:
        """Whether it is inside of an archive."""
        return self._budget is not None

    def charge(self, position: int) -> None:
        """Take what lies before *position* from the archive's budget, once."""
        if self._budget is not None and position > self._charged:
            self._budget.take(position - self._charged)
            self._charged = position

    @property
    def head(self) -> bytes:
        """The first bytes behind NULs, as many as can be read; empty where nothing can."""
        if self._head is None:
            self._head = self.first(HEAD_BYTES)
        return self._head

    def first(self, count: int) -> bytes:
        """The first *count* bytes behind NULs, or as many as can be read.

        May raise OSError or Overgrown.
        """
        head = bytearray()
        self._nuls = 0
        try:
            with self.open() as stream:
                while len(head) < count and (piece := stream.read1(_BLOCK)):
                    head += piece
                    if len(head) >= LOOKED_AT:
                        self._leave_nuls(head)
                    if self._nuls > _MOST_NULS:
                        break
        except DAMAGE as error:
            self._damage = str(error)
        self._leave_nuls(head)
        return bytes(head[:count])

    def _leave_nuls(self, head: bytearray) -> None:
        if head[:1] == b"\0" and utf16_of(bytes(head[:LOOKED_AT])) is None:
            count = len(head) - len(head.lstrip(b"\0"))
            self._nuls += count
            del head[:count]

    @property
    def nuls(self) -> int:
        """How many NULs lie before its head: a log has them that was truncated under its writer."""
        return self._nuls if self.head else 0

    def local(self) -> Path:
        """A file on disk with the bytes, for libraries that need one; gone when closed.

        Of a damaged archive it holds what could be unpacked.
        """
        if self._budget is None:
            self.open().close()  # it is still the file of this name
            return self.path
        if self._local is None:
            handle, name = tempfile.mkstemp(prefix="vedette-")
            self._local = Path(name)
            self._stack.callback(self._local.unlink, missing_ok=True)
            with (
                os.fdopen(handle, "wb", 0) as out,
                self.open() as stream,
                contextlib.suppress(*DAMAGE),
            ):
                while block := stream.read1(_BLOCK):
                    _spool(out, block)
        return self._local

    def close(self) -> None:
        """Remove what was unpacked to disk."""
        self._stack.close()
        self._local = None


def _spool(out: IO[bytes], block: bytes) -> None:
    """Write all of a block to a temporary file."""
    view = memoryview(block)
    try:
        while view:
            view = view[out.write(view) :]
        out.flush()
    except OSError as error:
        where, reason = tempfile.gettempdir(), error.strerror or error
        raise NoRoom(f"an archive cannot be unpacked in {where}: {reason}") from error


def open_sources(path: Path) -> Iterator[Source | Unread]:
    """The sources in one file: itself, or what its archive holds, at any depth.

    Each source is to be used and closed before the next is asked for.
    """
    try:
        source = _source_of(path)
        size = source.disk_bytes
        source.head  # noqa: B018 - an unreadable file shows itself here
    except OSError as error:
        yield refused(path, error)
        return
    allowed = max(FREE_EXPANSION_BYTES, size * MAX_EXPANSION)
    yield from _unpack(source, _Budget(allowed, allowed), 0)


def _source_of(path: Path) -> Source:
    """A file as one source, which cannot be opened when another file has taken its name."""
    status = path.stat()
    identity = status.st_dev, status.st_ino

    def opener() -> BufferedIOBase:
        stream = path.open("rb")
        now = os.fstat(stream.fileno())
        if (now.st_dev, now.st_ino) != identity:
            stream.close()
            raise FileNotFoundError("another file has taken its name since")
        return stream

    return Source(shown(path), path, status.st_size, opener, identity=identity)


def _unpack(source: Source, budget: _Budget, depth: int) -> Iterator[Source | Unread]:
    try:
        magic = b"" if source.nuls else source.head[:4]
        is_gzip = magic[:2] == b"\x1f\x8b"
        is_zip = magic in (b"PK\x03\x04", b"PK\x05\x06")
        is_tarred = not (is_gzip or is_zip or source.nuls) and is_tar(source.head)
        if not is_gzip and not is_zip and not is_tarred:
            yield source if source.head else _nothing(source)
        elif depth >= MAX_DEPTH:
            yield Unread(source.name, f"more than {MAX_DEPTH} archives inside each other", True)
        elif is_gzip:
            yield from _unpack(_unzipped(source, budget), budget, depth + 1)
        elif is_tarred:
            yield from _tar_members(source, budget, depth)
        else:
            yield from _members(source, budget, depth)
    except Overgrown as error:
        yield Unread(source.name, str(error), True)
    except DAMAGE as error:
        yield Unread(source.name, f"a damaged archive: {error}", True)
    except OSError as error:
        yield Unread(source.name, error.strerror or str(error), True)
    finally:
        source.close()


def _nothing(source: Source) -> Unread:
    if source._damage:
        return Unread(source.name, f"a damaged archive: {source._damage}", True)
    reason = "nothing but NULs" if source._nuls else "empty"
    return Unread(source.name, reason, source._nuls > _MOST_NULS)


class _Gunzip(gzip.GzipFile):
    """The stream inside a gzip stream, which is closed with it."""

    def __init__(self, below: BufferedIOBase) -> None:
        super().__init__(fileobj=cast(BufferedReader, below))
        self._below = below

    def close(self) -> None:
        super().close()
        self._below.close()


def _unzipped(source: Source, budget: _Budget) -> Source:
    def opener() -> BufferedIOBase:
        below = source.open()
        if source._budget is None:
            inner._below = below
        return _Gunzip(below)

    inner = Source(
        source.name, source.path, source.disk_bytes, opener, budget, identity=source.identity
    )
    return inner


def _members(source: Source, budget: _Budget, depth: int) -> Iterator[Source | Unread]:
    with contextlib.ExitStack() as stack:
        handle: IO[bytes]
        if depth == 0:
            handle = stack.enter_context(source.path.open("rb"))
        else:
            handle = stack.enter_context(tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY))
            with source.open() as stream:
                while block := stream.read1(_BLOCK):
                    _spool(handle, block)
            handle.seek(0)
        archive = stack.enter_context(zipfile.ZipFile(handle))
        members = [member for member in archive.infolist() if not member.is_dir()]
        if not members:
            yield Unread(source.name, _NO_FILES)
        if len(members) > MAX_MEMBERS:
            yield Unread(source.name, f"an archive of more than {MAX_MEMBERS:,} members", True)
            return
        total = sum(m.compress_size for m in members) or 1
        for member in members:
            if budget.left < 0:
                yield Unread(source.name, "not read further: it unpacks to too much", True)
                return
            name = f"{source.name}!{_plain(member.filename)}"
            if member.flag_bits & 1:
                yield Unread(name, "encrypted", True)
                continue
            share = source.disk_bytes * member.compress_size // total
            opener = _member_opener(archive, member)
            inner = Source(name, source.path, share, opener, budget, identity=source.identity)
            yield from _unpack(inner, budget, depth + 1)


def _member_opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Opener:
    return lambda: cast(BufferedIOBase, archive.open(member))


def _tar_members(source: Source, budget: _Budget, depth: int) -> Iterator[Source | Unread]:
    with source.open() as stream:
        packed, count = Forward(stream) if depth else None, 0
        for member in headers(packed or stream):
            if member.isdir():
                continue
            count += 1
            if count > MAX_MEMBERS:
                yield Unread(source.name, f"an archive of more than {MAX_MEMBERS:,} members", True)
                return
            name = f"{source.name}!{_plain(member.name)}"
            if not member.isreg():
                yield Unread(name, "not a regular file")
                continue
            try:
                pieces = pieces_of(member) if member.issparse() else None
            except DamagedTar as error:
                yield Unread(name, str(error), True)
                continue
            size = member.size if pieces is None else sum(length for _, length in pieces)
            if packed is None:
                opener = _part_opener(source, member.offset_data, size)
                share = min(size, source.disk_bytes)
                inner = _inside(source, name, share, opener, budget, member.size, pieces)
                yield from _unpack(inner, budget, depth + 1)
            else:
                with tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY) as kept:
                    opener = _kept(packed, member.offset_data, size, kept)
                    inner = _inside(source, name, 0, opener, budget, member.size, pieces)
                    yield from _unpack(inner, budget, depth + 1)
        if not count:
            yield Unread(source.name, _NO_FILES)


def _inside(
    source: Source, name: str, share: int, opener: Opener, budget: _Budget, size: int,
    pieces: Sequence[tuple[int, int]] | None,
) -> Source:  # fmt: skip
    """A member of a tar: its bytes are charged with the tar's, if at all, but for sparse files."""
    is_free = sys.maxsize
    if pieces is not None:
        sparse = lambda: BufferedReader(Sparse(opener(), pieces, size))
        return Source(name, source.path, share, sparse, budget, identity=source.identity)
    return Source(name, source.path, share, opener, budget, is_free, identity=source.identity)


def _part_opener(source: Source, begin: int, size: int) -> Opener:
    def opener() -> BufferedIOBase:
        part = Part(cast(IO[bytes], source.open()), begin, size, damage=None, closes=True)
        return BufferedReader(part)

    return opener


def _kept(packed: Forward, begin: int, size: int, kept: IO[bytes]) -> Opener:
    """Take a member from a stream that cannot go back; of a damaged one, what comes before."""
    damage: Exception | None = None
    length = 0
    try:
        packed.seek(begin)
        while length < size:
            block = packed.read1(size - length)
            if not block:
                raise DamagedTar("it ends inside a member")
            _spool(kept, block)
            length += len(block)
    except (*DAMAGE, Overgrown) as error:
        damage = error
    return lambda: BufferedReader(Part(kept, 0, length, damage=damage, closes=False))


def _plain(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
