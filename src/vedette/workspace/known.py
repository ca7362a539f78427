"""Which source that was read before a source goes on: takes what is known, gives it and from where.

A source goes on another where it holds, at a position that the other reached, what the other held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from vedette.logs.lines import has_byte_order_mark
from vedette.logs.sources import Source
from vedette.logs.utf16 import utf16_of
from vedette.workspace.manifest import KnownSource

TELLING_BYTES = 1024
"""So long a text is hardly the same as another by chance."""

_COMPARED = 8
_BLOCK = 1024 * 1024


def furthest(
    known: Sequence[KnownSource], digests: Mapping[int, bytes]
) -> tuple[KnownSource, int] | None:
    """The known source that the content continues furthest, and from where."""
    held = [
        (position, one)
        for one in known
        for position, (digest, _) in one.checkpoints.items()
        if position > 0 and digests.get(position) == digest
    ]
    best = max(held, key=lambda pair: pair[0], default=None)
    return (best[1], best[0]) if best is not None else None


def own(
    known: Sequence[KnownSource], source: Source, digests: Mapping[int, bytes]
) -> tuple[KnownSource, int] | None:
    """The source that a followed file was when it was read last, and its end, if it goes on it."""
    for one in known:
        if source.live is not None and one.id == source.live.number:
            end = max(one.checkpoints, default=0)
            if end and digests.get(end) == one.checkpoints[end][0]:
                return one, end
    return None


def is_new(source: Source) -> bool:
    """Whether a file took the place of a log, or was empty when it was looked at last."""
    return source.live is not None and source.live.begun_anew


def all_of(known: Sequence[KnownSource]) -> list[KnownSource]:
    """The sources that a new file may go on: only if it holds all of one, as one copied again does.

    What is short may be the same by chance: logs often begin with the same lines.
    """
    ends = [(one, max(one.checkpoints, default=0)) for one in known]
    return [
        replace(one, checkpoints={end: one.checkpoints[end]})
        for one, end in ends
        if end >= TELLING_BYTES
    ]


def copied(known: Sequence[KnownSource], source: Source) -> KnownSource | None:
    """The source whose beginning a file is, as when a log is being copied; None where none is.

    What was read of that source is compared with the file that it was read from, where that is
    still there.
    """
    is_plain = not has_byte_order_mark(source.head) and utf16_of(source.head) is None
    if source.is_packed or not is_plain:
        return None
    for one in reversed(known[-_COMPARED:]):
        end = max(one.checkpoints, default=0)
        if end >= source.disk_bytes > 0:
            try:
                if _begins_with(Path(one.path), source, end, one.checkpoints[end][0]):
                    return one
            except OSError:  # it is gone, or was never a file of its own
                continue
    return None


def _begins_with(path: Path, source: Source, end: int, digest: bytes) -> bool:
    """Whether a file holds what was read of it up to *end*, and begins with all of a source."""
    if path.samefile(source.path):
        return False
    hasher = hashlib.sha256()
    with path.open("rb") as whole, source.open() as part:
        left = end
        while left:
            block = whole.read(min(left, _BLOCK))
            beginning = part.read(len(block))
            if not block or not block.startswith(beginning):
                return False
            hasher.update(block)
            left -= len(block)
        return not part.read(1) and hasher.digest() == digest
