"""Fields of Sigma's taxonomy over one event table: takes a field's name, gives what to look at.

What a field is stands in ``fields/*.toml``. A column lost what Windows writes for no value (an
empty text, a dash), so tests that such a value would pass look at the event's own data, too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field, Fields
from vedette.plan.meaning import express
from vedette.plan.types import Type
from vedette.syntax import NOWHERE, Span
from vedette.tables.catalog import event_tables

_NAME = re.compile(r"[a-z_0-9]+")


class UnknownField(Exception):
    """The event table has nothing of this name."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field is in an event table.

    ``text`` is what most tests look at, ``known`` the same with an empty text or a dash where the
    event wrote one, ``number`` the field as a number where a column holds one. ``absent`` says that
    the event has no such field, ``named`` that its data has the name, with or without a value.
    ``is_own`` says that the event's data was asked, so that ``known`` differs from ``text``;
    ``empty`` that the data has the name, where it keeps an empty text as null.
    """

    text: Expression
    known: Expression
    number: Expression | None
    absent: Expression
    named: Expression | None
    is_own: bool
    empty: Expression | None


@dataclass(frozen=True, slots=True)
class Description:
    """What a file of ``fields`` says of one table."""

    fields: Mapping[str, Mapping[str, Any]]
    keywords: str
    shown: tuple[str, ...]
    closed: bool
    """Whether a name that is not among the fields is unknown, and not one of the event's data."""
    empty_is_null: bool
    """Whether the event's data has null where an empty text was written."""


class Event:
    """One event table while a rule is bound to it; a column is a field once it is asked for."""

    def __init__(self, table: str, fields: Fields, own_fields: bool = False) -> None:
        """Begin with no column; *own_fields* opens a closed table to names of the event's data."""
        self.table = table
        self.description = described(table)
        self._closed = self.description.closed and not own_fields
        self._types = event_tables()[table]
        self._fields = fields
        self._columns: dict[str, Field] = {}
        self._meanings: dict[tuple[str, Span], Meaning] = {}

    @property
    def columns(self) -> Mapping[str, Field]:
        """The columns that were asked for, by name."""
        return self._columns

    def has(self, name: str) -> bool:
        """Whether the table has a column."""
        return name in self._types

    def column(self, name: str, span: Span = NOWHERE) -> Column:
        """A column of the table."""
        if name not in self._columns:
            self._columns[name] = self._fields.new(name, self._types[name])
        return Column(self._columns[name], span)

    def notation(self, written: str, span: Span = NOWHERE) -> Expression:
        """What core notation over the table's columns says."""
        return express(written, lambda name: (self.column(name, span),), span)

    def keywords(self, span: Span) -> Expression:
        """The text that keywords are looked for in."""
        return self.notation(self.description.keywords, span)

    def column_of(self, name: str) -> str | None:
        """The column that is a field as it stands, or None."""
        written = self.description.fields.get(name, {})
        found = str(written.get("column") or written.get("number") or "")
        return found if _NAME.fullmatch(found) else None

    def meaning(self, name: str, span: Span) -> Meaning:
        """What a field is; raises UnknownField where the table has nothing of the name."""
        if (name, span) not in self._meanings:
            written = self.description.fields.get(name)
            if written is None and self._closed:
                raise UnknownField(name)
            self._meanings[name, span] = self._meaning(name, written or {}, span)
        return self._meanings[name, span]

    def _meaning(self, name: str, written: Mapping[str, Any], span: Span) -> Meaning:
        names = [] if self._closed else written.get("data", [name])
        data = [value for n in names for value in self._inside(n, span)]
        column = self.notation(written["column"], span) if "column" in written else None
        number = self.notation(written["number"], span) if "number" in written else None
        looked_at = [column] if column is not None else []
        looked_at += data
        if number is not None:
            looked_at.append(apply("plain_text_of", number, span=span))
        known = first(looked_at, span)
        shown = column if column is not None else known
        absent = shown if not data and number is None else known
        if "absent" in written:
            absent = self.notation(written["absent"], span)
        named = self._named(names, span)
        return Meaning(
            text=shown,
            known=known,
            number=number,
            absent=apply("is_null", absent, span=span),
            named=named,
            is_own=bool(data),
            empty=named if self.description.empty_is_null else None,
        )

    def _inside(self, name: str, span: Span) -> list[Expression]:
        """The text of a name of the event's data, and of what lies behind its dots."""
        data = self.column("event_data", span)
        paths = [[name], name.split(".")] if "." in name.strip(".") else [[name]]
        values = [apply("value_at", data, *(text(k, span) for k in p), span=span) for p in paths]
        return [apply("plain_text_of", value, span=span) for value in values]

    def _named(self, names: list[str], span: Span) -> Expression | None:
        plain = [name for name in names if not name.startswith("$")]
        if not plain:
            return None
        data = self.column("event_data", span)
        places: list[tuple[Expression, str]] = [(data, name) for name in plain]
        for *above, last in (name.split(".") for name in plain if "." in name.strip(".")):
            keys = [text(key, span) for key in above]
            places.append((apply("value_at", data, *keys, span=span), last))
        tests = [
            apply("is_true", apply("bag_has_key", bag, text(n, span), span=span), span=span)
            for bag, n in places
        ]
        return tests[0] if len(tests) == 1 else apply("or", *tests, span=span)


def first(values: list[Expression], span: Span) -> Expression:
    """The first of the values that is not null."""
    return values[0] if len(values) == 1 else apply("first_not_null", *values, span=span)


def described(table: str) -> Description:
    """What the files say of an event table's fields."""
    return _descriptions()[table]


@cache
def _descriptions() -> Mapping[str, Description]:
    folder = files("vedette.sigma").joinpath("fields")
    texts = [f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".toml")]
    read = [tomllib.loads(each) for each in texts]
    groups = {one["group"]: one for one in read if "group" in one}
    found: dict[str, Description] = {}
    for one in read:
        if "table" in one:
            shared = [groups[name] for name in one.get("groups", ())]
            fields = {k: v for g in shared for k, v in g["fields"].items()} | one["fields"]
            keywords = one.get("keywords") or next(g["keywords"] for g in shared)
            empties = any(g.get("empty_is_null", False) for g in shared)
            found[one["table"]] = Description(
                fields, keywords, tuple(one["show"]), one.get("closed", False), empties
            )
    return found


def is_text(expression: Expression) -> bool:
    """Whether an expression is text, so that tests of text take it."""
    return expression.type is Type.STRING
