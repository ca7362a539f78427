"""Calls: takes a call and where it stands, gives the value that its function makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.kql import functions
from vedette.kql.binding import user_functions
from vedette.kql.binding.applied import apply_row
from vedette.kql.binding.beside import elsewhere, saved_functions
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.scope import Rows, UserFunction
from vedette.kql.binding.sources import unknown_function
from vedette.kql.binding.special import aggregates, rules
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.expressions import Expression

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def bind(binder: Binder, node: Call, context: Context) -> Expression:
    """The value of a call."""
    entry = context.scope.find(node.function.text)
    if isinstance(entry, UserFunction):
        return _value(binder, entry, node, context)
    name = node.function.text
    rule = rules.RULES.get(name)
    if rule is not None:
        return rule(binder, node, context)
    if context.aggregates:
        rule = aggregates.RULES.get(name)
        if rule is not None:
            return rule(binder, node, context)
        aggregate = functions.AGGREGATES.get(name)
        if aggregate is not None:
            return apply_row(binder, aggregate, node, context.inside_aggregate())
    row = functions.LIBRARY.get(name)
    if row is not None:
        return apply_row(binder, row, node, context)
    saved = saved_functions.function_named(binder, name, context.scope, node.span)
    if saved is not None:
        return _value(binder, saved, node, context)
    raise _unavailable(binder, node, context)


def _value(binder: Binder, function: UserFunction, node: Call, context: Context) -> Expression:
    given = user_functions.call(binder, function, node, context)
    if isinstance(given, Rows):
        raise binder.fail("KS108", "type", "Scalar value expected", node.span)
    return given


def _unavailable(binder: Binder, node: Call, context: Context) -> Unbound:
    name = node.function.text
    is_aggregate = functions.known(name, "aggregate") is not None
    if functions.known(name, "function") is None and is_aggregate and not context.aggregates:
        message = f"The aggregate function '{name}' is not allowed in this context"
        return binder.fail("KS144", "type", message, node.function.span)
    if functions.known(name, "function") is None and not is_aggregate:
        if functions.known(name, "plugin") is not None:
            message = f"The plug-in '{name}' stands behind 'evaluate' only"
            return binder.fail("KS126", "type", message, node.function.span)
        return unknown_function(binder, node.function, context.scope)
    kind = "aggregate" if is_aggregate and context.aggregates else "function"
    hint = elsewhere.hint(name)
    return binder.later(f"the {kind} {name}()", node.function.span, hint=hint)
