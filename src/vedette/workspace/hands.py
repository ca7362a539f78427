"""What reads and stores in one process: takes pieces of sources, gives accounts and Parquet files.

The process that owns the manifest has hands, and so has each worker: rows never travel.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from pickle import PickleBuffer
from typing import Any

import pyarrow as pa

from vedette.logs.base import Layout, Made, Origin, Parsed, Piece, PieceParser, PieceReader
from vedette.logs.batches import Buffer
from vedette.logs.columns import batches_of
from vedette.workspace.lake import StoredFile, write

_PARSERS_KEPT = 64
_TOGETHER = 1024
_TOGETHER_BYTES = 16 * 1024 * 1024
"""Of so many rows columns are made: of fewer, those of small files, each would take longer."""

_WRITERS = 4
"""Threads that write while reading goes on: each waits for the disk."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of the source of this number, and what reads it."""

    source: int
    reader: PieceReader
    origin: Origin
    piece: Piece

    def __reduce__(self) -> tuple[Any, ...]:
        """The piece's data beside the rest: a pickle would hold one copy more of them."""
        rest = self.source, self.reader, self.origin, replace(self.piece, data=b"")
        return _job, (*rest, PickleBuffer(self.piece.data))


def _job(source: int, reader: PieceReader, origin: Origin, piece: Piece, data: bytes) -> Job:
    return Job(source, reader, origin, replace(piece, data=data))


class Hands:
    """Rows waiting in memory and files that no manifest lists yet."""

    def __init__(self, lake: Path, buffer_bytes: int) -> None:
        """The lake to write to, and about how many bytes of rows may wait."""
        self._lake = lake
        self._buffer_bytes = buffer_bytes
        self._buffer = Buffer()
        self._rows: list[Made] = []
        self._rows_bytes = 0
        self._threads = ThreadPoolExecutor(_WRITERS, "vedette-writing")
        self._writing: deque[Future[StoredFile]] = deque()
        self._files: list[StoredFile] = []
        self._parsers: dict[int, PieceParser] = {}

    @property
    def files(self) -> int:
        """How many files are written, or about to be."""
        return len(self._files) + len(self._writing)

    def perform(self, job: Job) -> Parsed:
        """Read a piece and keep its rows; what is given has their number in ``stored``."""
        parser = self._parsers.get(job.source)
        if parser is None:
            if len(self._parsers) >= _PARSERS_KEPT:
                self._parsers.pop(next(iter(self._parsers)))
            parser = self._parsers[job.source] = job.reader.parser(job.origin)
        # Records are no cycles: looking for some among many takes as long as reading them.
        collects = gc.isenabled()
        gc.disable()
        try:
            parsed = parser(job.piece)
            parsed.stored = self.take(parsed.rows, parsed.batches, parsed.size)
            parsed.rows, parsed.batches = [], []
        finally:
            if collects:
                gc.enable()
        return parsed

    def take(
        self, rows: Sequence[Made], batches: Sequence[tuple[Layout, pa.RecordBatch]], size: int
    ) -> int:
        """Keep rows, which take about *size* bytes, and batches; how many rows there are."""
        self._rows += rows
        self._rows_bytes += size if rows else 0
        if len(self._rows) >= _TOGETHER or self._rows_bytes > _TOGETHER_BYTES:
            self._fill_rows()
        count = len(rows)
        for layout, batch in batches:
            self._buffer.add(layout, batch)
            count += batch.num_rows
        while self._buffer.size > self._buffer_bytes:
            self._write_largest()
        return count

    def _fill_rows(self) -> None:
        rows, self._rows, self._rows_bytes = self._rows, [], 0
        for layout, batch in batches_of(rows):
            self._buffer.add(layout, batch)

    def flush(self) -> list[StoredFile]:
        """Write what waits; all files since this was asked last.

        Raises StorageError where the disk does not take them.
        """
        self._fill_rows()
        while self._write_largest():
            continue
        while self._writing:
            self._files.append(self._writing.popleft().result())
        files, self._files = self._files, []
        return files

    def close(self) -> None:
        """Come to rest: no file is written any more."""
        self._threads.shutdown(cancel_futures=True)

    def _write_largest(self) -> bool:
        """Write the largest table and day, or begin to; whether there was one."""
        drained = self._buffer.drain_largest()
        if drained is None:
            return False
        self._writing.append(self._threads.submit(write, self._lake, *drained))
        while len(self._writing) > _WRITERS:
            self._files.append(self._writing.popleft().result())
        return True
