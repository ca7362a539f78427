"""``summarize``, ``distinct`` and ``count``: rows folded into groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.applied import wrong_count
from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context, Unbound, over
from vedette.kql.binding.fold import plain
from vedette.kql.binding.names import inferred
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.special import several
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Call, Name, Named, Node, Star
from vedette.plan.build import apply
from vedette.plan.check import is_aggregate
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, walk
from vedette.plan.relations import Aggregate, Assignment, FirstPer, Project
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

PICKS = {
    "arg_max": "maximum_by", "arg_min": "minimum_by",
    "argmax": "maximum_by", "argmin": "minimum_by",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summarize(Operator):
    """``summarize aggregate, … by group, …``."""

    items: tuple[Node, ...]
    groups: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row a group: the groups' columns, then the aggregates'."""
        rows = binder.piped(self, rows)
        context = over(rows, scope, aggregates=True)
        columns = Columns(binder)
        groups = groups_of(binder, self.groups, context.inside_aggregate(), columns)
        taken = {e.field for _, e in groups if isinstance(e, Column)}
        only = self.items[0] if len(self.items) == 1 and groups else None
        if isinstance(only, Call) and _takes_rows(only):
            return _any_row(binder, only, groups, context, columns)
        aggregates: list[Assignment] = []
        for item in self.items:
            try:
                for name, value, span in aggregates_of(binder, item, context, columns, taken):
                    name = _declared(columns, item, name, span)
                    aggregates.append(_column(binder, name, value, span))
            except Unbound:
                name = "" if isinstance(item, Named) else columns.name_of(item, aggregates=True)
                columns.broken |= several.broken(item, name)
        if not groups and not aggregates and not columns.broken:
            raise binder.later("summarize of nothing", self.span)
        relation = Aggregate(context.widened(rows.relation), tuple(groups), tuple(aggregates))
        from_data = rows.from_data and any(_takes_all(item) for item in self.items)
        return Rows(relation, columns.broken, from_data=from_data)


def _declared(columns: Columns, item: Node, name: str, span: Span) -> str:
    """What the column is called that an item gives: as the query says, or as was worked out."""
    if isinstance(item, Name) or (isinstance(item, Named) and name in {n.text for n in item.names}):
        return columns.state(name, span)
    columns.declare(name, span)
    return name


def _column(binder: Binder, name: str, value: Expression, span: Span) -> Assignment:
    value = plain(value)
    binder.sizes.check(binder, value, span)
    return (binder.fields.new(name, value.type), value)


def groups_of(
    binder: Binder, items: tuple[Node, ...], context: Context, columns: Columns
) -> list[Assignment]:
    """The columns that rows are grouped by; those that fail are broken."""
    groups: list[Assignment] = []
    for item in items:
        name = columns.name_of(item)
        try:
            value = binder.value(item.value if isinstance(item, Named) else item, context)
            if value.type is Type.DYNAMIC:
                message = "The value of type 'dynamic' is not allowed in this context"
                hint = "group by its text or number: tostring(), tolong() …"
                raise binder.fail("KS116", "type", message, item.span, hint=hint)
            name = _declared(columns, item, name, item.span)
            groups.append(binder.column(name, value, item.span))
        except Unbound:
            columns.broken |= {name}
    return groups


def aggregates_of(
    binder: Binder, item: Node, context: Context, columns: Columns, taken: set[Field],
    *, constants: bool = False,
) -> Iterator[several.Part]:  # fmt: skip
    """The columns that one item of ``summarize`` gives, by name; *constants* may be items."""
    value = item.value if isinstance(item, Named) else item
    names = item.names if isinstance(item, Named) else ()
    if isinstance(value, Call) and value.function.text in PICKS:
        parts = list(_picked(binder, value, context, taken))
        yield from several.named(binder, names, parts, columns)
        return
    if isinstance(value, Call) and _takes_rows(value):
        chosen = list(_of_any_row(binder, value, context, taken))
        parts = [(name, apply("first_of", plain(v), span=span), span) for name, v, span in chosen]
        yield from several.named(binder, names, parts, columns)
        return
    if several.function_of(item, context) is not None:
        for name, part, span in several.bind(binder, item, context, columns, ""):
            _folded(binder, part, item)
            yield name, part, span
        return
    several.one_only(binder, names)
    bound = binder.value(value, context)
    if not (constants and isinstance(bound, Literal)):
        _folded(binder, bound, item)
    yield names[0].text if names else _name(value, columns), bound, item.span


