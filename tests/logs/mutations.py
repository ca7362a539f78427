"""Damaged logs: takes a good one and random numbers, gives it with one place changed.

    .venv/bin/python -m pytest tests/logs/test_mutations.py     a few hundred of each sample
    VEDETTE_MUTATIONS=10000 .venv/bin/python -m pytest …        as many of each format

The good logs are ``samples/FORMAT/*``, of our own making.
"""

from __future__ import annotations

import random
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from vedette.logs.base import Layout, Reader, Reading, Row
from vedette.logs.columns import filled
from vedette.logs.sources import Source

SAMPLES = Path(__file__).parent / "samples"
_HOSTILE = (
    b"\n", b"\r\n", b"\r", b"\x00", b'"', b"'", b"\\", b"|", b"=", b"{", b"}", b"[", b"]", b"<",
    b">", b"&#0;", b"\t", b" ", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"%", b"#", b"-",
    b",", b"9" * 40, b"1e999", b"A" * 70_000, "\u202e\U0001f600".encode(), b"\x1b[31m",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed log: ``start`` and ``end`` bound what of the good one was touched."""

    data: bytes
    start: int
    end: int


def mutated(data: bytes, numbers: random.Random) -> Mutation:
    """The log with one place changed."""
    start = numbers.randrange(len(data))
    end = min(len(data), start + numbers.choice((1, 1, 2, 5, 20, 100)))
    kind = numbers.choice(_KINDS)
    return Mutation(*kind(data, start, end, numbers))


_Kind = Callable[[bytes, int, int, random.Random], tuple[bytes, int, int]]


def _overwritten(
    data: bytes, start: int, end: int, numbers: random.Random
) -> tuple[bytes, int, int]:
    return data[:start] + numbers.randbytes(end - start) + data[end:], start, end


def _cut_out(data: bytes, start: int, end: int, _: random.Random) -> tuple[bytes, int, int]:
    return data[:start] + data[end:], start, end


def _put_in(data: bytes, start: int, _: int, numbers: random.Random) -> tuple[bytes, int, int]:
    return data[:start] + numbers.choice(_HOSTILE) + data[start:], start, start


def _doubled(data: bytes, start: int, end: int, _: random.Random) -> tuple[bytes, int, int]:
    return data[:end] + data[start:end] + data[end:], start, end


def _ended(data: bytes, start: int, _: int, __: random.Random) -> tuple[bytes, int, int]:
    return data[:start], start, len(data)


def _flipped(data: bytes, start: int, _: int, numbers: random.Random) -> tuple[bytes, int, int]:
    changed = data[start] ^ (1 << numbers.randrange(8))
    return data[:start] + bytes([changed]) + data[start + 1 :], start, start + 1


_KINDS: tuple[_Kind, ...] = (_overwritten, _cut_out, _put_in, _put_in, _doubled, _ended, _flipped)


def rows_of(data: bytes, name: str, reader: Reader) -> list[tuple[Layout, Row]]:
    """Every row that a reader makes of bytes."""
    source = Source(name, Path(name), len(data), lambda: BytesIO(data))
    chunks = list(reader.read(Reading(source, "lineage")))
    assert chunks[-1].content is not None
    rows = [filled(row) for chunk in chunks for row in chunk.rows]
    batches = [batch for chunk in chunks for batch in chunk.batches]
    return rows + [
        (layout, [row[column] for column in layout.columns])
        for layout, batch in batches
        for row in batch.to_pylist()
    ]


def raws(rows: list[tuple[Layout, Row]]) -> Counter[bytes]:
    """The records as received, each with how often it is there."""
    # Rows of platforms' tables have no column for it.
    found = (row[layout.index["raw"]] if "raw" in layout.index else "" for layout, row in rows)
    return Counter(raw if isinstance(raw, bytes) else str(raw).encode() for raw in found)


def kept(data: bytes, mutation: Mutation, records: Counter[bytes]) -> Iterator[bytes]:
    """The records that a change inside another record's line cannot have touched."""
    if mutation.data[:2] in (BOM_UTF16_BE, BOM_UTF16_LE):  # all of it is other text then
        return
    first = data.rfind(b"\n", 0, mutation.start) + 1
    after = data.find(b"\n", mutation.end)
    lines = data[first : None if after < 0 else after].split(b"\n")
    if all(line.strip() in records for line in lines):
        touched = {line.strip() for line in lines}
        # An event of several lines changes with each of them, and with a line that joins it.
        yield from (r for r in records.elements() if r not in touched and b"\n" not in r)
