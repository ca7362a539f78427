"""Processes that help an ingest: takes jobs, gives futures of what they hold.

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
"""Jobs that each process has at most: one that it reads, and one on its way."""

_PROGRAM = """
import gc, importlib, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that starts it ends it
gc.disable()  # among modules there is no garbage: without looks for it they are there sooner
importlib.import_module(sys.argv.pop(1)).main()
"""

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""Numpy is to start no threads, which nothing here uses."""

_PIPE_BYTES = 1024 * 1024
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux


class WorkerError(RuntimeError):
    """A process that read for an ingest ended before its time."""


def available() -> int:
    """How many processes an ingest uses where nothing is said."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, MOST)


def started(module: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """A process of this very interpreter that runs the ``main`` of a module, with pipes to it."""
    path = os.pathsep.join(place for place in sys.path if place)
    return subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", _PROGRAM, module, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**_ENVIRONMENT, **environment, **os.environ, "PYTHONPATH": path},
    )  # fmt: skip


class _Worker:
    """One process; jobs are answered in their order."""

    def __init__(self, lake: Path, buffer_bytes: int) -> None:
        self._process = started(
            "vedette.workspace.worker", str(lake), str(buffer_bytes),
            ARROW_DEFAULT_MEMORY_POOL="system",  # see ``memory_kept``
        )  # fmt: skip
        self._jobs: queue.SimpleQueue[Job | type[_End] | None] = queue.SimpleQueue()
        self._asked: deque[Future[Any]] = deque()
        self.has_helped = False
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
        self.has_helped = True
        self._jobs.put(job)
        return answer

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._jobs.put(_End)
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
            while True:
                answer = receive(stream)
                future = self._asked.popleft()
                if isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
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
        """Start them; what they are given before they are there waits for them."""
        self._workers = [_Worker(lake, buffer_bytes) for _ in range(count)]

    @property
    def have_room(self) -> bool:
        """Whether one may be given a further job."""
        return any(worker.waiting < DEPTH for worker in self._workers)

    def submit(self, job: Job) -> Future[Parsed]:
        """Give a job to the process that has the fewest."""
        return min(self._workers, key=lambda worker: worker.waiting).ask(job)

    def flush(self) -> list[Future[list[StoredFile]]]:
        """Let each write what waits in it; the files since this was asked last."""
        return [worker.ask(None) for worker in self._workers if worker.has_helped]

    def close(self) -> None:
        """End them, whatever they do."""
        for worker in self._workers:
            worker.end()


def _widen(stream: Any) -> None:
    """Let a pipe hold more, where the system can."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(stream.fileno(), _SET_PIPE_SIZE, _PIPE_BYTES)
