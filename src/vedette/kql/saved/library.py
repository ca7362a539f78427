"""The saved functions of a workspace: takes a name, gives the function and its body once read."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from vedette.kql.binding.context import GivenUp
from vedette.kql.reading import grammar
from vedette.kql.reading.syntax_tree import LetFunction
from vedette.kql.saved.files import of_text
from vedette.kql.saved.model import SavedFunction
from vedette.syntax.problem import Findings


@dataclass(frozen=True, slots=True)
class Body:
    """A function's text as it was read: None for one with mistakes, which are in ``findings``."""

    node: LetFunction | None
    findings: Findings


class SavedFunctions:
    """A workspace's own functions, and behind them those that every workspace has.

    Its own count before tables of their name, as stored functions do in Kusto; a shipped one counts
    before a built-in table, but not before one that the workspace declares.
    """

    def __init__(self, own: Mapping[str, SavedFunction], with_shipped: bool = True) -> None:
        """Take the workspace's own functions."""
        self._own = own
        self._shipped = shipped() if with_shipped else {}

    def find(self, name: str, declared: Container[str]) -> SavedFunction | None:
        """The function that a name stands for; *declared* are the workspace's own tables."""
        own = self._own.get(name)
        if own is not None or name in declared:
            return own
        return self._shipped.get(name)

    def names(self) -> Iterator[str]:
        """Every name."""
        yield from self._own
        yield from (n for n in self._shipped if n not in self._own)

    def body(self, function: SavedFunction, strict: bool) -> Body:
        """The function as it is written."""
        return _body(function, strict)


@lru_cache(maxsize=1024)
def _body(function: SavedFunction, strict: bool) -> Body:
    findings = Findings(function.definition, strict)
    try:
        node = grammar.read_function(function.definition, findings)
    except GivenUp:
        node = None
    return Body(None if findings.failed else node, findings)


@cache
def shipped() -> dict[str, SavedFunction]:
    """The functions that every workspace has."""
    found: dict[str, SavedFunction] = {}
    folder = files("vedette.kql.saved") / "shipped"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".kql"):
            text = file.read_text(encoding="utf-8")
            found.update((f.name, f) for f in of_text(text, file.name, ""))
    return found
