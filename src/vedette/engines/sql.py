"""Expressions as SQL: takes core expressions and an engine's tables, gives text of its dialect.

An engine brings a ``Dialect``: how it writes names, types and constants, and one row an operation.
A row is a template (``({0} + {1})``) or a function of a ``Call``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vedette.engines.base import Unsupported
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, Value
from vedette.plan.types import Type
from vedette.syntax.source import Span

DEEPEST = 400
"""How deep an expression may nest; and-or chains of any length count as one level.

DuckDB binds 400 levels in 0.7 s and 800 in 6 s.
"""
LONGEST = 4_000_000
"""How many characters of SQL an expression may take: some rows write an argument twice."""


@dataclass(frozen=True, slots=True)
class Call:
    """An operation to be written down: its arguments as nodes and as SQL, and where it stands.

    ``truth`` is set where only true matters, so that false and null are the same to whoever reads
    the value: a filter, a join condition, a condition of ``case``. ``order`` is the ``ORDER BY``
    that the rows of an aggregate come in, or empty.
    """

    operation: str
    nodes: tuple[Expression, ...]
    arguments: tuple[str, ...]
    type: Type
    span: Span
    truth: bool
    order: str

    def is_constant(self, index: int) -> bool:
        """Whether an argument is a literal that is not null."""
        node = self.nodes[index]
        return isinstance(node, Literal) and node.value is not None

    def constant(self, index: int) -> Value:
        """The value of an argument that is a literal; None where it is no literal or null."""
        node = self.nodes[index]
        return node.value if isinstance(node, Literal) else None

    def constant_text(self, index: int) -> str | None:
        """The value of an argument that is a string literal, or None."""
        value = self.constant(index)
        return value if isinstance(value, str) else None

    def refuse(self, reason: str) -> Unsupported:
        """The refusal of this call, to be raised."""
        return Unsupported(self.operation, self.span, reason)


Lowering = str | Callable[[Call], str]
"""One row of an engine's table: a template over the arguments' SQL, or a function."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine writes names, types, constants and operations; ``absent`` gives reasons.

    ``table`` spells a stored table's name, ``column`` a stored table's column, both quoted.
    ``elements`` lists what ``plan.relations.Expand`` gives of a dynamic value, null for JSON's too
    or its text; it is told whether properties come as pairs, and how many elements at most.
    ``is_nan`` is a template like a row's.
    """

    table: Callable[[str], str]
    column: Callable[[str, str], str]
    type_name: Callable[[Type], str]
    literal: Callable[[Literal], str]
    rows: Mapping[str, Lowering]
    absent: Mapping[str, str]
    elements: Callable[[str, bool, int | None], str]
    is_nan: str = "isnan({0})"

    def write(self, call: Call) -> str:
        """The SQL of one call; raises Unsupported where there is no row for it."""
        row = self.rows.get(call.operation)
        if row is None:
            raise call.refuse(self.absent.get(call.operation, ""))
        if isinstance(row, str):
            return row.format(*call.arguments, type=self.type_name(call.type))
        return row(call)


def _flat(node: Apply) -> tuple[Expression, ...]:
    """The arguments, nested conjunctions of a conjunction (disjunctions likewise) drawn up."""
    if node.operation not in ("and", "or"):
        return node.arguments
    found: list[Expression] = []
    stack = list(reversed(node.arguments))
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.operation == node.operation:
            stack.extend(reversed(part.arguments))
        else:
            found.append(part)
    return tuple(found)


def _truth(operation: str, index: int, count: int, outside: bool) -> bool:
    """Whether only the truth of argument *index* matters to the operation."""
    if operation in ("and", "or"):
        return outside
    if operation == "case":
        return index % 2 == 0 and index < count - 1
    if operation in ("count_distinct_if", "sum_if"):
        return index == 1
    return operation in ("is_true", "count_if")


def lower(
    root: Expression,
    names: Mapping[Field, str],
    dialect: Dialect,
    *,
    truth: bool = False,
    order: str = "",
) -> str:
    """The SQL of an expression over columns that *names* spells; raises Unsupported."""
    done: list[str] = []
    stack: list[tuple[Expression, bool, int, tuple[Expression, ...] | None]] = [
        (root, truth, 0, None)
    ]
    while stack:
        node, only_truth, depth, children = stack.pop()
        if isinstance(node, Column):
            done.append(names[node.field])
        elif isinstance(node, Literal):
            done.append(dialect.literal(node))
        elif children is None:
            if depth > DEEPEST:
                raise Unsupported(node.operation, node.span, f"nested more than {DEEPEST} deep")
            children = _flat(node)
            count = len(children)
            stack.append((node, only_truth, depth, children))
            for index in range(count - 1, -1, -1):
                inside = _truth(node.operation, index, count, only_truth)
                stack.append((children[index], inside, depth + 1, None))
        else:
            cut = len(done) - len(children)
            arguments = tuple(done[cut:])
            del done[cut:]
            place = (node.span, only_truth, order)
            written = dialect.write(Call(node.operation, children, arguments, node.type, *place))
            if len(written) > LONGEST:
                raise Unsupported(node.operation, node.span, "the expression grows too large")
            done.append(written)
    return done[0]
