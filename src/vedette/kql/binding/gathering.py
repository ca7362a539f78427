"""The rows of many tables under one set of columns: takes parts, gives one relation.

A union of few parts is a ``Union`` at once. One of many stands as a single scan of a name that no
table has while the query is bound; when the plan is known, so is what it reads, and ``expanded``
puts the union in its place, over the parts that can hold rows and with the columns that are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vedette.kql.binding.scope import Rows
from vedette.plan.build import null, text
from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.passes.renumber import renumber
from vedette.plan.relations import (
    Assignment,
    Filter,
    FirstPer,
    Join,
    Limit,
    Project,
    Relation,
    Scan,
    Sort,
    Union,
    Values,
)
from vedette.plan.rewrite import rewrite_relation, with_inputs
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

MOST_CELLS = 5_000
"""Columns times parts that a union is written out with while a query is bound."""

MOST_EMPTY = 1_000
"""Columns of tables without rows that a result shows; one with more shows none of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One operand: rows, or a table by name that is looked up when it is needed.

    ``origin`` is what a column of origins says of its rows.
    """

    origin: str
    columns: tuple[tuple[str, Type], ...]
    rows: Rows | None = None
    table: str = ""

    @classmethod
    def of(cls, rows: Rows, origin: str) -> Part:
        """The part that rows are."""
        return cls(origin, tuple((f.name, f.type) for f in rows.relation.fields), rows)


@dataclass(frozen=True, slots=True)
class Merged:
    """A column of the result: its name, and which column of the parts it is."""

    name: str
    source: str
    type: Type


Term = Callable[[Rows], Expression]


@dataclass(slots=True)
class Gathered:
    """What a scan of many parts stands for."""

    parts: tuple[Part, ...]
    columns: dict[str, Merged]
    origin: str
    span: Span
    empty: frozenset[Field]
    terms: dict[str, Term] = field(default_factory=dict)
    used: bool = False


def merged(parts: Sequence[Part], inner: bool = False) -> list[Merged]:
    """The columns of all parts in order of appearance; of the shared ones only where *inner*.

    Where a name comes with several types, the type stands behind the name.
    """
    types: dict[str, dict[Type, int]] = {}
    for part in parts:
        for name, type in part.columns:
            known = types.setdefault(name, {})
            known[type] = known.get(type, 0) + 1
    taken: set[str] = set()
    found: list[Merged] = []
    for name, known in types.items():
        if inner and (len(known) > 1 or sum(known.values()) < len(parts)):
            continue
        for type in known:
            wanted = name if len(known) == 1 else f"{name}_{type}"
            free, number = wanted, 0
            while free in taken:
                number += 1
                free = f"{wanted}{number}"
            taken.add(free)
            found.append(Merged(free, name, type))
    return found


def gathered(
    binder: Binder, parts: Sequence[Part], columns: Sequence[Merged], origin: str, span: Span,
    terms: bool = False,
) -> Rows:  # fmt: skip
    """The rows of all parts; *origin* names a first column of where they come from, if not empty.

    *terms* says that conditions over all columns of a part will be asked.
    """
    broken = frozenset(n for p in parts if p.rows is not None for n in p.rows.broken)
    names = {m.name: m for m in columns}
    if not terms and len(columns) * len(parts) <= MOST_CELLS:
        shown = [(origin, Type.STRING)] * bool(origin) + [(m.name, m.type) for m in columns]
        sides = [_side(binder, p, shown, names, {}, origin, span) for p in parts]
        return Rows(_united(binder, sides, shown), broken)
    made = [binder.fields.new(origin, Type.STRING)] * bool(origin)
    made += [binder.fields.new(m.name, m.type) for m in columns]
    held = {c for p in parts if _has_place(binder, p) for c in p.columns}
    empty = frozenset(
        f
        for f, m in zip(made[len(made) - len(columns) :], columns, strict=True)
        if (m.source, m.type) not in held
    )
    key = f"*{len(binder.gathered)}"
    scan = Scan(key, tuple(made), tuple(f.name for f in made), span)
    binder.gathered[key] = Gathered(tuple(parts), names, origin, span, empty)
    return Rows(scan, broken)


def _has_place(binder: Binder, part: Part) -> bool:
    """Whether a part is more than a built-in table without rows."""
    return (
        part.rows is not None or part.table in binder.catalog.declared or binder.holds(part.table)
    )


def _side(
    binder: Binder, part: Part, shown: Sequence[tuple[str, Type]], names: dict[str, Merged],
    terms: dict[str, Term], origin: str, span: Span,
) -> Relation | None:  # fmt: skip
    """The rows of one part with the columns *shown*."""
    rows = part.rows if part.rows is not None else binder.scan(part.table, span)
    if rows is None:
        return None
    assignments: list[Assignment] = []
    for name, type in shown:
        if name in terms:
            value = terms[name](rows)
        elif origin and name == origin:
            value = text(part.origin, span)
        else:
            field = rows.columns.get(names[name].source)
            value = _value(field, type, span)
        assignments.append((binder.fields.new(name, type), value))
    return Project(rows.relation, tuple(assignments))


def _value(field: Field | None, type: Type, span: Span) -> Expression:
    if field is not None and field.type is type:
        return Column(field)
    return text("", span) if type is Type.STRING else null(type, span)


def _united(
    binder: Binder, sides: Sequence[Relation | None], shown: Sequence[tuple[str, Type]]
) -> Relation:
    present = [s for s in sides if s is not None]
    if len(present) == 1:
        return present[0]
    return Union(tuple(present), tuple(binder.fields.new(n, t) for n, t in shown))


# --- conditions over all columns ------------------------------------------------------------------


def under(binder: Binder, relation: Relation) -> Gathered | None:
    """What the rows of a relation gather, where it only chooses among them."""
    while isinstance(relation, Filter | Sort | Limit | FirstPer):
        relation = relation.input
    return binder.gathered.get(relation.table) if isinstance(relation, Scan) else None


def with_term(
    binder: Binder, into: Gathered, term: Term, type: Type = Type.BOOL
) -> tuple[Field, Callable[[Relation], Relation]]:
    """A value that each part works out over its own columns, and how the relation gets it."""
    name = f"*{len(into.terms)}"
    into.terms[name] = term
    made = binder.fields.new(name, type)

    def widened(relation: Relation) -> Relation:
        if isinstance(relation, Scan):
            fields, columns = (*relation.fields, made), (*relation.columns, name)
            return replace(relation, fields=fields, columns=columns)
        if isinstance(relation, Join):
            return with_inputs(relation, (widened(relation.left), relation.right))
        if isinstance(relation, Filter | Sort | Limit | FirstPer):
            return with_inputs(relation, (widened(relation.input),))
        raise TypeError(f"no rows are gathered under {relation.__class__.__name__}")

    return made, widened


# --- putting the parts in place -------------------------------------------------------------------


def shown_fields(binder: Binder, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """A result's fields without those that only tables without rows have, if these are many."""
    empty = {f for g in binder.gathered.values() for f in g.empty} & set(fields)
    return tuple(f for f in fields if f not in empty) if len(empty) > MOST_EMPTY else fields


