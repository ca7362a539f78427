"""Memory for work that takes much of it and leaves it again: takes a block, gives nothing."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_TRIM, _MAP, _ARENAS = -1, -3, -8
_KEPT = {_MAP: 64 * 1024 * 1024, _TRIM: 32 * 1024 * 1024, _ARENAS: 2}
_GIVEN_BACK = {_MAP: 128 * 1024, _TRIM: 128 * 1024, _ARENAS: 0}
"""What glibc's mallopt is told, within the block and behind it."""


class _Keeping:
    """How many blocks keep memory now, and Arrow's pool before the first of them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.blocks = 0
        self.pool = pa.default_memory_pool()


_keeping = _Keeping()


@contextmanager
def memory_kept() -> Iterator[None]:
    """Let memory that was used for one piece be kept for the next one, until the block ends.

    Given back to the system and asked for again it costs a fifth of the time of reading a log.
    What is set holds for the whole process; of blocks in several threads the last one ends it.
    """
    with _keeping.lock:
        if _keeping.blocks == 0:
            _keeping.pool = pa.default_memory_pool()
            pa.set_memory_pool(pa.system_memory_pool())
            _tell(_KEPT)
        _keeping.blocks += 1
    try:
        yield
    finally:
        with _keeping.lock:
            _keeping.blocks -= 1
            if _keeping.blocks == 0:
                pa.set_memory_pool(_keeping.pool)
                _tell(_GIVEN_BACK)


def _tell(options: dict[int, int]) -> None:
    libc = ctypes.CDLL(None) if os.name == "posix" else None
    if libc is None or not hasattr(libc, "mallopt"):  # it is not glibc
        return
    for option, value in options.items():
        libc.mallopt(option, value)
    libc.malloc_trim(0)
