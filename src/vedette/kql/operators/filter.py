"""``where``: the rows for which a condition is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.context import Unbound, over
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.scope import Rows, Scope
from vedette.kql.syntax_tree import Named, Node
from vedette.plan.expressions import Column
from vedette.plan.relations import Filter, Project
from vedette.syntax.problem import Fix
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binder import Binder
    from vedette.kql.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Where(Operator):
    """``where condition``; ``filter`` is the same."""

    condition: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows for which the condition is true, not false and not null."""
        rows = binder.piped(self, rows)
        context = over(rows, scope)
        if isinstance(self.condition, Named):
            raise _assignment(binder, self.condition)
        try:
            condition = binder.condition(self.condition, context)
        except Unbound:
            return rows  # its columns are known all the same
        binder.sizes.check(binder, condition, self.condition.span)
        filtered = Filter(context.widened(rows.relation), condition)
        if not context.additions:
            return rows.over(filtered)
        return rows.over(Project(filtered, tuple((f, Column(f)) for f in rows.relation.fields)))


def _assignment(binder: Binder, condition: Named) -> Unbound:
    name = condition.names[0]
    sign = binder.source.text.index("=", name.span.end)
    return binder.fail(
        "VD004",
        "type",
        f"'=' names the value '{name.text}' here; it compares nothing",
        Span(sign, sign + 1),
        hint="write '==' to compare",
        fix=Fix(Span(sign, sign + 1), "==", "compare with '=='"),
    )


def read_where(grammar: Grammar, keyword: Token) -> Where:
    """The condition behind ``where``."""
    read_hints(grammar)
    condition = grammar.named()
    return Where(grammar.since(keyword.span.start), condition)
