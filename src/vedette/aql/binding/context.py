"""What binding a query carries along: table, clock, mappings, columns read, problems found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vedette.aql.codes import NEVER_FILLED, NOT_AQL, UNSUPPORTED, WRONG_ARGUMENT
from vedette.aql.properties import Mappings
from vedette.aql.reading.syntax_tree import Query
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.relations import Relation
from vedette.plan.types import Type
from vedette.syntax.problem import Findings, Fix
from vedette.syntax.source import Span
from vedette.tables.catalog import builtin_table, view_sources
from vedette.tables.schema import Table

JAVA = {
    Type.STRING: "String",
    Type.LONG: "Long",
    Type.INT: "Integer",
    Type.REAL: "Double",
    Type.BOOL: "Boolean",
    Type.BINARY: "byte[]",
}
"""The types as QRadar's messages name them."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Refused(Exception):
    """A part of a query cannot be bound; why is already among the problems."""


@dataclass(slots=True)
class Context:
    """One query's binding. ``deciding`` is set while what is bound decides which rows there are.

    ``query`` binds a query inside this one; ``steps`` collects, where that may be, what turns the
    rows below into the rows that a condition reads. ``session`` is the field that ``sessionId``
    names, while it may be named. ``properties`` are the values of properties that the workspace
    defines, as they were bound.
    """

    table: Table
    now: int
    findings: Findings
    mappings: Mappings
    fields: Fields = field(default_factory=Fields)
    columns: dict[str, Field] = field(default_factory=dict)
    deciding: bool = False
    query: Callable[[Query], Relation | None] | None = None
    steps: list[Callable[[Relation], Relation]] | None = None
    session: Field | None = None
    properties: list[Expression] = field(default_factory=list)
    _spelled: dict[str, str] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    @property
    def spelled(self) -> dict[str, str]:
        """The table's columns by their names in lower case; the first spelling counts."""
        if not self._spelled:
            columns = reversed([*self.table.columns])
            self._spelled = {column.lower(): column for column in columns}
        return self._spelled

    def column(self, name: str, span: Span) -> Column:
        """The table's column of exactly this name, read from now on."""
        if name not in self.columns:
            self.columns[name] = self.fields.new(name, self.table.columns[name])
        if self.deciding:
            self._advise_if_never_filled(name, span)
        return Column(self.columns[name], span)

    def time(self, span: Span) -> Column | None:
        """The column of a row's moment; None where the rows have none."""
        name = self.table.time_column
        return self.column(name, span) if name is not None else None

    def first(self, value: Expression, span: Span, *, last: bool = False) -> Expression:
        """The value in the earliest event of a group, or in the latest.

        Rows without a moment have the order that they come in.
        """
        moment = self.time(span)
        if moment is None:
            return apply("last_of" if last else "first_of", value, span=span)
        return apply("maximum_by" if last else "minimum_by", value, moment, span=span)

    def inner(self, query: Query) -> Relation:
        """The rows of a query inside this one; raises Refused."""
        rows = self.query(query) if self.query is not None else None
        if rows is None:
            raise Refused("a query inside another")
        return rows

    def _advise_if_never_filled(self, name: str, span: Span) -> None:
        built_in = builtin_table(self.table.name)
        if name in self._told or built_in is None or name not in built_in.columns:
            return
        sources = view_sources(self.table.name)
        if sources and not any(name in source.columns for source in sources):
            self._told.add(name)
            self.findings.advise(
                NEVER_FILLED,
                f"'{name}' is null in every event that Vedette reads from logs",
                span,
                reason="no log that Vedette reads has it; QRadar fills it from its own knowledge",
                hint="rewrite the condition, or ingest rows that have it into events",
            )

    def refuse(
        self, code: str, kind: str, message: str, span: Span, *, reason: str = "", hint: str = ""
    ) -> Refused:
        """Record an error and give the exception to raise."""
        self.findings.add(code, kind, message, span, reason=reason, hint=hint)  # type: ignore[arg-type]
        return Refused(message)

    def unsupported(self, what: str, span: Span, reason: str = "", hint: str = "") -> Refused:
        """Record that a construct of AQL is not carried out here."""
        message = f"{what} is not supported"
        return self.refuse(UNSUPPORTED, "unsupported", message, span, reason=reason, hint=hint)

    def wrong_type(self, given: Expression, wanted: str, hint: str = "") -> Refused:
        """Record QRadar's message on an argument of the wrong type."""
        shown = JAVA.get(given.type, given.type)
        message = f'Wrong argument type: "{shown}". "{wanted}" is required.'
        return self.refuse(WRONG_ARGUMENT, "type", message, given.span, hint=hint)

    def repair(self, name: str, message: str, span: Span, strictly: str) -> None:
        """Record a named repair; when strict, the error *strictly* instead, and raise Refused."""
        if self.findings.strict:
            raise self.refuse(NOT_AQL, "syntax", strictly, span, hint=message)
        self.findings.repair(name, message, span)

    def written(self, at: Expression, text: str) -> Fix | None:
        """The edit that writes *text* in place of a string; None where no string stands there."""
        before = self.findings.source.at(at.span)
        if not isinstance(at, Literal) or before != _quoted(str(at.value)):
            return None  # the value came through an alias or a mapping
        return Fix(at.span, _quoted(text), f"write {_quoted(text)}")

    def once(self, key: str) -> bool:
        """Whether *key* is seen for the first time in this query."""
        fresh = key not in self._told
        self._told.add(key)
        return fresh
