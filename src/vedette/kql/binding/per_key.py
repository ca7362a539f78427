"""A subquery carried out for each key apart: takes its relations over rows, gives them per key.

Serves what runs operators over parts of its rows (``mv-apply``, ``partition``). The subquery is
bound over the rows as if they were one part; then each relation of it is made one that keeps parts
apart: groups, first rows, limits and neighbours get the key, and joins hold it equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vedette.plan.build import apply, boolean, null
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Expand,
    Filter,
    FirstPer,
    Fold,
    Join,
    Limit,
    Project,
    Relation,
    Running,
    Sort,
    SortKey,
    Values,
    Window,
)
from vedette.plan.rewrite import each_once, inputs, rewrite_expression, with_inputs
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


_PARTS, _ROWS = "parts", "rows"
_ROW_BY_ROW = ("inner", "left_outer", "left_semi", "left_anti")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows that a subquery runs over, and what tells their parts apart.

    The subquery was bound over ``rows``. ``keyed`` takes their place: the same fields, the key and
    those of ``kept``, whose values are one in a part. ``construct`` names the operator. Where
    ``by_row`` is set, the subquery looks at each row by itself, and any field may be the key.
    ``scattered`` says that the rows of a part need not stand one behind the other.
    """

    rows: Relation
    keyed: Relation
    key: Field
    kept: tuple[Field, ...]
    construct: str
    span: Span
    by_row: bool = False
    scattered: bool = False


@dataclass(frozen=True, slots=True)
class PerKey:
    """The subquery's rows, each part's apart: its fields, and the key's and the kept fields' own.

    Parts stand one behind the other where the subquery folds or orders rows.
    """

    relation: Relation
    key: Field
    kept: dict[Field, Field]


def keeps_rows_apart(top: Relation, rows: Relation) -> bool:
    """Whether a subquery looks at each of the rows by itself, so that parts do not matter."""
    while top is not rows:
        match top:
            case Filter() | Project() | Expand():
                top = top.input
            case Join() if top.kind in _ROW_BY_ROW and not _within(top.right, rows):
                top = top.left
            case _:
                return False
    return True


def _within(relation: Relation, rows: Relation) -> bool:
    return any(below is rows for below in each_once(relation))


