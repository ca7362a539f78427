"""``project-by-names`` and ``assert-schema``; ``consume`` and ``reduce``, which are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Unbound
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.wildcards import fits
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.kql.reading.syntax_tree import Node
from vedette.plan.expressions import Field, Literal
from vedette.plan.types import Type
from vedette.plan.value_text import read_json
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

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


@dataclass(frozen=True, slots=True)
class Refused(Operator):
    """An operator whose answer cannot be given, and why."""

    keyword: str
    reason: str

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """Refused by name."""
        place = Span(self.span.start, self.span.start + len(self.keyword))
        binder.later(f"the operator '{self.keyword}'", place, self.reason)
        return binder.unknown_rows(rows)


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


def read_reduce(grammar: Grammar, keyword: Token) -> Refused:
    """What stands behind ``reduce``."""
    read_hints(grammar, "kind")
    grammar.expect("by")
    grammar.expression()
    if grammar.cursor.accept("with"):
        grammar.listed(grammar.named)
    reason = "how Kusto forms the patterns is not documented, so no other engine gives the same"
    return Refused(grammar.since(keyword.span.start), keyword.text, reason)


def read_consume(grammar: Grammar, keyword: Token) -> Refused:
    """What stands behind ``consume``."""
    read_hints(grammar, "decodeblocks")
    reason = "it reads rows and gives none: there is nothing to answer"
    return Refused(grammar.since(keyword.span.start), keyword.text, reason)
