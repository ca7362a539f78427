"""Queries that do no more than choose events: takes a plan over stored tables, gives what it shows
of an event that it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vedette.plan.expressions import Column, Field
from vedette.plan.relations import Filter, Plan, Project, Relation, Scan
from vedette.plan.rewrite import is_by_chance


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query shows of each event of a table that it asks for, and of no other.

    ``columns`` are the names that it gives stored columns; their values are as they are stored.
    """

    table: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is shown."""
        return tuple(name for name, _ in self.columns)


def answer_of(plan: Plan) -> Answer | None:
    """What a plan shows of a stored table's rows; None where it does more than choose some of them,
    or hangs on the clock."""
    if not plan.timeless or plan.hides_clock:
        return None
    found = _shown(plan.root)
    if found is None:
        return None
    scan, columns = found
    return Answer(scan.table, tuple((f.name, columns[f]) for f in plan.root.fields))


def _shown(relation: Relation) -> tuple[Scan, Mapping[Field, str]] | None:
    """The one scan below, and the stored column behind each field."""
    if isinstance(relation, Scan):
        return relation, dict(zip(relation.fields, relation.columns, strict=True))
    if not isinstance(relation, Filter | Project):
        return None
    below = _shown(relation.input)
    if below is None or isinstance(relation, Filter):
        return None if isinstance(relation, Filter) and is_by_chance(relation.condition) else below
    scan, columns = below
    shown: dict[Field, str] = {}
    for field, value in relation.assignments:
        if not isinstance(value, Column):
            return None
        shown[field] = columns[value.field]
    return scan, shown
