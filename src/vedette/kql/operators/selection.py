"""``project-away``, ``-keep``, ``-rename``, ``-reorder``: columns chosen by name or pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.absent import with_absent
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.values import unknown_name
from vedette.kql.binding.wildcards import fits
from vedette.kql.operators.base import Operator
from vedette.kql.reading.syntax_tree import Name, Named, Node, Ordered, Star, Wildcard
from vedette.plan.expressions import Field
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

Choice = Name | Wildcard | Star


@dataclass(frozen=True, slots=True)
class ProjectAway(Operator):
    """``project-away a, b*``: every column but these."""

    choices: tuple[Choice, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows without the columns chosen."""
        rows = binder.piped(self, rows)
        away = {f for choice in self.choices for f in _chosen(binder, choice, rows, scope)}
        left = [(f.name, f) for f in rows.relation.fields if f not in away]
        return _kept(binder, self.span, rows, left)


@dataclass(frozen=True, slots=True)
class ProjectKeep(Operator):
    """``project-keep a, b*``: these columns, in the order they had."""

    choices: tuple[Choice, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows with the columns chosen."""
        rows = binder.piped(self, rows)
        kept = {f for choice in self.choices for f in _chosen(binder, choice, rows, scope)}
        left = [(f.name, f) for f in rows.relation.fields if f in kept]
        return _kept(binder, self.span, rows, left)


def _kept(binder: Binder, span: Span, rows: Rows, left: list[tuple[str, Field]]) -> Rows:
    if not left and not rows.open:
        raise binder.later("a table without columns", span)
    return binder.project(rows, left)


@dataclass(frozen=True, slots=True)
class ProjectRename(Operator):
    """``project-rename new = old``."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows under the new names, each in the place of the old one."""
        rows = binder.piped(self, rows)
        known = rows
        renamed: dict[Field, str] = {}

        def item(node: Node) -> None:
            if not isinstance(node, Named) or len(node.names) != 1:
                message = "Column rename assignment expected: new = old"
                raise binder.fail("KS110", "type", message, node.span)
            new, old = node.names[0], node.value
            if not isinstance(old, Name):
                raise binder.fail("KS109", "type", "Column name expected", old.span)
            field = _column(binder, old, known, scope)
            if new.text in known.columns or new.text in renamed.values():
                message = f"A column with the name '{new.text}' is already declared"
                raise binder.fail("KS171", "name", message, new.span)
            renamed[field] = new.text

        binder.each(self.items, item)
        chosen = [(renamed.get(f, f.name), f) for f in rows.relation.fields]
        return binder.project(rows, chosen)


@dataclass(frozen=True, slots=True)
class ProjectReorder(Operator):
    """``project-reorder a, b* asc``: these columns first, the others behind."""

    items: tuple[Ordered, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows with their columns in another order."""
        names = [item.value for item in self.items if isinstance(item.value, Name)]
        rows = with_absent(binder, binder.piped(self, rows), names)
        order: dict[Field, None] = {}
        for item in self.items:
            fields = list(_chosen(binder, item.value, rows, scope))
            if item.direction:
                numeric = item.direction.startswith("granny")
                fields.sort(
                    key=lambda f: _by_number(f.name) if numeric else [(0, 0, f.name)],
                    reverse=item.direction.endswith("desc"),
                )
            order.update(dict.fromkeys(f for f in fields if f not in order))
        order.update(dict.fromkeys(rows.relation.fields))
        return binder.project(rows, [(f.name, f) for f in order])


def _by_number(name: str) -> list[tuple[int, int, str]]:
    """A key under which ``a2`` stands before ``a10``."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    numbers = (p.lstrip("0") if p[0] in "0123456789" else None for p in parts)
    return [(1, 0, p) if n is None else (0, len(n), n) for p, n in zip(parts, numbers, strict=True)]


def _chosen(binder: Binder, choice: Node, rows: Rows, scope: Scope) -> Sequence[Field]:
    """The columns that a name or a pattern chooses."""
    if isinstance(choice, Star):
        return rows.relation.fields
    if isinstance(choice, Wildcard):
        fields = [f for f in rows.relation.fields if fits(f.name, choice.pattern)]
        if not fields and not rows.open:
            message = f"The name '{choice.pattern}' does not refer to any known column"
            raise binder.fail("KS142", "name", message, choice.span)
        return fields
    if isinstance(choice, Name):
        return [_column(binder, choice, rows, scope)]
    raise binder.fail("KS109", "type", "Column name expected", choice.span)


def _column(binder: Binder, name: Name, rows: Rows, scope: Scope) -> Field:
    field = rows.columns.get(name.text)
    if field is not None:
        return field
    if rows.open or name.text in rows.broken:
        raise Unbound
    raise unknown_name(binder, name, Context(scope, rows))


def read_choice(grammar: Grammar) -> Choice:
    """A column's name, or a pattern with stars (its parts stand side by side)."""
    first = grammar.cursor.peek()
    parts: list[str] = []
    end = first.span.start
    while True:
        token = grammar.cursor.peek()
        is_part = token.kind in ("name", "long") or (token.kind == "operator" and token.text == "*")
        if not is_part or (parts and token.span.start != end):
            break
        grammar.cursor.next()
        parts.append(token.text)
        end = token.span.end
    if parts == ["*"]:
        return Star(first.span)
    if len(parts) > 1 or (parts and "*" in parts[0]):
        if "*" not in parts:
            raise grammar.missing("a name or a pattern")
        return Wildcard("".join(parts), grammar.since(first.span.start))
    if parts:
        grammar.cursor.position -= 1
    return grammar.name("the name of a column")


def read_away(grammar: Grammar, keyword: Token) -> ProjectAway:
    """The columns behind ``project-away``."""
    choices = tuple(grammar.listed(lambda: read_choice(grammar)))
    return ProjectAway(grammar.since(keyword.span.start), choices)


def read_keep(grammar: Grammar, keyword: Token) -> ProjectKeep:
    """The columns behind ``project-keep``."""
    choices = tuple(grammar.listed(lambda: read_choice(grammar)))
    return ProjectKeep(grammar.since(keyword.span.start), choices)


def read_rename(grammar: Grammar, keyword: Token) -> ProjectRename:
    """The pairs behind ``project-rename``."""
    items = () if grammar.at_end_of_operator() else tuple(grammar.listed(grammar.named))
    return ProjectRename(grammar.since(keyword.span.start), items)


def read_reorder(grammar: Grammar, keyword: Token) -> ProjectReorder:
    """The columns behind ``project-reorder``."""

    def item() -> Ordered:
        choice = read_choice(grammar)
        order = grammar.cursor.accept("asc", "desc", "granny-asc", "granny-desc")
        direction = order.text if order else ""
        return Ordered(choice, direction, "", grammar.since(choice.span.start))

    items = () if grammar.at_end_of_operator() else tuple(grammar.listed(item))
    return ProjectReorder(grammar.since(keyword.span.start), items)
