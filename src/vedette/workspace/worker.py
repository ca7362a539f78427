"""A process that helps an ingest: takes jobs from standard input, gives accounts of them.

Its arguments are the lake's folder and about how many bytes of rows may wait; it ends when its
input does. A message is a pickle and the buffers that lie beside it, with their lengths in front,
both ways: a ``Job`` is answered by what is ``Parsed``, None by the files that were written since,
and either by the exception that it raised.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any, NoReturn

from vedette.workspace.hands import Hands
from vedette.workspace.memory import memory_kept

_HEAD = struct.Struct("<QQ")
_LENGTH = struct.Struct("<Q")


def send(stream: IO[bytes], message: Any) -> None:
    """Write a message."""
    buffers: list[memoryview] = []

    def is_inside(buffer: pickle.PickleBuffer) -> bool:
        """Whether it stays in the pickle: what may be written to must not come as bytes."""
        data = buffer.raw()
        if data.readonly:
            buffers.append(data)
        return not data.readonly

    data = pickle.dumps(message, protocol=5, buffer_callback=is_inside)
    stream.write(_HEAD.pack(len(data), len(buffers)))
    stream.write(b"".join(_LENGTH.pack(len(buffer)) for buffer in buffers))
    stream.write(data)
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message; raises EOFError where there is none."""
    length, count = _HEAD.unpack(_read(stream, _HEAD.size))
    lengths = _read(stream, _LENGTH.size * count)
    data = _read(stream, length)
    buffers = [_read(stream, size) for (size,) in _LENGTH.iter_unpack(lengths)]
    return pickle.loads(data, buffers=buffers)  # noqa: S301 - of a process that belongs to this one


def _read(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def serve(begin: Callable[[Callable[[], Any]], Callable[[Any], Any]]) -> NoReturn:
    """Answer messages until there are no more, and end the process.

    *begin* is given what receives a message, for those that come first, and gives what answers the
    others; an exception that it raises is the answer.
    """
    jobs = os.fdopen(os.dup(0), "rb", 1 << 16)
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(2, 1)  # what a library prints is no answer
    with contextlib.suppress(EOFError, BrokenPipeError):
        perform = begin(partial(receive, jobs))
        gc.freeze()
        gc.enable()
        while True:
            job = receive(jobs)
            try:
                answer = perform(job)
            except Exception as error:  # noqa: BLE001 - raised where the job came from
                answer = error
            send(answers, answer)
    os._exit(0)  # nothing is left to be done, and taking Python down takes a while


def main() -> None:
    """Answer messages until there are no more."""
    lake, buffer_bytes = sys.argv[1:]
    hands = Hands(Path(lake), int(buffer_bytes))
    with memory_kept():
        serve(lambda _: lambda job: hands.flush() if job is None else hands.perform(job))
