"""Text that a terminal or a page would obey, made visible: logs and rules are hostile."""

import re

_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u200b-\u200d\u2060-\u2064\ufeff"  # no width
    "\u2028\u2029"  # line ends
    "\ud800-\udfff]"  # halves of characters
)


def visible(text: str) -> str:
    r"""Return the text with control and direction characters written out, as ``\x1b``.

    So are characters without width, line ends and halves of characters.
    """
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
