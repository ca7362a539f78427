"""Where an expression stands while it is bound, and how a failed binding unwinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vedette.kql.binding.scope import Rows, Scope
from vedette.plan.relations import Relation


class Unbound(Exception):
    """A part could not be bound; why is already recorded."""


MOST_PROBLEMS = 100


class GivenUp(Exception):
    """So much is wrong with a text that the rest of it is not looked at."""


class NeedsRows(Exception):
    """An expression reads another table, so it can be bound only where there are rows."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression stands: the names around it and the rows it may read.

    ``aggregates`` says that aggregate functions may stand here. ``additions`` collects what
    expressions need beside the rows (the value of ``toscalar``, membership in a table): each turns
    the relation below into one with a further field; None where nothing would carry that out.
    ``choices`` collects what chooses rows by another table, where a condition stands alone.
    """

    scope: Scope
    rows: Rows | None = None
    aggregates: bool = False
    additions: list[Callable[[Relation], Relation]] | None = None
    choices: list[Callable[[Relation], Relation]] | None = None

    def inside_aggregate(self) -> Context:
        """The same place without leave for aggregates."""
        return replace(self, aggregates=False)

    def add(self, addition: Callable[[Relation], Relation]) -> None:
        """Have the relation below widened; raises NeedsRows where there is none."""
        if self.additions is None:
            raise NeedsRows
        self.additions.append(addition)

    def widened(self, relation: Relation) -> Relation:
        """The relation with every addition."""
        for add in self.additions or ():
            relation = add(relation)
        return relation


def over(rows: Rows, scope: Scope, aggregates: bool = False) -> Context:
    """A place in an operator over rows."""
    return Context(scope, rows, aggregates, [])
