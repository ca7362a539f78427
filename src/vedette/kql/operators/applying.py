"""``mv-apply``: operators over the elements of each row's dynamic values, for each row apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Unbound
from vedette.kql.binding.per_key import Part, keeps_rows_apart, per_key
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.operators.expanding import Items, expand, read_items
from vedette.kql.reading.syntax_tree import Pipeline
from vedette.plan.expressions import Column, Field
from vedette.plan.relations import Assignment, Project, Window
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class MvApply(Operator):
    """``mv-apply name = value to typeof(type), … on (operators)``."""

    items: Items
    operators: tuple[Operator, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """What the operators give of each row's elements, beside the row's own columns."""
        rows = binder.piped(self, rows)
        apart = expand(binder, self.items, rows, scope)
        if not apart.elements:
            raise Unbound
        new = {f.name for f in apart.elements}
        seen = [f for f in rows.relation.fields if f.name not in new]
        seen += [*apart.elements, *((apart.index,) if apart.index else ())]
        # Elements stand in their order, which functions of neighbouring rows ask for.
        parts = Project(Window(apart.relation), tuple((f, Column(f)) for f in seen))
        broken = (rows.broken | apart.broken) - new
        binder.apart.append(parts)
        try:
            given = binder.piped_through(
                self.operators, Rows(parts, broken, rows.open), Scope(scope)
            )
        finally:
            binder.apart.pop()
        place = (rows.relation.fields, "mv-apply", self.span)
        if keeps_rows_apart(given.relation, parts):
            part = Part(parts, apart.relation, apart.elements[0], *place, by_row=True)
        else:
            part = Part(parts, apart.numbered, apart.row, *place)
        made = per_key(binder, given.relation, part)
        shown = self._shown(rows, given, made.kept)
        relation, open = Project(made.relation, shown), rows.open or given.open
        return Rows(relation, given.broken, open, from_data=rows.from_data)

    def _shown(self, rows: Rows, given: Rows, kept: dict[Field, Field]) -> tuple[Assignment, ...]:
        """The row's columns, but for those that were taken apart; the subquery's of their names."""
        replaced = {item.column for item in self.items.items if item.column}
        results = {f.name: f for f in given.relation.fields}
        shown: list[Field] = []
        for field in rows.relation.fields:
            if field.name not in replaced:
                shown.append(results.pop(field.name, kept[field]))
        shown += results.values()
        return tuple((f, Column(f)) for f in shown)


def read_apply(grammar: Grammar, keyword: Token) -> MvApply:
    """What stands behind ``mv-apply``, and the operators in parentheses."""
    hints = read_hints(grammar, "bagexpansion", "kind", "with_itemindex")
    items = read_items(grammar, keyword, hints)
    grammar.expect("on")
    grammar.expect("(")
    subquery = grammar.deeper(grammar.operators_alone)
    grammar.expect(")")
    operators = subquery.operators if isinstance(subquery, Pipeline) else ()
    return MvApply(grammar.since(keyword.span.start), items, operators)
