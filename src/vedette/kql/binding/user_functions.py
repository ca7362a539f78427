"""Functions that a query defines: a call binds the body with the arguments in place."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from vedette.kql.binding import sources
from vedette.kql.binding.applied import wrong_count
from vedette.kql.binding.beside import saved_functions
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.scope import Rows, Scalar, Scope, Tabular, UserFunction
from vedette.kql.reading.syntax_tree import Call, Name, Named, Node, Parameter
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import NUMBERS, Type, common_type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def call(
    binder: Binder, function: UserFunction, node: Call, context: Context, piped: Rows | None = None
) -> Rows | Expression:
    """What the function gives with the call's arguments; *piped* rows come before these."""
    given = _given(binder, function, node, piped is not None)
    inner = Scope(function.scope)
    parameters = function.node.parameters
    if piped is not None:
        first = parameters[0]
        _required(binder, first, piped, node.span)
        inner.define(first.name.text, Tabular(piped, first.name, first.name.span, used=True))
        parameters = parameters[1:]

    def define(parameter: Parameter) -> None:
        argument = given.get(parameter.name.text)
        if argument is not None:
            _define(binder, function, parameter, argument, inner, context)
            return
        with saved_functions.inside(binder, function, node.span):
            _define(binder, function, parameter, None, inner, context)

    binder.each(parameters, define)
    with binder.inside(node.span), saved_functions.called(binder, function, node.span):
        result = binder.statements(function.node.body, inner)
        if result is None:
            message = f"The function '{function.node.name.text}' gives no result"
            span = node.function.span if function.saved is None else function.node.name.span
            raise binder.fail("KS006", "type", message, span)
        body = Context(inner, None, aggregates=False, additions=context.additions)
        made = sources.bind(binder, result, body)
    return saved_functions.placed(function, made, node.span)


def _given(binder: Binder, function: UserFunction, node: Call, piped: bool) -> dict[str, Node]:
    parameters = function.node.parameters[1:] if piped else function.node.parameters
    least = sum(1 for p in parameters if p.default is None)
    if not least <= len(node.arguments) <= len(parameters):
        raise wrong_count(binder, node, least, len(parameters))
    given: dict[str, Node] = {}
    for parameter, argument in zip(parameters, node.arguments, strict=False):
        name = parameter.name.text
        if isinstance(argument, Named):
            name, argument = argument.names[0].text, argument.value
        given[name] = argument
    unknown = [n for n in given if n not in {p.name.text for p in parameters}]
    if unknown:
        message = f"The function has no parameter '{unknown[0]}'"
        raise binder.fail("KS196", "name", message, node.span)
    return given


def _define(
    binder: Binder, function: UserFunction, parameter: Parameter, argument: Node | None,
    inner: Scope, context: Context,
) -> None:  # fmt: skip
    name = parameter.name
    if argument is None:
        argument, context = parameter.default, Context(inner)
    if argument is None:
        message = f"The argument for parameter '{name.text}' is missing"
        raise binder.fail("KS197", "type", message, name.span)
    if parameter.columns is not None:
        rows = binder.rows(argument, context.scope)
        _required(binder, parameter, rows, argument.span)
        inner.define(name.text, Tabular(rows, name, name.span, used=True))
        return
    value = plain(binder.value(argument, context))
    if not _fits(parameter, value) and not _asks(function, name.text):
        # What Kusto makes of it is not known, but nothing asks.
        value = Literal(None, parameter.type or value.type, argument.span)
    inner.define(name.text, Scalar(_typed(binder, parameter, value, argument), name, name.span))


def _required(binder: Binder, parameter: Parameter, rows: Rows, span: Span) -> None:
    """Refuse rows without the columns of a parameter, or with one in another type."""
    for column in parameter.columns or ():
        name = column.name.text
        if not (rows.knows(name) or rows.open or rows.from_data):
            message = f"The tabular value does not have the column '{name}'"
            raise binder.fail("KS249", "type", message, span)
        field = rows.columns.get(name)
        if field is not None and column.type not in (None, field.type):
            message = f"The tabular value has the column '{name}' of type {field.type}"
            hint = f"'{parameter.name.text}' asks for a column of type {column.type}"
            raise binder.fail("KS249", "type", message, span, hint=hint)


def _fits(parameter: Parameter, value: Expression) -> bool:
    of_number = value.type in NUMBERS and parameter.type in NUMBERS
    return of_number or value.type is Type.DYNAMIC or value.type is parameter.type


def _asks(function: UserFunction, name: str) -> bool:
    """Whether a function's body or a later parameter may name one of its parameters."""
    found: list[object] = [function.node.body, *(p.default for p in function.node.parameters)]
    for part in found:
        if isinstance(part, Name) and part.text == name:
            return True
        if isinstance(part, tuple | list):
            found.extend(part)
        elif is_dataclass(part):
            found.extend(getattr(part, f.name) for f in fields(part))
    return False


def _typed(binder: Binder, parameter: Parameter, value: Expression, argument: Node) -> Expression:
    type = parameter.type
    if type is None:
        raise Unbound
    if value.type is type or type is Type.DYNAMIC:
        return value
    if value.type in NUMBERS and type in NUMBERS and common_type(value.type, type) is type:
        return widen(value, type)
    if value.type is Type.LONG and type is Type.INT:
        if isinstance(value, Literal) and isinstance(value.value, int):
            if -(2**31) <= value.value < 2**31:
                return Literal(value.value, Type.INT, value.span)
            raise binder.fail("KS141", "type", "The number is beyond an int's", argument.span)
        return apply("to_int", value, span=value.span)
    if value.type is Type.DYNAMIC:
        raise binder.later(f"a dynamic value where a function takes a {type}", argument.span)
    message = f"The expression must have the type {type}, not {value.type}"
    raise binder.fail("KS141", "type", message, argument.span)
