"""``serialize``: the rows in the order they stand in, which functions of neighbours ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.special.windows import in_order
from vedette.kql.operators.base import Operator
from vedette.kql.operators.columns import Extend
from vedette.kql.reading.syntax_tree import Node
from vedette.plan.relations import Window
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Serialize(Operator):
    """``serialize name = value, …``; without columns too."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows in the order they stand in, with further columns as ``extend`` gives them."""
        rows = binder.piped(self, rows)
        if not in_order(rows.relation):
            rows = rows.over(Window(rows.relation))
        return Extend(self.span, self.items).bind(binder, rows, scope) if self.items else rows


def read_serialize(grammar: Grammar, keyword: Token) -> Serialize:
    """The columns behind ``serialize``, of which there may be none."""
    items = () if grammar.at_end_of_operator() else tuple(grammar.listed(grammar.named))
    return Serialize(grammar.since(keyword.span.start), items)
