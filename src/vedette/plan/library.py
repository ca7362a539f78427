"""A language's functions as a table: takes rows of signature and meaning, gives checked calls.

One row is all that a new function needs: the signature gives arity, types, completion and hover
text; the meaning is a core expression over the parameters (``plan.meaning``); every example is a
test on every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vedette.plan.expressions import Expression
from vedette.plan.meaning import express
from vedette.plan.signature import Signature, signature
from vedette.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Example:
    """A call in the language and the value it gives, written as the language's literal."""

    call: str
    value: str


@dataclass(frozen=True, slots=True)
class Function:
    """A language function; *means* is core notation, or empty where binding needs more than that.

    *page* names the vendor's page that gives the semantic. *defaults* holds, in core notation, what
    an optional parameter stands for when it is left out.
    """

    signature: Signature
    means: str
    page: str
    examples: tuple[Example, ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The function's name as the vendor spells it."""
        return self.signature.name

    def call(self, arguments: Sequence[Expression], span: Span) -> Expression:
        """The core expression of a call whose arguments fit the signature."""
        bound: dict[str, tuple[Expression, ...]] = {}
        for index, parameter in enumerate(self.signature.parameters):
            if parameter.repeats:
                bound[parameter.name] = tuple(arguments[index:])
            elif index < len(arguments):
                bound[parameter.name] = (arguments[index],)

        defaults = dict(self.defaults)

        def lookup(name: str) -> tuple[Expression, ...]:
            if name in bound:
                return bound[name]
            return (express(defaults[name], lookup, span),)

        return express(self.means, lookup, span)


def function(
    text: str,
    means: str,
    *examples: tuple[str, str],
    page: str = "",
    aliases: tuple[str, ...] = (),
    **defaults: str,
) -> Function:
    """A row of a function table."""
    parsed = signature(text)
    return Function(
        parsed,
        means,
        page or parsed.name.replace("_", "-").lower() + "-function",
        tuple(Example(call, value) for call, value in examples),
        tuple(defaults.items()),
        aliases,
    )


class Library:
    """Functions by name; *fold* makes names match in any letter case (AQL) or exactly (KQL)."""

    def __init__(self, rows: Iterable[Function], fold: Callable[[str], str] = str) -> None:
        """Index the rows by name and alias; a name twice is a ValueError."""
        self._fold = fold
        self._rows: dict[str, Function] = {}
        for row in rows:
            for name in (row.name, *row.aliases):
                if fold(name) in self._rows:
                    raise ValueError(f"two functions are named {name}")
                self._rows[fold(name)] = row

    def __iter__(self) -> Iterator[Function]:
        """The functions, aliases not repeated."""
        return iter(dict.fromkeys(self._rows.values()))

    def get(self, name: str) -> Function | None:
        """The function of this name, or None."""
        return self._rows.get(self._fold(name))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, for suggestions."""
        return tuple(self._rows)
