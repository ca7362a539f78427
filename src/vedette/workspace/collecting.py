"""Work that leaves little behind, without looks for garbage: takes a block, gives nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Let no search for cycles interrupt the block, which must be short; nested ones are one.

    A compilation makes thousands of small objects that are gone at its end: looking through all
    of a process's for cycles meanwhile takes a quarter of its time.
    """
    # Threads may overlap: whoever found it enabled enables it again, at the latest the first one.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
