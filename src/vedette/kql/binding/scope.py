"""What names stand for while a query is bound: columns of rows, and what ``let`` defines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vedette.plan.expressions import Expression, Field
from vedette.plan.relations import Relation
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.reading.syntax_tree import LetFunction, Name, Node, Pattern
    from vedette.kql.saved.model import SavedFunction


@dataclass(frozen=True, slots=True)
class Rows:
    """A relation and its columns by name.

    ``broken`` names columns whose expression could not be bound, ``open`` says that not all columns
    are known: a name that is missing for either reason is no new problem. ``table`` is the name of
    the table whose rows these are, as it stands in the query; empty for anything else. Where
    ``from_data`` is set, some columns are as the data had them: one that it has not is empty.
    """

    relation: Relation
    broken: frozenset[str] = frozenset()
    open: bool = False
    table: str = ""
    from_data: bool = False
    columns: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the columns once."""
        object.__setattr__(self, "columns", {f.name: f for f in self.relation.fields})

    def knows(self, name: str) -> bool:
        """Whether a name is a column's, bound or broken."""
        return name in self.columns or name in self.broken

    def over(self, relation: Relation, broken: frozenset[str] | None = None) -> Rows:
        """Rows of another relation made from these."""
        broken = self.broken if broken is None else broken
        return Rows(relation, broken, self.open, from_data=self.from_data)

    def named(self, table: str) -> Rows:
        """The same rows under a table's name."""
        return replace(self, table=table)


@dataclass(slots=True)
class Scalar:
    """A name for a value; None for one that could not be bound.

    ``deferred`` is the node of a value that reads a table: it is bound where it is used.
    """

    value: Expression | None
    name: Name
    span: Span
    used: bool = False
    deferred: tuple[Node, Scope] | None = None


@dataclass(slots=True)
class Tabular:
    """A name for rows; None for ones that could not be bound.

    The first use takes the rows themselves, each further one a copy with fields of its own. Rows
    that are ``shared`` are worked out once for all uses.
    """

    rows: Rows | None
    name: Name
    span: Span
    used: bool = False
    taken: bool = False
    shared: bool = False


@dataclass(slots=True)
class UserFunction:
    """A function that the query defines, and where; ``saved`` is one of the workspace."""

    node: LetFunction
    scope: Scope
    used: bool = False
    saved: SavedFunction | None = None


@dataclass(slots=True)
class DeclaredPattern:
    """A pattern that the query declares, and where."""

    node: Pattern
    scope: Scope
    used: bool = False


Entry = Scalar | Tabular | UserFunction | DeclaredPattern


class Scope:
    """Names that statements defined, in this query and around it."""

    def __init__(self, parent: Scope | None = None) -> None:
        """Start empty inside *parent*."""
        self._parent = parent
        self._entries: dict[str, Entry] = {}

    def define(self, name: str, entry: Entry) -> None:
        """Let *name* stand for *entry* from here on."""
        self._entries[name] = entry

    def snapshot(self) -> Scope:
        """The scope as it is now: what is defined later is not seen from there."""
        copy = Scope(self._parent)
        copy._entries = dict(self._entries)
        return copy

    def own(self, name: str) -> Entry | None:
        """What this very scope defines under *name*."""
        return self._entries.get(name)

    def find(self, name: str) -> Entry | None:
        """What *name* stands for, marked as used; None where nothing defines it."""
        scope: Scope | None = self
        while scope is not None:
            entry = scope._entries.get(name)
            if entry is not None:
                entry.used = True
                return entry
            scope = scope._parent
        return None

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """What this very scope defines."""
        yield from self._entries.items()

    def names(self) -> Iterator[str]:
        """Every name in reach, for suggestions."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope._entries
            scope = scope._parent
