"""Operators that are read and refused: by name, where they stand, with what to do instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Operator, OperatorReader, read_hints
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar


_NO_GRAPHS = "rows become a graph, and there is nothing here yet that holds one"
_STEPS = "join the table of edges once for each step"
_INSTEAD: dict[str, tuple[str, str]] = {
    "make-graph": (_NO_GRAPHS, _STEPS),
    "graph-match": (_NO_GRAPHS, f"{_STEPS}, and filter what comes of it with where"),
    "graph-shortest-paths": (
        _NO_GRAPHS, f"{_STEPS} that a path may have, and take the shortest of these with arg_min()",
    ),
    "graph-mark-components": (
        _NO_GRAPHS, f"{_STEPS}, and name each node after the least that it reaches, min()",
    ),
    "graph-to-table": (_NO_GRAPHS, "ask the tables that the graph was made of"),
    "graph-where-nodes": (_NO_GRAPHS, "filter the table of nodes with where"),
    "graph-where-edges": (_NO_GRAPHS, "filter the table of edges with where"),
    "reduce": (
        "how Kusto forms the patterns is not documented, so no other engine gives the same",
        "cut what varies out of the texts, with replace_regex(), and count what is left",
    ),
    "consume": ("it reads rows and gives none: there is nothing to answer", "leave it out"),
    "macro-expand": (
        "it repeats a query for each of several databases, and a workspace is one",
        "write the query once, over the tables of this workspace",
    ),
}  # fmt: skip
"""Why an operator is not bound, and what answers its question."""


@dataclass(frozen=True, slots=True)
class Refused(Operator):
    """An operator that Kusto has and that is not answered."""

    keyword: str

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """Rows of unknown columns; the refusal is recorded."""
        place = Span(self.span.start, self.span.start + len(self.keyword))
        reason, hint = _INSTEAD[self.keyword]
        binder.later(f"the operator '{self.keyword}'", place, reason, hint)
        return binder.unknown_rows(rows)


def _rest(grammar: Grammar, keyword: Token) -> Refused:
    grammar.skip_rest()
    return Refused(grammar.since(keyword.span.start), keyword.text)


def _reduce(grammar: Grammar, keyword: Token) -> Refused:
    read_hints(grammar, "kind")
    grammar.expect("by")
    grammar.expression()
    if grammar.cursor.accept("with"):
        grammar.listed(grammar.named)
    return Refused(grammar.since(keyword.span.start), keyword.text)


def _consume(grammar: Grammar, keyword: Token) -> Refused:
    read_hints(grammar, "decodeblocks")
    return Refused(grammar.since(keyword.span.start), keyword.text)


_GRAPHS = dict.fromkeys((k for k in _INSTEAD if "graph" in k), _rest)
READERS: dict[str, OperatorReader] = {**_GRAPHS, "reduce": _reduce, "consume": _consume}
SOURCE_READERS: dict[str, OperatorReader] = {"macro-expand": _rest}
