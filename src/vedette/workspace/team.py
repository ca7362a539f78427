"""Who reads pieces of logs: this process, and others where there is much to read.

Takes jobs, tells what was read in the order of the jobs, gives the Parquet files that no manifest
lists yet. This process reads itself what the others have no room for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vedette.logs.base import Chunk, Parsed
from vedette.workspace.hands import Hands, Job
from vedette.workspace.lake import StoredFile
from vedette.workspace.memory import memory_kept
from vedette.workspace.workers import Workers

_AHEAD_BYTES = 48 * 1024 * 1024
"""Pieces of so many bytes may be read before one that another process still reads is told."""

Told = Callable[[Parsed], None]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A piece of the source of this number and size, and who is told when it is read."""

    source: int
    size: int
    answer: Future[Parsed]
    tell: Told


class Team:
    """One process and those that help it."""

    def __init__(self, lake: Path, buffer_bytes: int) -> None:
        """The lake to write to; of how many bytes rows may wait here, and so many with helpers."""
        self._lake = lake
        self._buffer_bytes = buffer_bytes
        self._hands = Hands(lake, buffer_bytes)
        self._workers: Workers | None = None
        self._pending: deque[_Pending] = deque()
        self._pending_bytes = 0
        self._borrowed = ExitStack()

    def expect_much(self, count: int) -> None:
        """Keep memory for what is to be read, and start so many processes that help."""
        self._borrowed.enter_context(memory_kept())
        if count > 0:
            self._workers = Workers(count, self._lake, self._buffer_bytes // count)

    def close(self) -> None:
        """End those that help, whatever they do; nobody writes any more."""
        if self._workers is not None:
            self._workers.close()
        self._hands.close()
        self._borrowed.close()

    @property
    def files(self) -> int:
        """How many files this process has written."""
        return self._hands.files

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for is told."""
        return not self._pending

    def is_reading(self, source: int) -> bool:
        """Whether pieces of the source of this number are not told yet."""
        return any(pending.source == source for pending in self._pending)

    def submit(self, job: Job, tell: Told) -> None:
        """Have a piece read and its rows kept; *tell* is called then, or later."""
        workers = self._workers
        if workers is None:
            tell(self._hands.perform(job))
            return
        if workers.have_room:
            answer = workers.submit(job)
        else:
            answer = Future()
            answer.set_result(self._hands.perform(job))
        size = len(job.piece.data)
        self._pending.append(_Pending(job.source, size, answer, tell))
        self._pending_bytes += size
        while self._pending and (
            self._pending[0].answer.done() or self._pending_bytes > _AHEAD_BYTES
        ):
            self._tell_first()

    def settle(self) -> None:
        """Wait until all that was asked for is told."""
        while self._pending:
            self._tell_first()

    def _tell_first(self) -> None:
        pending = self._pending.popleft()
        self._pending_bytes -= pending.size
        pending.tell(pending.answer.result())

    def take(self, chunk: Chunk) -> None:
        """Keep the rows of a chunk that was read otherwise."""
        self._hands.take(chunk.rows, chunk.batches, chunk.size)

    def flush(self) -> list[StoredFile]:
        """Write what waits; all files since this was asked last. All that was asked for is told.

        Raises StorageError where the disk does not take them.
        """
        others = self._workers.flush() if self._workers is not None else []
        files = self._hands.flush()  # while the others come to their end
        self.settle()
        return [*files, *(file for answer in others for file in answer.result())]
