"""Processes that read for an ingest: takes jobs, gives futures of what they hold.

They are started by name, not forked, and know nothing of the program that uses this library. One
that ends before its time fails the ingest, which then leaves what was committed before.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from vedette.logs.base import Parsed
from vedette.workspace.hands import Job
from vedette.workspace.lake import StoredFile
from vedette.workspace.worker import receive, send

MOST = 4
"""Processes by default: each takes about 200 MB at most, and an ingest stays under 1 GB."""

DEPTH = 2
"""Jobs that wait for each process."""

_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "67108864", "MALLOC_TRIM_THRESHOLD_": "134217728",
    "MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip
"""For glibc: memory that was used for a piece is kept for the next one, not given back."""

_PIPE_BYTES = 1024 * 1024
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux
_END_SECONDS = 5


class WorkerError(RuntimeError):
    """A process that read for an ingest ended before its time."""


def available() -> int:
    """How many processes an ingest uses where nothing is said."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, MOST)


class _Worker:
    """One process; jobs are answered in their order."""

    def __init__(self, lake: Path, buffer_bytes: int) -> None:
        path = os.pathsep.join(place for place in sys.path if place)
        environment = {**_MEMORY, **os.environ, "PYTHONPATH": path}
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "vedette.workspace.worker", str(lake), str(buffer_bytes)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
        )  # fmt: skip
        self.is_ready = threading.Event()
        self._jobs: queue.SimpleQueue[Job | type[_End] | None] = queue.SimpleQueue()
        self._asked: deque[Future[Any]] = deque()
        self._lock = threading.Lock()
        self._ended = ""
        self._threads = [
            threading.Thread(target=self._write, daemon=True),
            threading.Thread(target=self._read, daemon=True),
        ]
        _widen(self._process.stdin)
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many jobs are not answered."""
        return len(self._asked)

    def ask(self, job: Job | None) -> Future[Any]:
        """The answer to a job, or the files for None."""
        answer: Future[Any] = Future()
        with self._lock:
            if self._ended:
                raise WorkerError(self._ended)
            self._asked.append(answer)
        self._jobs.put(job)
        return answer

    def wait(self) -> None:
        """Wait until it has started, or failed to."""
        self.is_ready.wait()

    def end(self, at_once: bool) -> None:
        """End the process, *at_once* whatever it does."""
        if at_once:
            self._process.kill()
        self._jobs.put(_End)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _write(self) -> None:
        stream = self._process.stdin
        assert stream is not None  # noqa: S101 - it was asked for
        with contextlib.suppress(OSError), stream:  # the reading thread tells of its end
            while (job := self._jobs.get()) is not _End:
                send(stream, job)

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - it was asked for
        with contextlib.suppress(EOFError, OSError, ValueError):
            receive(stream)
            self.is_ready.set()
            while True:
                answer = receive(stream)
                future = self._asked.popleft()
                if isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        self.is_ready.set()
        code = self._process.wait()
        with self._lock:
            self._ended = f"a process that reads logs ended before its time (exit code {code})"
            while self._asked:
                self._asked.popleft().set_exception(WorkerError(self._ended))


class _End:
    """In place of a job: there are no more."""


class Workers:
    """Several processes."""

    def __init__(self, count: int, lake: Path, buffer_bytes: int) -> None:
        """Start them; they are ready a little later."""
        self._workers = [_Worker(lake, buffer_bytes) for _ in range(count)]

    @property
    def are_ready(self) -> bool:
        """Whether all have started."""
        return all(worker.is_ready.is_set() for worker in self._workers)

    @property
    def room(self) -> int:
        """How many jobs may wait."""
        return DEPTH * len(self._workers)

    def submit(self, job: Job) -> Future[Parsed]:
        """Give a job to the process that has the fewest."""
        return min(self._workers, key=lambda worker: worker.waiting).ask(job)

    def flush(self) -> list[StoredFile]:
        """Let each write what waits in it; the files since this was asked last."""
        answers = [worker.ask(None) for worker in self._workers]
        return [file for answer in answers for file in answer.result()]

    def wait(self) -> None:
        """Wait until all have started."""
        for worker in self._workers:
            worker.wait()

    def close(self, at_once: bool = False) -> None:
        """End them, *at_once* whatever they do."""
        for worker in self._workers:
            worker.end(at_once)


def _widen(stream: Any) -> None:
    """Let a pipe hold more, where the system can."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(stream.fileno(), _SET_PIPE_SIZE, _PIPE_BYTES)
