"""Less looking for garbage while much is kept: takes a block, gives nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Let no search for cycles interrupt the block; nested ones are one.

    Reading a query makes thousands of small objects, of which few are cycles (some 20 kB a rule of
    Sigma): looking through all of a process's for them meanwhile takes up to a quarter of its time.
    """
    # Threads may overlap: whoever found it enabled enables it again, at the latest the first one.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def left_alone() -> Iterator[None]:
    """Let searches for cycles in the block leave out all that is there at its beginning.

    Does nothing where something is left alone already: that may be the caller's own wish.
    """
    is_first = gc.get_freeze_count() == 0
    if is_first:
        gc.freeze()
    try:
        yield
    finally:
        if is_first:
            gc.unfreeze()
