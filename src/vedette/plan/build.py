"""Applying core operations with their types worked out: takes arguments, gives expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from vedette.plan.expressions import Apply, Expression, Literal
from vedette.plan.operations import OPERATIONS
from vedette.plan.types import Type, common_type
from vedette.syntax.source import NOWHERE, Span


class IllTyped(Exception):
    """A core operation does not take these arguments: a mistake of a language's binding."""


def apply(operation: str, *arguments: Expression, span: Span = NOWHERE) -> Apply:
    """The operation applied, its result typed; raises IllTyped where its signature is not met."""
    return Apply(operation, arguments, result_type(operation, arguments), span)


def result_type(operation: str, arguments: Sequence[Expression]) -> Type:
    """The type an operation gives with these arguments; raises IllTyped where they do not fit."""
    if operation == "case":
        return _case_type(arguments)
    types = tuple([a.type for a in arguments])
    return _of_types(operation, types) if len(types) <= _FEW else _derived(operation, types)


def _derived(operation: str, types: Sequence[Type]) -> Type:
    signature = OPERATIONS[operation].signature
    if not signature.takes(len(types)):
        raise IllTyped(f"{operation} does not take {len(types)} arguments")
    misfit = signature.misfit(types)
    if misfit is not None:
        raise IllTyped(f"{operation} does not take {types[misfit]} as argument {misfit + 1}")
    return signature.result_type(types)


_FEW = 6
_of_types = cache(_derived)
"""Results by operation and types; lists of needles, which differ in length only, are not kept."""


def _case_type(arguments: Sequence[Expression]) -> Type:
    if len(arguments) < 3 or len(arguments) % 2 == 0:
        raise IllTyped("case takes pairs of condition and value, then a default")
    values = [a.type for a in (*arguments[1:-1:2], arguments[-1])]
    shared = values[0]
    for value in values[1:]:
        wider = common_type(shared, value)
        if wider is None:
            raise IllTyped(f"case has branches of type {shared} and {value}")
        shared = wider
    return shared


def text(value: str, span: Span = NOWHERE) -> Literal:
    """A string literal."""
    return Literal(value, Type.STRING, span)


def boolean(value: bool, span: Span = NOWHERE) -> Literal:
    """A bool literal."""
    return Literal(value, Type.BOOL, span)


def null(type: Type, span: Span = NOWHERE) -> Literal:
    """The null of a type."""
    return Literal(None, type, span)


def every(conditions: Sequence[Expression]) -> Expression:
    """All conditions joined by and; true of none."""
    if not conditions:
        return boolean(True)
    return conditions[0] if len(conditions) == 1 else apply("and", *conditions)
