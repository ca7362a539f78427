"""EVTX: takes Windows event log files, gives a row a record.

A record or chunk that the parser cannot read is told and passed over. A source's position is its
last record's number: a log that grew since is continued there. Chunks are read apart from each
other: each holds all that its records need.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedIOBase
from operator import itemgetter
from typing import Any

import orjson
from evtx import PyEvtxParser

from vedette.logs.base import (
    SAMPLE_BYTES,
    InPieces,
    Made,
    Origin,
    Parsed,
    Piece,
    PieceParser,
    Reading,
    Unreadable,
)
from vedette.logs.columnar.event_logs import ManyRecords, Written
from vedette.logs.columns import batches_of_parts, parts_of
from vedette.logs.parts import Part
from vedette.logs.sources import DAMAGE, Overgrown, Source
from vedette.logs.windows import WindowsRows

MAGIC = b"ElfFile\x00"
PIECE_CHUNKS = 128
LARGE = 2 * 1024 * 1024
"""From how many bytes on a piece becomes columns: rows of less wait for those of other sources."""

_FILE_HEADER_BYTES = 4096
_CHUNK_BYTES = 65_536
_CHUNK_MAGIC = b"ElfChnk\x00"
_CHUNK_HEADER_BYTES = 512
_RECORD = struct.Struct("<4sIQ")
_RECORD_MAGIC = b"**\x00\x00"
_CHUNK_ERROR = re.compile(r"(?<=chunk number )\d+")
_STATE = struct.Struct("<qQq")
"""What a piece's context says: the highest number before, how many records, what to pass over."""

_NONE_PASSED = -1
_TOO_GREAT = 2**63


class EvtxReader(InPieces):
    """Reads EVTX files."""

    name = "evtx"
    hash_first = True
    # Logs are exported in part, with the same first records: those are files of their own.
    known_by_name = True

    def sniff(self, head: bytes, name: str) -> int:
        """Sure of files that begin as EVTX does."""
        return 100 if head.startswith(MAGIC) else 0

    def opening(self, source: Source) -> bytes:
        """The first record: it stays until the log is full and begins to overwrite it."""
        head = source.head
        if len(head) < _FILE_HEADER_BYTES + _CHUNK_BYTES:
            with source.open() as stream:
                head = _read(stream, _FILE_HEADER_BYTES + _CHUNK_BYTES)[0]
        for data in (_first_record_only(head), None):
            for record in _records(data) if data is not None else _all_records(source):
                if not isinstance(record, str):
                    return hashlib.sha256(record["data"].encode()).digest()
        return source.head

    def digests(
        self, source: Source, positions: Sequence[int]
    ) -> tuple[bytes, Mapping[int, bytes]]:
        """The SHA-256 of the file, and of the records that have those numbers."""
        found = {}
        if positions:
            wanted = frozenset(positions)
            for record in _all_records(source):
                if not isinstance(record, str) and record["event_record_id"] in wanted:
                    found[record["event_record_id"]] = _digest(record["data"])
        return _content(source), found

    def pieces(self, reading: Reading) -> Iterator[Piece]:
        """Some chunks each, behind the file's header."""
        highest, ordinal, passing = reading.start - 1, 0, reading.start > 0
        last: Piece | None = None
        for data, offset, problem in _parts(reading.source):
            numbers, count = _numbers(data, ordinal)
            beside = (problem,) if problem is not None else ()
            context = _STATE.pack(highest, ordinal, reading.start if passing else _NONE_PASSED)
            if last is not None:
                yield last
                last = None
            if not passing or reading.start in numbers:
                passing = False
                last = Piece(data, offset, -1, b"", context, unreadable=beside)
            highest, ordinal = max(highest, *numbers), ordinal + count
        content = _content(reading.source)
        if last is None:
            yield Piece(b"", 0, -1, b"", content=content)
        else:
            yield Piece(
                last.data, last.offset, -1, b"", last.context,
                unreadable=last.unreadable, content=content,
            )  # fmt: skip

    def parser(self, origin: Origin) -> PieceParser:
        """A row a record behind the one that was read last."""
        rows = WindowsRows(self.name, origin.lineage, origin.name)
        many = ManyRecords(rows)
        return lambda piece: _parsed(piece, rows, many) if piece.data else Parsed()


