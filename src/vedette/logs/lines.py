"""Lines of a source: takes bytes of any size, gives blocks of whole lines with their offsets.

UTF-16 is read as UTF-8 (offsets are in the UTF-8 then); a line that is not UTF-8 is read as
Latin-1, which keeps every byte. A line over the record limit is told and left out. NULs before a
line are left out: a log that was truncated under its writer has them in place of what it held.
Lines make a source that can grow: its digest at an offset is the SHA-256 of all bytes before.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase, BufferedReader

from vedette.logs.base import MAX_RECORD_BYTES, SAMPLE_BYTES, Unreadable
from vedette.logs.sources import DAMAGE, Overgrown, Source
from vedette.logs.utf16 import UTF16_MARKS, utf16_of

BLOCK_BYTES = 4 * 1024 * 1024
OPENING_BYTES = 4096
_NULS = re.compile(rb"(?:\A|(?<=\n))\0+")
_FEW_NULS = 16
"""So many are empty lines; of more, a block of its own begins behind them."""


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
    """The source's bytes in UTF-8 where it is UTF-16, else as they are."""
    encoding = None if source.nuls else utf16_of(source.head)
    if encoding is None:
        return source.open()
    return BufferedReader(_Utf16(source.open(), encoding), BLOCK_BYTES)


def has_byte_order_mark(head: bytes) -> bool:
    """Whether bytes begin with a mark, which takes three bytes where the source is read as text."""
    return head.startswith((*UTF16_MARKS, codecs.BOM_UTF8))


def text_head(source: Source) -> bytes:
    """The source's first bytes as :func:`open_text` gives them, without a byte order mark."""
    return head_text(source.head)


def head_text(head: bytes) -> bytes:
    """First bytes without their byte order mark, UTF-16 as UTF-8."""
    encoding = utf16_of(head)
    if encoding is not None:
        head = head[: len(head) // 2 * 2].decode(encoding, "replace").encode()
    return head.removeprefix(codecs.BOM_UTF8)


@dataclass(slots=True)
class Block:
    """Whole lines from one offset on; ``ended`` says whether the last one has its line end.

    NULs may lie between two blocks. ``damage`` tells why the source could not be read further;
    ``skipped`` a line that is too long, which lies directly behind the text.
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
    reached: int = 0
    """How far the digest goes, once the blocks are through."""
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _before: bytes = b""
    _open: bytes = b""
    _nuls: int = 0
    """How many NULs lie behind the last block, and before what is open."""

    @property
    def begins_inside_line(self) -> bool:
        """Whether the byte before ``start`` is no line end, and no NUL, which stands before one."""
        return self.start > 0 and self._before not in (b"\n", b"\0")

    def digest(self) -> bytes:
        """SHA-256 up to the end of the last block, without a last line that is open."""
        return self._hash.digest()

    def content(self) -> bytes:
        """SHA-256 of all bytes, once the blocks are through."""
        whole = self._hash.copy()
        _add_nuls(whole, self._nuls)
        whole.update(self._open)
        return whole.digest()

    def blocks(self) -> Iterator[Block]:
        """The blocks in order; the last one may lack its line end."""
        with open_text(self.source) as stream:
            self._pass_over(stream)
            offset, held = self.start, b""
            damage: Unreadable | None = None
            while damage is None:
                piece, damage = _read(stream, offset + self._nuls + len(held))
                if not piece:
                    break
                if self._nuls or self._has_nuls(held or piece, offset):
                    offset, held, piece = self._behind_nuls(held + piece, offset)
                    if not piece:
                        continue
                if self.cut is last_line_end and (cut := piece.rfind(b"\n") + 1):
                    text = held + memoryview(piece)[:cut]  # one copy the less
                    yield from self._told(text, offset)
                    offset, held = offset + len(text), piece[cut:]
                    continue
                held += piece
                too_long = len(held) > MAX_RECORD_BYTES
                cut = self.cut(held, too_long)
                if cut:
                    yield from self._told(held[:cut], offset)
                    offset, held = offset + cut, held[cut:]
                elif too_long:
                    skipped, held, end, damage = self._skip(stream, offset, held)
                    yield Block(offset, b"", True, end, skipped)
                    offset = end
            if self._has_nuls(held, offset):
                offset, _, held = self._behind_nuls(held, offset)
            self.reached = offset
            if (live := self.source.live) is not None and damage is None:
                live.keep(stream, offset, self._hash)
                live.held_back = len(held) if live.growing else 0
                if live.growing:
                    return
            while cut := self.cut(held, True):
                yield from self._told(held[:cut], offset)
                offset, held = offset + cut, held[cut:]
            self.reached = offset
            if held or damage:
                self._open = held
                yield Block(offset, held, False, offset + len(held), damage=damage)

    def _told(self, text: bytes, offset: int) -> Iterator[Block]:
        begin = 0
        if self.cut is last_line_end and b"\0" in text:
            for found in _NULS.finditer(text):
                start, end = found.span()
                if end - start > _FEW_NULS:
                    yield from self._block(text[begin:start], offset + begin)
                    _add_nuls(self._hash, end - start)
                    begin = end
        yield from self._block(text[begin:] if begin else text, offset + begin)

    def _block(self, text: bytes, offset: int) -> Iterator[Block]:
        self._hash.update(text)
        if self.cut is last_line_end and b"\0" in text:
            text = _NULS.sub(lambda found: b"\n" * len(found[0]), text)
        if text:
            yield Block(offset, text, True, offset + len(text))

    def _has_nuls(self, text: bytes, offset: int) -> bool:
        """Whether NULs lie before a line; of records of several lines, before the first."""
        return text.startswith(b"\0") and (self.cut is last_line_end or offset == 0)

    def _behind_nuls(self, text: bytes, offset: int) -> tuple[int, bytes, bytes]:
        """Offset and text behind NULs, which count once something follows: logs are made longer."""
        rest = text.lstrip(b"\0")
        self._nuls += len(text) - len(rest)
        if rest:
            _add_nuls(self._hash, self._nuls)
            offset, self._nuls = offset + self._nuls, 0
        return offset, b"", rest

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


def _add_nuls(hasher: hashlib._Hash, count: int) -> None:
    while count > 0:
        hasher.update(bytes(min(count, BLOCK_BYTES)))
        count -= BLOCK_BYTES


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
    head = source.head[:OPENING_BYTES] if utf16_of(source.head) is None else text_head(source)
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
