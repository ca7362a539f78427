"""``make-series``: aggregates along an axis, an array of them a group.

The rows are folded a bin and group, then the bins a group into arrays: two aggregates of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context, Unbound, over
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Hints, Operator, read_hints
from vedette.kql.operators.counting import aggregates_of, groups_of
from vedette.kql.operators.making import as_type
from vedette.kql.reading.syntax_tree import Call, Name, Named, Node
from vedette.plan.build import apply, every
from vedette.plan.expressions import Column, Expression, Field, Literal, fields_of
from vedette.plan.relations import Aggregate, Assignment, Filter, Project, Relation
from vedette.plan.types import Type
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

_STEPS = {
    Type.DATETIME: Type.TIMESPAN, Type.TIMESPAN: Type.TIMESPAN, Type.LONG: Type.LONG,
    Type.REAL: Type.REAL,
}  # fmt: skip
_NUMBERS = (Type.INT, Type.LONG, Type.REAL)


@dataclass(frozen=True, slots=True)
class Item:
    """An aggregate, and what stands in bins without rows; None where nothing is written."""

    node: Node
    default: Node | None


@dataclass(frozen=True, slots=True)
class Axis:
    """What the series run along; ``is_range`` says that it was written ``in range(…)``."""

    node: Node
    start: Node | None
    end: Node | None
    step: Node
    is_range: bool


@dataclass(frozen=True, slots=True)
class _Bins:
    """The axis as expressions: which rows count, and where the bins lie."""

    conditions: tuple[Expression, ...]
    origin: Expression
    step: Expression
    first: Expression
    last: Expression


@dataclass(frozen=True, slots=True)
class MakeSeries(Operator):
    """``make-series a = count() default = 0 on t from … to … step … by …``."""

    hints: Hints
    items: tuple[Item, ...]
    axis: Axis
    groups: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row a group: the groups' columns, an array an aggregate, the axis's array."""
        rows = binder.piped(self, rows)
        kind = self.hints.get("kind")
        if kind not in ("", "nonempty"):
            raise binder.later(f"make-series of kind {kind}", self.hints.span("kind", self.span))
        context = over(rows, scope, aggregates=True)
        inside = context.inside_aggregate()
        columns = Columns(binder)
        groups = groups_of(binder, self.groups, inside, columns)
        taken = {e.field for _, e in groups if isinstance(e, Column)}
        folded, absent = self._folded(binder, context, columns, taken)
        name = columns.name_of(self.axis.node)
        items = (item.node for item in self.items if isinstance(item.node, Named))
        if name not in {n.text for node in items for n in node.names}:
            name = columns.free(name)
        along = self._along(binder, inside)
        bins = self._bins(binder, inside, along, rows)
        columns.declare(name, self.axis.node.span)
        if columns.broken:
            return Rows(rows.relation, columns.broken, open=True)
        relation = context.widened(rows.relation)
        if kind == "nonempty" and not groups:
            self._fixed(binder, bins)
        given = _Given(tuple(groups), tuple(folded), tuple(absent), kind == "nonempty")
        return Rows(given.relation(binder, relation, along, bins, name))

    def _folded(
        self, binder: Binder, context: Context, columns: Columns, taken: set[Field]
    ) -> tuple[list[Assignment], list[Expression]]:
        """The aggregates by bin, and what stands in bins without rows."""
        folded: list[Assignment] = []
        absent: list[Expression] = []
        for item in self.items:
            try:
                bare = _bare(item.node)
                if isinstance(bare, Name):
                    message = f"The name '{bare.text}' is not an aggregate"
                    raise binder.fail("KS236", "type", message, item.node.span)
                parts = aggregates_of(binder, item.node, context, columns, taken, constants=True)
                for name, value, span in parts:
                    columns.declare(name, span)
                    value = plain(value)
                    binder.sizes.check(binder, value, span)
                    folded.append((binder.fields.new(name, value.type), value))
                    absent.append(_default(binder, item, value.type, context.scope))
            except Unbound:
                columns.broken |= {columns.name_of(item.node, aggregates=True)}
        return folded, absent

    def _along(self, binder: Binder, context: Context) -> Expression:
        node = _bare(self.axis.node)
        along = binder.value(node, context)
        along = widen(along, Type.LONG) if along.type is Type.INT else along
        if along.type not in _STEPS:
            if along.type in (Type.DYNAMIC, Type.DECIMAL):
                raise binder.later(f"make-series along a {along.type}", node.span)
            message = f"make-series cannot run along a {along.type}"
            raise binder.fail("KS178", "type", message, node.span)
        return along

    def _bins(self, binder: Binder, context: Context, along: Expression, rows: Rows) -> _Bins:
        axis, of = self.axis, along.type
        step = _bound(binder, axis.step, context, rows, _STEPS[of], of)
        zero: Expression = Literal(0.0 if of is Type.REAL else 0, of, axis.node.span)
        start = None if axis.start is None else _bound(binder, axis.start, context, rows, of, of)
        end = None if axis.end is None else _bound(binder, axis.end, context, rows, of, of)
        if isinstance(step, Literal) and isinstance(step.value, int | float) and step.value <= 0:
            message = "The step of make-series must be greater than zero"
            raise binder.fail("KS178", "type", message, axis.step.span)
        origin = zero if start is None or axis.is_range else start
        conditions: list[Expression] = []
        first: Expression = Literal(None, Type.LONG, self.span)
        last: Expression = first
        if start is not None:
            conditions.append(apply("greater_or_equal", along, start, span=start.span))
            first = apply("series_place", start, origin, step, span=start.span)
        if end is not None and axis.is_range:
            conditions.append(apply("less_or_equal", along, end, span=end.span))
            last = apply("series_place", end, origin, step, span=end.span)
        elif end is not None:
            conditions.append(apply("less", along, end, span=end.span))
            last = apply("series_last_place", end, origin, step, span=end.span)
        if not conditions:
            conditions.append(apply("not", apply("is_null", along, span=along.span)))
        return _Bins(tuple(conditions), origin, step, first, last)

    def _fixed(self, binder: Binder, bins: _Bins) -> None:
        """Refuse defaults for an empty input where its rows say which bins there are."""
        reads = any(fields_of(e) for e in (bins.origin, bins.step, bins.first, bins.last))
        if reads or self.axis.start is None or self.axis.end is None:
            construct = "make-series kind=nonempty without constant bounds"
            raise binder.later(construct, self.hints.span("kind", self.span))


