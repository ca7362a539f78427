"""Tar archives: takes a stream, gives the headers of its members, and the bytes of each.

Nothing is extracted. The standard library stops without a word at a header that is damaged, and
believes what headers say of their sizes: both are damage here.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from typing import IO, Any, Self, cast

_BLOCK = 64 * 1024
_MOST_EXTENSION_BYTES = 1024 * 1024
_MOST_PIECES = 100_000
"""Of a sparse file; GNU tar writes one for each run of data between holes."""
_EXTENSIONS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip


class DamagedTar(Exception):
    """A tar ends early, or has a header that is none."""


def is_tar(head: bytes) -> bool:
    """Whether a source that begins so is a tar: whether its first header has its own checksum."""
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


class _Header(tarfile.TarInfo):
    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if not buf.strip(b"\0"):  # the end
            return super().frombuf(buf, encoding, errors)
        try:
            found = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise DamagedTar(str(error)) from None
        if found.size < 0 or (found.type in _EXTENSIONS and found.size > _MOST_EXTENSION_BYTES):
            raise DamagedTar(f"a header of {found.size:,} bytes")
        return found

    def _proc_sparse(self, archive: Any) -> Self:
        """A sparse file of GNU's older form, whose pieces stand in blocks behind the header."""
        given: Any = self
        pieces, goes_on, size = given._sparse_structs
        while goes_on:
            block = archive.fileobj.read(tarfile.BLOCKSIZE)
            if len(block) < tarfile.BLOCKSIZE or len(pieces) > _MOST_PIECES:
                raise DamagedTar(_NO_MAP)
            numbers = (_number(block[at : at + 12]) for at in range(0, 21 * 24, 12))
            pieces += zip(numbers, numbers, strict=True)
            goes_on = block[504] > 0
        given.sparse = pieces
        self.offset_data = archive.fileobj.tell()
        archive.offset = self.offset_data + -(-self.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        self.size = size
        return self

    def _proc_gnusparse_10(self, member: Any, _: object, archive: Any) -> None:
        """A sparse file of GNU's newer form, whose pieces stand before its data."""
        numbers: list[int] = []
        wanted, rest = 1, b""
        while len(numbers) < wanted:
            while b"\n" not in rest:
                block = archive.fileobj.read(tarfile.BLOCKSIZE)
                if not block or len(rest) > tarfile.BLOCKSIZE:
                    raise DamagedTar(_NO_MAP)
                rest += block
            number, rest = rest.split(b"\n", 1)
            numbers.append(int(number))
            wanted = 1 + 2 * numbers[0]
            if not 0 <= numbers[0] <= _MOST_PIECES:
                raise DamagedTar(_NO_MAP)
        member.offset_data = archive.fileobj.tell()
        member.sparse = list(zip(numbers[1::2], numbers[2::2], strict=True))


_NO_MAP = "a map of a sparse file that is none"


def _number(field: bytes) -> int:
    library: Any = tarfile
    try:
        return int(library.nti(field))
    except tarfile.HeaderError:
        return 0


def pieces_of(member: Any) -> Sequence[tuple[int, int]]:
    """Where a sparse file has data, and how much; all else are NULs. Raises DamagedTar."""
    pieces: list[tuple[int, int]] = [piece for piece in member.sparse if piece[1]]
    end = 0
    for start, length in pieces:
        if start < end or length < 0 or start + length > member.size:
            raise DamagedTar(_NO_MAP)
        end = start + length
    return pieces


def headers(stream: io.BufferedIOBase | Forward) -> Iterator[tarfile.TarInfo]:
    """The members in order. Raises DamagedTar, and what reading the stream raises."""
    behind = -1
    try:
        archive = tarfile.TarFile(
            fileobj=cast(IO[bytes], stream), tarinfo=_Header, encoding="utf-8",
            errors="surrogateescape", ignore_zeros=True,
        )  # fmt: skip
        while (member := archive.next()) is not None:
            if archive.offset <= behind or member.size < 0:
                raise DamagedTar("a header that leads back")
            behind = archive.offset
            archive.members.clear()  # type: ignore[attr-defined]
            yield member
    except (tarfile.TarError, ValueError, LookupError, ArithmeticError, RecursionError) as error:
        raise DamagedTar(str(error)) from error


class Forward:
    """A stream that can only be read on, as far as a tar's headers need to seek in it."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        """Begin where the stream is, which counts as 0."""
        self._stream = stream
        self._position = 0
        self._last = b""
        self._is_back = False

    def tell(self) -> int:
        """How many bytes were read."""
        return self._position - self._is_back

    def seek(self, position: int) -> int:
        """Go on to a position, or back by the last byte."""
        if position == self._position - 1 and self._last:
            self._is_back = True
            return position
        self._is_back = False
        if position < self._position:
            raise DamagedTar("a header that leads back")
        while self._position < position and self.read1(position - self._position):
            pass
        return self._position

    def read(self, size: int) -> bytes:
        """So many bytes; less at the end."""
        pieces = []
        while size and (piece := self.read1(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def read1(self, size: int) -> bytes:
        """Some bytes, as many at most."""
        if self._is_back:
            self._is_back = False
            return self._last
        piece = self._stream.read1(min(size, _BLOCK))
        self._position += len(piece)
        self._last = piece[-1:] or self._last
        return piece


class Sparse(io.RawIOBase):
    """A sparse file: its pieces, which a stream has one behind the other, and NULs between them."""

    def __init__(
        self, stream: io.BufferedIOBase, pieces: Sequence[tuple[int, int]], size: int
    ) -> None:
        super().__init__()
        self._stream = stream
        self._pieces = iter((*pieces, (size, 0)))
        self._position = 0
        self._start, self._length = next(self._pieces)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while self._position == self._start + self._length:
            following = next(self._pieces, None)
            if following is None:
                return 0
            self._start, self._length = following
        hole = self._start - self._position
        if hole > 0:
            block = bytes(min(len(view), hole))
        else:
            left = self._start + self._length - self._position
            block = self._stream.read1(min(len(view), left))
            if not block:
                raise DamagedTar("it ends inside a member")
        view[: len(block)] = block
        self._position += len(block)
        return len(block)

    def close(self) -> None:
        self._stream.close()
        super().close()


class Part(io.RawIOBase):
    """Some bytes of a file, which may be closed with it; behind them damage, if there is any."""

    def __init__(
        self, file: IO[bytes], begin: int, size: int, *, damage: Exception | None, closes: bool
    ) -> None:
        super().__init__()
        self._file = file
        self._next, self._end = begin, begin + size
        self._damage, self._closes = damage, closes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if self._next == self._end:
            if self._damage is not None:
                raise self._damage
            return 0
        self._file.seek(self._next)
        block = self._file.read(min(len(view), self._end - self._next))
        if not block:
            raise DamagedTar("it ends inside a member")
        view[: len(block)] = block
        self._next += len(block)
        return len(block)

    def close(self) -> None:
        if self._closes:
            self._file.close()
        super().close()
