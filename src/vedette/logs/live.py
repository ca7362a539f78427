"""A file that is followed: takes what one reading of it left, gives where the next one goes on.

So a file that grows is not hashed again from its beginning each time: what was hashed before is
compared in a few places only. Holds for files of lines, not for packed ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BufferedIOBase

_PROBES = 8
_PROBE_BYTES = 512


@dataclass(slots=True)
class Live:
    """What is known of a followed file, and what its reader tells of it.

    ``growing``: a last record without its end is left, and ``held_back`` says how many bytes it
    has. ``number`` is the source's in the manifest, once it is known. ``begun_anew``: nothing that
    was read before is continued by this file, whatever it begins with.
    """

    growing: bool = True
    held_back: int = 0
    number: int | None = None
    begun_anew: bool = False
    position: int = 0
    context: bytes = b""
    before: bytes = b""
    _state: hashlib._Hash = field(default_factory=hashlib.sha256)
    _probes: tuple[tuple[int, bytes], ...] = ()

    def state(self) -> hashlib._Hash:
        """The SHA-256 of what lies before ``position``, to go on with."""
        return self._state.copy()

    def keep(self, stream: BufferedIOBase, position: int, state: hashlib._Hash) -> None:
        """Note that all before *position* is told, and hashed so far."""
        if not stream.seekable() or position == 0:
            return
        step = max(1, (position - _PROBE_BYTES) // (_PROBES - 1))
        offsets = {*range(0, max(1, position - _PROBE_BYTES), step)}
        probes = []
        for offset in sorted(offsets | {max(0, position - _PROBE_BYTES)}):
            stream.seek(offset)
            probes.append((offset, stream.read(min(_PROBE_BYTES, position - offset))))
        if len(probes[-1][1]) < min(_PROBE_BYTES, position):  # cut off meanwhile
            return
        self.position, self._state, self._probes = position, state.copy(), tuple(probes)
        self.before = probes[-1][1][-1:]

    def resume(self, stream: BufferedIOBase, most: int | None = None) -> bool:
        """Whether the stream still has what was hashed, at *most* so far; it is behind it then."""
        if not self.position or not stream.seekable() or (most or self.position) < self.position:
            return False
        for offset, text in self._probes:
            stream.seek(offset)
            if stream.read(len(text)) != text:
                stream.seek(0)
                return False
        stream.seek(self.position)
        return True
