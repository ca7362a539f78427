"""Steps of ``scan`` as a Fold: takes bound steps over ordered rows, gives a row a match.

A row is held against the steps from the last to the first. It matches a step by what the step
before keeps, which then moves on to it, or by what the step keeps itself; the first needs neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.plan.build import apply, boolean, every
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import (
    Assignment,
    Filter,
    Fold,
    Join,
    Project,
    Relation,
    Running,
    Sort,
    SortKey,
    Values,
    Window,
)
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that a step reads: *place* stands for what step number *step* has in *field*."""

    place: Field
    step: int
    field: Field


@dataclass(frozen=True, slots=True)
class Step:
    """A step: ``output`` is all, last or none; ``values`` says which columns it sets to what."""

    output: str
    condition: Expression
    values: Mapping[Field, Expression]
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What one step carries from row to row."""

    active: Field
    matched: Field
    match: Field | None
    series: Field | None
    values: Mapping[tuple[int, Field], Field]


def stepped(
    binder: Binder,
    relation: Relation,
    steps: tuple[Step, ...],
    shown: tuple[Field, ...],
    starts: Mapping[Field, Literal],
    match: Field | None,
) -> Relation:
    """The matches as rows, in the order of the rows and of the steps backwards.

    *shown* are the columns of a row and those declared, *starts* what these are where nothing is
    known, *match* is the field that gets the number of the sequence.
    """
    place = binder.fields.new("place", Type.LONG)
    ordered = Window(relation, ((place, apply("row_position")),))
    inputs, counts = frozenset(relation.fields), match is not None
    made = _Stepping(binder, steps, shown, starts, inputs, counts)
    return made.rows(Fold(ordered, made.state()), place, match)


class _Stepping:
    def __init__(
        self,
        binder: Binder,
        steps: tuple[Step, ...],
        shown: tuple[Field, ...],
        starts: Mapping[Field, Literal],
        inputs: frozenset[Field],
        counts: bool,
    ) -> None:
        self._steps = steps
        self._starts = starts
        self._inputs = inputs
        self._counts = counts
        self._fields = binder.fields
        self._next = self._fields.new("matches", Type.LONG)
        self._results = {f: self._fields.new(f.name, f.type) for f in shown}
        self._states = [self._carried(number) for number in range(len(steps))]

    def _carried(self, number: int) -> _State:
        """The fields of a step's state: values of its own and of the steps before it."""
        new = self._fields.new
        wanted = {(k.step, k.field) for step in self._steps for k in step.kept if k.step <= number}
        wanted |= {(number, field) for field in self._steps[number].values}
        order = sorted(wanted, key=lambda pair: (pair[0], pair[1].number))
        values = {(s, f): new(f"s{s + 1}.{f.name}", f.type) for s, f in order}
        match = new("match", Type.LONG) if self._counts else None
        series = new("series", Type.LONG) if self._steps[number].output == "last" else None
        return _State(new("active", Type.BOOL), new("matched", Type.BOOL), match, series, values)

    # --- what a row does to the state ------------------------------------------------------------

    def _moves(self, number: int) -> Expression:
        """Whether a row takes what the step before keeps on to this one."""
        if not 0 < number < len(self._steps):
            return boolean(False)
        active = Column(self._states[number - 1].active)
        return _all(active, self._with(self._steps[number].condition, number, moved=True))

    def _repeats(self, number: int) -> Expression:
        """Whether a row matches by what the step keeps itself; not where it moves."""
        condition = self._with(self._steps[number].condition, number, moved=False)
        if number == 0:
            return condition
        still = _all(Column(self._states[number].active), _not(self._moves(number + 1)))
        return _all(still, condition)

    def _with(self, value: Expression, number: int, *, moved: bool) -> Expression:
        """An expression of a step over the state before the row."""
        places = {k.place: self._kept(k, number, moved) for k in self._steps[number].kept}

        def known(part: Expression) -> Expression:
            return places.get(part.field, part) if isinstance(part, Column) else part

        return rewrite_expression(value, known)

    def _kept(self, kept: Kept, number: int, moved: bool) -> Expression:
        source = self._states[number - 1 if moved else number]
        field = source.values.get((kept.step, kept.field))
        start = self._starts[kept.field]
        if field is None:  # of a later step, or of this one where it begins anew
            return start
        if number == 0 and len(self._steps) > 1:
            return _case(self._moves(1), start, Column(field))
        return Column(field)

    def state(self) -> tuple[Running, ...]:
        """All that is carried, and what a row makes of it."""
        carried: list[Running] = []
        for number, state in enumerate(self._states):
            moves, repeats = self._moves(number), self._repeats(number)
            left = self._moves(number + 1)
            carried += self._flags(number, moves, repeats, left)
            for (step, field), place in state.values.items():
                value = self._carried_value(number, step, field, (moves, repeats, left))
                carried.append(Running(place, self._starts[field], value))
        first = self._states[0].match
        if first is None:
            return tuple(carried)
        begins = _all(self._repeats(0), _not(self._active(0)))
        one, zero = Literal(1, Type.LONG), Literal(0, Type.LONG)
        further = _case(begins, apply("add", Column(self._next), one), Column(self._next))
        carried.append(Running(self._next, zero, further))
        number_of = _case(begins, Column(self._next), Column(first))
        carried.append(Running(first, zero, number_of))
        return tuple(carried)

    def _active(self, number: int) -> Expression:
        """Whether a step keeps something when the row comes to it."""
        return _all(Column(self._states[number].active), _not(self._moves(number + 1)))

    def _flags(
        self, number: int, moves: Expression, repeats: Expression, left: Expression
    ) -> list[Running]:
        state, no = self._states[number], boolean(False)
        matched = _any(moves, repeats)
        stays = _all(Column(state.active), _not(left))
        zero, one = Literal(0, Type.LONG), Literal(1, Type.LONG)
        flags = [
            Running(state.active, no, _any(matched, stays)),
            Running(state.matched, no, matched),
        ]
        if state.series is not None:
            series = Column(state.series)
            anew = _any(moves, _all(repeats, _not(self._active(number))))
            further = _case(anew, apply("add", series, one), series)
            flags.append(Running(state.series, zero, further))
        before = self._states[number - 1].match if number else None
        if before is not None and state.match is not None:
            value = _case(moves, Column(before), Column(state.match))
            flags.append(Running(state.match, zero, value))
        return flags

    def _carried_value(
        self,
        number: int,
        step: int,
        field: Field,
        happens: tuple[Expression, Expression, Expression],
    ) -> Expression:
        moves, repeats, left = happens
        now, start = Column(self._states[number].values[step, field]), self._starts[field]
        if step == number:
            branches: list[Expression] = []
            if number > 0:
                branches = [moves, self._set(number, field, moved=True)]
            branches += [repeats, self._set(number, field, moved=False)]
            return _case(*branches, left, start, now)
        before = self._states[number - 1].values.get((step, field))
        moved: Expression = Column(before) if before is not None else start
        return _case(moves, moved, now)

    def _set(self, number: int, field: Field, *, moved: bool) -> Expression:
        """What a step that matches has in a column: what it sets, else the row's own value."""
        value = self._steps[number].values.get(field)
        if value is not None:
            return self._with(value, number, moved=moved)
        return Column(field) if field in self._inputs else self._starts[field]

    # --- what comes out --------------------------------------------------------------------------

    def rows(self, folded: Relation, place: Field, match: Field | None) -> Relation:
        """The rows of the steps that give any, as they come."""
        giving = [n for n, step in enumerate(self._steps) if step.output != "none"]
        conditions: dict[int, Expression] = {}
        for number in giving:
            folded, conditions[number] = self._given(folded, number)
        if len(giving) < 2:
            number = giving[0] if giving else 0
            condition = conditions.get(number, boolean(False))
            return Project(Filter(folded, condition), self._values(number, match))
        step = self._fields.new("step", Type.LONG)
        numbers = {n: Literal(n, Type.LONG) for n in giving}
        here = {n: apply("equals", Column(step), numbers[n]) for n in giving}
        matches = apply("or", *(_all(here[n], conditions[n]) for n in giving))
        each = Join(
            "inner", folded, Values((step,), tuple((n,) for n in numbers.values())), matches
        )
        values = [self._values(n, match) for n in giving]
        shown: list[Assignment] = []
        for of in zip(*values, strict=True):
            branches: list[Expression] = []
            for number, (_, value) in zip(giving[:-1], of[:-1], strict=True):
                branches += [here[number], value]
            shown.append((of[0][0], apply("case", *branches, of[-1][1])))
        keys = (SortKey(Column(place), False, True), SortKey(Column(step), True, False))
        beside = ((place, Column(place)), (step, Column(step)))
        ordered = Sort(Project(each, (*shown, *beside)), keys)
        return Project(ordered, tuple((f, Column(f)) for f, _ in shown))

    def _given(self, folded: Relation, number: int) -> tuple[Relation, Expression]:
        """When a row of a step comes out: where it matches, or only as the last of its series."""
        state = self._states[number]
        matched = Column(state.matched)
        if state.series is None:
            return folded, matched
        further = self._fields.new("further", Type.BOOL)
        one = Literal(1, Type.LONG)
        following = apply("value_behind", matched, one, boolean(False))
        within = (matched, Column(state.series))
        folded = Window(folded, ((further, following),), within)
        return folded, apply("and", matched, apply("not", Column(further)))

    def _values(self, number: int, match: Field | None) -> tuple[Assignment, ...]:
        state = self._states[number]
        found: list[Assignment] = []
        for field, result in self._results.items():
            place = state.values.get((number, field))
            value: Expression = Column(field)
            if place is not None and field in self._steps[number].values:
                value = Column(place)
            elif field not in self._inputs:
                value = self._starts[field]
            found.append((result, value))
        if match is not None and state.match is not None:
            found.append((match, Column(state.match)))
        return tuple(found)


def _all(*conditions: Expression) -> Expression:
    """Whether all hold, without those that are known to."""
    if any(isinstance(c, Literal) and not c.value for c in conditions):
        return boolean(False)
    return every([c for c in conditions if not isinstance(c, Literal)])


def _any(*conditions: Expression) -> Expression:
    """Whether one holds, without those that are known not to."""
    asked = [c for c in conditions if not (isinstance(c, Literal) and not c.value)]
    if not asked:
        return boolean(False)
    return asked[0] if len(asked) == 1 else apply("or", *asked)


def _case(*branches: Expression) -> Expression:
    """The value behind the first condition that holds, without those that are known not to."""
    pairs = zip(branches[:-1:2], branches[1:-1:2], strict=True)
    asked = [p for p in pairs if not (isinstance(p[0], Literal) and not p[0].value)]
    if not asked:
        return branches[-1]
    return apply("case", *(part for pair in asked for part in pair), branches[-1])


def _not(condition: Expression) -> Expression:
    if isinstance(condition, Literal):
        return boolean(not condition.value)
    return apply("not", condition)
