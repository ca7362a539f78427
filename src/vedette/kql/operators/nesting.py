"""``top-nested``: the foremost values of an expression, and within each those of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import over
from vedette.kql.binding.fold import plain
from vedette.kql.binding.names import inferred
from vedette.kql.binding.scope import Rows, Scope, Tabular
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.operators.making import as_type
from vedette.kql.operators.ordering import row_count
from vedette.kql.reading.syntax_tree import Name, Named, Node, Ordered
from vedette.plan.build import apply, every
from vedette.plan.check import is_aggregate
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal
from vedette.plan.relations import (
    Aggregate,
    Assignment,
    Filter,
    Join,
    Project,
    Relation,
    Sort,
    SortKey,
    Union,
    Window,
)
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Level:
    """``count of value with others = constant by aggregate``."""

    count: Node | None
    value: Node
    others: Node | None
    by: Ordered
    span: Span


@dataclass(frozen=True, slots=True)
class _Bound:
    """A level over the rows: its value, its aggregate, and how they are called."""

    count: int | None
    name: str
    value: Expression
    total_name: str
    total: Expression
    descending: bool
    others: Literal | None


@dataclass(frozen=True, slots=True)
class TopNested(Operator):
    """``top-nested count of value by aggregate, top-nested …``."""

    levels: tuple[Level, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row a combination of values that are foremost, with each level's aggregate."""
        rows = binder.piped(self, rows)
        columns = Columns(binder)
        last = self.levels[-1]
        bound = [
            _bound(binder, level, level is last, rows, scope, columns) for level in self.levels
        ]
        nested = _Nested(binder, rows, self.span)
        chosen: _Chosen | None = None
        for level in bound:
            chosen = nested.level(level, chosen)
        return Rows(chosen.relation) if chosen is not None else rows


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the levels so far chose: the fields of their values, and those with the aggregates."""

    relation: Relation
    values: tuple[Field, ...]
    expressions: tuple[Expression, ...]


class _Nested:
    """Levels behind each other, each over the rows: the first takes them, the others copies."""

    def __init__(self, binder: Binder, rows: Rows, span: Span) -> None:
        self._binder = binder
        self._rows = Tabular(rows, Name("", span), span)
        self._fields = rows.relation.fields
        self._span = span

    def level(self, level: _Bound, above: _Chosen | None) -> _Chosen:
        """The foremost values of a level within each row of what stands above."""
        expressions = (*(above.expressions if above else ()), level.value)
        folded, groups, total = self._folded(level, expressions, level.total)
        inside: Relation = folded
        parents = above.relation.fields if above else ()
        kept = above.values if above else ()
        if above is not None:
            inside = Join("inner", folded, above.relation, _same(groups[:-1], kept))
        value = groups[-1]
        relation = self._foremost(level, inside, value, total, kept)
        shown = tuple((f, Column(f)) for f in (*parents, value, total))
        relation = Project(relation, shown)
        if level.others is not None:
            relation = self._with_others(level, relation, above, expressions)
        fields = relation.fields
        places = [i for i, (f, _) in enumerate(shown) if f in (*kept, value)]
        return _Chosen(relation, tuple(fields[i] for i in places), expressions)

    def _folded(
        self, level: _Bound, expressions: tuple[Expression, ...], total: Expression
    ) -> tuple[Aggregate, tuple[Field, ...], Field]:
        """The groups of a copy of the rows by the values of this level and those above."""
        fields = self._binder.fields
        rows, moved = self._copy()
        groups = tuple((fields.new(level.name, e.type), moved(e)) for e in expressions)
        hits = fields.new(level.total_name, total.type)
        folded = Aggregate(rows, groups, ((hits, moved(total)),))
        return folded, tuple(f for f, _ in groups), hits

    def _copy(self) -> tuple[Relation, _Moved]:
        rows = self._binder.take(self._rows, self._span).relation
        return rows, _Moved(dict(zip(self._fields, rows.fields, strict=True)))

    def _again(self, relation: Relation) -> tuple[Relation, dict[Field, Field]]:
        """A copy of what was chosen, and its fields by the first one's."""
        known = Tabular(Rows(relation), Name("", self._span), self._span, taken=True)
        copy = self._binder.take(known, self._span).relation
        return copy, dict(zip(relation.fields, copy.fields, strict=True))

    def _foremost(
        self, level: _Bound, inside: Relation, value: Field, total: Field, kept: tuple[Field, ...]
    ) -> Relation:
        if level.count is None:
            return inside
        first = SortKey(Column(total), level.descending, not level.descending)
        ordered = Sort(inside, (first, SortKey(Column(value), False, True)))
        place = self._binder.fields.new("place", Type.LONG)
        numbered = Window(ordered, ((place, apply("row_position")),), tuple(map(Column, kept)))
        few = apply("less_or_equal", Column(place), Literal(level.count, Type.LONG))
        return Filter(numbered, few)

    def _with_others(
        self,
        level: _Bound,
        chosen: Relation,
        above: _Chosen | None,
        expressions: tuple[Expression, ...],
    ) -> Relation:
        """Also a row for all that was not chosen, in each part where there is such."""
        fields = self._binder.fields
        rows, moved = self._copy()
        known, new = self._again(chosen)
        keys = tuple(fields.new("", e.type) for e in expressions)
        own = tuple((f, Column(f)) for f in rows.fields)
        values = tuple(moved(e) for e in expressions)
        keyed = Project(rows, own + tuple(zip(keys, values, strict=True)))
        places = (*(above.values if above else ()), chosen.fields[-2])
        rest: Relation = Join("left_anti", keyed, known, _same(keys, [new[f] for f in places]))
        groups: tuple[Assignment, ...] = ()
        parents: tuple[Field, ...] = ()
        if above is not None:
            upper, renamed = self._again(above.relation)
            parents = upper.fields
            uppers = [renamed[f] for f in above.values]
            rest = Join("inner", rest, upper, _same(keys[:-1], uppers))
            groups = tuple((f, Column(f)) for f in parents)
        hits = fields.new(level.total_name, level.total.type)
        any_rest = fields.new("", Type.LONG)
        totals = ((hits, moved(level.total)), (any_rest, apply("count_rows")))
        some = apply("greater", Column(any_rest), Literal(0, Type.LONG))
        folded = Filter(Aggregate(rest, groups, totals), some)
        value = fields.new(level.name, level.value.type)
        others = level.others or Literal(None, level.value.type)
        upwards: tuple[Assignment, ...] = tuple((f, Column(f)) for f in parents)
        shown = (*upwards, (value, others), (hits, Column(hits)))
        united = tuple(fields.new(f.name, f.type) for f in chosen.fields)
        return Union((chosen, Project(folded, shown)), united)


