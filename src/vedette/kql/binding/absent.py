"""Columns that a query names and the data has not, behind what has the columns of data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows
from vedette.kql.reading.syntax_tree import Name
from vedette.plan.expressions import Column, Literal
from vedette.plan.relations import Project
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def tell_of_absent(binder: Binder, name: Name) -> None:
    """Record that a column of what the data has is not there, and is read as empty."""
    message = f"no row has the property '{name.text}' now: it is read as an empty string"
    binder.findings.repair("column-not-in-data", message, name.span)


def with_absent(binder: Binder, rows: Rows, names: Iterable[Name]) -> Rows:
    """The rows with an empty column for each name that the data has not; not where strict."""
    if not rows.from_data or binder.findings.strict:
        return rows
    absent = {name.text: name for name in names if not rows.knows(name.text)}
    if not absent:
        return rows
    for name in absent.values():
        tell_of_absent(binder, name)
    own = tuple((f, Column(f)) for f in rows.relation.fields)
    empty = tuple((binder.fields.new(n, Type.STRING), Literal("", Type.STRING)) for n in absent)
    return rows.over(Project(rows.relation, own + empty))
