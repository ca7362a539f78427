"""``fork`` and ``facet``: several results of the same rows; the first is what the query gives.

The others have names, by which they are asked for as the query's output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import over
from vedette.kql.binding.scope import Rows, Scope, Tabular
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.operators.partitioning import read_subquery
from vedette.kql.reading.syntax_tree import Name, Node
from vedette.plan.build import apply
from vedette.plan.expressions import Column
from vedette.plan.relations import Aggregate
from vedette.plan.types import Type
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Branch:
    """``name = (operators)``; without a name it is numbered."""

    name: Name
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Fork(Operator):
    """``fork name = (operators) (operators) …``."""

    branches: tuple[Branch, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows of the first branch; those of all under their names."""
        rows = binder.piped(self, rows)
        results = _Results(binder, self, rows, scope)
        for branch in self.branches:
            given = binder.piped_through(branch.operators, results.rows(), Scope(scope))
            results.add(branch.name, given)
        return results.first


@dataclass(frozen=True, slots=True)
class Facet(Operator):
    """``facet by columns with (operators)``."""

    columns: tuple[Node, ...]
    operators: tuple[Operator, ...] | None

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The first column's values and how often each comes; every column's under its name."""
        rows = binder.piped(self, rows)
        results = _Results(binder, self, rows, scope)
        for node in self.columns:
            part = results.rows()
            value = binder.value(node, over(part, scope)) if isinstance(node, Name) else None
            if not isinstance(node, Name) or not isinstance(value, Column):
                raise binder.fail("KS109", "type", "Column name expected", node.span)
            if value.type is Type.DYNAMIC:
                message = "The value of type 'dynamic' is not allowed in this context"
                raise binder.fail("KS116", "type", message, node.span)
            hits = binder.fields.new(f"count_{node.text}", Type.LONG)
            counted = ((hits, apply("count_rows", span=node.span)),)
            groups = ((value.field, value),)
            results.add(node, Rows(Aggregate(part.relation, groups, counted)))
        if self.operators is not None:
            given = binder.piped_through(self.operators, results.rows(), Scope(scope))
            results.add(Name("facet_rows", self.span), given)
        return results.first


class _Results:
    """The results of one operator."""

    def __init__(self, binder: Binder, operator: Operator, rows: Rows, scope: Scope) -> None:
        self._binder = binder
        self._span = operator.span
        self._scope = scope
        self._rows = Tabular(rows, Name("", operator.span), operator.span)
        self._first: Rows | None = None

    def rows(self) -> Rows:
        """The rows that came in, for one result."""
        return self._binder.take(self._rows, self._span)

    def add(self, name: Name, rows: Rows) -> None:
        """Give a result its name, unless the query has another use for that."""
        self._first = self._first or rows
        if self._scope.own(name.text) is None:
            entry = Tabular(rows, name, self._span, used=True, taken=True)
            self._scope.define(name.text, entry)

    @property
    def first(self) -> Rows:
        """The result that the query gives."""
        return self._first or self.rows()


def read_fork(grammar: Grammar, keyword: Token) -> Fork:
    """The branches behind ``fork``."""
    branches: list[Branch] = []
    while not grammar.at_end_of_operator():
        start = grammar.cursor.peek().span.start
        name: Name | None = None
        if grammar.at_assignment():
            name = grammar.name(declared=True)
            grammar.cursor.next()
        operators = read_subquery(grammar) if grammar.cursor.at("(") else (grammar.operator(),)
        name = name or Name(f"fork_{len(branches) + 1}", grammar.since(start))
        branches.append(Branch(name, operators))
    if not branches:
        raise grammar.missing("operators in parentheses", "KS005")
    return Fork(grammar.since(keyword.span.start), tuple(branches))


def read_facet(grammar: Grammar, keyword: Token) -> Facet:
    """Columns and operators behind ``facet``."""
    read_hints(grammar)
    grammar.expect("by")
    columns = tuple(grammar.listed(grammar.expression))
    operators: tuple[Operator, ...] | None = None
    if grammar.cursor.accept("with"):
        is_list = grammar.cursor.at("(")
        operators = read_subquery(grammar) if is_list else (grammar.operator(),)
    return Facet(grammar.since(keyword.span.start), columns, operators)
