"""Headers of mail as text: takes what the standard library reads, within its limits.

What takes it longer than linear time, or ends it, is bounded here: headers are other people's.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from typing import Any

from vedette.logs.lines import decoded

_MAX_PARAMETERS = 4 * 1024
_MOST_LOOKED_AT = 4 * 1024 * 1024
"""To find a parameter the standard library copies all that follows, for each before it."""
_MOST_UNCLOSED = 100
"""Of encoded words without an end it looks at all that follows, for each."""
_WITH_PARAMETERS = frozenset({"content-type", "content-disposition"})
_BOUNDARY = re.compile(r';\s*(boundary\s*=\s*(?:"[^"]*"|[^\s;"]+))', re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]*")


class Part(Message):
    """A message or a part of one; a message inside is left as it was written."""

    def get(self, name: str, failobj: Any = None) -> Any:
        """The first header of a name; shortened where its parameters would take long."""
        value = super().get(name, failobj)
        if name.lower() not in _WITH_PARAMETERS or not isinstance(value, str):
            return value
        return value if len(value) * value.count(";") <= _MOST_LOOKED_AT else _shortened(value)

    def get_param(self, *words: Any, **named: Any) -> Any:
        """A parameter; absent where the library gives up on those of the header."""
        try:
            return super().get_param(*words, **named)
        except (TypeError, ValueError, LookupError, AssertionError):
            return named.get("failobj", words[1] if len(words) > 1 else None)

    def get_content_maintype(self) -> str:
        """``application`` for ``message``, which the parser would take apart."""
        main = super().get_content_maintype()
        return "application" if main == "message" else main


def _shortened(value: str) -> str:
    """A header with its first parameters, before them what tells the parts of a message apart."""
    boundary = _BOUNDARY.search(value)
    main, _, rest = value.partition(";")
    first = f"{boundary[1]}; " if boundary is not None else ""
    return f"{main[:_MAX_PARAMETERS]}; {first}{rest[:_MAX_PARAMETERS]}"


def unfolded(value: str) -> str:
    """A header in one line."""
    return _FOLD.sub(" ", value).strip()


def decoded_words(value: str) -> str:
    """A header's text with its encoded words decoded; as it stands where that would take long."""
    if value.count("=?") > _MOST_UNCLOSED and any(
        line[line.rfind("?=") + 1 :].count("=?") > _MOST_UNCLOSED for line in value.splitlines()
    ):
        return bytes_as_text(value)
    try:
        pieces = decode_header(value)
        return "".join(
            bytes_as_text(piece) if isinstance(piece, str) else piece_text(piece, charset)
            for piece, charset in pieces
        ).strip()
    except (MessageError, ValueError, LookupError):
        return bytes_as_text(value)


def bytes_as_text(text: str) -> str:
    """Text that stands for bytes, a character each, as the text that they are; other text as is."""
    try:
        return decoded(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


def piece_text(piece: bytes, charset: str | None) -> str:
    """Bytes of a charset as text; UTF-8 or Latin-1 where none is named that is known."""
    if charset is None:
        return decoded(piece)
    try:
        return piece.decode(charset, "replace")
    except LookupError:
        return decoded(piece)
