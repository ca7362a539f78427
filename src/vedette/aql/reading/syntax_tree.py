"""What an AQL text says, before any name in it is looked up: frozen nodes with their spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar
from typing import Literal as OneOf

from vedette.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Name:
    """A field, property or alias; ``quoted`` where it stood in double quotes."""

    text: str
    quoted: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Number:
    """A number, whole or not."""

    value: int | float
    span: Span


@dataclass(frozen=True, slots=True)
class Truth:
    """TRUE or FALSE."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Null:
    """NULL."""

    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function's call; ``star`` for COUNT(*), ``distinct`` for COUNT(DISTINCT x)."""

    name: str
    arguments: tuple[Expression, ...]
    star: bool
    distinct: bool
    name_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign or NOT before its operand; ``depth`` counts nested operators."""

    operator: OneOf["-", "+", "not"]
    operand: Expression
    depth: int
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, a bit operation or a comparison; ``depth`` counts nested operators."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span
    depth: int
    span: Span


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more conditions joined by the same AND or OR."""

    operator: OneOf["and", "or"]
    conditions: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Match:
    """LIKE, ILIKE, MATCHES or IMATCHES, in lower case."""

    operator: str
    value: Expression
    pattern: Expression
    negated: bool
    operator_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Between:
    """``value BETWEEN low AND high``."""

    value: Expression
    low: Expression
    high: Expression
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class In:
    """``value IN (...)``; ``listed`` is false where no parentheses stood around the only item."""

    value: Expression
    items: tuple[Expression, ...]
    negated: bool
    listed: bool
    span: Span


@dataclass(frozen=True, slots=True)
class InQuery:
    """``value IN (SELECT ...)``."""

    value: Expression
    query: Query
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class IsNull:
    """``value IS [NOT] NULL``."""

    value: Expression
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """CASE with or without a subject, or IF, whose only branch it is."""

    subject: Expression | None
    branches: tuple[tuple[Expression, Expression], ...]
    default: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class TextSearch:
    """``TEXT SEARCH 'terms'``."""

    terms: str
    span: Span


Expression = (
    Name
    | Text
    | Number
    | Truth
    | Null
    | Call
    | Unary
    | Binary
    | Logic
    | Match
    | Between
    | In
    | InQuery
    | IsNull
    | Case
    | TextSearch
)


@dataclass(frozen=True, slots=True)
class Star:
    """``*`` in a SELECT list."""

    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a SELECT list; ``alias`` is empty where it has none."""

    value: Expression | Star
    alias: str
    span: Span


@dataclass(frozen=True, slots=True)
class OrderKey:
    """A key of ORDER BY; ``collation`` is empty where it has none."""

    value: Expression
    descending: bool
    collation: str
    span: Span


@dataclass(frozen=True, slots=True)
class From:
    """What FROM names: a table, a query in parentheses, or a call such as GLOBALVIEW."""

    table: Name | Query | Call
    into: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Last:
    """``LAST n MINUTES``; the unit in lower case as written."""

    count: int
    unit: str
    unit_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class StartStop:
    """``START t [STOP t]``; either may be missing."""

    start: Expression | None
    stop: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Limit:
    """``LIMIT n``."""

    count: int
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """``name = value`` behind PARAMETERS, the name as written."""

    name: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Session:
    """SESSION BY: what orders the rows, what tells them apart, what begins and ends a session.

    ``timeout`` and ``longest`` (TIMEWINDOW) are milliseconds.
    """

    time: Expression
    keys: tuple[Expression, ...]
    begin: Expression | None
    explicit_begin: bool
    end: Expression | None
    explicit_end: bool
    timeout: int | None
    longest: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT statement; ``distinct`` is where DISTINCT stood, ``clauses`` names its clauses."""

    items: tuple[Item, ...]
    distinct: Span | None
    source: From | None
    where: Expression | None
    group_by: tuple[Expression, ...]
    having: Expression | None
    order_by: tuple[OrderKey, ...]
    limit: Limit | None
    window: Last | StartStop | None
    parameters: tuple[Parameter, ...]
    session: Session | None
    clauses: tuple[tuple[str, Span], ...]
    span: Span


def parts(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside an expression, queries excluded."""
    if isinstance(node, Case):
        found = [node.subject, *(e for pair in node.branches for e in pair), node.default]
        yield from (e for e in found if e is not None)
        return
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Expression):
            yield value
        elif isinstance(value, tuple):
            yield from (e for e in value if isinstance(e, Expression))


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and every expression inside it, queries excluded."""
    pending = [node]
    while pending:
        present = pending.pop()
        yield present
        pending.extend(parts(present))


def conjuncts(node: Expression) -> Iterator[Expression]:
    """The conditions that AND joins; the node itself where it is no AND."""
    if isinstance(node, Logic) and node.operator == "and":
        for condition in node.conditions:
            yield from conjuncts(condition)
    else:
        yield node


T = TypeVar("T", bound=Expression)


def placed(node: T, span: Span) -> T:
    """The expression with every part of it at *span*."""
    return replace(node, **{f.name: _placed(getattr(node, f.name), span) for f in fields(node)})


def _placed(value: Any, span: Span) -> Any:
    if isinstance(value, Span):
        return span
    if isinstance(value, tuple):
        return tuple(_placed(part, span) for part in value)
    return placed(value, span) if isinstance(value, Expression) else value