def _name(value: Node, columns: Columns) -> str:
    if isinstance(value, Name):
        return value.text
    if isinstance(value, Call) and value.function.text == "take_any":
        return columns.free(inferred(value.arguments[0]) or "any_arg0")
    return columns.name_of(value, aggregates=True)


def _takes_all(item: Node) -> bool:
    """Whether an item gives whatever columns there are."""
    value = item.value if isinstance(item, Named) else item
    return isinstance(value, Call) and any(isinstance(a, Star) for a in value.arguments)


def _takes_rows(value: Node) -> bool:
    """Whether the value is ``take_any`` of several columns, which come from one row."""
    if not isinstance(value, Call) or value.function.text not in ("take_any", "any"):
        return False
    return len(value.arguments) > 1 or any(isinstance(a, Star) for a in value.arguments)


def _any_row(
    binder: Binder, call: Call, groups: list[Assignment], context: Context, columns: Columns
) -> Rows:
    """One row, any of them, of each group: what ``take_any`` of several columns gives."""
    if context.rows is None:
        raise binder.later("take_any() without rows", call.function.span)
    taken = {e.field for _, e in groups if isinstance(e, Column)}
    chosen: list[Assignment] = []
    for own, value, span in _of_any_row(binder, call, context, taken):
        name = columns.free(own)
        columns.declare(name, span)
        chosen.append(binder.column(name, value, span))
    first = FirstPer(context.widened(context.rows.relation), tuple(e for _, e in groups))
    return Rows(Project(first, (*groups, *chosen)), columns.broken)


def _of_any_row(
    binder: Binder, call: Call, context: Context, taken: set[Field]
) -> Iterator[several.Part]:
    """What ``take_any`` takes from a row: names of columns, values and places."""
    inside = context.inside_aggregate()
    taken = taken | _listed(call, context)
    prefix = "any_" if call.function.text == "any" else ""
    for index, argument in enumerate(call.arguments):
        if isinstance(argument, Star):
            for field in _others(context, taken):
                yield prefix + field.name, Column(field, argument.span), argument.span
            continue
        name = inferred(argument)
        own = prefix + name if name else f"any_arg{index}"
        value = binder.value(argument.value if isinstance(argument, Named) else argument, inside)
        yield argument.names[0].text if isinstance(argument, Named) else own, value, argument.span


def _folded(binder: Binder, value: Expression, item: Node) -> None:
    """Refuse a value of ``summarize`` that reads a column outside any aggregate."""
    pending = [value]
    while pending:
        part = pending.pop()
        if is_aggregate(part):
            continue
        if isinstance(part, Column):
            message = f"The name '{part.field.name}' stands outside an aggregate function"
            raise binder.fail("KS236", "type", message, item.span)
        if isinstance(part, Apply):
            pending.extend(part.arguments)
    if not any(is_aggregate(p) for p in walk(value)):
        raise binder.later("a value of summarize without an aggregate", item.span)


def _picked(
    binder: Binder, call: Call, context: Context, taken: set[Field]
) -> Iterator[several.Part]:
    """``arg_max(by, …)``: the greatest value of *by*, and other columns of its row."""
    operation = PICKS[call.function.text]
    if not call.arguments:
        raise wrong_count(binder, call, 1, None)
    inside = context.inside_aggregate()
    first = call.arguments[0]
    by = plain(binder.value(first.value if isinstance(first, Named) else first, inside))
    if by.type is Type.DYNAMIC or by.type is Type.GUID:
        message = (
            "The argument value must be orderable: a number, timespan, datetime, string or boolean"
        )
        raise binder.fail("KS206", "type", message, first.span)
    extreme = "maximum_of" if operation == "maximum_by" else "minimum_of"
    measured = f"{'max' if operation == 'maximum_by' else 'min'}_{inferred(first) or ''}"
    is_old = "_" not in call.function.text
    prefix = f"{measured}_" if is_old else ""
    own = measured if is_old else inferred(first) or measured
    yield own, apply(extreme, by, span=call.span), first.span
    for index, argument in enumerate(call.arguments[1:], 1):
        if isinstance(argument, Star):
            skipped = taken | _listed(call, context)
            skipped |= {by.field} if isinstance(by, Column) else set()
            for field in _others(context, skipped):
                other = _beside(operation, extreme, Column(field, argument.span), by)
                yield prefix + field.name, other, argument.span
            continue
        bare = argument.value if isinstance(argument, Named) else argument
        value = plain(binder.value(bare, inside))
        name = inferred(argument)
        given = prefix + name if name else f"{measured}_arg{index}"
        yield given, _beside(operation, extreme, value, by), argument.span