def _parsed(piece: Piece, rows: WindowsRows, many: ManyRecords) -> Parsed:
    problems: list[tuple[int, Unreadable]] = []
    written = _written(piece, problems)
    parts: list[Part] = []
    if len(piece.data) < LARGE:
        records = list(written)
        left: Sequence[int] = range(len(records))
    else:
        gathered = many.gathered(written)
        records = gathered.records
        parts, left = many.parts(gathered)
    singly: list[Made] = []
    good: list[int] = []
    for place in left:
        made = _row(records[place], rows)
        if isinstance(made, Unreadable):
            problems.append((place, made))
        else:
            singly.append(made)
            good.append(place)
    problems.sort(key=itemgetter(0))
    parsed = Parsed(unreadable=[problem for _, problem in problems])
    if len(piece.data) < LARGE:
        parsed.rows = singly
        parsed.size = sum(3 * len(records[place][0]) + 1500 for place in good)
    else:
        parsed.batches = batches_of_parts([*parts, *parts_of(singly, good)])
    last = max((*good, *(int(part.numbers[-1]) for part in parts)), default=None)
    if last is not None:
        raw, number, *_ = records[last]
        parsed.reached = number, hashlib.sha256(raw).digest()
    return parsed


def _row(record: Written, rows: WindowsRows) -> Made | Unreadable:
    """The row of one record, or why there is none."""
    raw, number, place, stamp = record
    reason = "the record has no System part"
    try:
        made = rows.row(orjson.loads(raw), raw, number, place, stamp)
        if made is not None:
            return made
    except (ValueError, RecursionError) as error:
        reason = f"the record is no JSON: {error}"
    return Unreadable(number, reason, raw.decode()[:SAMPLE_BYTES].encode())


def _written(piece: Piece, problems: list[tuple[int, Unreadable]]) -> Iterator[Written]:
    """The records of a piece; *problems* gets what is none, with how many records lie before it."""
    highest, before, passed = _STATE.unpack(piece.context)
    chunks_before = (piece.offset - _FILE_HEADER_BYTES) // _CHUNK_BYTES
    count = 0
    for ordinal, record in enumerate(_records(piece.data, chunks_before), before):
        if isinstance(record, str):
            if passed == _NONE_PASSED:
                problems.append((count, Unreadable(max(highest, 0), record)))
            continue
        number, stamp = record["event_record_id"], record["timestamp"]
        if number >= _TOO_GREAT:  # damage made it greater than any column holds
            number = ordinal
        if passed != _NONE_PASSED:
            passed = _NONE_PASSED if number == passed else passed
            highest = max(highest, number)
            continue
        place = ""
        if number > highest:
            highest = number
        else:  # numbers rise, save in logs that were overwritten or damaged
            place = f"{number}.{ordinal}"
        count += 1
        yield record["data"].encode(), number, place, stamp.removesuffix(" UTC")


def _content(source: Source) -> bytes:
    if source.content is None:
        hasher = hashlib.sha256()
        with source.open() as stream:
            problem = None
            while problem is None:
                block, problem = _read(stream, PIECE_CHUNKS * _CHUNK_BYTES)
                if not block:
                    break
                hasher.update(block)
        source.content = hasher.digest()
    return source.content


def _read(stream: BufferedIOBase, size: int) -> tuple[bytes, str | None]:
    """As many bytes as there are up to a size, and what broke the reading."""
    blocks: list[bytes] = []
    left = size
    try:
        while left and (block := stream.read1(left)):
            blocks.append(block)
            left -= len(block)
    except (*DAMAGE, Overgrown) as error:
        return b"".join(blocks), f"the source ends early or is damaged: {error}"
    return b"".join(blocks), None


