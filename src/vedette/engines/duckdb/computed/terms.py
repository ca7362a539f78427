"""Terms in Python: whether a text has a needle between term boundaries, for texts beyond ASCII.

Statements ask it of the few texts that a cheap pattern has let through. Texts and needles come in
lower case where case does not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type


def _delimits(character: str) -> bool:
    return unicodedata.category(character)[0] not in "LN"


def has_term(text: str, needle: str, left: bool, right: bool) -> bool:
    """Whether the needle stands in the text, between boundaries on the sides that ask for one.

    A side asks only where the needle's own character there belongs to a term.
    """
    left = left and needle != "" and not _delimits(needle[0])
    right = right and needle != "" and not _delimits(needle[-1])
    start = text.find(needle)
    while start >= 0:
        end = start + len(needle)
        if not (left and start > 0 and not _delimits(text[start - 1])) and not (
            right and end < len(text) and not _delimits(text[end])
        ):
            return True
        start = text.find(needle, start + 1)
    return False


def has_any_term(text: str, needles: Sequence[str]) -> bool:
    """Whether one of the needles is a term, or a run of them, of the text."""
    return any(has_term(text, needle, True, True) for needle in needles)


FUNCTIONS_OF_TERMS: dict[str, Computed] = {
    "has_term": Computed((Type.STRING, Type.STRING, Type.BOOL, Type.BOOL), Type.BOOL, has_term),
    "has_any_term": Computed((Type.STRING, [Type.STRING]), Type.BOOL, has_any_term),
}
