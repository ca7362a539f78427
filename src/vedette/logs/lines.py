"""Lines of a source: takes bytes of any size, gives blocks of whole lines with their offsets.

UTF-16 with a byte order mark is read as UTF-8 (offsets are in the UTF-8 then); a line that is not
UTF-8 is read as Latin-1, which keeps every byte. A line over the record limit is told and left out.
Lines make a source that can grow: its digest at an offset is the SHA-256 of all bytes before.
"""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase, BufferedReader

from vedette.logs.base import MAX_RECORD_BYTES, SAMPLE_BYTES, Unreadable
from vedette.logs.sources import DAMAGE, Overgrown, Source

BLOCK_BYTES = 4 * 1024 * 1024
OPENING_BYTES = 4096
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decoded(line: bytes) -> str:
    """The line as text: UTF-8, or Latin-1 where it is not UTF-8, so that no byte is lost."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


class _Utf16(io.RawIOBase):
    """A UTF-16 stream as UTF-8; half a surrogate pair stays what it is."""

    def __init__(self, stream: BufferedIOBase, encoding: str) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._left:
            block = self._stream.read(BLOCK_BYTES)
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeDecodeError:  # an odd byte at the end
                self._decoder.reset()
                text = "�"
            self._left = text.encode("utf-8", "surrogatepass")
            if not block:
                break
        count = min(len(view), len(self._left))
        view[:count], self._left = self._left[:count], self._left[count:]
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_text(source: Source) -> BufferedIOBase:
    """The source's bytes in UTF-8 where a byte order mark says UTF-16, else as they are."""
    encoding = _UTF16.get(source.head[:2])
    if encoding is None:
        return source.open()
    return BufferedReader(_Utf16(source.open(), encoding), BLOCK_BYTES)


def has_byte_order_mark(head: bytes) -> bool:
    """Whether bytes begin with a mark, which takes three bytes where the source is read as text."""
    return head[:2] in _UTF16 or head.startswith(codecs.BOM_UTF8)


def text_head(source: Source) -> bytes:
    """The source's first bytes as :func:`open_text` gives them, without a byte order mark."""
    return head_text(source.head)


