"""``sample-distinct``, ``top-hitters``: some values of a column, or the most frequent."""

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
from vedette.plan.build import apply, boolean, null, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import (
    Aggregate,
    Filter,
    Limit,
    Project,
    Relation,
    Sort,
    SortKey,
    Window,
)
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


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
        return Rows(self._foremost(binder, Sort(folded, keys), hits, count))

    def _foremost(self, binder: Binder, ordered: Relation, hits: Field, count: int) -> Relation:
        """The first rows; where the last of them has an equal behind it, the run fails."""
        place = binder.fields.new("place", Type.LONG)
        behind = binder.fields.new("behind", hits.type)
        step = Literal(1, Type.LONG, self.span)
        next_one = apply("value_behind", Column(hits), step, null(hits.type))
        numbered = Window(ordered, ((place, apply("row_position")), (behind, next_one)))
        number = Literal(count, Type.LONG, self.span)
        is_last = apply("equals", Column(place), number, span=self.span)
        is_tied = apply("is_true", apply("equals", Column(hits), Column(behind)), span=self.span)
        untied = apply("not", apply("and", is_last, is_tied), span=self.span)
        message = (
            "top-hitters: what comes next is as frequent as the last value kept, and which of them"
            " Kusto keeps is not documented; ask for another number, or use 'summarize' and 'top'"
        )
        sound = apply("agreed", untied, boolean(True, self.span), text(message), span=self.span)
        few = apply("less_or_equal", Column(place), number, span=self.span)
        kept = tuple((f, Column(f)) for f in ordered.fields)
        return Project(Filter(numbered, apply("and", sound, few, span=self.span)), kept)


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
