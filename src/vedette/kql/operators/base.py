"""What a tabular operator is: read by one function, bound to the plan by one method."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows, Scope
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

OperatorReader = Callable[["Grammar", Token], "Operator"]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator as it was read; its span starts at its keyword."""

    span: Span

    @abstractmethod
    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows it gives over *rows*, which are None where it starts a pipeline."""


KEEPS_COLUMNS = frozenset({"where", "filter", "sort", "order", "take", "limit", "top", "render"})


@dataclass(frozen=True, slots=True)
class BrokenOperator(Operator):
    """An operator that could not be read."""

    keyword: str

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows as they were, where it cannot have changed their columns."""
        if rows is not None and self.keyword in KEEPS_COLUMNS:
            return rows
        return binder.unknown_rows(rows)


@dataclass(frozen=True, slots=True)
class Hints:
    """The ``name=value`` parameters behind an operator's keyword, by name, with their places."""

    values: dict[str, tuple[str, Span]]

    def get(self, name: str, default: str = "") -> str:
        """The value of a parameter as written."""
        return self.values.get(name, (default, Span(0, 0)))[0]

    def span(self, name: str, otherwise: Span) -> Span:
        """Where a parameter's value stands."""
        return self.values[name][1] if name in self.values else otherwise


def read_hints(grammar: Grammar, *names: str) -> Hints:
    """The parameters that stand here: ``hint.…`` and those of *names*."""
    cursor = grammar.cursor
    values: dict[str, tuple[str, Span]] = {}
    while True:
        token = cursor.peek()
        dotted = token.text == "hint" and cursor.peek(1).text == "."
        plain = token.text in names and cursor.peek(1).text == "="
        if token.kind != "name" or not (dotted or plain):
            return Hints(values)
        cursor.next()
        name = token.text
        if dotted:
            cursor.next()
            name = f"hint.{cursor.next().text}"
        grammar.expect("=")
        value = cursor.peek()
        if value.kind not in ("name", "string", "long", "real", "timespan"):
            bracketed = grammar.bracketed_name()
            if bracketed is None:
                raise grammar.missing("the parameter's value")
            values[name] = (bracketed.text, bracketed.span)
            continue
        cursor.next()
        text = grammar.string(value) if value.kind == "string" else value.text
        values[name] = (text, value.span)
