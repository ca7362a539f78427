"""``extend``, ``project`` and their like: which columns the rows have, and what is in them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context, Unbound, over
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.special import several
from vedette.kql.operators.base import Operator
from vedette.kql.reading.syntax_tree import Name, Named, Node
from vedette.plan.relations import Assignment, Project
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Extend(Operator):
    """``extend name = value, …``."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows with further columns; one of a name that is there takes its place."""
        rows = binder.piped(self, rows)
        context = over(rows, scope)
        columns = Columns(binder)
        new = assigned(binder, self.items, context, columns, taken=rows.columns)
        by_name = {field.name: (field, value) for field, value in new}
        kept: list[Assignment] = []
        for field in rows.relation.fields:
            if field.name in by_name:
                kept.append(by_name.pop(field.name))
            elif field.name not in columns.broken:
                kept.append(binder.passed(field))
        kept.extend(pair for pair in new if pair[0].name in by_name)
        broken = (rows.broken | columns.broken) - {f.name for f, _ in new}
        return rows.over(Project(context.widened(rows.relation), tuple(kept)), broken)


@dataclass(frozen=True, slots=True)
class ProjectColumns(Operator):
    """``project name = value, …``."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows with these columns only, in this order."""
        rows = binder.piped(self, rows)
        context = over(rows, scope)
        columns = Columns(binder)
        new = assigned(binder, self.items, context, columns, numbered=True)
        relation = Project(context.widened(rows.relation), tuple(new))
        return Rows(relation, columns.broken)


def assigned(
    binder: Binder,
    items: Sequence[Node],
    context: Context,
    columns: Columns,
    taken: Container[str] = (),
    numbered: bool = False,
) -> list[Assignment]:
    """The columns that items assign; those that fail are broken, and the others are kept.

    Where they are *numbered*, so is a plain column behind one whose name was worked out alike.
    """
    new: list[Assignment] = []
    for item in items:
        is_several = several.function_of(item, context) is not None
        name = "" if is_several else columns.name_of(item, taken)
        try:
            for given, value, span in several.bind(binder, item, context, columns, name):
                if numbered and isinstance(item, Name):
                    new.append(binder.column(columns.state(given, span), value, span))
                    continue
                columns.declare(given, span, stated=isinstance(item, Named))
                new.append(binder.column(given, value, span))
        except Unbound:
            columns.broken |= several.broken(item, name)
    return new


def read_extend(grammar: Grammar, keyword: Token) -> Extend:
    """The columns behind ``extend``."""
    items = tuple(grammar.listed(grammar.named))
    return Extend(grammar.since(keyword.span.start), items)


def read_project(grammar: Grammar, keyword: Token) -> ProjectColumns:
    """The columns behind ``project``, of which there may be none."""
    items = () if grammar.at_end_of_operator() else tuple(grammar.listed(grammar.named))
    return ProjectColumns(grammar.since(keyword.span.start), items)
