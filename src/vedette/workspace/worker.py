"""A process that helps an ingest: takes jobs from standard input, gives accounts of them.

Started as ``python -m vedette.workspace.worker LAKE BYTES``; ends when its input does. A message is
its length and its pickle, both ways: a ``Job`` is answered by what is ``Parsed``, None by the files
that were written since, and either by the exception that it raised.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import struct
import sys
from pathlib import Path
from typing import IO, Any

from vedette.workspace.hands import Hands

_WRITERS = 4
_LENGTH = struct.Struct("<Q")


def send(stream: IO[bytes], message: Any) -> None:
    """Write a message."""
    data = pickle.dumps(message, protocol=5)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message; raises EOFError where there is none."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - of the process that started this one


def main(lake: str, buffer_bytes: str) -> None:
    """Answer messages until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it ends it
    jobs = os.fdopen(os.dup(0), "rb", 1 << 16)
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(2, 1)  # what a library prints is no answer
    gc.freeze()
    hands = Hands(Path(lake), int(buffer_bytes), _WRITERS)
    send(answers, None)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            job = receive(jobs)
            try:
                answer: Any = hands.flush() if job is None else hands.perform(job)
            except Exception as error:  # noqa: BLE001 - raised where the job came from
                answer = error
            send(answers, answer)
    os._exit(0)  # nothing is left to be done, and taking Python down takes a while


if __name__ == "__main__":
    main(*sys.argv[1:])
