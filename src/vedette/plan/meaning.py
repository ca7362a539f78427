"""A small notation for core expressions in declarative files: takes text, gives expressions.

``text_lower(name)``, ``case(is_null(port), 0, port)``: calls are core operations, bare names are
looked up by the caller (a function's parameter, a table's column), constants are strings, numbers,
True, False; ``null_long`` is the null of a type; ``and``, ``or`` and ``not`` stand as in Python.
The text is ours, never a rule's; it is read with Python's own grammar and never evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache

from vedette.plan.build import apply, boolean, null, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type, type_named
from vedette.syntax.source import NOWHERE, Span


@cache
def _tree(notation: str) -> ast.expr:
    return ast.parse(notation, mode="eval").body


def names_in(notation: str) -> set[str]:
    """The bare names that a notation refers to, operations excluded."""
    tree = _tree(notation)
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and id(n) not in called and _null_type(n.id) is None
    }


def express(
    notation: str, lookup: Callable[[str], tuple[Expression, ...]], span: Span = NOWHERE
) -> Expression:
    """The core expression of a notation.

    *lookup* gives what a bare name stands for: one expression, or several for a repeating parameter
    (spread into the call around it). Raises ValueError for what the notation does not have.
    """
    built = _build(_tree(notation), lookup, span)
    if len(built) != 1:
        raise ValueError(f"a repeating name cannot stand alone: {notation}")
    return built[0]


def _build(
    node: ast.expr, lookup: Callable[[str], tuple[Expression, ...]], span: Span
) -> tuple[Expression, ...]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        arguments = [e for a in node.args for e in _build(a, lookup, span)]
        return (apply(node.func.id, *arguments, span=span),)
    if isinstance(node, ast.BoolOp):
        joined = "and" if isinstance(node.op, ast.And) else "or"
        conditions = [e for a in node.values for e in _build(a, lookup, span)]
        return (apply(joined, *conditions, span=span),)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return (apply("not", *_build(node.operand, lookup, span), span=span),)
    if isinstance(node, ast.Name):
        of_null = _null_type(node.id)
        return (null(of_null, span),) if of_null else lookup(node.id)
    if isinstance(node, ast.Constant):
        return (_constant(node.value, span),)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(value, int | float):
            return (_constant(-value, span),)
    raise ValueError(f"not in the notation: {ast.unparse(node)}")


def _constant(value: object, span: Span) -> Literal:
    if isinstance(value, bool):
        return boolean(value, span)
    if isinstance(value, str):
        return text(value, span)
    if isinstance(value, int):
        return Literal(value, Type.LONG, span)
    if isinstance(value, float):
        return Literal(value, Type.REAL, span)
    raise ValueError(f"not in the notation: {value!r}")


def _null_type(name: str) -> Type | None:
    return type_named(name[5:]) if name.startswith("null_") else None
