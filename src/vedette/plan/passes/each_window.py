"""Many windows in one pass: takes a plan whose clock is a field, gives it over all windows at once.

Each row carries its moment until something needs to know its window (an aggregate, a join, the
clock itself); from there on it stands once in every window that holds it, and groups, keys and
joins keep windows apart. A plan of filters and projections alone never asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from vedette.plan.build import apply, boolean, every
from vedette.plan.expressions import (
    Apply,
    Column,
    Expression,
    Field,
    Fields,
    Literal,
    fields_of,
)
from vedette.plan.passes.relative_to_clock import before_clock
from vedette.plan.relations import (
    Aggregate,
    Filter,
    FirstPer,
    Fold,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Scan,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import (
    each_once,
    expressions,
    is_by_chance,
    rewrite_expression,
    with_expressions,
    with_inputs,
)
from vedette.plan.types import Type


class NotAtOnce(Exception):
    """The plan has something that must be run window by window; says what."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Windows ``(end - lookback, end]`` whose ends lie a *step* apart, from *first* to *last*.

    All in ticks.
    """

    first: int
    last: int
    step: int
    lookback: int


@dataclass(frozen=True, slots=True)
class _Dated:
    """Rows that carry their moment."""

    time: Field


@dataclass(frozen=True, slots=True)
class _Windowed:
    """Rows that stand once in each of their windows, and carry its end."""

    end: Field


_R = TypeVar("_R", bound=Relation)
_State = _Dated | _Windowed | None  # None: rows without a moment, the same in every window


def each_window(
    plan: Plan,
    time_columns: Callable[[str], Collection[str]],
    fields: Fields,
    clock: Field,
    grid: Grid,
    *,
    is_apart: bool = False,
) -> tuple[Plan, bool]:
    """The plan with the rows of all windows of the grid, and whether it had to tell them apart.

    *time_columns* names a table's datetime columns that hold a row's moment, all the same. Scans
    must give only rows of the windows' span. A row of a plan that never asks for its window comes
    once, unless *is_apart* wants it once a window. Raises NotAtOnce.
    """
    if any(is_by_chance(e) for r in each_once(plan.root) for e in expressions(r)):
        raise NotAtOnce("a value drawn by chance, for each window anew")
    windowing = _Windowing(time_columns, fields, clock, grid)
    root, state = windowing.visit(plan.root)
    if is_apart and isinstance(state, _Dated):
        root, state = windowing.attach(root, state)
    shown = tuple((f, Column(f)) for f in plan.root.fields)
    root = root if root.fields == plan.root.fields else Project(root, shown)
    return replace(plan, root=root), windowing.is_apart


class _Windowing:
    def __init__(
        self,
        time_columns: Callable[[str], Collection[str]],
        fields: Fields,
        clock: Field,
        grid: Grid,
    ) -> None:
        self._time_columns = time_columns
        self._fields = fields
        self._clock = clock
        self._grid = grid
        self._times: set[Field] = set()
        self.is_apart = False

    def visit(self, relation: Relation) -> tuple[Relation, _State]:
        """The relation over all windows, with the field that tells its rows' moment or window."""
        match relation:
            case Scan():
                return self._scan(relation)
            case Values():
                return relation, None
            case Filter():
                return self._filter(relation)
            case Join():
                return self._join(relation)
            case Union():
                return self._union(relation)
        below, state = self._told(relation, *self.visit(relation.input))
        extra = self._extra(state)
        relation = self._at_its_window(relation, state)
        match relation:
            case Project():
                kept = tuple((f, Column(f)) for f in extra)
                return Project(below, relation.assignments + kept), state
            case Aggregate():
                if state is not None and not relation.groups:
                    raise NotAtOnce("an aggregate over everything, which windows without rows have")
                kept = tuple((f, Column(f)) for f in extra)
                return Aggregate(below, relation.groups + kept, relation.aggregates), state
            case FirstPer():
                return FirstPer(below, relation.keys + tuple(map(Column, extra))), state
            case Limit() if state is not None:
                raise NotAtOnce("a limit on the number of rows")
            case Window() | Fold() if state is not None:
                raise NotAtOnce("a value from neighbouring rows")
        return with_inputs(relation, (below,)), state

    def attach(self, relation: Relation, state: _Dated) -> tuple[Relation, _Windowed]:
        """Each row once in every window that holds it."""
        self.is_apart = True
        grid, moment = self._grid, Column(state.time)
        last = Literal(grid.last, Type.DATETIME)
        since = apply("bin_span", apply("time_difference", last, moment), _span(grid.step))
        end: Expression = apply("time_subtract", last, since)
        overlaps = -(-grid.lookback // grid.step)
        if overlaps > 1:
            later = self._fields.new("later", Type.TIMESPAN)
            rows = tuple((_span(n * grid.step),) for n in range(overlaps))
            relation = Join("inner", relation, Values((later,), rows), boolean(True))
            end = apply("time_add", end, Column(later))
        field = self._fields.new("window_end", Type.DATETIME)
        kept = tuple((f, Column(f)) for f in relation.fields)
        relation = Project(relation, (*kept, (field, end)))
        start = apply("time_subtract", Column(field), _span(grid.lookback))
        bounds = [
            apply("greater", moment, start),
            apply("greater_or_equal", Column(field), Literal(grid.first, Type.DATETIME)),
            apply("less_or_equal", Column(field), last),
        ]
        return Filter(relation, every(bounds)), _Windowed(field)

    # --- each kind of relation ----------------------------------------------------------------

    def _scan(self, scan: Scan) -> tuple[Relation, _State]:
        columns = self._time_columns(scan.table)
        if not columns:
            return scan, None
        pairs = zip(scan.fields, scan.columns, strict=True)
        self._times.update(field for field, column in pairs if column in columns)
        column = next(iter(columns))
        # A field of its own: the query may drop or rename the one it reads.
        time = self._fields.new(column, Type.DATETIME)
        wider = replace(scan, fields=(*scan.fields, time), columns=(*scan.columns, column))
        return wider, _Dated(time)

    def _filter(self, relation: Filter) -> tuple[Relation, _State]:
        below, state = self.visit(relation.input)
        conditions = [c for c in _conjuncts(relation.condition) if not self._is_implied(c, state)]
        if not conditions:
            return below, state
        kept = Filter(relation.input, every(conditions))
        below, state = self._told(kept, below, state)
        return with_inputs(self._at_its_window(kept, state), (below,)), state

    def _join(self, join: Join) -> tuple[Relation, _State]:
        left, left_state = self._windowed(*self.visit(join.left))
        right, right_state = self._windowed(*self.visit(join.right))
        if join.kind in ("right_outer", "full_outer") and (left_state or right_state):
            raise NotAtOnce(f"a {join.kind.replace('_', ' ')} join")
        if left_state is None and right_state is not None and join.kind != "inner":
            raise NotAtOnce("a join of rows without a time to rows of a window")
        if join.kind == "left_outer":
            self._times -= set(right.fields)  # null where nothing matches
        state = left_state or right_state
        join = self._at_its_window(join, state)
        condition = join.condition
        if left_state and right_state:
            same = apply("equals", Column(left_state.end), Column(right_state.end))
            condition = apply("and", condition, same)
        return Join(join.kind, left, right, condition), state

    def _union(self, union: Union) -> tuple[Relation, _State]:
        visited = [self.visit(relation) for relation in union.inputs]
        if all(state is None for _, state in visited):
            return with_inputs(union, tuple(r for r, _ in visited)), None
        if any(isinstance(state, _Windowed) for _, state in visited):
            visited = [self._windowed(*one) for one in visited]
        inputs = []
        for own, (relation, state) in zip(union.inputs, visited, strict=True):
            if state is None:
                raise NotAtOnce("a union of rows with and without a time")
            shown = (*own.fields, *self._extra(state))
            inputs.append(Project(relation, tuple((f, Column(f)) for f in shown)))
        is_windowed = isinstance(visited[0][1], _Windowed)
        field = self._fields.new("window_end" if is_windowed else "time", Type.DATETIME)
        state = _Windowed(field) if is_windowed else _Dated(field)
        return Union(tuple(inputs), (*union.fields, field)), state

    # --- what they share ----------------------------------------------------------------------

    def _told(self, above: Relation, below: Relation, state: _State) -> tuple[Relation, _State]:
        """The input of a relation, each row told its window where the relation must know."""
        asks = any(self._clock in fields_of(e) for e in expressions(above))
        if asks and state is None:
            raise NotAtOnce("the clock over rows without a time")
        if asks or isinstance(above, Aggregate | FirstPer):
            return self._windowed(below, state)
        return below, state

    def _windowed(self, relation: Relation, state: _State) -> tuple[Relation, _Windowed | None]:
        if isinstance(state, _Dated):
            return self.attach(relation, state)
        return relation, state

    @staticmethod
    def _extra(state: _State) -> tuple[Field, ...]:
        if state is None:
            return ()
        return (state.time,) if isinstance(state, _Dated) else (state.end,)

    def _at_its_window(self, relation: _R, state: _State) -> _R:
        """The relation with the end of the row's window wherever it speaks of the clock."""
        if not isinstance(state, _Windowed):
            return relation
        end = Column(state.end)

        def told(part: Expression) -> Expression:
            return end if isinstance(part, Column) and part.field == self._clock else part

        return cast("_R", with_expressions(relation, lambda e: rewrite_expression(e, told)))

    def _is_implied(self, condition: Expression, state: _State) -> bool:
        """Whether every row of a window meets the condition: the query's own bound of time."""
        if not isinstance(condition, Apply) or len(condition.arguments) != 2:
            return False
        operation, (left, right) = condition.operation, condition.arguments
        if operation in _MIRRORED and isinstance(right, Column):
            operation, left, right = _MIRRORED[operation], right, left
        before = before_clock(right, self._clock)
        if before is None or not isinstance(left, Column) or left.field not in self._times:
            return False
        if state is None:
            return False
        if operation in ("greater", "greater_or_equal"):
            return before >= self._grid.lookback
        return (operation == "less_or_equal" and before <= 0) or (
            operation == "less" and before < 0
        )


_MIRRORED = {
    "less": "greater",
    "less_or_equal": "greater_or_equal",
    "greater": "less",
    "greater_or_equal": "less_or_equal",
}


def _span(ticks: int) -> Literal:
    return Literal(ticks, Type.TIMESPAN)


def _conjuncts(condition: Expression) -> list[Expression]:
    if isinstance(condition, Apply) and condition.operation == "and":
        return [part for argument in condition.arguments for part in _conjuncts(argument)]
    return [condition]
