"""Whether a source is UTF-16: takes its first bytes, gives the encoding; mark or no mark."""

from __future__ import annotations

import codecs

UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
LOOKED_AT = 1024
"""So many bytes show whether a source without a mark is UTF-16."""

_FEWEST = 8
_CONTROLS = bytes({*range(32)} - {*b"\t\r\n"})


def utf16_of(head: bytes) -> str | None:
    """The encoding of a source of UTF-16 that begins so, with a byte order mark or without one."""
    marked = UTF16_MARKS.get(head[:2])
    if marked is not None or b"\0" not in head[:2]:
        return marked
    encoding = "utf-16-be" if head[0] == 0 else "utf-16-le"
    text = head[: min(len(head), LOOKED_AT) // 2 * 2].decode(encoding, "replace")
    latin = text.encode("latin-1", "ignore")
    is_text = len(text) >= _FEWEST and len(latin) * 4 >= len(text) * 3
    return encoding if is_text and latin.translate(None, _CONTROLS) == latin else None