def _parts(source: Source) -> Iterator[tuple[bytes, int, Unreadable | None]]:
    """The header with some chunks behind it, where these begin, and what is missing behind them."""
    size = PIECE_CHUNKS * _CHUNK_BYTES
    with source.open() as stream:
        header, problem = _read(stream, _FILE_HEADER_BYTES)
        offset = len(header)
        block, problem = _read(stream, size) if problem is None else (b"", problem)
        while True:
            end = offset + len(block)
            following, then = _read(stream, size) if problem is None and block else (b"", problem)
            missing = None
            if not following:
                missing = _cut(header, end)
                if then is not None:
                    missing = Unreadable(end, then)
            yield header + block, offset, missing
            if not following:
                return
            block, problem, offset = following, then, end


def _records(data: bytes, chunks_before: int = 0) -> Iterator[dict[str, Any] | str]:
    """The records, and in place of what cannot be read its reason."""
    try:
        parser = PyEvtxParser(io.BytesIO(data), 1)
        records = parser.records_json()
    except (RuntimeError, OSError, ValueError) as error:
        yield f"not readable as EVTX: {error}"
        return
    while True:
        try:
            record: dict[str, Any] | None = next(records)
        except StopIteration:
            return
        except RuntimeError as error:
            counted = _CHUNK_ERROR.sub(lambda m: str(int(m[0]) + chunks_before), str(error))
            yield f"the parser cannot read it: {counted}"
        else:
            if record is not None:
                yield record


def _all_records(source: Source) -> Iterator[dict[str, Any] | str]:
    for data, offset, _ in _parts(source):
        yield from _records(data, (offset - _FILE_HEADER_BYTES) // _CHUNK_BYTES)


def _numbers(data: bytes, before: int) -> tuple[list[int], int]:
    """The numbers in the headers of a piece's records, and how many there are."""
    numbers = [-1]
    header, shortest = _RECORD.unpack_from, _RECORD.size
    for start in range(_FILE_HEADER_BYTES, len(data), _CHUNK_BYTES):
        place = start + _CHUNK_HEADER_BYTES
        end = min(start + _CHUNK_BYTES, len(data)) - shortest
        if not data.startswith(_CHUNK_MAGIC, start):
            continue
        (free,) = struct.unpack_from("<I", data, start + 48)
        end = min(end, start + free - 1)
        while place <= end:
            magic, size, number = header(data, place)
            if magic != _RECORD_MAGIC or size < shortest:
                break
            if number >= _TOO_GREAT:
                number = before + len(numbers) - 1
            numbers.append(number)
            place += size
    return numbers, len(numbers) - 1


def _first_record_only(head: bytes) -> bytes:
    """The header and first chunk, which then ends behind its first record: the quicker to read."""
    data = bytearray(head[: _FILE_HEADER_BYTES + _CHUNK_BYTES])
    start = _FILE_HEADER_BYTES
    first = start + _CHUNK_HEADER_BYTES
    if data[start : start + 8] == _CHUNK_MAGIC and data[first : first + 4] == _RECORD_MAGIC:
        (size,) = struct.unpack_from("<I", data, first + 4)
        struct.pack_into(
            "<II", data, start + 44, _CHUNK_HEADER_BYTES, _CHUNK_HEADER_BYTES + size & 0xFFFFFFFF
        )
    return bytes(data)


def _cut(header: bytes, size: int) -> Unreadable | None:
    """Whether the file ends before the chunks that its header counts."""
    counted = struct.unpack_from("<H", header, 42)[0] if len(header) >= 44 else 0
    expected = _FILE_HEADER_BYTES + counted * _CHUNK_BYTES
    if size < expected:
        return Unreadable(size, f"the file ends early: {size:,} of {expected:,} bytes")
    return None


def _digest(data: str) -> bytes:
    return hashlib.sha256(data.encode()).digest()
