"""Query parameters: takes what a query is asked with, gives values of the declared types."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vedette.kql.binding.context import Unbound
from vedette.kql.binding.fold import widen
from vedette.kql.binding.scope import Scalar, Scope
from vedette.kql.reading import literals
from vedette.kql.reading.syntax_tree import Parameter, Parameters
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import NUMBERS, Type, common_type, ticks_of, timespan_ticks
from vedette.plan.value_text import read_json
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def declare(binder: Binder, node: Parameters, scope: Scope) -> None:
    """Define each parameter as the value that is given for it, or as its default."""
    binder.declared_parameters |= {p.name.text for p in node.parameters}

    def define(parameter: Parameter) -> None:
        name = parameter.name
        try:
            value: Expression | None = _value(binder, parameter, scope)
        except Unbound:
            scope.define(name.text, Scalar(None, name, name.span, used=True))
            raise
        scope.define(name.text, Scalar(value, name, name.span, used=True))

    binder.each(node.parameters, define)


def check(binder: Binder) -> None:
    """Record values that are given for parameters that the query does not declare."""
    for name in binder.given.parameters:
        if name not in binder.declared_parameters:
            message = f"The query declares no parameter '{name}'"
            hint = "declare query_parameters(name:type) declares one"
            binder.findings.add("VD012", "name", message, Span(0, 0), hint=hint)


def _value(binder: Binder, parameter: Parameter, scope: Scope) -> Expression:
    name, type = parameter.name, parameter.type
    if type is None:
        raise Unbound
    given = binder.given.parameters
    if name.text in given:
        try:
            return Literal(_converted(given[name.text], type), type, name.span)
        except (ValueError, TypeError) as error:
            message = f"The value given for the parameter '{name.text}' is no {type}: {error}"
            raise binder.fail("VD012", "type", message, name.span) from None
    if parameter.default is None:
        message = f"The parameter '{name.text}' has no value"
        hint = f"give it one: parameters={{'{name.text}': …}}, or --parameter {name.text}=…"
        raise binder.fail("VD012", "name", message, name.span, hint=hint)
    default = binder.fixed(parameter.default, scope)
    if default.type is type:
        return default
    if {default.type, type} <= NUMBERS and common_type(default.type, type) is type:
        return widen(default, type)
    if isinstance(default, Literal) and type is Type.INT and default.type is Type.LONG:
        return Literal(default.value, type, default.span)
    message = f"The expression must have the type {type}, not {default.type}"
    raise binder.fail("KS141", "type", message, parameter.default.span)


def _converted(value: Any, type: Type) -> bool | int | float | Decimal | str | None:
    """A value of Python's, or a text as a literal's inside, as plans hold it; raises ValueError."""
    if value is None:
        return "" if type is Type.STRING else None
    if type is Type.STRING:
        if not isinstance(value, str):
            raise ValueError(f"a {value.__class__.__name__} stands there")
        return value
    if isinstance(value, str):
        if type is Type.DYNAMIC:
            return json.dumps(read_json(value), ensure_ascii=False)
        text = value.strip()
        if text.startswith(f"{type}(") and text.endswith(")"):
            text = text[len(type) + 1 : -1].strip(" '\"")
        return literals.value_of(type, text)
    if type is Type.DYNAMIC:
        return json.dumps(value, ensure_ascii=False)
    if type is Type.DATETIME and isinstance(value, dt.datetime):
        return ticks_of(value)
    if type is Type.TIMESPAN and isinstance(value, dt.timedelta):
        return timespan_ticks(value)
    return literals.value_of(type, str(value))
