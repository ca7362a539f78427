"""What a KQL text says, before any meaning: frozen nodes, each with its span.

Expressions and statements are here; the nodes of tabular operators stand beside their binding in
``operators``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.plan.expressions import Value
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.operators.base import Operator


@dataclass(frozen=True, slots=True)
class Name:
    """A name, bare or in brackets and quotes."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Star:
    """The ``*`` that stands for all columns."""

    span: Span


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Names by a pattern, ``*`` for any run of characters."""

    pattern: str
    span: Span


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: its value as plans hold it."""

    value: Value
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class TypeOf:
    """``typeof(…)``: a type, or the columns of a table."""

    types: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to arguments."""

    function: Name
    arguments: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Path:
    """``base.member``."""

    base: Node
    member: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``base[index]``."""

    base: Node
    index: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign before an operand."""

    operator: str
    operand: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Logical:
    """Two or more conditions joined by ``and`` or by ``or``."""

    operator: str
    operands: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands of arithmetic, comparison or text; ``sign`` is the operator's place."""

    operator: str
    left: Node
    right: Node
    sign: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Among:
    """``in``, ``has_any`` and their like: an operand and what it is held against."""

    operator: str
    operand: Node
    items: tuple[Node, ...]
    sign: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Between:
    """``between (low .. high)`` or its negation."""

    negated: bool
    operand: Node
    low: Node
    high: Node
    sign: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Named:
    """``name = value``, or ``(name, name) = value`` for a value of several columns."""

    names: tuple[Name, ...]
    value: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Ordered:
    """A sort key: direction and place of nulls as written, empty where left out."""

    value: Node
    direction: str
    nulls: str
    span: Span


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A source and the operators that its rows go through."""

    source: Node
    operators: tuple[Operator, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SourceOperator:
    """An operator that needs no rows before it (``print``, ``datatable`` …), as a source."""

    operator: Operator
    span: Span


@dataclass(frozen=True, slots=True)
class Broken:
    """A part that could not be read; its problem is already recorded."""

    span: Span


Node = (
    Name | Star | Wildcard | Constant | TypeOf | Call | Path | Index | Unary | Logical | Binary
    | Among | Between | Named | Ordered | Pipeline | SourceOperator | Broken
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column's declaration, ``name: type``."""

    name: Name
    type: Type | None
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query's own function.

    ``columns`` holds the columns of a tabular one: None for a scalar, empty for any columns.
    """

    name: Name
    type: Type | None
    columns: tuple[Column, ...] | None
    default: Node | None


@dataclass(frozen=True, slots=True)
class Parameters:
    """``declare query_parameters (name: type = default, …)``."""

    parameters: tuple[Parameter, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Let:
    """``let name = value``, a scalar or a table."""

    name: Name
    value: Node
    span: Span


@dataclass(frozen=True, slots=True)
class LetFunction:
    """``let name = view (parameters) { body }``; a view takes part in ``union *`` by its name."""

    name: Name
    parameters: tuple[Parameter, ...]
    body: Query
    span: Span
    view: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """``(value, …).[path] = { body }``: the path's value is the last of the values."""

    values: tuple[Node, ...]
    body: Query
    span: Span


@dataclass(frozen=True, slots=True)
class Pattern:
    """``declare pattern name = (parameters)[path] { … }``; the path is the last parameter."""

    name: Name
    parameters: tuple[Parameter, ...]
    has_path: bool
    mappings: tuple[Mapped, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """``set option`` with or without a value."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Later:
    """A statement that is read but not bound: its construct is named where it stands."""

    construct: str
    span: Span


@dataclass(frozen=True, slots=True)
class Result:
    """A statement that gives rows or a value."""

    value: Node
    span: Span


Statement = Let | LetFunction | Pattern | Parameters | Setting | Later | Result


@dataclass(frozen=True, slots=True)
class Query:
    """The statements of a text or of a function's body."""

    statements: tuple[Statement, ...]
    span: Span