def expanded(binder: Binder, root: Relation) -> Relation:
    """The plan with the parts in the places of the scans that stand for them."""

    def expand(relation: Relation) -> Relation:
        known = binder.gathered.get(relation.table) if isinstance(relation, Scan) else None
        if known is None or not isinstance(relation, Scan):
            return relation
        return _expanded(binder, known, relation)

    while binder.gathered and any(_stands(binder, r) for r in _scans(root)):
        root = rewrite_relation(root, expand)
    return root


def _scans(root: Relation) -> list[Scan]:
    found: list[Scan] = []

    def note(relation: Relation) -> Relation:
        if isinstance(relation, Scan):
            found.append(relation)
        return relation

    rewrite_relation(root, note)
    return found


def _stands(binder: Binder, scan: Scan) -> bool:
    return scan.table in binder.gathered


def _expanded(binder: Binder, known: Gathered, scan: Scan) -> Relation:
    shown = [(c, f.type) for c, f in zip(scan.columns, scan.fields, strict=True)]
    sides: list[Relation | None] = []
    for part in known.parts:
        if part.rows is None and not binder.holds(part.table):
            continue
        if part.rows is not None and known.used:
            relation, _ = renumber(part.rows.relation, binder.fields)
            part = replace(part, rows=part.rows.over(relation))
        names, terms = known.columns, known.terms
        sides.append(_side(binder, part, shown, names, terms, known.origin, known.span))
    known.used = True
    present = tuple(s for s in sides if s is not None)
    return Union(present, scan.fields) if present else Values(scan.fields, ())
