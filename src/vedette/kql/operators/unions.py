"""``union``: the rows of several tables one behind the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.operators.base import Hints, Operator, read_hints
from vedette.kql.reading.syntax_tree import Name, Node, Wildcard
from vedette.plan.build import null, text
from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.relations import Assignment, Project, Relation, Scan, Union, Values
from vedette.plan.rewrite import relations
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

Columns = list[tuple[str, Type]]

MOST_CELLS = 100_000
"""Columns times tables that a union may have."""


@dataclass(frozen=True, slots=True)
class UnionRows(Operator):
    """``union kind=… withsource=… isfuzzy=… tables``."""

    hints: Hints
    tables: tuple[Node, ...]

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows of all tables; a column that one lacks is null there, or empty."""
        inputs = [rows] if rows is not None else []
        for part in binder.each(self.tables, lambda node: self._part(binder, node, scope)):
            inputs.extend(part)
        if any(r.open for r in inputs):
            return binder.unknown_rows(inputs[0])
        if not inputs:
            return Rows(Values((), ()), open=True)
        source = self.hints.get("withsource") or self.hints.get("with_source")
        columns = _columns(inputs, inner=self.hints.get("kind") == "inner")
        if len(columns) * len(inputs) > MOST_CELLS:
            message = f"The union of {len(inputs)} tables has {len(columns)} columns, too many"
            raise binder.fail("VD005", "limit", message, self.span, hint="name fewer tables")
        if source:
            if any(name == source for name, _ in columns):
                span = self.hints.span("withsource", self.span)
                raise binder.later("a source column of the name of another column", span)
            columns = [(source, Type.STRING), *columns]
        if not columns:
            raise binder.later("a table without columns", self.span)
        if len({name for name, _ in columns}) < len(columns):
            raise binder.later("a union whose columns get the same name twice", self.span)
        broken = frozenset(name for r in inputs for name in r.broken)
        return Rows(self._united(binder, inputs, columns, source), broken)

    def _part(self, binder: Binder, node: Node, scope: Scope) -> Sequence[Rows]:
        if isinstance(node, Wildcard):
            return _matching(binder, node)
        if isinstance(node, Name) and self.hints.get("isfuzzy").lower() == "true":
            known = scope.find(node.text) is not None
            if not known and binder.catalog.table(node.text) is None:
                message = f"The name '{node.text}' refers to no known table; isfuzzy leaves it out"
                binder.findings.advise("KS205", message, node.span)
                return ()
        rows = binder.rows(node, scope)
        return (rows,)

    def _united(
        self, binder: Binder, inputs: list[Rows], columns: Columns, source: str
    ) -> Relation:
        types: dict[str, set[Type]] = {}
        for rows in inputs:
            for field in rows.relation.fields:
                types.setdefault(field.name, set()).add(field.type)
        sides: list[Relation] = []
        for number, rows in enumerate(inputs):
            known = {_name(f.name, f.type, types[f.name]): f for f in rows.relation.fields}
            assignments: list[Assignment] = []
            for name, type in columns:
                value = _value(known.get(name), type, self.span)
                if source and name == source:
                    value = text(_origin(binder, rows, number, self.span), self.span)
                assignments.append((binder.fields.new(name, type), value))
            sides.append(Project(rows.relation, tuple(assignments)))
        if len(sides) == 1:
            return sides[0]
        return Union(tuple(sides), tuple(binder.fields.new(n, t) for n, t in columns))


def _origin(binder: Binder, rows: Rows, number: int, span: Span) -> str:
    """What ``withsource`` says of rows: their table's name, or which operand they are."""
    if not rows.table and any(isinstance(r, Scan) for r in relations(rows.relation)):
        raise binder.later("withsource over a query of a table", span)
    return rows.table or f"union_arg{number}"


def _value(field: Field | None, type: Type, span: Span) -> Expression:
    if field is not None and field.type is type:
        return Column(field)
    return text("", span) if type is Type.STRING else null(type, span)


def _name(name: str, type: Type, types: set[Type]) -> str:
    """The column's name; its type stands behind it where inputs have it with several."""
    return name if len(types) == 1 else f"{name}_{type}"


def _columns(inputs: Sequence[Rows], inner: bool) -> Columns:
    """The columns of the result in order of appearance."""
    types: dict[str, list[Type]] = {}
    for rows in inputs:
        for field in rows.relation.fields:
            known = types.setdefault(field.name, [])
            if field.type not in known:
                known.append(field.type)
    found: Columns = []
    for name, known in types.items():
        if inner and (len(known) > 1 or any(name not in r.columns for r in inputs)):
            continue
        found.extend((_name(name, type, set(known)), type) for type in known)
    return found


def _matching(binder: Binder, node: Wildcard) -> Sequence[Rows]:
    pattern = re.compile(".*".join(map(re.escape, node.pattern.split("*"))))
    names = sorted(n for n in binder.catalog.names() if pattern.fullmatch(n))
    found = [rows for n in names if (rows := binder.scan(n, node.span)) is not None]
    if not found:
        message = f"The name '{node.pattern}' does not refer to any known table"
        raise binder.fail("KS142", "name", message, node.span)
    binder.count(len(found), node.span)
    return found


def read_union(grammar: Grammar, keyword: Token) -> UnionRows:
    """The parameters and tables behind ``union``."""
    hints = read_hints(grammar, "kind", "withsource", "with_source", "isfuzzy")
    if hints.get("kind", "outer") not in ("inner", "outer"):
        message = f"There is no kind of union called '{hints.get('kind')}'"
        span = hints.span("kind", keyword.span)
        grammar.findings.add("KS005", "syntax", message, span, hint="kinds are inner and outer")
    tables = tuple(grammar.listed(grammar.table_or_pattern))
    return UnionRows(grammar.since(keyword.span.start), hints, tables)
