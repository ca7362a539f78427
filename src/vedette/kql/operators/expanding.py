"""``mv-expand``: a row for each element of dynamic values; ``mv-apply`` begins with the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context, Unbound, over
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Hints, Operator, read_hints
from vedette.kql.reading.syntax_tree import Name, Named, Node, TypeOf
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.relations import Assignment, Expand, Project, Relation, Window
from vedette.plan.types import NUMBERS, Type, type_named
from vedette.syntax.problem import did_you_mean
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

MOST_OF_OLD = 128
"""How many elements the operator's old spelling takes of a row where it is not told."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is taken apart, and the type that its elements have."""

    value: Node
    type: TypeOf | None

    @property
    def column(self) -> str:
        """The column's name where a column is taken apart under its own name; else empty."""
        return self.value.text if isinstance(self.value, Name) else ""


@dataclass(frozen=True, slots=True)
class Items:
    """What stands behind ``mv-expand`` and before the ``on`` of ``mv-apply``."""

    items: tuple[Item, ...]
    pairs: bool = False
    index: str = ""
    limit: Node | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    """Rows taken apart: ``relation`` has the input's fields besides ``elements`` and ``index``.

    ``numbered`` has the same and ``row``, a number of the row that an element comes from.
    """

    relation: Relation
    numbered: Relation
    row: Field
    elements: tuple[Field, ...]
    index: Field | None
    broken: frozenset[str]


def expand(binder: Binder, items: Items, rows: Rows, scope: Scope) -> Expanded:
    """The input's rows, each once an element, beside the elements in their types."""
    context = over(rows, scope)
    columns = Columns(binder)
    lists: list[Assignment] = []
    typed: list[Assignment] = []
    for item in items.items:
        name = columns.name_of(item.value, taken=rows.columns)
        try:
            value = _listed(binder, item, context)
            columns.declare(name, item.value.span)
            type = _type(binder, item.type) if item.type is not None else Type.DYNAMIC
        except Unbound:
            columns.broken |= {name}
            continue
        element = binder.fields.new(name, Type.DYNAMIC)
        lists.append((element, value))
        field = element if type is Type.DYNAMIC else binder.fields.new(name, type)
        typed.append((field, in_type(Column(element), type)))
    elements = tuple(field for field, _ in typed)
    index: Field | None = None
    if items.index:
        taken = {*rows.columns, *(f.name for f in elements), *columns.broken}
        index = binder.fields.new(_free(items.index, taken), Type.LONG)
    most = items.most
    if items.limit is not None:
        limit = binder.constant(items.limit, scope, Type.LONG, "an integer").value
        most = max(limit, 0) if isinstance(limit, int) else most
    row = binder.fields.new("row", Type.LONG)

    def over_rows(relation: Relation) -> Relation:
        kept = [(f, Column(f)) for f in (*relation.fields, *((index,) if index else ()))]
        wide = context.widened(relation)
        if not lists:
            return wide
        return Project(Expand(wide, tuple(lists), index, items.pairs, most), (*kept, *typed))

    numbered = Window(rows.relation, ((row, apply("row_position")),))
    plain, keyed = over_rows(rows.relation), over_rows(numbered)
    return Expanded(plain, keyed, row, elements, index, columns.broken)


def _listed(binder: Binder, item: Item, context: Context) -> Expression:
    node = item.value
    if isinstance(node, Named) and len(node.names) > 1:
        message = "The expression does not have multiple named values"
        raise binder.fail("KS149", "type", message, node.span)
    value = binder.value(node.value if isinstance(node, Named) else node, context)
    if value.type is not Type.DYNAMIC:
        message = "The expression must have the type dynamic"
        hint = "read text with parse_json()" if value.type is Type.STRING else ""
        raise binder.fail("KS141", "type", message, node.span, hint=hint)
    binder.sizes.check(binder, value, node.span)
    return value


def _type(binder: Binder, node: TypeOf) -> Type:
    if len(node.types) != 1:
        raise binder.later("the columns of a table as the type of elements", node.span)
    type = type_named(node.types[0])
    if type is None or type is Type.BINARY:
        message = f"The name '{node.types[0]}' is not a valid type name that can be used here"
        hint = did_you_mean(node.types[0], [t for t in Type if t is not Type.BINARY])
        raise binder.fail("KS160", "syntax", message, node.span, hint=hint)
    return type


def in_type(element: Expression, type: Type) -> Expression:
    """An element in a declared type: one of another kind is null, but any has its text."""
    if type is Type.DYNAMIC:
        return element
    if type is Type.STRING:
        return apply("text_of", element)
    if type is Type.BOOL:
        return apply("to_bool", apply("only_bools", element))
    return apply(
        f"to_{type}", apply("only_numbers" if type in NUMBERS else "only_strings", element)
    )


def _free(name: str, taken: set[str]) -> str:
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}{number}"
    return candidate


@dataclass(frozen=True, slots=True)
class MvExpand(Operator):
    """``mv-expand kind=array with_itemindex=i name = value to typeof(type), … limit n``."""

    items: Items

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """A row an element; elements stand in the place of a column of their name."""
        rows = binder.piped(self, rows)
        apart = expand(binder, self.items, rows, scope)
        new = {field.name: field for field in apart.elements}
        shown = [new.pop(f.name, f) for f in rows.relation.fields if f.name not in apart.broken]
        shown += [*new.values(), *((apart.index,) if apart.index else ())]
        broken = (rows.broken | apart.broken) - {f.name for f in apart.elements}
        return rows.over(Project(apart.relation, tuple((f, Column(f)) for f in shown)), broken)


def read_items(grammar: Grammar, keyword: Token, hints: Hints) -> Items:
    """The values to take apart, their types and their number."""
    pairs = False
    for name in ("kind", "bagexpansion"):
        form = hints.get(name, "bag")
        if form not in ("bag", "array"):
            span = hints.span(name, keyword.span)
            message = f"There is no way '{form}' to take a bag apart"
            grammar.findings.add("KS005", "syntax", message, span, hint="ways are bag and array")
        pairs = pairs or form == "array"
    items = () if grammar.cursor.at("on") else tuple(grammar.listed(lambda: _item(grammar)))
    limit = grammar.expression() if grammar.cursor.accept("limit") else None
    most = None if "-" in keyword.text else MOST_OF_OLD
    return Items(items, pairs, hints.get("with_itemindex"), limit, most)


def _item(grammar: Grammar) -> Item:
    value = grammar.named()
    typed = grammar.cursor.accept("to")
    return Item(value, grammar.type_of(grammar.expect("typeof")) if typed else None)


def read_expand(grammar: Grammar, keyword: Token) -> MvExpand:
    """What stands behind ``mv-expand``."""
    hints = read_hints(grammar, "bagexpansion", "kind", "with_itemindex")
    items = read_items(grammar, keyword, hints)
    return MvExpand(grammar.since(keyword.span.start), items)