@dataclass(frozen=True, slots=True)
class _Given:
    """What the series are made of: groups, aggregates and their defaults."""

    groups: tuple[Assignment, ...]
    folded: tuple[Assignment, ...]
    absent: tuple[Expression, ...]
    nonempty: bool

    def relation(
        self, binder: Binder, rows: Relation, along: Expression, bins: _Bins, name: str
    ) -> Relation:
        """The rows of the series."""
        place = binder.fields.new("place", Type.LONG)
        numbered = apply("series_place", along, bins.origin, bins.step, span=along.span)
        edges = (bins.origin, bins.step, bins.first, bins.last)
        beside = sorted(
            {f for e in edges for f in fields_of(e)} - {f for f, _ in self.groups},
            key=lambda field: field.number,
        )
        by_bin = Aggregate(
            Filter(rows, every(bins.conditions)),
            (*self.groups, (place, numbered), *((f, Column(f)) for f in beside)),
            self.folded,
        )
        arrays: list[Assignment] = []
        for (field, value), absent in zip(self.folded, self.absent, strict=True):
            element = apply("to_dynamic", Column(field), span=value.span)
            parts = (Column(place), element, bins.first, bins.last, absent)
            array = apply("series_filled", *parts, span=value.span)
            arrays.append((binder.fields.new(field.name, Type.DYNAMIC), array))
        axis = apply("series_axis", Column(place), *edges, span=along.span)
        arrays.append((binder.fields.new(name, Type.DYNAMIC), axis))
        groups = tuple((field, Column(field)) for field, _ in self.groups)
        if groups or self.nonempty:
            return Aggregate(by_bin, groups, tuple(arrays))
        count = binder.fields.new("count", Type.LONG)
        counted = (*arrays, (count, apply("count_rows")))
        all_in_one = Aggregate(by_bin, (), counted)
        some = apply("greater", Column(count), Literal(0, Type.LONG))
        return Project(Filter(all_in_one, some), tuple((f, Column(f)) for f, _ in arrays))


