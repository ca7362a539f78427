"""What readers of lines share: takes a function for one line, gives the chunks of a source.

A reader of a format that has a record a line is a ``LinesReader`` with a ``name``, a ``sniff`` and
a ``line_parser``: of what a source's rows tell of it (``Origin``: name, lineage, first bytes), the
function for one line. Sources are cut into pieces of whole lines, and one file's pieces go to
several processes, so:

- a reader has no state of its own, and its module can be imported (it is pickled by name);
- the function sees any pieces of one source, in their order, not all lines: what a line means may
  hang on the line alone, on ``origin``, and on lines that begin with the reader's ``directive``
  (``b"#"`` for ``#Fields: …``). Of these the last of each name (the first word) is shown to the
  function again before a piece that lies behind it, with the offset 0 and nothing made of the
  answer;
- records of several lines need a ``cut`` (logs/lines.py) that keeps them together, and a ``parser``
  for a piece in place of ``line_parser``;
- a format whose lines come in millions has a ``parser`` that reads many of them together, as
  columns, and leaves the others to the function for one line (readers/json_lines.py for JSON,
  readers/field_lines.py for fields under a header, ``parse_rest`` for others).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from vedette.logs.base import (
    SAMPLE_BYTES,
    InPieces,
    Layout,
    Made,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Reading,
    Unreadable,
)
from vedette.logs.columnar.spans import Lines, Mask
from vedette.logs.columns import batches_of_parts, parts_of
from vedette.logs.lines import Block, Cut, LineReader, last_line_end, opening_of, prefix_digests
from vedette.logs.parts import Part
from vedette.logs.sources import Source

Line = Callable[[bytes, int, bool], Made | str | None]
"""Takes a line, its offset, and whether it has its line end; gives a row, or a reason, or None.

