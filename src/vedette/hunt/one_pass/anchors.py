"""Where to begin: takes a formula, gives the rarest things of which one is true wherever it holds.

An anchor is a set of texts in columns and of cheap tests. Rows where none of them is found need no
further look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vedette.hunt.one_pass.requirements import Text

Thing = Text | int
"""A text that stands in a column, or the number of a test that is made of every value."""

MOST_OFTEN = 0.3
"""In which part of the rows an anchor may be found; what is commoner is no help."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The things, and in which part of the rows one of them is expected."""

    share: float
    things: frozenset[Thing]


NO_ANCHOR = Anchor(math.inf, frozenset())


def rarest(anchors: Iterable[Anchor]) -> Anchor:
    """The best of several anchors, any of which would do."""
    return min(anchors, key=lambda anchor: anchor.share, default=NO_ANCHOR)


def together(anchors: Iterable[Anchor]) -> Anchor:
    """The anchor of what holds where one of several parts does."""
    share, things = 0.0, frozenset[Thing]()
    for anchor in anchors:
        share += anchor.share
        things |= anchor.things
    return Anchor(share, things) if math.isfinite(share) else NO_ANCHOR


def expected(text: Text) -> float:
    """In which part of the rows a text may be found that was never looked for."""
    return min(1.0, 0.4 * 0.5 ** max(0, len(text.literal) - 3)) + 1e-6


Share = Callable[[Thing], float]
"""In which part of the rows a thing is found, as far as known."""


def of_texts(options: Iterable[frozenset[Text]], share: Share) -> Anchor:
    """The anchor of a test that cannot do without one text of each set."""
    return rarest(Anchor(sum(map(share, texts)), frozenset(texts)) for texts in options)
