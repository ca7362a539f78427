"""EVTX: takes Windows event log files, gives a row a record.

A record or chunk that the parser cannot read is told and passed over. A source's position is its
last record's number: a log that grew since is continued there.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from evtx import PyEvtxParser

from vedette.logs.base import CHUNK_BYTES, CHUNK_RECORDS, Chunk, Reading, Unreadable
from vedette.logs.sources import Source
from vedette.logs.windows import WindowsRows

MAGIC = b"ElfFile\x00"
_FILE_HEADER_BYTES = 4096
_CHUNK_BYTES = 65_536


class EvtxReader:
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
        for record in _records(source.local()):
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
            for record in _records(source.local()):
                if not isinstance(record, str) and record["event_record_id"] in wanted:
                    found[record["event_record_id"]] = _digest(record["data"])
        return _content(source), found

    def read(self, reading: Reading) -> Iterator[Chunk]:
        """A row a record behind the one that was read last."""
        path = reading.source.local()
        rows = WindowsRows(self.name, reading.lineage, reading.source.name)
        chunk, highest, passing = Chunk(reading.start), reading.start - 1, reading.start > 0
        last = ""
        for ordinal, record in enumerate(_records(path)):
            if isinstance(record, str):
                if not passing:
                    chunk.unreadable.append(Unreadable(max(highest, 0), record))
                continue
            number, data = _number(record, ordinal), record["data"]
            if passing:
                passing = number != reading.start
                highest = max(highest, number)
                continue
            # Numbers rise, save in logs that were overwritten or damaged.
            place = "" if number > highest else f"{number}.{ordinal}"
            highest = max(highest, number)
            try:
                row = rows.row(orjson.loads(data), data, number, place, _stamp(record))
            except (ValueError, RecursionError) as error:
                reason = f"the record is no JSON: {error}"
                chunk.unreadable.append(Unreadable(number, reason, data[:200].encode()))
                continue
            if row is None:
                reason = "the record has no System part"
                chunk.unreadable.append(Unreadable(number, reason, data[:200].encode()))
                continue
            chunk.rows.append(row)
            chunk.size += 3 * len(data) + 1500
            last = data
            chunk.position = number
            if len(chunk.rows) >= CHUNK_RECORDS or chunk.size >= CHUNK_BYTES:
                chunk.digest = _digest(last)
                yield chunk
                chunk = Chunk(number)
        chunk.digest = _digest(last) if last else b""
        chunk.content = _content(reading.source)
        if (cut := _cut(path)) is not None:
            chunk.unreadable.append(cut)
        yield chunk


def _number(record: Mapping[str, Any], ordinal: int) -> int:
    """The record's number; where damage made it greater than any column holds, its place."""
    number: int = record["event_record_id"]
    return number if number < 2**63 else ordinal


def _content(source: Source) -> bytes:
    if source.content is None:
        with source.local().open("rb") as stream:
            source.content = hashlib.file_digest(stream, "sha256").digest()
    return source.content


def _records(path: Path) -> Iterator[dict[str, Any] | str]:
    """The records, and in place of what cannot be read its reason."""
    try:
        parser = PyEvtxParser(str(path), 1)
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
            yield f"the parser cannot read it: {error}"
        else:
            if record is not None:
                yield record


def _cut(path: Path) -> Unreadable | None:
    """Whether the file ends before the chunks that its header counts."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        header = stream.read(_FILE_HEADER_BYTES)
    counted = struct.unpack_from("<H", header, 42)[0] if len(header) >= 44 else 0
    expected = _FILE_HEADER_BYTES + counted * _CHUNK_BYTES
    if size < expected:
        return Unreadable(size, f"the file ends early: {size:,} of {expected:,} bytes")
    return None


def _digest(data: str) -> bytes:
    return hashlib.sha256(data.encode()).digest()


def _stamp(record: Mapping[str, Any]) -> str | None:
    written = record.get("timestamp")
    return written.removesuffix(" UTC") if isinstance(written, str) else None
