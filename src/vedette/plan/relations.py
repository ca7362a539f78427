"""Relations of a plan: each gives rows with the fields that ``fields`` lists, in that order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from vedette.plan.expressions import Expression, Field, Literal
from vedette.syntax.source import NOWHERE, Span

JoinKind = OneOf["inner", "left_outer", "right_outer", "full_outer", "left_semi", "left_anti"]
Assignment = tuple[Field, Expression]


@dataclass(frozen=True, slots=True)
class Scan:
    """The rows of a table; ``columns`` names the stored column behind each field."""

    table: str
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Values:
    """Rows written down in the query."""

    fields: tuple[Field, ...]
    rows: tuple[tuple[Literal, ...], ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which the condition is true; false and null are dropped."""

    input: Relation
    condition: Expression

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return _passed(self.input)


@dataclass(frozen=True, slots=True)
class Project:
    """One row a row: each field computed from the input's; a plain column keeps its field.

    ``fields`` are the assigned ones.
    """

    input: Relation
    assignments: tuple[Assignment, ...]
    fields: tuple[Field, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """List the fields once: they are asked for by the thousand."""
        object.__setattr__(self, "fields", tuple([made for made, _ in self.assignments]))


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One row a distinct combination of the groups (null equals null); one in all without groups.

    An aggregate is an applied operation that ``operations`` marks as one, at the top of its
    expression or inside it.
    """

    input: Relation
    groups: tuple[Assignment, ...]
    aggregates: tuple[Assignment, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The groups, then the aggregates."""
        return tuple(field for field, _ in self.groups + self.aggregates)


@dataclass(frozen=True, slots=True)
class FirstPer:
    """One row, any of them, a distinct combination of the keys."""

    input: Relation
    keys: tuple[Expression, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return _passed(self.input)


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of both sides for which the condition is true; unmatched sides are null.

    Semi and anti joins give the left side's fields, the others both sides' in that order.
    """

    kind: JoinKind
    left: Relation
    right: Relation
    condition: Expression

    @property
    def fields(self) -> tuple[Field, ...]:
        """The left side's fields, then the right side's unless only the left side is kept."""
        only_left = self.kind in ("left_semi", "left_anti")
        return self.left.fields if only_left else self.left.fields + self.right.fields


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of all inputs; field *i* takes every input's field *i*, of the same type."""

    inputs: tuple[Relation, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """What to sort by, in which direction, and where nulls stand; a NaN stands next to them."""

    expression: Expression
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """The rows in order, which later one-row-a-row relations keep."""

    input: Relation
    keys: tuple[SortKey, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return _passed(self.input)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *count* rows, the first where the input is sorted."""

    input: Relation
    count: int

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return _passed(self.input)


@dataclass(frozen=True, slots=True)
class Expand:
    """A row for each element of dynamic values, which are taken apart side by side.

    ``lists`` says which field gets the elements of which value. An array has its elements, a bag
    an entry a property: a bag of one, or where ``pairs`` is set an array of name and value. An
    empty one has none, any other value, null too, is its only element. A row comes as often as the
    longest value has elements, the shorter ones are null then; at most ``most`` times. ``index``
    gets the place of the element, from 0.
    """

    input: Relation
    lists: tuple[Assignment, ...]
    index: Field | None = None
    pairs: bool = False
    most: int | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields, then the elements', then the index."""
        elements = tuple(field for field, _ in self.lists)
        return self.input.fields + elements + ((self.index,) if self.index else ())


@dataclass(frozen=True, slots=True)
class Window:
    """The rows, numbered in the order they come in, and fields computed from their neighbours.

    Each computed field is a window operation at the top of its expression. Rows are neighbours
    within a distinct combination of the partitions (null equals null), within all rows without
    any. Later one-row-a-row relations keep the order, also of rows that no Sort put in one, unless
    only sliding operations are computed, which no order matters to.
    """

    input: Relation
    computed: tuple[Assignment, ...] = ()
    partitions: tuple[Expression, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields, then the computed ones."""
        return self.input.fields + tuple(field for field, _ in self.computed)


@dataclass(frozen=True, slots=True)
class Running:
    """A value that is carried from row to row: *start* before the first, *value* behind each.

    The value reads the row's fields, and for itself and others of its Fold what they were before.
    """

    field: Field
    start: Literal
    value: Expression


@dataclass(frozen=True, slots=True)
class Fold:
    """The rows in the order they come in, and what values carried along have become by each.

    It is worked out row by row: a Window does without that where it can say the same.
    """

    input: Relation
    state: tuple[Running, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields, then the state's."""
        return self.input.fields + tuple(running.field for running in self.state)


def _passed(relation: Relation) -> tuple[Field, ...]:
    """The fields that reach through any number of relations that change none."""
    while isinstance(relation, Filter | FirstPer | Sort | Limit):
        relation = relation.input
    return relation.fields


Relation = (
    Scan
    | Values
    | Filter
    | Project
    | Aggregate
    | FirstPer
    | Join
    | Union
    | Sort
    | Limit
    | Expand
    | Window
    | Fold
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole query: the relation that gives its result, and how far back it looks.

    ``lookback_ticks`` is the span before "now" that the query's own time filter reaches, where it
    has one: what a schedule must slide over old data. A ``timeless`` plan is the same
    whatever "now" is. One that ``hides_clock`` may be another at another "now" though none of its
    moments tells.
    """

    root: Relation
    lookback_ticks: int | None = None
    timeless: bool = False
    hides_clock: bool = False
