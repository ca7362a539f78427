"""Grouped queries: takes expressions over rows, gives them over the rows of an aggregation.

A part that is grouped by stands for its group, an aggregate for its result, and any other field for
its value in the first row of the group, as QRadar gives it: here the earliest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vedette.aql.binding.context import Context
from vedette.plan.build import apply
from vedette.plan.check import is_aggregate
from vedette.plan.expressions import Apply, Column, Expression, Field, walk
from vedette.plan.relations import Aggregate, Assignment, Relation
from vedette.plan.show import show_expression


class Grouping:
    """The groups of one query, and the aggregates that its expressions turn out to need."""

    def __init__(self, context: Context, groups: Sequence[Expression]) -> None:
        """Group by these expressions over rows."""
        self._context = context
        self._groups: dict[str, Assignment] = {}
        self._aggregates: dict[str, Assignment] = {}
        for group in groups:
            name = group.field.name if isinstance(group, Column) else "group"
            field = context.fields.new(name, group.type)
            self._groups.setdefault(show_expression(group), (field, group))

    @property
    def fields(self) -> list[Field]:
        """What the rows are grouped by, as the aggregation gives it."""
        return [field for field, _ in self._groups.values()]

    def is_first(self, expression: Expression) -> bool:
        """Whether an expression is a field that is neither grouped by nor aggregated."""
        return isinstance(expression, Column) and show_expression(expression) not in self._groups

    def over_groups(self, expression: Expression) -> Expression:
        """The expression over the aggregation's rows."""
        group = self._groups.get(show_expression(expression))
        if group is not None:
            return Column(group[0], expression.span)
        if is_aggregate(expression):
            return Column(self._aggregate(expression), expression.span)
        if isinstance(expression, Column):
            first = self._context.first(expression, expression.span)
            return Column(self._aggregate(first, expression.field.name), expression.span)
        if isinstance(expression, Apply):
            arguments = tuple(self.over_groups(a) for a in expression.arguments)
            return replace(expression, arguments=arguments)
        return expression

    def relation(self, rows: Relation) -> Relation:
        """The aggregation of rows by the groups."""
        aggregates = tuple(self._aggregates.values())
        groups = tuple(self._groups.values())
        if not groups and not aggregates:  # only constants are selected: one row all the same
            count = apply("count_rows")
            aggregates = ((self._context.fields.new("count", count.type), count),)
        return Aggregate(rows, groups, aggregates)

    def _aggregate(self, expression: Expression, name: str = "") -> Field:
        key = show_expression(expression)
        if key not in self._aggregates:
            operation = expression.operation if isinstance(expression, Apply) else "aggregate"
            field = self._context.fields.new(name or operation, expression.type)
            self._aggregates[key] = (field, expression)
        return self._aggregates[key][0]


def aggregates(expression: Expression) -> bool:
    """Whether an aggregate stands in the expression."""
    return any(is_aggregate(node) for node in walk(expression))