A ValueError is a reason too.
"""

Batches = list[tuple[Layout, pa.RecordBatch]]

MANY_BYTES = 32 * 1024
"""Of how many bytes on the lines of a piece are read together, where a format can."""

FEWEST = 64
"""Of fewer records columns take longer than one row after the other."""

_NO_END = "the last line has no end yet"
_MAX_DIRECTIVES = 100
_MAX_NAME_BYTES = 200
_MAX_DIRECTIVE_BYTES = 64 * 1024


class LinesReader(InPieces):
    """A reader of a format that has a record a line."""

    name: str
    hash_first = False
    known_by_name = False
    cut: Cut = staticmethod(last_line_end)
    directive = b""
    line_by_line = True
    """Whether a source told in part goes on at the beginning of a line."""

    def opening(self, source: Source) -> bytes:
        """The first line."""
        return opening_of(source)

    def digests(
        self, source: Source, positions: Sequence[int]
    ) -> tuple[bytes, Mapping[int, bytes]]:
        """SHA-256 of all bytes, and of those before each position."""
        return prefix_digests(source, positions)

    def line_parser(self, origin: Origin) -> Line:
        """What makes rows of the lines of one source."""
        raise NotImplementedError

    def parser(self, origin: Origin) -> PieceParser:
        """What makes rows of pieces of one source."""
        parse = self.line_parser(origin)
        return lambda piece: parse_lines(piece, parse)

    def pieces(self, reading: Reading) -> Iterator[Piece]:
        """Blocks of whole lines; a last line without its end is a piece of its own."""
        watched = _Directives(self.directive) if self.directive else None
        see = watched.see if watched is not None else None
        lines = LineReader(reading.source, reading.start, self.cut, see)
        first, begins = True, reading.source.nuls
        for block in lines.blocks():
            beside = [one for one in (block.skipped, block.damage) if one is not None]
            text = block.text
            if first and self.line_by_line and lines.begins_inside_line:
                text = _without_fragment(block, beside)
            first = False
            context = watched.known() if watched is not None else b""
            if not block.ended:
                yield replace(_last_piece(text, block, lines, context, beside), begins=begins)
                return
            offset = block.end - len(text)
            digest = lines.digest()
            piece = Piece(text, offset, block.end, digest, context, unreadable=tuple(beside))
            yield replace(piece, begins=begins) if begins else piece
            if watched is not None:
                watched.see(block.text)
        if watched is not None and reading.source.live is not None:
            reading.source.live.context = watched.known() + b"\n"
        reached = lines.reached
        yield Piece(b"", reached, reached, lines.digest(), content=lines.content())


def _last_piece(
    text: bytes, block: Block, lines: LineReader, context: bytes, beside: list[Unreadable]
) -> Piece:
    """A last line without its end: told where it gives a record, read again when it has its end."""
    offset, content = block.end - len(text), lines.content()
    left = block.offset, lines.digest()
    if block.damage is not None and text:  # the source is cut off, not the line
        if text.strip():
            beside.append(Unreadable(offset, _NO_END, text[:SAMPLE_BYTES]))
        return Piece(b"", offset, *left, unreadable=tuple(beside), content=content)
    digest = content if block.end > block.offset else left[1]
    return Piece(text, offset, block.end, digest, context, bool(text), left, tuple(beside), content)


def parse_lines(piece: Piece, parse: Line) -> Parsed:
    """What the lines of a piece hold."""
    for line in piece.context.splitlines():
        parse(line, 0, True)
    if piece.open:
        return _open_line(piece, parse)
    parsed = Parsed()
    rows, data, begin, end = parsed.rows, piece.data, 0, len(piece.data)
    while begin < end:
        stop = data.find(b"\n", begin)  # of long lines faster than split
        line = data[begin : stop if stop >= 0 else end]
        offset = piece.offset + begin
        try:
            made = parse(line, offset, True)
        except (ValueError, RecursionError) as error:
            made = f"not readable: {error}"
        if type(made) is tuple:
            rows.append(made)
        elif made is not None:
            parsed.unreadable.append(Unreadable(offset, str(made), line[:SAMPLE_BYTES]))
        begin += len(line) + 1
    parsed.size = 3 * len(piece.data) + 1500 * len(rows)
    return parsed


def parse_rest(piece: Piece, lines: Lines, batches: Batches, rest: Mask, parse: Line) -> Parsed:
    """What a piece holds of which many lines are in batches already, and a *rest* of lines is not.

    First come the rows that were read together.
    """
    parsed = Parsed(size=3 * len(piece.data) + 300 * len(rest), batches=batches)
    parsed.rows, _ = rows_of_lines(piece, lines.starts[rest].tolist(), parse, parsed)
    parsed.size += 1200 * len(parsed.rows)
    return parsed


def in_order(parsed: Parsed, parts: list[Part], rows: list[Made], offsets: list[int]) -> Parsed:
    """What is parsed, with *parts* and *rows* of its lines, in the order of their offsets."""
    if parts:
        parsed.batches = batches_of_parts((*parts, *parts_of(rows, offsets)))
    else:
        parsed.rows = rows
        parsed.size += 1500 * len(rows)
    return parsed


def rows_of_lines(
    piece: Piece, begins: list[int], line: Line, parsed: Parsed
) -> tuple[list[Made], list[int]]:
    """The rows of lines that begin there, and their offsets; what could not be read is told."""
    made: list[Made] = []
    offsets: list[int] = []
    for begin in begins:
        end = piece.data.find(b"\n", begin)
        text, offset = piece.data[begin : end if end >= 0 else None], piece.offset + begin
        try:
            row = line(text, offset, True)
        except (ValueError, RecursionError) as error:
            row = f"not readable: {error}"
        if isinstance(row, tuple):
            made.append(row)
            offsets.append(offset)
        elif row is not None:
            parsed.unreadable.append(Unreadable(offset, row, text[:SAMPLE_BYTES]))
    return made, offsets


def _open_line(piece: Piece, parse: Line) -> Parsed:
    try:
        made = parse(piece.data, piece.offset, False)
    except (ValueError, RecursionError) as error:
        made = f"not readable: {error}"
    if type(made) is tuple:
        return Parsed([made], size=3 * len(piece.data) + 1500)
    parsed = Parsed(is_left=True)
    if piece.data.strip():
        reason = _NO_END + (f": {made}" if made else "")
        parsed.unreadable.append(Unreadable(piece.offset, reason, piece.data[:SAMPLE_BYTES]))
    return parsed


def _without_fragment(block: Block, beside: list[Unreadable]) -> bytes:
    """The text behind the rest of a line whose beginning was read as if it were whole."""
    cut = block.text.find(b"\n") + 1 or len(block.text)
    fragment = block.text[:cut]
    if fragment.strip():
        reason = "goes on a line that was read before it had its end"
        beside.append(Unreadable(block.offset, reason, fragment[:SAMPLE_BYTES]))
    return block.text[cut:]


class _Directives:
    """The last line of each name among those that begin with a prefix."""

    def __init__(self, prefix: bytes) -> None:
        self._prefix = prefix
        self._line = re.compile(rb"^" + re.escape(prefix) + rb"[^\n]*", re.MULTILINE)
        self._kept: dict[bytes, bytes] = {}
        self._open = b""

    def see(self, text: bytes) -> None:
        """Take text that goes on where the last one ended."""
        if self._open or self._prefix in text:
            text = self._open + text
        whole = text.rfind(b"\n") + 1
        rest = text[whole:]
        self._open = rest if len(rest) <= _MAX_DIRECTIVE_BYTES else b"\0"
        if self._prefix not in text:
            return
        for found in self._line.finditer(text, 0, whole):
            line = found[0].rstrip(b"\r")
            name = line.split(maxsplit=1)[0][:_MAX_NAME_BYTES]
            self._kept.pop(name, None)  # the order is that of the last ones
            if len(line) <= _MAX_DIRECTIVE_BYTES and len(self._kept) < _MAX_DIRECTIVES:
                self._kept[name] = line

    def known(self) -> bytes:
        """The lines, in order."""
        return b"\n".join(self._kept.values())
