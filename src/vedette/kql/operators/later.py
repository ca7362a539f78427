"""Operators that are read but not bound yet: each is refused by its name, where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, OperatorReader
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


def _later(read: Callable[[Grammar], object]) -> OperatorReader:
    def reader(grammar: Grammar, keyword: Token) -> Operator:
        read(grammar)
        return LaterOperator(grammar.since(keyword.span.start), keyword.text)

    return reader


def _options(grammar: Grammar) -> None:
    if grammar.cursor.accept("with"):
        grammar.expect("(")
        grammar.skip_to_closing()
        grammar.expect(")")


def _rest(grammar: Grammar) -> None:
    grammar.skip_rest()


READERS: dict[str, OperatorReader] = {
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
}
