"""``evaluate plugin(…)`` and ``getschema``: rows from plug-ins, and what columns rows have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql import functions
from vedette.kql.binding.absent import with_absent
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.plugins import INSTEAD, OUTSIDE, PLUGINS
from vedette.kql.plugins.base import Evaluation, Schema
from vedette.kql.reading.syntax_tree import Call, Name
from vedette.plan.expressions import Literal
from vedette.plan.relations import Values
from vedette.plan.types import Type
from vedette.syntax.problem import did_you_mean
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Evaluate(Operator):
    """``evaluate plugin(…) : (columns)``."""

    call: Call
    schema: Schema | None

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """What the plug-in gives."""
        name = self.call.function
        plugin = PLUGINS.get(name.text)
        if plugin is not None:
            names = [a for a in self.call.arguments if isinstance(a, Name)]
            rows = with_absent(binder, binder.piped(self, rows), names)
            given = plugin(Evaluation(binder, self.call, rows, scope, self.schema))
            return self._told_apart(binder, given)
        if name.text in OUTSIDE:
            message = f"The plug-in {name.text}() is not run: {OUTSIDE[name.text]}"
            hint = INSTEAD.get(name.text, "")
            raise binder.fail("VD009", "unsupported", message, name.span, hint=hint)
        if functions.known(name.text, "plugin") is not None:
            raise binder.later(f"the plug-in {name.text}()", name.span)
        message = f"The plug-in function '{name.text}' is not defined"
        raise binder.fail(
            "KS124", "name", message, name.span, hint=did_you_mean(name.text, PLUGINS)
        )

    def _told_apart(self, binder: Binder, rows: Rows) -> Rows:
        """The rows; two columns of a name are refused: how Kusto names the second is unknown."""
        known: set[str] = set()
        for field in rows.relation.fields:
            if field.name in known:
                name = self.call.function
                message = f"{name.text}() would give a second column '{field.name}'"
                hint = "rename the column before the plug-in, or name it once"
                raise binder.fail("VD013", "name", message, name.span, hint=hint)
            known.add(field.name)
        return rows


def read_evaluate(grammar: Grammar, keyword: Token) -> Evaluate:
    """The call behind ``evaluate``, and the columns that it gives."""
    read_hints(grammar)
    call = grammar.call(grammar.name("the name of a plug-in"))
    schema: Schema | None = None
    if grammar.cursor.accept(":"):
        grammar.expect("(")
        star = grammar.cursor.accept("*")
        if star:
            grammar.cursor.accept(",")
        columns = () if grammar.cursor.at(")") else tuple(grammar.column_list())
        grammar.expect(")")
        schema = Schema(bool(star), columns)
    return Evaluate(grammar.since(keyword.span.start), call, schema)


_SYSTEM_TYPES = {
    Type.BOOL: "System.SByte", Type.INT: "System.Int32", Type.LONG: "System.Int64",
    Type.REAL: "System.Double", Type.DECIMAL: "System.Data.SqlTypes.SqlDecimal",
    Type.STRING: "System.String", Type.DATETIME: "System.DateTime",
    Type.TIMESPAN: "System.TimeSpan", Type.DYNAMIC: "System.Object", Type.GUID: "System.Guid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GetSchema(Operator):
    """``getschema``."""

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """A row a column: its name, its place from 0, its type's name in .NET and in Kusto."""
        rows = binder.piped(self, rows)
        columns = (
            ("ColumnName", Type.STRING), ("ColumnOrdinal", Type.LONG), ("DataType", Type.STRING),
            ("ColumnType", Type.STRING),
        )  # fmt: skip
        fields = tuple(binder.fields.new(name, type) for name, type in columns)
        lines = tuple(
            (
                Literal(field.name, Type.STRING),
                Literal(place, Type.LONG),
                Literal(_SYSTEM_TYPES[field.type], Type.STRING),
                Literal(str(field.type), Type.STRING),
            )
            for place, field in enumerate(rows.relation.fields)
        )
        return Rows(Values(fields, lines), open=rows.open)


def read_getschema(grammar: Grammar, keyword: Token) -> GetSchema:
    """Nothing stands behind ``getschema``."""
    return GetSchema(grammar.since(keyword.span.start))
