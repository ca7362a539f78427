"""Short plans for tests: relations built step by step, expressions in core notation.

``Planner().values(a=[1, 2]).where("greater(a, 1)").extend(b="add(a, 1)")``; names are looked up
among the relation's fields, the last of a name wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vedette.plan.expressions import Column, Expression, Field, Fields, Literal, Value
from vedette.plan.meaning import express
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    FirstPer,
    Fold,
    Join,
    JoinKind,
    Limit,
    Plan,
    Project,
    Relation,
    Running,
    Scan,
    Sort,
    SortKey,
    Union,
    Values,
    Window,
)
from vedette.plan.types import Type

_KINDS = {bool: Type.BOOL, int: Type.LONG, float: Type.REAL, str: Type.STRING}


@dataclass(frozen=True, slots=True)
class Step:
    """A relation that further steps build on."""

    fields: Fields
    relation: Relation

    @property
    def plan(self) -> Plan:
        """The plan that gives this relation."""
        return Plan(self.relation)

    def field(self, name: str) -> Field:
        """The relation's field of a name."""
        return {f.name: f for f in self.relation.fields}[name]

    def expression(self, notation: str) -> Expression:
        """An expression over the relation's fields."""
        return express(notation, lambda name: (Column(self.field(name)),))

    def where(self, condition: str) -> Step:
        """Keep the rows for which the condition is true."""
        return self._step(Filter(self.relation, self.expression(condition)))

    def project(self, *kept: str, **computed: str) -> Step:
        """Keep some fields and compute others."""
        pairs: list[tuple[Field, Expression]] = []
        pairs += [(self.field(name), Column(self.field(name))) for name in kept]
        return self._step(Project(self.relation, (*pairs, *self._computed(computed))))

    def extend(self, **computed: str) -> Step:
        """Keep all fields and compute others."""
        kept = tuple((f, Column(f)) for f in self.relation.fields)
        return self._step(Project(self.relation, (*kept, *self._computed(computed))))

    def summarize(self, by: dict[str, str] | None = None, **computed: str) -> Step:
        """One row a group."""
        groups = self._computed(by or {})
        return self._step(Aggregate(self.relation, groups, self._computed(computed)))

    def first_per(self, *keys: str) -> Step:
        """One row a combination of keys."""
        return self._step(FirstPer(self.relation, tuple(map(self.expression, keys))))

    def sort(self, *keys: str) -> Step:
        """Order the rows; a key that begins with a minus descends, nulls last."""
        parts = tuple(
            SortKey(self.expression(k.removeprefix("-")), k.startswith("-"), not k.startswith("-"))
            for k in keys
        )
        return self._step(Sort(self.relation, parts))

    def expand(self, index: str = "", most: int | None = None, **lists: str) -> Step:
        """Take dynamic values apart, with the place of each element where *index* names one."""
        place = self.fields.new(index, Type.LONG) if index else None
        return self._step(Expand(self.relation, self._computed(lists), place, most=most))

    def neighbours(self, *within: str, **computed: str) -> Step:
        """Compute fields from neighbouring rows, within the same values of some."""
        partitions = tuple(map(self.expression, within))
        return self._step(Window(self.relation, self._computed(computed), partitions))

    def carry(self, **carried: tuple[Literal, str]) -> Step:
        """Carry values from row to row; an expression sees those too."""
        state = {name: self.fields.new(name, start.type) for name, (start, _) in carried.items()}
        known = {f.name: f for f in self.relation.fields} | state
        running = tuple(
            Running(state[name], start, express(notation, lambda n: (Column(known[n]),)))
            for name, (start, notation) in carried.items()
        )
        return self._step(Fold(self.relation, running))

    def take(self, count: int) -> Step:
        """Keep the first rows."""
        return self._step(Limit(self.relation, count))

    def join(self, right: Step, condition: str, kind: JoinKind = "inner") -> Step:
        """Join with another relation; the condition sees both sides' fields."""
        both = (*self.relation.fields, *right.relation.fields)
        names = {f.name: f for f in both}
        on = express(condition, lambda name: (Column(names[name]),))
        return self._step(Join(kind, self.relation, right.relation, on))

    def union(self, *others: Step) -> Step:
        """The rows of this relation and of others with the same types."""
        fields = tuple(self.fields.new(f.name, f.type) for f in self.relation.fields)
        return self._step(Union((self.relation, *(o.relation for o in others)), fields))

    def _computed(self, computed: dict[str, str]) -> tuple[tuple[Field, Expression], ...]:
        made = [(name, self.expression(notation)) for name, notation in computed.items()]
        return tuple((self.fields.new(name, e.type), e) for name, e in made)

    def _step(self, relation: Relation) -> Step:
        return Step(self.fields, relation)


class Planner:
    """Begins relations of one plan."""

    def __init__(self) -> None:
        self.fields = Fields()

    def scan(self, table: str, **columns: str) -> Step:
        """A table's columns, by their types' names."""
        made = tuple(self.fields.new(name, Type(of)) for name, of in columns.items())
        return Step(self.fields, Scan(table, made, tuple(columns)))

    def values(self, **columns: Sequence[Value]) -> Step:
        """Rows written down; a column's type is that of its first value that is not null."""
        types = [
            _KINDS[type(next(v for v in values if v is not None))] for values in columns.values()
        ]
        made = tuple(self.fields.new(n, t) for n, t in zip(columns, types, strict=True))
        rows = tuple(
            tuple(Literal(v, t) for v, t in zip(row, types, strict=True))
            for row in zip(*columns.values(), strict=True)
        )
        return Step(self.fields, Values(made, rows))

    def one(self) -> Step:
        """One row without columns."""
        return Step(self.fields, Values((), ((),)))

    def nothing(self, **columns: str) -> Step:
        """No row."""
        made = tuple(self.fields.new(name, Type(of)) for name, of in columns.items())
        return Step(self.fields, Values(made, ()))