def _beside(operation: str, extreme: str, value: Expression, by: Expression) -> Expression:
    """The value of the row where *by* is extreme; of the first row where it is always null."""
    picked = apply(operation, value, by, span=value.span)
    if by.type is Type.STRING:
        return picked
    unknown = apply("is_null", apply(extreme, by, span=by.span), span=by.span)
    first = apply("first_of", value, span=value.span)
    return apply("case", unknown, first, picked, span=value.span)


def _listed(call: Call, context: Context) -> set[Field]:
    """The columns that a call lists itself, which ``*`` beside them leaves out."""
    columns = context.rows.columns if context.rows is not None else {}
    bare = [a.value if isinstance(a, Named) else a for a in call.arguments]
    return {columns[a.text] for a in bare if isinstance(a, Name) and a.text in columns}


def _others(context: Context, skipped: set[Field]) -> Iterator[Field]:
    if context.rows is not None:
        yield from (f for f in context.rows.relation.fields if f not in skipped)


@dataclass(frozen=True, slots=True)
class Distinct(Operator):
    """``distinct a, b`` or ``distinct *``."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row a distinct combination of the columns."""
        rows = binder.piped(self, rows)
        if len(self.items) == 1 and isinstance(self.items[0], Star):
            fields = rows.relation.fields
            dynamic = [f for f in fields if f.type is Type.DYNAMIC]
            if dynamic:
                construct = f"distinct over the dynamic column '{dynamic[0].name}'"
                raise binder.later(construct, self.items[0].span)
            return rows.over(Aggregate(rows.relation, tuple((f, Column(f)) for f in fields), ()))
        context = over(rows, scope)
        columns = Columns(binder)
        if any(isinstance(i, Star) for i in self.items):
            raise binder.later("distinct of * beside other columns", self.span)
        groups = groups_of(binder, self.items, context, columns)
        relation = Aggregate(context.widened(rows.relation), tuple(groups), ())
        return Rows(relation, columns.broken)


@dataclass(frozen=True, slots=True)
class Count(Operator):
    """``count``, with or without ``as name``."""

    name: str

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row: how many rows there are."""
        rows = binder.piped(self, rows)
        count = apply("count_rows", span=self.span)
        field = binder.fields.new(self.name, Type.LONG)
        return Rows(Aggregate(rows.relation, (), ((field, count),)))


def read_summarize(grammar: Grammar, keyword: Token) -> Summarize:
    """Aggregates and groups behind ``summarize``; either may be absent."""
    read_hints(grammar)
    items: tuple[Node, ...] = ()
    groups: tuple[Node, ...] = ()
    if not grammar.at_end_of_operator() and not grammar.cursor.at("by"):
        items = tuple(grammar.listed(grammar.named))
    if grammar.cursor.accept("by"):
        groups = tuple(grammar.listed(grammar.named))
    return Summarize(grammar.since(keyword.span.start), items, groups)


def read_distinct(grammar: Grammar, keyword: Token) -> Distinct:
    """The columns behind ``distinct``."""
    read_hints(grammar)

    def item() -> Node:
        star = grammar.cursor.accept("*")
        return Star(star.span) if star else grammar.named()

    items = tuple(grammar.listed(item))
    return Distinct(grammar.since(keyword.span.start), items)


def read_count(grammar: Grammar, keyword: Token) -> Count:
    """``count`` or ``count as name``."""
    name = "Count"
    if grammar.cursor.accept("as"):
        name = grammar.name(declared=True).text
    return Count(grammar.since(keyword.span.start), name)