def head_text(head: bytes) -> bytes:
    """First bytes without their byte order mark, UTF-16 as UTF-8."""
    encoding = _UTF16.get(head[:2])
    if encoding is not None:
        head = head[: len(head) // 2 * 2].decode(encoding, "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8)


@dataclass(slots=True)
class Block:
    """Whole lines from one offset on; ``ended`` says whether the last one has its line end.

    ``damage`` tells why the source could not be read further; ``skipped`` a line that is too long,
    which lies directly behind the text.
    """

    offset: int
    text: bytes
    ended: bool
    end: int
    skipped: Unreadable | None = None
    damage: Unreadable | None = None


Cut = Callable[[bytes, bool], int]
"""Where whole records end in held bytes, 0 for none yet; told whether it must give what it can."""


def last_line_end(held: bytes, must: bool) -> int:
    """The offset behind the last line end."""
    return held.rfind(b"\n") + 1


@dataclass(slots=True)
class LineReader:
    """Blocks of lines from an offset on, with the digest of all bytes before each block's end."""

    source: Source
    start: int = 0
    cut: Cut = last_line_end
    passed: Callable[[bytes], None] | None = None
    """Called with what lies before ``start``, in order."""
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _before: bytes = b""
    _open: bytes = b""

    @property
    def begins_inside_line(self) -> bool:
        """Whether the byte before ``start`` is no line end."""
        return self.start > 0 and self._before != b"\n"

    def digest(self) -> bytes:
        """SHA-256 up to the end of the last block, without a last line that is open."""
        return self._hash.digest()

    def content(self) -> bytes:
        """SHA-256 of all bytes, once the blocks are through."""
        whole = self._hash.copy()
        whole.update(self._open)
        return whole.digest()

    def blocks(self) -> Iterator[Block]:
        """The blocks in order; the last one may lack its line end."""
        with open_text(self.source) as stream:
            self._pass_over(stream)
            offset, held = self.start, b""
            damage: Unreadable | None = None
            while damage is None:
                piece, damage = _read(stream, offset + len(held))
                if not piece:
                    break
                if self.cut is last_line_end and (cut := piece.rfind(b"\n") + 1):
                    yield self._told(held + memoryview(piece)[:cut], offset)  # one copy the less
                    offset, held = offset + len(held) + cut, piece[cut:]
                    continue
                held += piece
                too_long = len(held) > MAX_RECORD_BYTES
                cut = self.cut(held, too_long)
                if cut:
                    yield self._told(held[:cut], offset)
                    offset, held = offset + cut, held[cut:]
                elif too_long:
                    skipped, held, end, damage = self._skip(stream, offset, held)
                    yield Block(offset, b"", True, end, skipped)
                    offset = end
            if (live := self.source.live) is not None and damage is None:
                live.keep(stream, offset, self._hash)
                live.held_back = len(held) if live.growing else 0
                if live.growing:
                    return
            while cut := self.cut(held, True):
                yield self._told(held[:cut], offset)
                offset, held = offset + cut, held[cut:]
            if held or damage:
                self._open = held
                yield Block(offset, held, False, offset + len(held), damage=damage)

    def _told(self, text: bytes, offset: int) -> Block:
        self._hash.update(text)
        return Block(offset, text, True, offset + len(text))

    def _pass_over(self, stream: BufferedIOBase) -> None:
        left, live = self.start, self.source.live
        if live is not None and live.resume(stream, self.start):
            left -= live.position
            self._hash, self._before = live.state(), live.before
            if self.passed is not None:
                self.passed(live.context)
        while left:
            piece = stream.read(min(left, BLOCK_BYTES))
            if not piece:
                raise EOFError("the source is shorter than when it was compared")
            self._hash.update(piece)
            self._before = piece[-1:]
            if self.passed is not None:
                self.passed(piece)
            left -= len(piece)

    def _skip(
        self, stream: BufferedIOBase, offset: int, held: bytes
    ) -> tuple[Unreadable, bytes, int, Unreadable | None]:
        """Hash on to the line's end without keeping it."""
        sample, length = held[:SAMPLE_BYTES], 0
        damage: Unreadable | None = None
        while True:
            cut = held.find(b"\n") + 1
            line = held[:cut] if cut else held
            self._hash.update(line)
            length += len(line)
            if cut or damage:
                break
            held, damage = _read(stream, offset + length)
            if not held and damage is None:
                break
        reason = f"a line of {length:,} bytes; the limit is {MAX_RECORD_BYTES:,}"
        rest = held[cut:] if cut else b""
        return Unreadable(offset, reason, sample), rest, offset + length, damage


def _read(stream: BufferedIOBase, offset: int) -> tuple[bytes, Unreadable | None]:
    """Up to a block, and what broke the reading; what precedes the break is given."""
    pieces: list[bytes] = []
    size = 0
    try:
        while size < BLOCK_BYTES:
            # read1: read would lose what a damaged stream gave before the damage.
            piece = stream.read1(BLOCK_BYTES - size)
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
    except DAMAGE as error:
        reason = f"the source ends early or is damaged: {error}"
        return b"".join(pieces), Unreadable(offset + size, reason)
    except Overgrown as error:
        return b"".join(pieces), Unreadable(offset + size, str(error))
    return b"".join(pieces), None


def opening_of(source: Source) -> bytes:
    """The first line, cut to a few kilobytes: it stays when a source of lines grows."""
    head = source.head[:OPENING_BYTES] if source.head[:2] not in _UTF16 else text_head(source)
    line_end = head.find(b"\n")
    return head[: min(line_end + 1 or len(head), OPENING_BYTES)]


def prefix_digests(source: Source, positions: Sequence[int]) -> tuple[bytes, Mapping[int, bytes]]:
    """SHA-256 of all bytes that can be read, and of those before each position that it reaches.

    Of a file that is followed, positions before the one where its last reading ended are left out.
    """
    hasher, offset, found = hashlib.sha256(), 0, {}
    wanted = sorted(set(positions), reverse=True)
    with open_text(source) as stream:
        live = source.live
        if live is not None and live.position in wanted and live.resume(stream):
            hasher, offset = live.state(), live.position
            wanted = [position for position in wanted if position >= offset]
        while True:
            piece, damage = _read(stream, offset)
            while wanted and wanted[-1] <= offset + len(piece):
                cut = wanted[-1] - offset
                hasher.update(piece[:cut])
                found[wanted.pop()] = hasher.digest()
                piece, offset = piece[cut:], offset + cut
            hasher.update(piece)
            offset += len(piece)
            if damage is not None or not piece:
                return hasher.digest(), found


def content_digest(source: Source) -> bytes:
    """SHA-256 of all bytes that can be read, worked out once."""
    if source.content is None:
        source.content = prefix_digests(source, ())[0]
    return source.content


class WholeContent:
    """What readers share whose sources are read as a whole: one that changed is another."""

    hash_first = True

    def opening(self, source: Source) -> bytes:
        """The digest of the whole content."""
        return content_digest(source)

    def digests(
        self, source: Source, positions: Sequence[int]
    ) -> tuple[bytes, Mapping[int, bytes]]:
        """The SHA-256 of all of it, for every position: sources of equal openings are equal."""
        content = content_digest(source)
        return content, dict.fromkeys(positions, content)
