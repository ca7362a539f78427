"""``partition``: operators over the rows of each key apart, the results behind each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.per_key import Part, keeps_rows_apart, per_key
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.values import unknown_name
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Name, Node, Pipeline
from vedette.plan.expressions import Column
from vedette.plan.relations import Project
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Partition(Operator):
    """``partition by column (operators)``; the strategies that hints name all give the same."""

    column: Name
    operators: tuple[Operator, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """What the operators give of the rows of each value of the column."""
        rows = binder.piped(self, rows)
        field = rows.columns.get(self.column.text)
        if field is None:
            if rows.knows(self.column.text) or rows.open:
                raise Unbound
            raise unknown_name(binder, self.column, Context(scope, rows))
        if field.type is Type.DYNAMIC:
            message = "The value of type 'dynamic' is not allowed in this context"
            raise binder.fail("KS116", "type", message, self.column.span)
        own = tuple((f, Column(f)) for f in rows.relation.fields)
        parts = Project(rows.relation, own)
        binder.apart.append(parts)
        try:
            inside = Scope(scope)
            given = binder.piped_through(self.operators, rows.over(parts), inside)
        finally:
            binder.apart.pop()
        if keeps_rows_apart(given.relation, parts):
            return given
        key = binder.fields.new(field.name, field.type)
        keyed = Project(rows.relation, (*own, (key, Column(field))))
        part = Part(parts, keyed, key, (), "partition", self.span, scattered=True)
        made = per_key(binder, given.relation, part)
        shown = tuple((f, Column(f)) for f in given.relation.fields)
        return given.over(Project(made.relation, shown))


@dataclass(frozen=True, slots=True)
class PartitionWithSource(Operator):
    """``partition by column { rows | operators }``."""

    source: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """Refused: the subquery runs over a table of its own once a value."""
        place = Span(self.span.start, self.span.start + len("partition"))
        raise binder.later("'partition' over a subquery with a source of its own", place)


def read_partition(grammar: Grammar, keyword: Token) -> Operator:
    """The column behind ``partition by``, and the operators in brackets."""
    read_hints(grammar)
    grammar.expect("by")
    return _parts(grammar, keyword)


def read_partition_by(grammar: Grammar, keyword: Token) -> Operator:
    """The same behind ``__partitionby``, an older spelling."""
    read_hints(grammar)
    return _parts(grammar, keyword)


def _parts(grammar: Grammar, keyword: Token) -> Operator:
    column = grammar.name("the name of a column")
    if grammar.cursor.accept("{"):
        source = grammar.deeper(grammar.pipeline)
        grammar.expect("}")
        return PartitionWithSource(grammar.since(keyword.span.start), source)
    operators = read_subquery(grammar)
    return Partition(grammar.since(keyword.span.start), column, operators)


def read_subquery(grammar: Grammar) -> tuple[Operator, ...]:
    """Operators in parentheses, whose rows come from around."""
    grammar.expect("(")
    subquery = grammar.deeper(grammar.operators_alone)
    grammar.expect(")")
    return subquery.operators if isinstance(subquery, Pipeline) else ()
