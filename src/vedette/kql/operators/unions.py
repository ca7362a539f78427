"""``union``: the rows of several tables one behind the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vedette.kql.binding import user_functions
from vedette.kql.binding.beside import elsewhere, saved_functions, watchlists
from vedette.kql.binding.context import Context
from vedette.kql.binding.gathering import Merged, Part, gathered, merged
from vedette.kql.binding.scope import Rows, Scope, UserFunction
from vedette.kql.binding.wildcards import fits
from vedette.kql.operators.base import Hints, Operator, read_hints
from vedette.kql.reading.syntax_tree import Call, Name, Node, Pipeline, SourceOperator, Wildcard
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.tables.schema import Table

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

STANDARD = {
    "TimeGenerated": Type.DATETIME, "Timestamp": Type.DATETIME, "TenantId": Type.STRING,
    "Type": Type.STRING, "Computer": Type.STRING, "SourceSystem": Type.STRING,
    "_BilledSize": Type.REAL, "_IsBillable": Type.STRING,
}  # fmt: skip
"""Columns that a workspace has with one type in all its tables."""


_BUILT_IN = frozenset({"materialize", "table", watchlists.FUNCTION, watchlists.ALIASES})
"""Functions that give rows."""


@dataclass(frozen=True, slots=True)
class UnionRows(Operator):
    """``union kind=… withsource=… isfuzzy=… tables``."""

    hints: Hints
    tables: tuple[Node, ...]

    @property
    def fuzzy(self) -> bool:
        """Whether tables that are not known are left out."""
        return self.hints.get("isfuzzy").lower() == "true"

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows of all tables; a column that one lacks is null there, or empty."""
        parts = parts_of(binder, rows, self.tables, scope, "union", self.fuzzy)
        if any(p.rows is not None and p.rows.open for p in parts):
            return binder.unknown_rows(parts[0].rows)
        if not parts:
            message = "None of the tables that the union names is known"
            hint = "isfuzzy leaves out what is not known, but one of them must be there"
            raise binder.fail("KS204", "name", message, self.span, hint=hint)
        source = self.hints.get("withsource") or self.hints.get("with_source")
        columns = merged(parts, inner=self.hints.get("kind") == "inner")
        if source:
            columns = _beside(columns, source)
        if not columns and not source:
            raise binder.later("a table without columns", self.span)
        return gathered(binder, parts, columns, source, self.span)


def _beside(columns: list[Merged], source: str) -> list[Merged]:
    """The columns, one of the source column's name with a number behind it."""
    names = {m.name for m in columns} | {source}
    number = 1
    while f"{source}{number}" in names:
        number += 1
    return [replace(m, name=f"{source}{number}") if m.name == source else m for m in columns]


def parts_of(
    binder: Binder, rows: Rows | None, tables: Sequence[Node], scope: Scope, word: str,
    fuzzy: bool = False,
) -> list[Part]:  # fmt: skip
    """The operands of a union, of ``search`` or of ``find``: *rows* that were piped come first.

    Rows that no name stands for come from ``union_arg0``, ``union_arg1`` and so on.
    """
    parts: list[Part] = []

    def take(found: Rows) -> None:
        parts.append(Part.of(found, found.table or f"{word}_arg{len(parts)}"))

    if rows is not None:
        take(rows)

    def part(node: Node) -> None:
        if fuzzy and _left_out(binder, node, scope):
            return
        if isinstance(node, Wildcard):
            parts.extend(_matching(binder, node, scope))
        else:
            take(_named(binder, node, scope))

    binder.each(tables, part)
    return parts


def _named(binder: Binder, node: Node, scope: Scope) -> Rows:
    """The rows of an operand; those of a view have its name."""
    rows = binder.rows(node, scope)
    name = node.function if isinstance(node, Call) else node
    if isinstance(name, Name):
        entry = scope.find(name.text)
        if isinstance(entry, UserFunction) and entry.node.view:
            return rows.named(name.text)
    return rows


def _left_out(binder: Binder, node: Node, scope: Scope) -> bool:
    """Whether ``isfuzzy`` leaves an operand out, and tell so: what it starts with is not known."""
    unknown = list(_unknown(binder, node, scope))
    if not unknown or None in unknown:
        return False
    for name, kind in filter(None, unknown):
        message = f"The name '{name.text}' refers to no known {kind}; isfuzzy leaves it out"
        binder.findings.advise("KS205", message, name.span)
    return True


def _unknown(binder: Binder, node: Node, scope: Scope) -> Iterator[tuple[Name, str] | None]:
    """What an operand starts with: the name and kind of what is not known, None for what is."""
    while isinstance(node, Pipeline):
        node = node.source
    operator = node.operator if isinstance(node, SourceOperator) else None
    if isinstance(operator, UnionRows) and operator.fuzzy:
        for table in operator.tables:
            yield from _unknown(binder, table, scope)
        return
    if isinstance(node, Call):
        name, kind = node.function, "function"
        found = name.text in _BUILT_IN
        found = found or name.text in elsewhere.TABLES or name.text in elsewhere.SERVICES
    elif isinstance(node, Name):
        name, kind = node, "table"
        found = name.text in _BUILT_IN or binder.catalog.table(name.text) is not None
    else:
        yield None
        return
    found = found or scope.find(name.text) is not None
    found = found or saved_functions.is_saved(binder, name.text)
    yield None if found else (name, kind)


def _matching(binder: Binder, node: Wildcard, scope: Scope) -> Sequence[Part]:
    parts = [*_views(binder, node, scope)]
    tables = []
    for name in sorted(n for n in binder.catalog.names() if fits(n, node.pattern)):
        table = binder.catalog.table(name)
        if table is not None and table.platform != "qradar":
            tables.append(table)
    shown = [t for t in tables if t.platform != "event"] or tables
    types = _types(binder, shown)
    parts += [Part(t.name, _columns(binder, t, types), table=t.name) for t in shown]
    if not parts:
        message = f"The name '{node.pattern}' does not refer to any known table"
        raise binder.fail("KS142", "name", message, node.span)
    return parts


def _types(binder: Binder, tables: Sequence[Table]) -> dict[str, Type]:
    """The type of each column in most of the tables; those with rows go first."""
    counts: dict[str, dict[Type, int]] = {}
    for table in tables:
        weight = len(tables) if binder.holds(table.name) else 1
        for name, type in table.columns.items():
            known = counts.setdefault(name, {})
            known[type] = known.get(type, 0) + weight
    return {name: max(known, key=known.__getitem__) for name, known in counts.items()} | STANDARD


def _columns(
    binder: Binder, table: Table, types: Mapping[str, Type]
) -> tuple[tuple[str, Type], ...]:
    """A table's columns; without rows, one that has another type than in most is left out."""
    return tuple(
        (name, type)
        for name, type in table.columns.items()
        if types[name] is type or binder.holds(table.name)
    )


def _views(binder: Binder, node: Wildcard, scope: Scope) -> Sequence[Part]:
    """The query's own views of matching names that take no argument."""
    found = []
    for name in sorted(set(scope.names())):
        entry = scope.find(name) if fits(name, node.pattern) else None
        if not isinstance(entry, UserFunction) or not entry.node.view or entry.node.parameters:
            continue
        call = Call(Name(name, node.span), (), node.span)
        given = user_functions.call(binder, entry, call, Context(scope))
        if isinstance(given, Rows):
            found.append(Part.of(given, name))
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
