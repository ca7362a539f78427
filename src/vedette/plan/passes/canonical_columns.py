"""One name for one column: takes expressions over different scans of a table, gives them over the
same fields, so that equal tests of different queries are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.relations import Scan
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import Type
from vedette.syntax.source import NOWHERE


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

    def of(self, expression: Expression, scan: Scan) -> Expression:
        """An expression over a scan's fields, over the table's, without places in a text."""
        names = dict(zip(scan.fields, scan.columns, strict=True))

        def put(node: Expression) -> Expression:
            if isinstance(node, Column):
                return self._columns[names[node.field]]
            return node if node.span == NOWHERE else replace(node, span=NOWHERE)

        return rewrite_expression(expression, put)
