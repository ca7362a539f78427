"""Functions that look at neighbouring rows: ``prev``, ``row_number`` and their like.

Each call puts a ``Window`` under the operator that it stands in and gives the field computed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import make, plain, widen
from vedette.kql.binding.scope import Rows
from vedette.kql.reading.syntax_tree import Call, Node
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Column, Expression, Field, Literal, fields_of
from vedette.plan.relations import (
    Expand,
    Filter,
    Fold,
    Join,
    Limit,
    Project,
    Relation,
    Running,
    Sort,
    Values,
    Window,
)
from vedette.plan.show import show_expression
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vedette.kql.binding.binder import Binder

_KEEPS_ORDER = ("left_outer", "left_semi", "left_anti")


def in_order(relation: Relation) -> bool:
    """Whether rows stand in an order that Kusto calls serialized."""
    origin = _origin(relation)
    return isinstance(origin, Sort | Window | Fold) or _is_range(origin)


def _is_range(relation: Relation) -> bool:
    """Whether rows are numbers or moments one behind the other, as ``range`` writes them."""
    if not isinstance(relation, Values) or len(relation.fields) != 1 or not relation.rows:
        return False
    values = [row[0].value for row in relation.rows]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) < len(values):
        return False
    return numbers in (sorted(numbers), sorted(numbers, reverse=True))


def _origin(relation: Relation) -> Relation:
    """What the rows' order comes from, below what keeps it."""
    while True:
        if isinstance(relation, Project | Filter | Limit | Expand):
            relation = relation.input
        elif isinstance(relation, Join) and relation.kind in _KEEPS_ORDER:
            relation = relation.left
        else:
            return relation


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """What is to be computed under an operator: a field from a window operation."""

    field: Field
    value: Expression
    partitions: tuple[Expression, ...]

    def __call__(self, relation: Relation) -> Window:
        """The rows with the further field; in the Window that is there already, where it fits."""
        computed = ((self.field, self.value),)
        if isinstance(relation, Window) and _same(relation.partitions, self.partitions):
            known = {f for f, _ in relation.computed}
            if not known & fields_of(self.value):
                return Window(relation.input, relation.computed + computed, self.partitions)
        return Window(relation, computed, self.partitions)

    def gives(self, value: Expression, partitions: tuple[Expression, ...]) -> bool:
        """Whether a value is what this computes."""
        return _same((self.value, *self.partitions), (value, *partitions))


def _same(left: Sequence[Expression], right: Sequence[Expression]) -> bool:
    """Whether expressions are the same, wherever in the text they stand."""
    return list(map(show_expression, left)) == list(map(show_expression, right))


class _Place:
    """A call of a function of neighbouring rows, over rows that stand in an order."""

    def __init__(self, binder: Binder, node: Call, context: Context, least: int, most: int) -> None:
        """Bind the arguments; raises Unbound, the problem recorded."""
        self.binder, self.node, self.context = binder, node, context
        name = node.function.text
        if not least <= len(node.arguments) <= most:
            raise wrong_count(binder, node, least, most)
        if context.rows is None or context.additions is None:
            raise binder.later(f"{name}() here", node.function.span)
        if not context.rows.open:
            refuse_unordered(binder, f"{name}()", node.function.span, context.rows)
        self.given = [
            plain(v) for v in arguments(binder, node.arguments, context.inside_aggregate())
        ]
        self.partitions: tuple[Expression, ...] = ()

    def add(self, value: Expression) -> Column:
        """The field of a window operation, computed under the operator."""
        for known in self.context.additions or ():
            if isinstance(known, _Neighbour) and known.gives(value, self.partitions):
                return Column(known.field, self.node.span)
        field = self.binder.fields.new(self.node.function.text, value.type)
        self.context.add(_Neighbour(field, value, self.partitions))
        return Column(field, self.node.span)

    def restart_at(self, index: int) -> None:
        """Let the rows begin anew wherever an optional argument is true."""
        if index >= len(self.given):
            return
        condition, node = self.given[index], self.node.arguments[index]
        if condition.type is not Type.BOOL:
            message = "The expression must have the type bool"
            raise self.binder.fail("KS141", "type", message, node.span)
        if isinstance(condition, Literal) and condition.value is not True:
            return
        one, zero = (Literal(n, Type.LONG, node.span) for n in (1, 0))
        begins = apply("case", condition, one, zero, span=node.span)
        self.partitions = (self.add(apply("running_sum", begins, span=node.span)),)

    def whole(self, index: int, least: int, default: int) -> Literal:
        """An optional argument that must be a whole number known before the query runs."""
        if index >= len(self.given):
            return Literal(default, Type.LONG, self.node.span)
        value, node = self.given[index], self.node.arguments[index]
        if value.type not in (Type.LONG, Type.INT):
            message = "The expression must have the type long"
            raise self.binder.fail("KS141", "type", message, node.span)
        if not isinstance(value, Literal) or not isinstance(value.value, int):
            message = "The expression must be a constant"
            raise self.binder.fail("KS129", "type", message, node.span)
        if value.value < least:
            construct = f"{self.node.function.text}() with {value.value}"
            raise self.binder.later(construct, node.span)
        return Literal(value.value, Type.LONG, node.span)


def refuse_unordered(binder: Binder, name: str, span: Span, rows: Rows) -> None:
    """Record that rows are in no order; those that the query writes down are taken as written."""
    if in_order(rows.relation):
        return
    if isinstance(_origin(rows.relation), Values) and not binder.findings.strict:
        message = f"{name} stands over rows that are not serialized; they are taken as written"
        binder.findings.repair("serialize-missing", message, span)
        return
    raise binder.fail(
        "VD007",
        "type",
        f"{name} needs rows in an order; these are in none",
        span,
        hint="put 'sort by …' or 'serialize' before it",
    )


