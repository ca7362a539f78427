"""The clock of a query while it is bound: which constants were worked out from "now", and how.

A constant that lies a fixed span from "now" moves with it, and one that was rounded does not, which
its values at a few clocks tell. The span between two such moments, or a month, may be the same at
those clocks and another at others, so that is noted.
"""

from __future__ import annotations

from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type


class Clock:
    """What the clock shows, in ticks, and what became of it.

    ``is_read`` says that the plan is good for now only, ``is_hidden`` that it may hang on the clock
    by constants that do not show it. ``moments`` were worked out from "now".
    """

    def __init__(self, now: int) -> None:
        """Start with nothing worked out."""
        self.is_read = False
        self.is_hidden = False
        self.moments = {now}
        self._moving = {now}
        self._now = now

    @property
    def now(self) -> int:
        """What the clock shows, in ticks; whoever asks is good for then only."""
        self.is_read = True
        return self._now

    def followed(self, value: Expression, moment: Expression, *, moves: bool = False) -> Expression:
        """The value, remembered where it is a moment worked out from one that the clock gave.

        One that *moves* lies a fixed span from it.
        """
        if _moment(value) is not None and _moment(moment) in self.moments:
            self.moments.add(_moment(value) or 0)
            if moves and _moment(moment) in self._moving:
                self._moving.add(_moment(value) or 0)
        return value

    def uneven(self, moment: Expression) -> None:
        """Note that a moment is moved by a span which is not the same at every "now": a month."""
        if _moment(moment) in self.moments:
            self.is_hidden = True

    def apart(self, one: Expression, other: Expression) -> None:
        """Note that the span between two moments is worked out."""
        ends = {_moment(one), _moment(other)}
        if None not in ends and ends & self.moments and not ends <= self._moving:
            self.is_hidden = True


def _moment(value: Expression) -> int | None:
    if not isinstance(value, Literal) or value.type is not Type.DATETIME:
        return None
    return value.value if isinstance(value.value, int) else None
