"""``find``: rows of many tables for which a condition holds, with the columns it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from vedette.kql.binding.context import Context
from vedette.kql.binding.gathering import Merged, Part, gathered, merged, under, with_term
from vedette.kql.binding.scope import Rows, Scope
from vedette.kql.binding.values import unknown_name
from vedette.kql.operators.base import Hints, Operator, read_hints
from vedette.kql.operators.filter import Where
from vedette.kql.operators.searching import terms
from vedette.kql.operators.unions import parts_of
from vedette.kql.reading.syntax_tree import (
    Constant,
    Logical,
    Name,
    Node,
    Path,
    Star,
    Wildcard,
)
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.relations import Assignment, Project
from vedette.plan.types import Type
from vedette.syntax.scan import Token
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.reading.grammar import Grammar

REST = "pack_"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column that ``project`` names, with the type it is to have, if one is written."""

    name: Name
    type: Type | None


@dataclass(frozen=True, slots=True)
class Find(Operator):
    """``find withsource=… in (tables) where predicate project columns``."""

    hints: Hints
    tables: tuple[Node, ...]
    predicate: Node
    wanted: tuple[Wanted, ...] | None
    rest: bool

    def bind(self, binder: Binder, rows: Rows | None, scope: Scope) -> Rows:
        """The rows of all tables; where they come from stands first."""
        tables: Sequence[Node] = self.tables or (Wildcard("*", self.span),)
        parts = parts_of(binder, rows, tables, scope, "union")
        if any(p.rows is not None and p.rows.open for p in parts):
            return binder.unknown_rows(rows)
        every, parts = parts, self._asked(parts)
        elsewhere = {name: type for p in every for name, type in p.columns}
        origin = self.hints.get("withsource") or self.hints.get("with_source") or "source_"
        columns = merged(parts)
        self._of_one_type(binder, columns)
        found = gathered(binder, parts, columns, origin, self.span, terms=True)
        found, shown = self._shown(binder, parts, columns, origin, found, elsewhere)
        condition = terms(binder, self.predicate, found, scope, cased=False)
        kept = Where(self.span, condition).bind(binder, found, scope)
        return Rows(Project(kept.relation, shown), found.broken)

    def _asked(self, parts: list[Part]) -> list[Part]:
        """The parts that have a column which the predicate names; all where it asks of any."""
        spoken = _spoken(self.predicate)
        asked = [p for p in parts if any(name in spoken for name, _ in p.columns)]
        names = {name for p in parts for name, _ in p.columns}
        return parts if not asked or _of_any_column(self.predicate, names) else asked

    def _of_one_type(self, binder: Binder, columns: Sequence[Merged]) -> None:
        for name in sorted(_spoken(self.predicate)):
            types = [m.type for m in columns if m.source == name]
            if len(types) > 1:
                construct = f"find by '{name}', which tables have as {' and as '.join(types)},"
                hint = "filter each table: find in ((T | where …), …) where …"
                raise binder.later(construct, self.predicate.span, hint=hint)

    def _shown(
        self, binder: Binder, parts: Sequence[Part], columns: Sequence[Merged], origin: str,
        found: Rows, elsewhere: Mapping[str, Type],
    ) -> tuple[Rows, tuple[Assignment, ...]]:  # fmt: skip
        """The rows with all that is to be shown beside their columns, and what is shown of it.

        *elsewhere* are columns of tables that the predicate does not ask.
        """
        names = [w.name.text for w in self.wanted] if self.wanted is not None else None
        if names is None:
            shared = set.intersection(*({n for n, _ in p.columns} for p in parts))
            spoken = _spoken(self.predicate)
            order = dict.fromkeys(m.source for m in columns)
            names = [n for n in order if n in shared] + [
                n for n in order if n in spoken and n not in shared
            ]
        relation = found.relation
        field = found.columns[origin]
        assignments: list[Assignment] = [(field, Column(field))]
        known = under(binder, relation)
        if known is None:
            raise TypeError("find asks only of what is gathered")
        types = [w.type for w in self.wanted] if self.wanted is not None else [None] * len(names)

        def term(of: Callable[[Rows], Expression], type: Type) -> Expression:
            nonlocal relation
            made, widened = with_term(binder, known, of, type)
            relation = widened(relation)
            return Column(made)

        for name, type in zip(names, types, strict=True):
            several = [m for m in columns if m.source == name]
            if not several and name in elsewhere:
                wanted = type or elsewhere[name]
                empty = text("") if wanted is Type.STRING else null(wanted)
                assignments.append((binder.fields.new(name, wanted), empty))
                continue
            if not several:
                raise unknown_name(binder, Name(name, self._place(name)), Context(Scope(), found))
            if len(several) == 1 and type in (None, several[0].type):
                kept = found.columns[several[0].name]
                assignments.append((kept, Column(kept)))
                continue
            wanted = type or Type.DYNAMIC
            if wanted not in (Type.DYNAMIC, Type.STRING):
                raise binder.later(f"find: a column as {wanted}", self._place(name))
            value = term(lambda rows, n=name, t=wanted: _as(rows, n, t), wanted)  # type: ignore[misc]
            assignments.append((binder.fields.new(name, wanted), value))
        left = {m.source for m in columns} - set(names)
        if self.rest or (self.wanted is None and left):
            value = term(lambda rows: _packed(rows, names), Type.DYNAMIC)
            assignments.append((binder.fields.new(REST, Type.DYNAMIC), value))
        return Rows(relation, found.broken), tuple(assignments)

    def _place(self, name: str) -> Span:
        return next((w.name.span for w in self.wanted or () if w.name.text == name), self.span)


