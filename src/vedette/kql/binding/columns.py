"""Names of columns as an operator gives them out: no two alike, numbered where none is given."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from vedette.kql.binding.names import inferred
from vedette.kql.reading.syntax_tree import Name, Named, Node
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


class Columns:
    """The columns that one operator has named so far."""

    def __init__(self, binder: Binder) -> None:
        """Start with none."""
        self._binder = binder
        self._given: set[str] = set()
        self._stated: set[str] = set()
        self.broken: frozenset[str] = frozenset()

    def name_of(self, item: Node, taken: Container[str] = (), aggregates: bool = False) -> str:
        """The name of an item: as written, as a plain column's, or worked out.

        A name that is worked out gets a number where another item has it already. ``Column1`` and
        its like are numbered through the whole query, past those in *taken*.
        """
        if isinstance(item, Named):
            return item.names[0].text
        if isinstance(item, Name):
            return item.text
        name = inferred(item, aggregates)
        if name:
            return self.free(name)
        while True:
            self._binder.unnamed += 1
            name = f"Column{self._binder.unnamed}"
            if name not in taken:
                return self.free(name)

    def free(self, name: str) -> str:
        """The name, with a number from 1 behind it where it is given out already."""
        candidate, number = name, 0
        while candidate in self._given:
            number += 1
            candidate = f"{name}{number}"
        return candidate

    def declare(self, name: str, span: Span, stated: bool = False) -> None:
        """Give a name out; one that is given out already is a problem.

        *stated* says that the query gives the name itself.
        """
        if name in self._given:
            message = f"A column with the name '{name}' is already declared"
            raise self._binder.fail("KS171", "name", message, span)
        self._given.add(name)
        if stated:
            self._stated.add(name)

    def state(self, name: str, span: Span) -> str:
        """Give out a name that a query states; what ``summarize`` or ``project`` calls the column.

        It gets a number where a name that was only worked out is the same.
        """
        if name in self._stated:
            self._given.add(name)
            self.declare(name, span)
        self._stated.add(name)
        given = self.free(name)
        self._given.add(given)
        return given
