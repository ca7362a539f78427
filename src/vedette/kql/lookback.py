"""How far back a query looks by itself: takes a plan whose constants know "now", gives a span."""

from __future__ import annotations

from collections.abc import Container, Iterator

from vedette.plan.expressions import Apply, Expression, Literal
from vedette.plan.relations import Filter, Relation
from vedette.plan.rewrite import relations
from vedette.plan.types import Type

_LOWER = {"greater": (0, 1), "greater_or_equal": (0, 1), "less": (1, 0), "less_or_equal": (1, 0)}


def lookback(root: Relation, now: int, relative: Container[int]) -> int | None:
    """Ticks before *now* that the farthest lower bound of a filter on a time reaches.

    *relative* holds the moments that were worked out from *now*. None where no filter has one.
    """
    spans = [
        now - moment
        for relation in relations(root)
        if isinstance(relation, Filter)
        for moment in _bounds(relation.condition)
        if moment in relative and moment <= now
    ]
    return max(spans, default=None)


def _bounds(condition: Expression) -> Iterator[int]:
    """The moments after which a row must lie for the condition, or a part of it, to be true."""
    pending = [condition]
    while pending:
        part = pending.pop()
        if not isinstance(part, Apply):
            continue
        if part.operation in ("and", "or"):
            pending.extend(part.arguments)
        elif part.operation in _LOWER:
            value, bound = (part.arguments[i] for i in _LOWER[part.operation])
            is_time = value.type is Type.DATETIME and not isinstance(value, Literal)
            if is_time and isinstance(bound, Literal) and isinstance(bound.value, int):
                yield bound.value