def _as(rows: Rows, name: str, type: Type) -> Expression:
    """A part's column as a string or as a dynamic value."""
    field = rows.columns.get(name)
    if field is None:
        return text("") if type is Type.STRING else null(type)
    value = Column(field)
    if field.type is type:
        return value
    return apply("text_of" if type is Type.STRING else "to_dynamic", value)


def _packed(rows: Rows, names: Sequence[str]) -> Expression:
    """A part's columns that are not among the names, as a bag."""
    pairs: list[Expression] = []
    for field in rows.relation.fields:
        if field.name not in names:
            pairs += [text(field.name), Column(field)]
    return apply("bag_of", *pairs) if pairs else Literal("{}", Type.DYNAMIC)


def _spoken(node: Any) -> set[str]:
    """The names that a condition speaks of."""
    if isinstance(node, Name):
        return {node.text}
    if isinstance(node, Path):
        return _spoken(node.base)
    if isinstance(node, tuple):
        return {name for part in node for name in _spoken(part)}
    if is_dataclass(node):
        return {name for f in fields(node) for name in _spoken(getattr(node, f.name))}
    return set()


def _of_any_column(node: Any, columns: set[str], bare: bool = True) -> bool:
    """Whether a condition has a ``*`` or, *bare*, a text that any column may have."""
    if isinstance(node, Star):
        return True
    if bare and isinstance(node, Logical):
        return any(_of_any_column(n, columns) for n in node.operands)
    if bare and isinstance(node, Constant | Name):
        return isinstance(node, Constant) or node.text not in columns
    if isinstance(node, tuple):
        return any(_of_any_column(n, columns, bare=False) for n in node)
    if is_dataclass(node):
        values = [getattr(node, f.name) for f in fields(node)]
        return any(_of_any_column(v, columns, bare=False) for v in values)
    return False


def _wanted(grammar: Grammar) -> tuple[list[Wanted], bool]:
    """The columns behind ``project``; whether ``pack(*)`` stands among them."""
    wanted: list[Wanted] = []
    rest = False
    while True:
        cursor = grammar.cursor
        if cursor.at("pack", "pack_all") and cursor.peek(1).text == "(":
            cursor.next()
            grammar.expect("(")
            cursor.accept("*")
            grammar.expect(")")
            rest = True
        else:
            name = grammar.name("the name of a column")
            wanted.append(Wanted(name, grammar.type_name() if cursor.accept(":") else None))
        if not cursor.accept(","):
            return wanted, rest


def read_find(grammar: Grammar, keyword: Token) -> Find:
    """The parameters, tables, condition and columns behind ``find``."""
    hints = read_hints(grammar, "withsource", "with_source", "datascope")
    cursor = grammar.cursor
    tables: tuple[Node, ...] = ()
    if cursor.accept("in"):
        grammar.expect("(")
        tables = tuple(grammar.listed(grammar.table_or_pattern))
        grammar.expect(")")
        grammar.expect("where")
    else:
        cursor.accept("where")
    predicate = grammar.predicate()
    wanted, rest = None, False
    if cursor.accept("project"):
        some, rest = _wanted(grammar)
        wanted = tuple(some)
    else:
        cursor.accept("project-smart")
    return Find(grammar.since(keyword.span.start), hints, tables, predicate, wanted, rest)
