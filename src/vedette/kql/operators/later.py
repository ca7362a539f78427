"""Operators that are read but not bound yet: each is refused by its name, where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, OperatorReader, read_hints
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


@dataclass(frozen=True, slots=True)
class LaterOperator(Operator):
    """An operator that Kusto has and that is not here yet."""

    keyword: str

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """Rows of unknown columns; the refusal is recorded."""
        place = Span(self.span.start, self.span.start + len(self.keyword))
        binder.later(f"the operator '{self.keyword}'", place)
        return binder.unknown_rows(rows)


@dataclass(frozen=True, slots=True)
class OutsideData(Operator):
    """``externaldata``: rows from an address outside."""

    keyword: str

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """Rows of unknown columns; that nothing is fetched is recorded."""
        place = Span(self.span.start, self.span.start + len(self.keyword))
        message = f"'{self.keyword}' reads data from outside; queries fetch nothing"
        hint = "ingest the data as a table, and name that table here"
        binder.fail("VD002", "source", message, place, hint=hint)
        return binder.unknown_rows(rows)


def _later(read: Callable[[Grammar], object]) -> OperatorReader:
    def reader(grammar: Grammar, keyword: Token) -> Operator:
        read(grammar)
        return LaterOperator(grammar.since(keyword.span.start), keyword.text)

    return reader


def _subquery(grammar: Grammar) -> None:
    """Operators in parentheses, the rows left out."""
    closing = "}" if grammar.cursor.at("{") else ")"
    grammar.expect("{" if closing == "}" else "(")
    if closing == "}":
        grammar.deeper(grammar.pipeline)
    else:
        grammar.deeper(grammar.operators_alone)
    grammar.expect(closing)


def _options(grammar: Grammar) -> None:
    if grammar.cursor.accept("with"):
        grammar.expect("(")
        grammar.skip_to_closing()
        grammar.expect(")")


def _reduce(grammar: Grammar) -> None:
    """``reduce by column with threshold=…``."""
    read_hints(grammar, "kind")
    grammar.expect("by")
    grammar.expression()
    if grammar.cursor.accept("with"):
        grammar.listed(grammar.named)


def _facet(grammar: Grammar) -> None:
    """``facet by columns with (operators)``."""
    grammar.expect("by")
    grammar.listed(grammar.expression)
    if grammar.cursor.accept("with"):
        if grammar.cursor.at("("):
            _subquery(grammar)
        else:
            grammar.operator()


def _fork(grammar: Grammar) -> None:
    """``fork name=(operators) (operators)``."""
    while not grammar.at_end_of_operator():
        if grammar.at_assignment():
            grammar.name(declared=True)
            grammar.cursor.next()
        if grammar.cursor.at("("):
            _subquery(grammar)
        else:
            grammar.operator()


def _names(grammar: Grammar) -> None:
    if not grammar.at_end_of_operator():
        grammar.listed(grammar.expression)


def _rest(grammar: Grammar) -> None:
    grammar.skip_rest()


def read_externaldata(grammar: Grammar, keyword: Token) -> Operator:
    """``externaldata (columns) [addresses] with (options)``."""
    grammar.expect("(")
    grammar.column_list()
    grammar.expect(")")
    if grammar.cursor.accept("["):
        if not grammar.cursor.at("]"):
            grammar.listed(grammar.expression)
        grammar.expect("]")
    _options(grammar)
    return OutsideData(grammar.since(keyword.span.start), keyword.text)


READERS: dict[str, OperatorReader] = {
    "reduce": _later(_reduce),
    "facet": _later(_facet),
    "fork": _later(_fork),
    "consume": _later(_rest),
    "assert-schema": _later(_rest),
    "project-by-names": _later(_names),
    "make-graph": _later(_rest),
    "graph-match": _later(_rest),
    "graph-mark-components": _later(_rest),
    "graph-shortest-paths": _later(_rest),
    "graph-to-table": _later(_rest),
    "graph-where-nodes": _later(_rest),
    "graph-where-edges": _later(_rest),
}

SOURCE_READERS: dict[str, OperatorReader] = {
    "macro-expand": _later(_rest),
    "externaldata": read_externaldata,
    "external_data": read_externaldata,
}
