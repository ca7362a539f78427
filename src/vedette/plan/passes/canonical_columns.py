"""One name for one column: takes expressions over different scans of a table, gives them over the
same fields, so that equal tests of different queries are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vedette.plan.expressions import Apply, Column, Expression, Field, Literal
from vedette.plan.relations import Scan
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import Type


class CanonicalColumns:
    """The fields that stand for a table's columns."""

    def __init__(self, columns: Mapping[str, Type]) -> None:
        """Number the columns of a table."""
        self._columns = {
            name: Column(Field(number, name, type))
            for number, (name, type) in enumerate(columns.items(), start=1)
        }

    def field(self, name: str) -> Field:
        """The field of a column; raises KeyError."""
        return self._columns[name].field

    def of(self, conditions: Iterable[Expression], scan: Scan) -> list[Expression]:
        """Expressions over a scan's fields, over the table's, without places in a text."""
        names = dict(zip(scan.fields, scan.columns, strict=True))

        def put(node: Expression) -> Expression:
            if isinstance(node, Column):
                return self._columns[names[node.field]]
            if isinstance(node, Apply):
                return Apply(node.operation, node.arguments, node.type)
            return Literal(node.value, node.type)

        return [rewrite_expression(condition, put) for condition in conditions]
