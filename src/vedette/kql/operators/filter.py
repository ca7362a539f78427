"""``where``: the rows for which a condition is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Unbound, over
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.values import truth
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Among, Logical, Named, Node
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.relations import Filter, Project, Relation
from vedette.syntax.problem import Fix
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


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
        choices: list[Callable[[Relation], Relation]] = []
        alone = replace(context, choices=choices)

        def condition(part: Node) -> Expression:
            place = alone if isinstance(part, Among) else context
            value = truth(binder, "and", part, place) if several else binder.condition(part, place)
            binder.sizes.check(binder, value, part.span)
            return value

        parts = _parts(self.condition)
        several = len(parts) > 1
        try:
            conditions = binder.each(parts, condition)
        except Unbound:
            return rows  # its columns are known all the same
        relation = context.widened(rows.relation)
        for choose in choices:
            relation = choose(relation)
        conditions = [c for c in conditions if not (isinstance(c, Literal) and c.value is True)]
        if conditions:
            relation = Filter(relation, _every(conditions, self.condition.span))
        if not context.additions:
            return rows.over(relation)
        return rows.over(Project(relation, tuple((f, Column(f)) for f in rows.relation.fields)))


def _parts(condition: Node) -> tuple[Node, ...]:
    """The conditions that must all be true."""
    is_and = isinstance(condition, Logical) and condition.operator == "and"
    return condition.operands if isinstance(condition, Logical) and is_and else (condition,)


def _every(conditions: list[Expression], span: Span) -> Expression:
    return conditions[0] if len(conditions) == 1 else apply("and", *conditions, span=span)


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