@dataclass(frozen=True, slots=True)
class _Moved:
    """An expression over the rows as one over a copy of them."""

    fields: dict[Field, Field]

    def __call__(self, expression: Expression) -> Expression:
        def moved(part: Expression) -> Expression:
            return Column(self.fields[part.field], part.span) if isinstance(part, Column) else part

        return rewrite_expression(expression, moved)


def _same(left: tuple[Field, ...], right: tuple[Field, ...] | list[Field]) -> Expression:
    pairs = zip(left, right, strict=True)
    return every([apply("equals_or_both_null", Column(a), Column(b)) for a, b in pairs])


def _bound(
    binder: Binder, level: Level, is_last: bool, rows: Rows, scope: Scope, columns: Columns
) -> _Bound:
    if level.others is not None and not is_last:
        construct = "'with others' before another level of 'top-nested'"
        raise binder.later(construct, level.others.span)
    context = over(rows, scope, aggregates=True)
    count = None if level.count is None else row_count(binder, level.count, scope)
    node = level.value.value if isinstance(level.value, Named) else level.value
    value = plain(binder.value(node, context.inside_aggregate()))
    if value.type is Type.DYNAMIC:
        message = "The value of type 'dynamic' is not allowed in this context"
        raise binder.fail("KS116", "type", message, node.span)
    given = inferred(level.value) or ""
    name = columns.free(given)
    columns.declare(name, level.value.span)
    by = level.by.value
    total = plain(binder.value(by.value if isinstance(by, Named) else by, context))
    _refuse_unfolded(binder, total, by)
    if context.additions:
        raise binder.later("a value read from a table here", level.span)
    total_name = by.names[0].text if isinstance(by, Named) else f"aggregated_{given}"
    total_name = columns.free(total_name)
    columns.declare(total_name, by.span)
    others: Literal | None = None
    if level.others is not None:
        constant = binder.fixed(level.others, scope)
        others = as_type(constant, value.type) if isinstance(constant, Literal) else None
        if others is None:
            message = f"The expression must be a constant of type {value.type}"
            raise binder.fail("KS129", "type", message, level.others.span)
    return _Bound(count, name, value, total_name, total, level.by.direction != "asc", others)


def _refuse_unfolded(binder: Binder, total: Expression, node: Node) -> None:
    """Refuse a measure that reads a column outside any aggregate, or has none."""
    pending, folds = [total], False
    while pending:
        part = pending.pop()
        if is_aggregate(part):
            folds = True
        elif isinstance(part, Column):
            message = f"The name '{part.field.name}' is not an aggregate or scalar function"
            raise binder.fail("KS236", "type", message, node.span)
        elif isinstance(part, Apply):
            pending.extend(part.arguments)
    if not folds:
        raise binder.later("'top-nested' by a value without an aggregate", node.span)


def read_top_nested(grammar: Grammar, keyword: Token) -> TopNested:
    """The levels behind ``top-nested``."""
    read_hints(grammar)
    levels = [_level(grammar)]
    while grammar.cursor.accept(","):
        grammar.expect("top-nested")
        levels.append(_level(grammar))
    return TopNested(grammar.since(keyword.span.start), tuple(levels))


def _level(grammar: Grammar) -> Level:
    start = grammar.cursor.peek().span.start
    count = None if grammar.cursor.at("of") else grammar.expression()
    grammar.expect("of")
    value = grammar.named()
    others: Node | None = None
    if grammar.cursor.accept("with"):
        grammar.expect("others")
        grammar.expect("=")
        others = grammar.expression()
    grammar.expect("by")
    by = grammar.ordered()
    return Level(count, value, others, by, grammar.since(start))
