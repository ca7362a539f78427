"""Which stored events a row came from: takes a plan, gives it with identities beside its rows.

The plan must be over stored tables. A row that came from one event carries that event's identity;
behind an aggregate it carries an array of them. What a union or join brings together keeps all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vedette.plan.build import apply, null
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    FirstPer,
    Fold,
    Join,
    Limit,
    Plan,
    Project,
    Relation,
    Scan,
    Sort,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import with_inputs
from vedette.plan.types import Type

Traced = tuple[Relation, tuple[Field, ...]]


def trace_events(
    plan: Plan, identity: Callable[[str], str | None], fields: Fields, most: int
) -> tuple[Plan, tuple[Field, ...]]:
    """The plan with its own fields first, then one or more fields of event identities.

    *identity* names the column of a stored table that identifies its rows, None where none does.
    An identity field is a string, or a dynamic array of at most *most* of them (nested where
    aggregates are).
    """
    tracer = _Tracer(identity, fields, most)
    root, traces = tracer.trace(plan.root)
    shown = tuple((f, Column(f)) for f in (*plan.root.fields, *traces))
    return replace(plan, root=_keep_order(root, shown)), traces


def _keep_order(root: Relation, shown: tuple[tuple[Field, Column], ...]) -> Relation:
    return root if root.fields == tuple(f for f, _ in shown) else Project(root, shown)


class _Tracer:
    def __init__(self, identity: Callable[[str], str | None], fields: Fields, most: int) -> None:
        self._identity = identity
        self._fields = fields
        self._most = Literal(most, Type.LONG)
        self._known: dict[int, Traced] = {}

    def trace(self, relation: Relation) -> Traced:
        """The relation with identity fields in reach, and which they are.

        One that stands in several places is one again, in all of them.
        """
        if id(relation) not in self._known:
            self._known[id(relation)] = self._traced(relation)
        return self._known[id(relation)]

    def _traced(self, relation: Relation) -> Traced:
        match relation:
            case Scan():
                return self._scan(relation)
            case Values():
                return relation, ()
            case Project():
                below, traces = self.trace(relation.input)
                kept = tuple((f, Column(f)) for f in traces)
                return Project(below, relation.assignments + kept), traces
            case Aggregate():
                return self._aggregate(relation)
            case Join():
                return self._join(relation)
            case Union():
                return self._union(relation)
            case Filter() | FirstPer() | Sort() | Limit() | Expand() | Window() | Fold():
                below, traces = self.trace(relation.input)
                return with_inputs(relation, (below,)), traces

    def _scan(self, scan: Scan) -> Traced:
        column = self._identity(scan.table)
        if column is None:
            return scan, ()
        if column in scan.columns:
            return scan, (scan.fields[scan.columns.index(column)],)
        field = self._fields.new(column, Type.STRING)
        wider = replace(scan, fields=(*scan.fields, field), columns=(*scan.columns, column))
        return wider, (field,)

    def _aggregate(self, aggregate: Aggregate) -> Traced:
        below, traces = self.trace(aggregate.input)
        pairs = tuple(
            (self._fields.new(t.name, Type.DYNAMIC), apply("collect_list", Column(t), self._most))
            for t in traces
        )
        new = Aggregate(below, aggregate.groups, aggregate.aggregates + pairs)
        return new, tuple(f for f, _ in pairs)

    def _join(self, join: Join) -> Traced:
        left, left_traces = self.trace(join.left)
        if join.kind in ("left_semi", "left_anti"):
            return replace(join, left=left), left_traces
        right, right_traces = self.trace(join.right)
        if set(left_traces) & set(right_traces):  # both stand over the same rows
            shown: list[tuple[Field, Expression]] = [(f, Column(f)) for f in join.right.fields]
            renamed = tuple(self._fields.new(f.name, f.type) for f in right_traces)
            shown += [(new, Column(f)) for new, f in zip(renamed, right_traces, strict=True)]
            right, right_traces = Project(right, tuple(shown)), renamed
        return replace(join, left=left, right=right), left_traces + right_traces

    def _union(self, union: Union) -> Traced:
        traced = [self.trace(r) for r in union.inputs]
        width = max((len(t) for _, t in traced), default=0)
        mixed = len({f.type for _, t in traced for f in t}) > 1
        type = Type.DYNAMIC if mixed else self._type(traced)
        inputs = []
        for own, (relation, traces) in zip(union.inputs, traced, strict=True):
            pairs: list[tuple[Field, Expression]] = [(f, Column(f)) for f in own.fields]
            for i in range(width):
                value: Expression = Column(traces[i]) if i < len(traces) else null(type)
                if value.type is not type:
                    value = apply("to_dynamic", value)
                pairs.append((self._fields.new("event", type), value))
            inputs.append(Project(relation, tuple(pairs)))
        new = tuple(self._fields.new("event", type) for _ in range(width))
        return Union(tuple(inputs), union.fields + new), new

    @staticmethod
    def _type(traced: list[Traced]) -> Type:
        return next((f.type for _, t in traced for f in t), Type.STRING)
