"""``print`` and ``datatable``: rows that the query writes down itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.special import several
from vedette.kql.operators.base import Operator
from vedette.kql.reading import literals
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.kql.reading.syntax_tree import Named, Node
from vedette.plan.expressions import Literal
from vedette.plan.relations import Assignment, Project, Values
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Print(Operator):
    """``print name = value, …``."""

    items: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """One row of the values."""
        one = binder.fields.new("row", Type.LONG)
        single = Rows(Values((one,), ((Literal(1, Type.LONG, self.span),),)))
        context = Context(scope, Rows(Values((), ())), additions=[])
        columns = Columns(binder)
        new: list[Assignment] = []
        for index, item in enumerate(self.items):
            name = item.names[0].text if isinstance(item, Named) else f"print_{index}"
            try:
                for given, value, span in several.bind(binder, item, context, columns, name):
                    columns.declare(given, span)
                    new.append(binder.column(given, value, span))
            except Unbound:
                columns.broken |= several.broken(item, name)
        if not self.items:
            raise binder.later("print of nothing", self.span)
        return Rows(Project(context.widened(single.relation), tuple(new)), columns.broken)


def read_print(grammar: Grammar, keyword: Token) -> Print:
    """The values behind ``print``, of which there may be none."""
    items = () if grammar.at_end_of_operator() else tuple(grammar.listed(grammar.named))
    return Print(grammar.since(keyword.span.start), items)


@dataclass(frozen=True, slots=True)
class DataTable(Operator):
    """``datatable (columns) [values]``."""

    columns: tuple[Declared, ...]
    cells: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows that stand in the query."""
        names = Columns(binder)

        def declare(column: Declared) -> None:
            names.declare(column.name.text, column.name.span)

        binder.each(self.columns, declare)
        if any(c.type is None for c in self.columns):
            raise Unbound
        width = len(self.columns)
        if len(self.cells) % width:
            message = f"The values should appear in multiples of {width}"
            raise binder.fail("KS173", "type", message, self.cells[-1].span)
        types = [c.type or Type.STRING for c in self.columns]
        cells = binder.each(
            range(len(self.cells)), lambda i: _cell(binder, self.cells[i], types[i % width], scope)
        )
        fields = tuple(
            binder.fields.new(c.name.text, t) for c, t in zip(self.columns, types, strict=True)
        )
        lines = tuple(tuple(cells[i : i + width]) for i in range(0, len(cells), width))
        return Rows(Values(fields, lines))


def _cell(binder: Binder, node: Node, type: Type, scope: Scope) -> Literal:
    value = binder.fixed(node, scope)
    if not isinstance(value, Literal):
        raise binder.later("a value of datatable that is not a constant", node.span)
    cell = as_type(value, type)
    if cell is None:
        construct = f"a {value.type} in a column of type {type}"
        raise binder.later(construct, node.span)
    return cell


def as_type(value: Literal, type: Type) -> Literal | None:
    """A constant as a value of another type; None where that is not plain."""
    content = value.value
    if value.type is type:
        return Literal("" if content is None and type is Type.STRING else content, type, value.span)
    if content is None:
        return Literal("" if type is Type.STRING else None, type, value.span)
    if type is Type.DYNAMIC:
        if value.type in (Type.STRING, Type.LONG, Type.INT, Type.BOOL, Type.REAL):
            return Literal(json.dumps(content, ensure_ascii=False), type, value.span)
        return None
    if value.type in (Type.LONG, Type.INT) and isinstance(content, int):
        if type is Type.INT and not -(2**31) <= content < 2**31:
            return None
        if type in (Type.INT, Type.LONG):
            return Literal(content, type, value.span)
        if type is Type.REAL and abs(content) <= 2**53:
            return Literal(float(content), type, value.span)
        if type is Type.DECIMAL:
            return Literal(literals.decimal_value(str(content)), type, value.span)
    if value.type is Type.STRING and isinstance(content, str):
        return _read(content, type, value.span)
    return None


def _read(content: str, type: Type, span: Span) -> Literal | None:
    """A string as a value of another type, where it is clear how it is read."""
    if type not in (Type.DATETIME, Type.TIMESPAN, Type.GUID):
        return None
    try:
        return Literal(literals.value_of(type, content.strip()), type, span)
    except literals.Malformed:
        return None


def read_datatable(grammar: Grammar, keyword: Token) -> DataTable:
    """Columns and values behind ``datatable``."""
    grammar.expect("(")
    columns = tuple(grammar.column_list())
    grammar.expect(")")
    grammar.expect("[")
    cells: list[Node] = []
    grammar.cursor.accept(",")
    while not grammar.cursor.at("]"):
        cells.append(grammar.expression())
        if not grammar.cursor.accept(","):
            break
    grammar.expect("]")
    return DataTable(grammar.since(keyword.span.start), columns, tuple(cells))
