"""``column_names_of``: takes a table's name in a query, gives the names of its columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.scope import Rows, Tabular
from vedette.kql.reading.syntax_tree import Call, Name
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def column_names_of(binder: Binder, node: Call, context: Context) -> Expression:
    """The names as an array; nothing of the table's rows is read."""
    if len(node.arguments) != 1:
        raise wrong_count(binder, node, 1, 1)
    table = node.arguments[0]
    rows: Rows | None = None
    if isinstance(table, Name):
        entry = context.scope.find(table.text)
        if isinstance(entry, Tabular):
            rows = entry.rows
        elif entry is None:
            rows = binder.scan(table.text, table.span)
    if rows is None or rows.open:
        raise binder.fail("KS111", "type", "Tabular value expected", table.span)
    names = json.dumps(list(rows.columns), ensure_ascii=False, separators=(",", ":"))
    return Literal(names, Type.DYNAMIC, node.span)


RULES = {"column_names_of": column_names_of}
