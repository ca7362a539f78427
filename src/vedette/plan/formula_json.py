"""Formulas as JSON: takes formulas, gives lists and texts that JSON has, and formulas of those.

What is read is data: names of core operations, constants and names of columns, typed anew. Anything
else is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from vedette.plan.build import IllTyped, apply
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.formulas import Every, Formula, Not, Some, Test
from vedette.plan.operations import OPERATIONS
from vedette.plan.types import Type

_DEEPEST = 400


class NoFormula(ValueError):
    """What was read is no formula."""


def written(formula: Formula) -> list[Any]:
    """The formula in lists, numbers and texts."""
    if isinstance(formula, Test):
        return ["test", _expression(formula.expression)]
    if isinstance(formula, Not):
        return ["not", written(formula.part)]
    return ["every" if isinstance(formula, Every) else "some", *map(written, formula.parts)]


def _expression(node: Expression) -> list[Any]:
    if isinstance(node, Column):
        return ["column", node.field.name]
    if isinstance(node, Literal):
        value = str(node.value) if isinstance(node.value, Decimal) else node.value
        return ["literal", str(node.type), value]
    return ["apply", node.operation, *map(_expression, node.arguments)]


def read(value: object, columns: Callable[[str], Field]) -> Formula:
    """The formula that was written; *columns* finds fields by name. Raises NoFormula."""
    try:
        return _read(value, columns, 0)
    except (IllTyped, KeyError, TypeError, ValueError, IndexError) as wrong:
        raise NoFormula(str(wrong)) from wrong


def _read(value: Any, columns: Callable[[str], Field], depth: int) -> Formula:
    if depth > _DEEPEST:
        raise NoFormula("it nests too deeply")
    kind, *parts = value
    match kind:
        case "test":
            found = _read_expression(parts[0], columns, depth)
            if found.type is not Type.BOOL:
                raise NoFormula("a test is not true or false")
            return Test(found)
        case "not":
            return Not(_read(parts[0], columns, depth + 1))
        case "every" | "some":
            below = tuple(_read(part, columns, depth + 1) for part in parts)
            return Every(below) if kind == "every" else Some(below)
    raise NoFormula(f"no formula: {kind}")


def _read_expression(value: Any, columns: Callable[[str], Field], depth: int) -> Expression:
    if depth > _DEEPEST:
        raise NoFormula("it nests too deeply")
    kind, *parts = value
    match kind:
        case "column":
            return Column(columns(parts[0]))
        case "literal":
            type, constant = Type(parts[0]), parts[1]
            if type is Type.DECIMAL and isinstance(constant, str):
                constant = Decimal(constant)
            if not isinstance(constant, str | int | float | bool | Decimal | None):
                raise NoFormula("a constant is none")
            return Literal(constant, type)
        case "apply":
            operation = parts[0]
            if operation not in OPERATIONS:
                raise NoFormula(f"no operation: {operation}")
            below = (_read_expression(part, columns, depth + 1) for part in parts[1:])
            return apply(operation, *below)
    raise NoFormula(f"no expression: {kind}")
