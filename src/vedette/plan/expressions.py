"""Expressions of a plan: fields, literals and applied core operations, each with its type and span.

Every value carries its place in the query's text, so whatever fails later can still point there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from vedette.plan.types import Type
from vedette.syntax.source import NOWHERE, Span

Value = bool | int | float | Decimal | str | None
"""A literal's value: ticks for datetime and timespan, JSON text for dynamic, None for null."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a relation. ``number`` is unique in a plan; the name is only what people see."""

    number: int
    name: str
    type: Type

    def __hash__(self) -> int:
        """The number: fields stand in sets by the thousand."""
        return self.number


class Fields:
    """Hands out fields with fresh numbers; one for each plan that is built."""

    def __init__(self) -> None:
        """Start counting at 1."""
        self._last = 0

    @property
    def last(self) -> int:
        """The highest number so far; 0 where no field was handed out yet."""
        return self._last

    def skip_to(self, number: int) -> None:
        """Give only numbers above *number* from now on."""
        self._last = max(self._last, number)

    def new(self, name: str, type: Type) -> Field:
        """A field that no other place of the plan has."""
        self._last += 1
        return Field(self._last, name, type)


@dataclass(frozen=True, slots=True)
class Column:
    """A reference to a field of the relation below."""

    field: Field
    span: Span = NOWHERE

    @property
    def type(self) -> Type:
        """The field's type."""
        return self.field.type


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Value
    type: Type
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Apply:
    """A core operation applied to arguments; its meaning is in ``operations``."""

    operation: str
    arguments: tuple[Expression, ...]
    type: Type
    span: Span = NOWHERE


Expression = Column | Literal | Apply


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything in it, outermost first; depth is no limit."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Apply):
            stack.extend(reversed(node.arguments))


def fields_of(expression: Expression) -> set[Field]:
    """The fields that an expression reads."""
    if isinstance(expression, Column):
        return {expression.field}
    found: set[Field] = set()
    stack: list[Expression] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply):
            stack.extend(node.arguments)
        elif isinstance(node, Column):
            found.add(node.field)
    return found
