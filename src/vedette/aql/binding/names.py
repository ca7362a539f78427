"""Names of result columns as QRadar gives them, measured on QRadar 7.6.0."""

from __future__ import annotations

import re

from vedette.aql.functions import AGGREGATES
from vedette.aql.reading.syntax_tree import Call, Expression, Name
from vedette.syntax.source import Source


def result_name(source: Source, node: Expression, alias: str, *, first: bool = False) -> str:
    """The name of an item of the SELECT list.

    A field keeps its text as written; an aggregate is its name in upper case and the words of its
    arguments; any other function the same in lower case. *first* marks a field that a grouped query
    neither groups by nor aggregates.
    """
    if alias:
        return alias
    if isinstance(node, Name):
        return f"FIRST_{node.text}" if first else node.text
    if isinstance(node, Call):
        inner = source.text[node.name_span.end : node.span.end]
        aggregate = AGGREGATES.get(node.name) is not None
        name = node.name.upper() if aggregate else node.name.lower()
        return "_".join([name, *_words(inner)])
    return "_".join(_words(source.at(node.span))) or source.at(node.span)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


class Taken:
    """Keeps the names of one result apart: a name that is taken gets a number behind it."""

    def __init__(self) -> None:
        """Start with no name taken."""
        self._names: set[str] = set()

    def free(self, name: str) -> str:
        """The name itself, or the first of ``name_2``, ``name_3`` … that is not taken."""
        chosen, number = name, 1
        while chosen in self._names:
            number += 1
            chosen = f"{name}_{number}"
        self._names.add(chosen)
        return chosen
