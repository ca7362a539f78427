"""``as``, ``invoke`` and ``render``: what names rows, hands them on, or says how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding import user_functions
from vedette.kql.binding.beside.saved_functions import function_named
from vedette.kql.binding.context import Context
from vedette.kql.binding.scope import Rows, Scope, Tabular
from vedette.kql.binding.sources import unknown_function
from vedette.kql.operators.base import Operator, read_hints
from vedette.kql.reading.syntax_tree import Call, Name
from vedette.syntax.scan import Token

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class As(Operator):
    """``as name``: the rows so far under a name, for the rest of the statement."""

    name: Name

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows unchanged."""
        rows = binder.piped(self, rows)
        rows = rows.named(self.name.text)
        entry = Tabular(rows, self.name, self.span, used=True, taken=True)
        scope.define(self.name.text, entry)
        return rows


def read_as(grammar: Grammar, keyword: Token) -> As:
    """The name behind ``as``."""
    read_hints(grammar)
    name = grammar.name(declared=True)
    return As(grammar.since(keyword.span.start), name)


@dataclass(frozen=True, slots=True)
class Invoke(Operator):
    """``invoke function(…)``: a function of the query's own, its first argument the rows."""

    call: Call

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """What the function gives."""
        rows = binder.piped(self, rows)
        name = self.call.function
        entry = function_named(binder, name.text, scope, self.call.span)
        if entry is None:
            raise unknown_function(binder, name, scope)
        parameters = entry.node.parameters
        if not parameters or parameters[0].columns is None:
            message = f"The function '{name.text}' takes no table as its first argument"
            raise binder.fail("KS127", "type", message, name.span)
        given = user_functions.call(binder, entry, self.call, Context(scope), piped=rows)
        if isinstance(given, Rows):
            return given
        raise binder.fail("KS111", "type", "Tabular value expected", self.call.span)


def read_invoke(grammar: Grammar, keyword: Token) -> Invoke:
    """The call behind ``invoke``."""
    name = grammar.name("the name of a function")
    call = grammar.call(name)
    while grammar.cursor.accept("."):
        call = grammar.call(grammar.name("the name of a function"))
    return Invoke(grammar.since(keyword.span.start), call)


@dataclass(frozen=True, slots=True)
class Unchanged(Operator):
    """An operator that says how rows are shown, not which they are."""

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows unchanged."""
        return binder.piped(self, rows)


def read_render(grammar: Grammar, keyword: Token) -> Unchanged:
    """The chart behind ``render`` and its properties."""
    grammar.cursor.expect_kind("name", "a kind of chart")
    if grammar.cursor.accept("with"):
        grammar.expect("(")
        grammar.skip_to_closing()
        grammar.expect(")")
    else:
        grammar.skip_rest()
    return Unchanged(grammar.since(keyword.span.start))