def per_key(binder: Binder, top: Relation, part: Part) -> PerKey:
    """The subquery whose last relation is *top*, for each key apart; what cannot be is refused."""
    made = _PerKey(binder, part)
    done: dict[int, _Keyed] = {id(part.rows): made.start()}
    around = {id(r) for r in each_once(part.rows)}
    for relation in each_once(top):
        below = [done.get(id(b)) for b in inputs(relation)]
        if id(relation) not in around and any(below):
            done[id(relation)] = made.over(relation, below)
    state = done.get(id(top))
    if state is None:
        raise made.refuse("a subquery that does not give its own rows on")
    return PerKey(made.in_parts(state), state.key, dict(zip(part.kept, state.kept, strict=True)))


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A relation with the key and the kept fields beside its own.

    ``whole`` says that no part has lost all its rows. ``order`` is empty where the parts stand one
    behind the other, ``_PARTS`` where they may not, ``_ROWS`` where rows are in an order as well.
    """

    relation: Relation
    key: Field
    kept: tuple[Field, ...]
    whole: bool = True
    order: str = ""

    @property
    def beside(self) -> tuple[Field, ...]:
        return (self.key, *self.kept)

    def to(self, relation: Relation, *, whole: bool = True, order: str = "") -> _Keyed:
        whole = self.whole and whole
        return replace(self, relation=relation, whole=whole, order=order or self.order)


class _PerKey:
    def __init__(self, binder: Binder, part: Part) -> None:
        self._binder = binder
        self._fields = binder.fields
        self._part = part

    def refuse(self, what: str) -> Exception:
        return self._binder.later(f"{what} inside '{self._part.construct}'", self._part.span)

    def start(self) -> _Keyed:
        order = _ROWS if self._part.scattered else ""
        return _Keyed(self._part.keyed, self._part.key, self._part.kept, order=order)

    def over(self, relation: Relation, states: Sequence[_Keyed | None]) -> _Keyed:
        """A relation of the subquery over what became of its inputs."""
        if isinstance(relation, Join):
            return self._join(relation, states[0], states[1])
        state = states[0]
        if state is None or len(states) > 1:
            raise self.refuse("'union'")
        below, beside = state.relation, tuple((f, Column(f)) for f in state.beside)
        match relation:
            case Filter() | Expand():
                return state.to(with_inputs(relation, (below,)), whole=False)
            case Sort():
                return state.to(with_inputs(relation, (below,)), order=_ROWS)
            case Project():
                given = {field for field, _ in relation.assignments}
                further = tuple(pair for pair in beside if pair[0] not in given)
                return state.to(Project(below, relation.assignments + further))
            case Window():
                partitions = (*relation.partitions, Column(state.key))
                return state.to(Window(below, relation.computed, partitions))
            case Fold():
                return self._fold(relation, state)
            case FirstPer():
                keys = (*relation.keys, Column(state.key))
                return state.to(FirstPer(below, keys), order=_PARTS)
            case Limit():
                return self._limit(relation, state)
            case Aggregate():
                return self._aggregate(relation, state)
            case _:
                raise self.refuse("what carries values from row to row")

    def in_parts(self, state: _Keyed) -> Relation:
        """The rows with the parts one behind the other, within a part as they stood."""
        if not state.order or self._part.by_row:
            return state.relation
        if state.order == _PARTS:
            return Sort(state.relation, (SortKey(Column(state.key), False, True),))
        place = self._fields.new("place", Type.LONG)
        numbered = Window(state.relation, ((place, apply("row_position")),))
        keys = (SortKey(Column(state.key), False, True), SortKey(Column(place), False, True))
        fields = state.relation.fields
        return Project(Sort(numbered, keys), tuple((f, Column(f)) for f in fields))

    def _fold(self, fold: Fold, state: _Keyed) -> _Keyed:
        """Part behind part; what is carried starts anew where another key begins."""
        before = self._fields.new("key_before", state.key.type)
        here = Column(state.key)
        anew = apply("not", apply("equals_or_both_null", here, Column(before)))
        starts = {r.field: apply("case", anew, r.start, Column(r.field)) for r in fold.state}

        def carried(part: Expression) -> Expression:
            return starts.get(part.field, part) if isinstance(part, Column) else part

        running = [replace(r, value=rewrite_expression(r.value, carried)) for r in fold.state]
        running.append(Running(before, null(state.key.type), here))
        return replace(state, relation=Fold(self.in_parts(state), tuple(running)), order="")

    def _limit(self, limit: Limit, state: _Keyed) -> _Keyed:
        place = self._fields.new("place", Type.LONG)
        key = Column(state.key)
        numbered = Window(state.relation, ((place, apply("row_position")),), (key,))
        few = apply("less_or_equal", Column(place), Literal(limit.count, Type.LONG))
        kept = tuple((f, Column(f)) for f in state.relation.fields)
        return state.to(Project(Filter(numbered, few), kept), whole=limit.count > 0)

    # --- folding ---------------------------------------------------------------------------------

    def _aggregate(self, relation: Aggregate, state: _Keyed) -> _Keyed:
        if not relation.groups and not state.whole:
            return self._padded(relation, state)
        folded = self._folded(relation.groups, relation.aggregates, state)
        return replace(folded, whole=state.whole)

    def _folded(
        self, groups: tuple[Assignment, ...], aggregates: tuple[Assignment, ...], state: _Keyed
    ) -> _Keyed:
        """The groups of each part, with the kept fields' one value."""
        fields, old = self._fields, state.key
        key = fields.new(old.name, old.type)
        kept = tuple(fields.new(f.name, f.type) for f in state.kept)
        pairs = zip(kept, state.kept, strict=True)
        values = tuple((new, apply("any_of", Column(f))) for new, f in pairs)
        groups = (*groups, (key, Column(old)))
        return _Keyed(
            Aggregate(state.relation, groups, aggregates + values), key, kept, order=_PARTS
        )

    def _padded(self, relation: Aggregate, state: _Keyed) -> _Keyed:
        """One row a part also where no row of the part is left to fold."""
        fields = self._fields
        folded = {f: fields.new(f.name, f.type) for f, _ in relation.aggregates}
        some = self._folded((), tuple((folded[f], e) for f, e in relation.aggregates), state)
        found = (fields.new("found", Type.BOOL), boolean(True))
        own = tuple((f, Column(f)) for f in some.relation.fields)
        parts = self._folded((), (), self.start())
        same = apply("equals_or_both_null", Column(parts.key), Column(some.key))
        marked = Project(some.relation, (*own, found))
        beside = Join("left_outer", parts.relation, marked, same)
        nothing, of_nothing = self._of_nothing(relation)
        missing = apply("is_null", Column(found[0]))
        values = tuple(
            (f, apply("case", missing, Column(of_nothing[f]), Column(folded[f])))
            for f, _ in relation.aggregates
        )
        beside_values = tuple((f, Column(f)) for f in parts.beside)
        both = Join("inner", beside, nothing, boolean(True))
        return parts.to(Project(both, values + beside_values), order=_PARTS)

    def _of_nothing(self, relation: Aggregate) -> tuple[Relation, dict[Field, Field]]:
        """The one row that the aggregates give of no rows, and its fields by those of theirs."""
        empty = {f: self._fields.new(f.name, f.type) for f in relation.input.fields}

        def moved(part: Expression) -> Expression:
            return Column(empty[part.field]) if isinstance(part, Column) else part

        renamed = {f: self._fields.new(f.name, f.type) for f, _ in relation.aggregates}
        aggregates = tuple(
            (renamed[f], rewrite_expression(e, moved)) for f, e in relation.aggregates
        )
        return Aggregate(Values(tuple(empty.values()), ()), (), aggregates), renamed

    # --- two sides -------------------------------------------------------------------------------

    def _join(self, join: Join, left: _Keyed | None, right: _Keyed | None) -> _Keyed:
        if left is not None and right is not None:
            if join.kind in ("right_outer", "full_outer"):
                raise self.refuse(f"a {join.kind.replace('_', ' ')} join")
            key = self._fields.new(right.key.name, right.key.type)
            own = tuple((f, Column(f)) for f in join.right.fields if f != right.key)
            keyed = Project(right.relation, (*own, (key, Column(right.key))))
            same = apply("equals_or_both_null", Column(left.key), Column(key))
            condition = apply("and", join.condition, same)
            whole = join.kind == "left_outer"
            return left.to(
                Join(join.kind, left.relation, keyed, condition), whole=whole, order=_PARTS
            )
        if left is not None and join.kind not in ("right_outer", "full_outer"):
            new = replace(join, left=left.relation)
            return left.to(new, whole=join.kind == "left_outer", order=_PARTS)
        if right is not None and join.kind in ("inner", "right_outer"):
            new = replace(join, right=right.relation)
            return right.to(new, whole=join.kind == "right_outer", order=_PARTS)
        raise self.refuse("a join that gives rows of another table without a match")
