"""How large bound expressions are: one that unfolds beyond measure is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.plan.expressions import Apply, Expression
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

DEEPEST = 150
LARGEST = 100_000


class Sizes:
    """Depth and number of parts of expressions; a part that stands in many is measured once."""

    def __init__(self) -> None:
        """Start with nothing measured."""
        # The expression is kept beside its measure, so that its identity is not given away again.
        self._known: dict[int, tuple[Expression, int, int]] = {}

    def measure(self, expression: Expression) -> tuple[int, int]:
        """Depth and number of parts."""
        if not isinstance(expression, Apply):
            return 1, 1
        pending: list[Expression] = [expression]
        while pending:
            node = pending[-1]
            if id(node) in self._known:
                pending.pop()
                continue
            below = node.arguments if isinstance(node, Apply) else ()
            waiting = [a for a in below if id(a) not in self._known]
            if waiting:
                pending.extend(waiting)
                continue
            known = [self._known[id(a)] for a in below]
            depth = 1 + max((d for _, d, _ in known), default=0)
            self._known[id(node)] = (node, depth, 1 + sum(s for _, _, s in known))
            pending.pop()
        _, depth, size = self._known[id(expression)]
        return depth, size

    def check(self, binder: Binder, expression: Expression, span: Span) -> None:
        """Refuse an expression that is too deep or too large."""
        depth, size = self.measure(expression)
        if depth > DEEPEST:
            message = f"The expression is nested deeper than {DEEPEST} levels"
            raise binder.fail("KS245", "limit", message, span)
        if size > LARGEST:
            message = f"The expression unfolds to more than {LARGEST:,} parts"
            raise binder.fail("KS245", "limit", message, span)
