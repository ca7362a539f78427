"""``sort``, ``top`` and ``take``: the rows in order, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context, over
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Node, Ordered
from vedette.plan.expressions import Column
from vedette.plan.relations import Limit, Project, Relation, Sort, SortKey
from vedette.plan.types import Type
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class SortBy(Operator):
    """``sort by key, …``; ``order`` is the same."""

    keys: tuple[Ordered, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows in the order of the keys, descending where no direction is given."""
        rows = binder.piped(self, rows)
        context = over(rows, scope)
        keys = binder.each(self.keys, lambda key: _key(binder, key, context))
        return rows.over(_back(rows, context, Sort(context.widened(rows.relation), tuple(keys))))


@dataclass(frozen=True, slots=True)
class Top(Operator):
    """``top count by key``."""

    count: Node
    key: Ordered

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The first rows in the order of the key."""
        rows = binder.piped(self, rows)
        context = over(rows, scope)
        key = _key(binder, self.key, context)
        count = row_count(binder, self.count, scope)
        ordered = Sort(context.widened(rows.relation), (key,))
        return rows.over(_back(rows, context, Limit(ordered, count)))


@dataclass(frozen=True, slots=True)
class Take(Operator):
    """``take count``; ``limit`` is the same, and so is ``sample``: which rows is not said."""

    count: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """At most that many rows."""
        rows = binder.piped(self, rows)
        return rows.over(Limit(rows.relation, row_count(binder, self.count, scope)))


def _key(binder: Binder, key: Ordered, context: Context) -> SortKey:
    value = binder.value(key.value, context)
    if value.type is Type.DYNAMIC:
        message = "The value of type 'dynamic' is not allowed in this context"
        hint = "sort by its text or number: tostring(), tolong() …"
        raise binder.fail("KS116", "type", message, key.value.span, hint=hint)
    binder.sizes.check(binder, value, key.span)
    descending = key.direction != "asc"
    nulls_first = key.nulls == "first" if key.nulls else not descending
    return SortKey(value, descending, nulls_first)


def row_count(binder: Binder, node: Node, scope: Scope) -> int:
    """A number of rows: a constant that is not negative."""
    value = binder.constant(node, scope, Type.LONG, "an integer").value
    count = value if isinstance(value, int) else 0
    if count < 0:
        message = "The expression value must not be negative"
        raise binder.fail("KS134", "type", message, node.span)
    return count


def _back(rows: Rows, context: Context, relation: Relation) -> Relation:
    """The relation with the columns that came in, where keys needed more beside them."""
    if not context.additions:
        return relation
    return Project(relation, tuple((f, Column(f)) for f in rows.relation.fields))


def read_sort(grammar: Grammar, keyword: Token) -> SortBy:
    """The keys behind ``sort by``."""
    read_hints(grammar, "kind")
    grammar.expect("by")
    return SortBy(grammar.since(keyword.span.start), tuple(grammar.listed(grammar.ordered)))


def read_top(grammar: Grammar, keyword: Token) -> Top:
    """The count and the key behind ``top``."""
    read_hints(grammar)
    count = grammar.expression()
    grammar.expect("by")
    key = grammar.ordered()
    return Top(grammar.since(keyword.span.start), count, key)


def read_take(grammar: Grammar, keyword: Token) -> Take:
    """The count behind ``take``, ``limit`` or ``sample``."""
    read_hints(grammar)
    count = grammar.expression()
    return Take(grammar.since(keyword.span.start), count)
