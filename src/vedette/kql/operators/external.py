"""``externaldata``: rows of files that the user allowed queries to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.beside import outside
from vedette.kql.binding.beside.given import NotAllowed
from vedette.kql.binding.columns import Columns
from vedette.kql.binding.context import Unbound
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator
from vedette.kql.reading.syntax_tree import Column as Declared
from vedette.kql.reading.syntax_tree import Constant, Named, Node
from vedette.plan.expressions import Literal
from vedette.plan.relations import Values
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

_HINT = "allow its folder, or 'address=file' for a copy of it: Workspace(allow=[…]), or --allow"


@dataclass(frozen=True, slots=True)
class ExternalData(Operator):
    """``externaldata (columns) [addresses] with (options)``."""

    keyword: str
    columns: tuple[Declared, ...]
    addresses: tuple[Node, ...]
    options: tuple[Named, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows of all files; what may not be read is recorded."""
        names = Columns(binder)
        binder.each(self.columns, lambda c: names.declare(c.name.text, c.name.span))
        if any(c.type is None for c in self.columns):
            raise Unbound
        types = [c.type or Type.STRING for c in self.columns]
        fields = tuple(
            binder.fields.new(c.name.text, t) for c, t in zip(self.columns, types, strict=True)
        )
        found: list[tuple[Literal, ...]] = []
        format, skip_first = self._options(binder, scope)
        for node in self.addresses:
            data, address = self._data(binder, node, scope)
            column_names = [c.name.text for c in self.columns]
            try:
                found += outside.rows_of(
                    data, format or outside.format_of(address), column_names, types, skip_first
                )
            except outside.NotRead as reason:
                raise self._refused(binder, f"{address} cannot be read", node.span, str(reason)) \
                    from None  # fmt: skip
        return Rows(Values(fields, tuple(found)))

    def _data(self, binder: Binder, node: Node, scope: Scope) -> tuple[bytes, str]:
        address = str(binder.constant(node, scope, Type.STRING, "an address").value)
        address = address.split(";")[0]  # what follows are keys to storage
        read = binder.given.outside
        binder.clock.is_read = True  # the file may be another one next time
        try:
            if read is None:
                raise NotAllowed("queries read nothing from outside unless that is allowed")
            return read(address), address
        except NotAllowed as reason:
            message = f"'{self.keyword}' reads data from outside, which is not allowed here"
            raise self._refused(binder, message, node.span, str(reason), _HINT) from None

    def _refused(
        self, binder: Binder, message: str, span: Span, reason: str, hint: str = ""
    ) -> Unbound:
        return binder.fail("VD002", "source", message, span, reason=reason, hint=hint)

    def _options(self, binder: Binder, scope: Scope) -> tuple[str, bool]:
        given = {}
        for option in self.options:
            value = option.value
            text = value.value if isinstance(value, Constant) else binder.source.at(value.span)
            given[option.names[0].text.lower()] = str(text).lower()
        format = given.get("format", "")
        if format and format not in outside.FORMATS:
            hint = f"formats are {', '.join(outside.FORMATS)}"
            span = self.options[0].span
            raise self._refused(binder, f"No format '{format}' is read", span, "", hint)
        return format, given.get("ignorefirstrecord", "false") in ("true", "1")


def read_externaldata(grammar: Grammar, keyword: Token) -> ExternalData:
    """Columns, addresses and options behind ``externaldata``."""
    grammar.expect("(")
    columns = tuple(grammar.column_list())
    grammar.expect(")")
    addresses: tuple[Node, ...] = ()
    if grammar.cursor.accept("["):
        if not grammar.cursor.at("]"):
            addresses = tuple(grammar.listed(grammar.expression))
        grammar.expect("]")
    options: list[Named] = []
    if grammar.cursor.accept("with"):
        grammar.expect("(")
        for item in grammar.listed(grammar.named):
            if isinstance(item, Named):
                options.append(item)
        grammar.expect(")")
    span = grammar.since(keyword.span.start)
    return ExternalData(span, keyword.text, columns, addresses, tuple(options))
