"""``sample``, ``sample-distinct``, ``top-hitters``: some rows or values, or the most frequent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import over
from vedette.kql.binding.fold import plain
from vedette.kql.binding.names import inferred
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.operators.ordering import row_count
from vedette.kql.reading.syntax_tree import Name, Node
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression
from vedette.plan.relations import Aggregate, Limit, Sort, SortKey
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Sample(Operator):
    """``sample count``."""

    count: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """That many of the rows, which ones is not said."""
        rows = binder.piped(self, rows)
        return rows.over(Limit(rows.relation, row_count(binder, self.count, scope)))


@dataclass(frozen=True, slots=True)
class SampleDistinct(Operator):
    """``sample-distinct count of column``."""

    count: Node
    column: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """That many distinct values of the column, which ones is not said."""
        rows = binder.piped(self, rows)
        count = row_count(binder, self.count, scope)
        column = _column(binder, self.column, rows, scope)
        return Rows(Limit(Aggregate(rows.relation, ((column.field, column),), ()), count))


@dataclass(frozen=True, slots=True)
class TopHitters(Operator):
    """``top-hitters count of column by weight``."""

    count: Node
    column: Node
    weight: Node | None

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The values that are there most often, or whose weights sum up highest; exact counts."""
        rows = binder.piped(self, rows)
        count = row_count(binder, self.count, scope)
        column = _column(binder, self.column, rows, scope)
        context = over(rows, scope)
        columns = Columns(binder)
        columns.declare(column.field.name, column.span)
        total: Expression = apply("count_rows", span=self.span)
        name = f"approximate_count_{column.field.name}"
        if self.weight is not None:
            weight = plain(binder.value(self.weight, context))
            if weight.type not in NUMBERS:
                message = "The expression value must be a number"
                raise binder.fail("KS137", "type", message, self.weight.span)
            total = apply("sum_of", weight, span=self.span)
            name = f"approximate_sum_{inferred(self.weight) or ''}"
        hits = binder.fields.new(columns.free(name), total.type)
        groups = ((column.field, column),)
        folded = Aggregate(context.widened(rows.relation), groups, ((hits, total),))
        keys = (SortKey(Column(hits), True, False), SortKey(column, False, True))
        return Rows(Limit(Sort(folded, keys), count))


def _column(binder: Binder, node: Node, rows: Rows, scope: Scope) -> Column:
    if not isinstance(node, Name):
        raise binder.fail("KS109", "type", "Column name expected", node.span)
    value = binder.value(node, over(rows, scope))
    if not isinstance(value, Column):
        raise binder.fail("KS109", "type", "Column name expected", node.span)
    if value.type is Type.DYNAMIC:
        message = "The value of type 'dynamic' is not allowed in this context"
        raise binder.fail("KS116", "type", message, node.span)
    return value


def read_sample(grammar: Grammar, keyword: Token) -> Sample:
    """The count behind ``sample``."""
    read_hints(grammar)
    count = grammar.expression()
    return Sample(grammar.since(keyword.span.start), count)


def read_sample_distinct(grammar: Grammar, keyword: Token) -> SampleDistinct:
    """The count and the column behind ``sample-distinct``."""
    read_hints(grammar)
    count = grammar.expression()
    grammar.expect("of")
    column = grammar.named()
    return SampleDistinct(grammar.since(keyword.span.start), count, column)


def read_top_hitters(grammar: Grammar, keyword: Token) -> TopHitters:
    """The count, the column and the weight behind ``top-hitters``."""
    read_hints(grammar)
    count = grammar.expression()
    grammar.expect("of")
    column = grammar.named()
    weight = grammar.expression() if grammar.cursor.accept("by") else None
    return TopHitters(grammar.since(keyword.span.start), count, column, weight)
