"""``project-by-names`` and ``assert-schema``; ``consume`` and ``reduce``, which are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Unbound
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.wildcards import fits
from vedette.kql.operators.base import Operator
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.kql.reading.syntax_tree import Node
from vedette.plan.expressions import Field, Literal
from vedette.plan.types import Type
from vedette.plan.value_text import read_json
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class ProjectByNames(Operator):
    """``project-by-names 'a', dynamic(['b*']), column_names_of(table)``."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The columns of these names and patterns, in their order; unknown names are left out."""
        rows = binder.piped(self, rows)
        if rows.open:
            raise Unbound
        names = [
            n for part in binder.each(self.items, lambda i: _names(binder, i, scope)) for n in part
        ]
        chosen: dict[Field, None] = {}
        for name in names:
            chosen.update({f: None for f in rows.relation.fields if fits(f.name, name)})
        if not chosen:
            raise binder.later("a table without columns", self.span)
        return binder.project(rows, [(f.name, f) for f in chosen])


def _names(binder: Binder, node: Node, scope: Scope) -> list[str]:
    value = binder.fixed(node, scope)
    if isinstance(value, Literal) and isinstance(value.value, str):
        if value.type is Type.STRING:
            return [value.value]
        content = read_json(value.value) if value.type is Type.DYNAMIC else None
        if isinstance(content, list) and all(isinstance(name, str) for name in content):
            return content
    message = "The expression must be a constant string, or an array of strings"
    raise binder.fail("KS129", "type", message, node.span)


@dataclass(frozen=True, slots=True)
class AssertSchema(Operator):
    """``assert-schema (name: type, …)``."""

    columns: tuple[Declared, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows unchanged, where their columns are these in this order."""
        rows = binder.piped(self, rows)
        if rows.open or rows.broken:
            return rows
        wanted = [(c.name.text, str(c.type)) for c in self.columns]
        found = [(f.name, str(f.type)) for f in rows.relation.fields]
        if wanted != found:
            shown = ", ".join(f"{name}: {type}" for name, type in found)
            message = f"The columns are not as asserted; they are ({shown})"
            raise binder.fail("VD008", "type", message, self.span)
        return rows


def read_project_by_names(grammar: Grammar, keyword: Token) -> ProjectByNames:
    """The names behind ``project-by-names``."""
    items = tuple(grammar.listed(grammar.expression))
    return ProjectByNames(grammar.since(keyword.span.start), items)


def read_assert_schema(grammar: Grammar, keyword: Token) -> AssertSchema:
    """The columns behind ``assert-schema``."""
    grammar.expect("(")
    columns = () if grammar.cursor.at(")") else tuple(grammar.column_list())
    grammar.expect(")")
    return AssertSchema(grammar.since(keyword.span.start), columns)
