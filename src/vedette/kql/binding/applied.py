"""Calls of declared functions: takes a function's row and a call, gives the core expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import make, plain, widen
from vedette.kql.reading.syntax_tree import Call, Named, Node
from vedette.plan.build import apply
from vedette.plan.expressions import Apply, Expression
from vedette.plan.library import Function
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.signature import Parameter
from vedette.plan.types import NUMBERS, Type, common_type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def wrong_count(binder: Binder, node: Call, least: int, most: int | None) -> Unbound:
    """Record a wrong number of arguments, where the vendor reports it: at the function's name."""
    name = node.function.text
    if most == least:
        expected = "no arguments" if most == 0 else f"{most} argument{'s' if most != 1 else ''}"
        message = f"The function '{name}' expects {expected}"
        return binder.fail("KS119", "type", message, node.function.span)
    upper = f"and {most}" if most is not None else "or more"
    expected = f"between {least} {upper}" if most is not None else f"{least} {upper}"
    message = f"The function '{name}' expects {expected} arguments"
    return binder.fail("KS120", "type", message, node.function.span)


def arguments(binder: Binder, nodes: Sequence[Node], context: Context) -> list[Expression]:
    """The bound arguments; a name before one is not looked at."""
    bare = [n.value if isinstance(n, Named) else n for n in nodes]
    return binder.each(bare, lambda n: binder.value(n, context))


def apply_row(binder: Binder, row: Function, node: Call, context: Context) -> Expression:
    """The core expression of a call of a declared function."""
    signature = row.signature
    if not signature.takes(len(node.arguments)):
        raise wrong_count(binder, node, signature.least, signature.most)
    given = arguments(binder, node.arguments, context)
    fitted = fit(binder, row, node, given)
    return refolded(row.call(fitted, node.span))


def fit(binder: Binder, row: Function, node: Call, given: Sequence[Expression]) -> list[Expression]:
    """The arguments in the types that the signature asks for."""
    signature = row.signature
    fitted: list[Expression] = []
    for index, value in enumerate(given):
        parameter = signature.parameter(index)
        value = plain(value)
        suited = suit(value, parameter)
        if suited is None:
            span = node.arguments[index].span
            if value.type is Type.DYNAMIC:
                raise binder.later(f"{row.name}() of a dynamic value", span)
            if parameter.types == {Type.DYNAMIC}:
                is_bag = "bag" in parameter.name
                code, kind = ("KS235", "bag") if is_bag else ("KS234", "array")
                message = f"The expression value must be a dynamic {kind}, not {value.type}"
                raise binder.fail(code, "type", message, span)
            wanted = sorted(parameter.types - {Type.BINARY})
            message = f"The expression must have the type {' or '.join(wanted)}, not {value.type}"
            raise binder.fail("KS141", "type", message, span)
        fitted.append(suited)
    shared = _shared(signature.parameter, fitted)
    for index, value in enumerate(fitted):
        letter = signature.parameter(index).variable
        if letter:
            type = shared[letter]
            if type is None:
                message = "No common type can be determined from the arguments"
                raise binder.fail("KS232", "type", message, node.function.span)
            if value.type is not type:
                fitted[index] = widen(value, type)
    return fitted


def _shared(
    parameter: Callable[[int], Parameter], values: Sequence[Expression]
) -> dict[str, Type | None]:
    shared: dict[str, Type | None] = {}
    for index, value in enumerate(values):
        letter = parameter(index).variable
        if letter:
            before = shared.get(letter, value.type)
            shared[letter] = None if before is None else common_type(before, value.type)
    return shared


def suit(value: Expression, parameter: Parameter) -> Expression | None:
    """A value as a parameter takes it, numbers widened, dynamic as text; None if it cannot."""
    if value.type in parameter.types:
        return value
    if value.type is Type.DYNAMIC and parameter.types == {Type.STRING}:
        return apply("text_of", value, span=value.span)
    if value.type is Type.DECIMAL and Type.REAL in parameter.types:
        return widen(value, Type.REAL)
    if value.type in NUMBERS:
        for wider in (Type.LONG, Type.REAL, Type.DECIMAL):
            if wider in parameter.types and common_type(value.type, wider) is wider:
                return widen(value, wider)
    return None


def refolded(value: Expression) -> Expression:
    """The expression with what is constant in it worked out."""

    def change(part: Expression) -> Expression:
        if isinstance(part, Apply):
            return make(part.operation, *part.arguments, span=part.span)
        return part

    return rewrite_expression(value, change)
