"""Text without case: takes text, gives it as tests without case compare it, and as a scan does.

``fold`` is simple lower case, one code point to one, as the engines' ``lower`` gives it.
``scan_fold`` is coarser than every way in which a test may see two characters alike (simple lower
case, and the ``(?i)`` of regular expressions), and works character by character: where a test finds
a needle, the folded text has the folded needle.
"""

from __future__ import annotations

_DOTTED = "\u0130"
_SIGMA = "\u03a3"


def fold(text: str) -> str:
    """The text in simple lower case; it keeps its length."""
    if text.isascii():
        return text.lower()
    # Python's own lower() differs in these two: one grows, one looks at its neighbours.
    return text.replace(_DOTTED, "i").replace(_SIGMA, "\u03c3").lower()


def scan_fold(text: str) -> str:
    """A form that texts and needles share wherever any test would see them alike."""
    if text.isascii():
        return text.lower()
    return text.replace(_DOTTED, "i").casefold()
