"""``search``: rows of many tables in whose columns a text, or anything else, is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context
from vedette.kql.binding.gathering import gathered, merged
from vedette.kql.binding.scope import Rows, Scalar, Scope
from vedette.kql.operators.base import Hints, Operator, read_hints
from vedette.kql.operators.filter import Where
from vedette.kql.operators.unions import parts_of
from vedette.kql.reading.syntax_tree import Binary, Constant, Logical, Name, Node, Star, Wildcard
from vedette.plan.expressions import Literal
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

ORIGIN = "$table"
KINDS = ("default", "case_insensitive", "case_sensitive")

_WITH_CASE = {
    "=~": "==", "!~": "!=",
    **{
        f"{sign}{name}": f"{sign}{name}_cs"
        for sign in ("", "!")
        for name in ("has", "hasprefix", "hassuffix", "contains", "startswith", "endswith")
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Search(Operator):
    """``search kind=… in (tables) predicate``; without tables all are searched."""

    hints: Hints
    tables: tuple[Node, ...]
    predicate: Node

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows for which the predicate holds, ``$table`` first."""
        tables: Sequence[Node] = self.tables
        if rows is None and not tables:
            tables = (Wildcard("*", self.span),)
        parts = parts_of(binder, rows, tables, scope, "search")
        if any(p.rows is not None and p.rows.open for p in parts):
            return binder.unknown_rows(rows)
        columns = merged(parts)
        if any(m.name == ORIGIN for m in columns):
            raise binder.later("a search of what a search found", self.span)
        found = gathered(binder, parts, columns, ORIGIN, self.span, terms=True)
        if isinstance(self.predicate, Star):
            return found
        cased = self.hints.get("kind") == "case_sensitive"
        condition = terms(binder, self.predicate, found, scope, cased)
        return Where(self.span, condition).bind(binder, found, scope)


def terms(binder: Binder, node: Node, rows: Rows, scope: Scope, cased: bool) -> Node:
    """A predicate with its bare texts as conditions of all columns."""
    if isinstance(node, Logical):
        operands = tuple(terms(binder, n, rows, scope, cased) for n in node.operands)
        return replace(node, operands=operands)
    if isinstance(node, Constant) and node.type is Type.STRING:
        return _term(Star(node.span), str(node.value), cased, node.span)
    if isinstance(node, Name) and not rows.knows(node.text):
        entry = scope.find(node.text)
        if isinstance(entry, Scalar) and entry.value is not None:
            value = entry.value
            if value.type is Type.STRING and isinstance(value, Literal):
                return _term(Star(node.span), str(value.value), cased, node.span)
    if isinstance(node, Binary) and node.operator == ":":
        sought = binder.value(node.right, Context(scope))
        if not isinstance(sought, Literal) or sought.type is not Type.STRING:
            message = f"The operator ':' looks for a constant text, not a {sought.type}"
            raise binder.fail("KS106", "type", message, node.sign)
        return _term(node.left, str(sought.value), cased, node.span)
    if cased and isinstance(node, Binary) and node.operator in _WITH_CASE:
        return replace(node, operator=_WITH_CASE[node.operator])
    return node


def _term(operand: Node, sought: str, cased: bool, span: Span) -> Node:
    """Whether a text with stars for any run of characters is found in an operand."""
    first, last = sought.startswith("*"), sought.endswith("*")
    text = sought.strip("*")
    if sought and not text:
        return Constant(True, Type.BOOL, span)
    operator = {(0, 0): "has", (0, 1): "hasprefix", (1, 0): "hassuffix", (1, 1): "contains"}[
        (first, last)
    ]
    if "*" in text:
        return _pattern(operand, text, first, last, cased, span)
    operator = f"{operator}_cs" if cased else operator
    return Binary(operator, operand, Constant(text, Type.STRING, span), span, span)


def _pattern(operand: Node, text: str, first: bool, last: bool, cased: bool, span: Span) -> Node:
    """A text with a star inside, as a regular expression between the borders of words."""
    middle = ".*".join(re.escape(piece) for piece in text.split("*"))
    before = "" if first else r"(?:^|\W)"
    behind = "" if last else r"(?:$|\W)"
    flags = "" if cased else "(?i)"
    pattern = Constant(f"{flags}{before}{middle}{behind}", Type.STRING, span)
    return Binary("matches regex", operand, pattern, span, span)


def read_search(grammar: Grammar, keyword: Token) -> Search:
    """The parameters, tables and predicate behind ``search``."""
    hints = read_hints(grammar, "kind")
    kind = hints.get("kind", "default")
    if kind not in KINDS:
        message = f"There is no kind of search called '{kind}'"
        span = hints.span("kind", keyword.span)
        hint = f"kinds are {', '.join(KINDS)}"
        grammar.findings.add("KS005", "syntax", message, span, hint=hint)
    tables: tuple[Node, ...] = ()
    if grammar.cursor.at("in") and grammar.cursor.peek(1).text == "(":
        grammar.cursor.next()
        grammar.expect("(")
        tables = tuple(grammar.listed(grammar.table_or_pattern))
        grammar.expect(")")
    predicate = grammar.predicate()
    return Search(grammar.since(keyword.span.start), hints, tables, predicate)