def _beside(operation: str) -> Callable[[Binder, Call, Context], Expression]:
    def rule(binder: Binder, node: Call, context: Context) -> Expression:
        place = _Place(binder, node, context, 1, 3)
        value = place.given[0]
        offset = place.whole(1, 0, 1)
        otherwise: Expression = null(value.type, node.span)
        if len(place.given) > 2:
            otherwise = _default(binder, place.given[2], node.arguments[2], value.type)
        elif value.type is Type.STRING:
            otherwise = text("", node.span)
        return place.add(apply(operation, value, offset, otherwise, span=node.span))

    return rule


def _default(binder: Binder, value: Expression, node: Node, wanted: Type) -> Literal:
    """The constant that stands where there is no such row, as a value of the column's type."""
    from vedette.kql.operators.making import as_type

    if not isinstance(value, Literal):
        message = "The expression must be a constant"
        raise binder.fail("KS129", "type", message, node.span)
    same = value.type is wanted
    fits = value.type is not Type.STRING or wanted is Type.DYNAMIC
    found = value if same else as_type(value, wanted) if fits else None
    if found is None:
        raise binder.later(f"a default of type {value.type} for a {wanted}", node.span)
    return found


def _row_number(binder: Binder, node: Call, context: Context) -> Expression:
    place = _Place(binder, node, context, 0, 2)
    start = place.whole(0, -(2**63), 1)
    place.restart_at(1)
    position = place.add(apply("row_position", span=node.span))
    if start.value == 1:
        return position
    before = make("subtract", start, Literal(1, Type.LONG, node.span), span=node.span)
    return apply("add", position, before, span=node.span)


def _cumulative(binder: Binder, node: Call, context: Context) -> Expression:
    place = _Place(binder, node, context, 1, 2)
    term = place.given[0]
    if term.type not in NUMBERS:
        message = "The expression value must be a number"
        raise binder.fail("KS137", "type", message, node.arguments[0].span)
    place.restart_at(1)
    total = place.add(apply("running_sum", term, span=node.span))
    zero = widen(Literal(0, Type.INT, node.span), term.type)
    return apply("first_not_null", total, zero, span=node.span)


def _changed(place: _Place) -> Expression:
    """Whether the term differs from the one of the row before."""
    term, node = place.given[0], place.node
    if term.type is Type.DYNAMIC:
        message = "The value of type 'dynamic' is not allowed in this context"
        raise place.binder.fail("KS116", "type", message, node.arguments[0].span)
    place.restart_at(1)
    one = Literal(1, Type.LONG, node.span)
    before = place.add(apply("value_before", term, one, term, span=node.span))
    return apply("not", apply("equals_or_both_null", term, before), span=node.span)


def _dense_rank(binder: Binder, node: Call, context: Context) -> Expression:
    place = _Place(binder, node, context, 1, 2)
    changed = _changed(place)
    one, zero = (Literal(n, Type.LONG, node.span) for n in (1, 0))
    changes = place.add(apply("running_sum", apply("case", changed, one, zero), span=node.span))
    return apply("add", changes, one, span=node.span)


def _least_rank(binder: Binder, node: Call, context: Context) -> Expression:
    place = _Place(binder, node, context, 1, 2)
    changed = _changed(place)
    position = place.add(apply("row_position", span=node.span))
    first = apply("case", changed, position, Literal(1, Type.LONG, node.span), span=node.span)
    return place.add(apply("running_maximum", first, span=node.span))


@dataclass(frozen=True, slots=True)
class _Carried:
    """What is to be carried from row to row under an operator."""

    state: tuple[Running, ...]

    def __call__(self, relation: Relation) -> Fold:
        """The rows with the values that are carried."""
        return Fold(relation, self.state)


def _session(binder: Binder, node: Call, context: Context) -> Expression:
    place = _Place(binder, node, context, 3, 4)
    wanted = (Type.DATETIME, Type.TIMESPAN, Type.TIMESPAN, Type.BOOL)
    for value, type, argument in zip(place.given, wanted, node.arguments, strict=False):
        if value.type is not type:
            message = f"The expression must have the type {type}"
            raise binder.fail("KS141", "type", message, argument.span)
    moment, longest, gap, *restart = place.given
    start = binder.fields.new(node.function.text, Type.DATETIME)
    last = binder.fields.new("last", Type.DATETIME)
    begins = [
        apply("is_null", Column(start)),
        apply("greater_or_equal", moment, apply("time_add", Column(start), longest)),
        apply("greater_or_equal", moment, apply("time_add", Column(last), gap)),
        *restart,
    ]
    anew = apply("or", apply("is_null", moment), *begins, span=node.span)
    session = apply("case", anew, moment, Column(start), span=node.span)
    unknown = null(Type.DATETIME, node.span)
    context.add(_Carried((Running(start, unknown, session), Running(last, unknown, moment))))
    return Column(start, node.span)


RULES: dict[str, Callable[[Binder, Call, Context], Expression]] = {
    "prev": _beside("value_before"),
    "next": _beside("value_behind"),
    "row_number": _row_number,
    "row_cumsum": _cumulative,
    "row_rank_dense": _dense_rank,
    "row_rank_min": _least_rank,
    "row_window_session": _session,
}