def _bare(node: Node) -> Node:
    return node.value if isinstance(node, Named) else node


def _bound(
    binder: Binder, node: Node, context: Context, rows: Rows, type: Type, of: Type
) -> Expression:
    """An end or the step of the axis: the same value for all rows."""
    value = binder.value(node, context)
    if (
        value.type in _NUMBERS
        and type in _NUMBERS
        and not (value.type is Type.REAL and type is Type.LONG)
    ):
        value = widen(value, type)
    if value.type is not type:
        if value.type is Type.DYNAMIC:
            raise binder.later("a bound of make-series of type dynamic", node.span)
        message = f"The expression must have the type {type} along a {of}, not {value.type}"
        raise binder.fail("KS141", "type", message, node.span)
    if fields_of(value) & set(rows.relation.fields):
        message = "A bound of make-series reads a column; it must be the same for all rows"
        raise binder.fail("KS129", "type", message, node.span)
    return value


def _default(binder: Binder, item: Item, type: Type, scope: Scope) -> Expression:
    """What stands in bins without rows, as an element of the array."""
    if item.default is None:
        if type not in _NUMBERS:
            construct = f"make-series of {type} values without a default"
            raise binder.later(construct, item.node.span)
        return Literal("0.0" if type is Type.REAL else "0", Type.DYNAMIC, item.node.span)
    value = binder.fixed(item.default, scope)
    if not isinstance(value, Literal):
        raise binder.later("a default that is not a constant", item.default.span)
    content = value.value
    if content is None:
        return Literal(None, Type.DYNAMIC, value.span)
    if type is Type.REAL and isinstance(content, int) and value.type in _NUMBERS:
        value = Literal(float(content), Type.REAL, value.span)
    elif type in (Type.INT, Type.LONG) and isinstance(content, float) and content.is_integer():
        value = Literal(int(content), Type.LONG, value.span)
    same = value.type is type or {value.type, type} <= {Type.INT, Type.LONG}
    if not same and type is not Type.DYNAMIC:
        construct = f"a {value.type} as the default of {type} values"
        raise binder.later(construct, item.default.span)
    if value.type in (Type.DATETIME, Type.TIMESPAN, Type.GUID, Type.DECIMAL):
        return apply("to_dynamic", value, span=value.span)
    return as_type(value, Type.DYNAMIC) or apply("to_dynamic", value, span=value.span)


# --- reading --------------------------------------------------------------------------------------


def read_make_series(grammar: Grammar, keyword: Token) -> MakeSeries:
    """Aggregates, axis and groups behind ``make-series``."""
    hints = read_hints(grammar, "kind")

    def item() -> Item:
        node = grammar.named()
        default = None
        if grammar.cursor.at("default"):
            grammar.cursor.next()
            grammar.expect("=")
            default = grammar.expression()
        return Item(node, default)

    items = tuple(grammar.listed(item))
    grammar.expect("on")
    axis = _read_axis(grammar)
    groups: tuple[Node, ...] = ()
    if grammar.cursor.accept("by"):
        groups = tuple(grammar.listed(grammar.named))
    return MakeSeries(grammar.since(keyword.span.start), hints, items, axis, groups)


def _read_axis(grammar: Grammar) -> Axis:
    start = grammar.cursor.peek().span.start
    node: Node
    if grammar.at_assignment():
        name = grammar.name(declared=True)
        grammar.cursor.next()
        node = Named((name,), grammar.sum(), grammar.since(start))
    else:
        node = grammar.sum()
    if grammar.cursor.accept("in"):
        bounds = grammar.expression()
        is_range = isinstance(bounds, Call) and bounds.function.text == "range"
        if not isinstance(bounds, Call) or not is_range or len(bounds.arguments) != 3:
            raise grammar.missing("range(start, stop, step)", "KS005")
        first, last, step = bounds.arguments
        return Axis(node, first, last, step, is_range=True)
    ends: list[Node | None] = [None, None]
    for index, word in enumerate(("from", "to")):
        if grammar.cursor.accept(word):
            ends[index] = grammar.expression()
    grammar.expect("step")
    return Axis(node, ends[0], ends[1], grammar.expression(), is_range=False)
