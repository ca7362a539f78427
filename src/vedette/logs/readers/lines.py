"""What readers of lines share: takes a function for one line, gives the chunks of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from vedette.logs.base import SAMPLE_BYTES, Chunk, Layout, Reading, Row, Unreadable
from vedette.logs.lines import Block, LineReader, opening_of, prefix_digests
from vedette.logs.sources import Source

Line = Callable[[bytes, int, bool], "tuple[Layout, Row] | str | None"]
"""Takes a line, its offset, and whether it has its line end; gives a row, or a reason, or None."""


class LinesReader:
    """A reader of a format that has a record a line."""

    hash_first = False
    known_by_name = False

    def opening(self, source: Source) -> bytes:
        """The first line."""
        return opening_of(source)

    def digests(
        self, source: Source, positions: Sequence[int]
    ) -> tuple[bytes, Mapping[int, bytes]]:
        """SHA-256 of all bytes, and of those before each position."""
        return prefix_digests(source, positions)


def read_lines(
    reading: Reading, parse: Line, ignored: dict[str, int] | None = None
) -> Iterator[Chunk]:
    """The chunks of a source of lines.

    A last line without its end is read where it can be; where it cannot, the position stays before
    it, so that it is read again when its end has come. *ignored* is given with every chunk.
    """
    lines = LineReader(reading.source, reading.start)
    counts = ignored if ignored is not None else {}
    position, first = reading.start, True
    for block in lines.blocks():
        chunk = Chunk(block.end, ignored=counts)
        text = without_fragment(block, chunk) if first and lines.begins_inside_line else block.text
        first = False
        if block.ended:
            _whole_lines(text, block.end - len(text), parse, chunk)
        else:
            _open_line(text, block, parse, chunk, lines)
        chunk.unreadable += [u for u in (block.skipped, block.damage) if u is not None]
        chunk.size = 3 * len(text) + 1500 * len(chunk.rows)
        chunk.digest = lines.digest()
        position = chunk.position
        yield chunk
    yield Chunk(position, lines.digest(), content=lines.content(), ignored=counts)


def _whole_lines(text: bytes, offset: int, parse: Line, chunk: Chunk) -> None:
    rows, unreadable = chunk.rows, chunk.unreadable
    for line in text.split(b"\n"):
        parsed = parse(line, offset, True)
        if type(parsed) is tuple:
            rows.append(parsed)
        elif parsed is not None:
            unreadable.append(Unreadable(offset, str(parsed), line[:SAMPLE_BYTES]))
        offset += len(line) + 1


def _open_line(text: bytes, block: Block, parse: Line, chunk: Chunk, lines: LineReader) -> None:
    offset = block.end - len(text)
    parsed = parse(text, offset, False) if block.damage is None and text else None
    if type(parsed) is tuple or not text:
        lines.take(block.text)
        if type(parsed) is tuple:
            chunk.rows.append(parsed)
        return
    chunk.position = block.offset
    if text.strip():
        reason = "the last line has no end yet" + (f": {parsed}" if parsed else "")
        chunk.unreadable.append(Unreadable(offset, reason, text[:SAMPLE_BYTES]))


def without_fragment(block: Block, chunk: Chunk) -> bytes:
    """The text behind the rest of a line whose beginning was read as if it were whole."""
    cut = block.text.find(b"\n") + 1 or len(block.text)
    fragment = block.text[:cut]
    if fragment.strip():
        reason = "goes on a line that was read before it had its end"
        chunk.unreadable.append(Unreadable(block.offset, reason, fragment[:SAMPLE_BYTES]))
    return block.text[cut:]
