"""What stands before the first ``|``: takes a node, gives rows or a value.

Tables, names of ``let``, the query's own functions, operators that start a pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vedette.kql import functions
from vedette.kql.binding import user_functions
from vedette.kql.binding.beside import declared_patterns, elsewhere, saved_functions, watchlists
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.scope import DeclaredPattern, Rows, Scalar, Scope, Tabular, UserFunction
from vedette.kql.reading.syntax_tree import (
    Broken,
    Call,
    Index,
    Name,
    Node,
    Path,
    Pipeline,
    SourceOperator,
)
from vedette.plan.expressions import Expression, Literal
from vedette.syntax.problem import did_you_mean

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def bind(binder: Binder, node: Node, context: Context) -> Rows | Expression:
    """What a node gives: rows where it is a table, a value otherwise."""
    scope = context.scope
    match node:
        case Pipeline():
            return binder.pipeline(node, scope)
        case SourceOperator():
            return node.operator.bind(binder, None, scope)
        case Broken():
            raise Unbound
        case Name() if context.rows is None or not context.rows.knows(node.text):
            rows = named(binder, node, scope)
            if rows is not None:
                return rows
        case Path() | Index() if declared_patterns.is_one(node, scope):
            return declared_patterns.behind(binder, node, context)
        case Path():
            root: Node = node
            while isinstance(root, Path):
                root = root.base
            if isinstance(root, Call) and root.function.text in elsewhere.TABLES:
                construct, hint = elsewhere.TABLES[root.function.text]
                raise binder.later(construct, node.span, hint=hint)
        case Call():
            rows = _called(binder, node, context)
            if rows is not None:
                return rows
        case _:
            pass
    return binder.value(node, context)


def named(binder: Binder, node: Name, scope: Scope) -> Rows | None:
    """The rows of a table, a ``let`` or a function by name; None where the name is a value's."""
    entry = scope.find(node.text)
    if isinstance(entry, Tabular):
        return binder.take(entry, node.span)
    if isinstance(entry, Scalar):
        return None
    if isinstance(entry, UserFunction):
        return _of_function(binder, entry, node, scope)
    saved = saved_functions.saved_function(binder, node.text, node.span)
    if saved is not None:
        return _of_function(binder, saved, node, scope)
    if node.text == watchlists.ALIASES:
        return watchlists.aliases(binder)
    rows = binder.scan(node.text, node.span)
    if rows is not None:
        return rows
    message = f"The name '{node.text}' does not refer to any known table or tabular variable"
    hint = did_you_mean(node.text, [*scope.names(), *_saved_names(binder)])
    hint = hint or binder.catalog.suggest(node.text)
    raise binder.fail("KS204", "name", message, node.span, hint=hint)


def _of_function(binder: Binder, function: UserFunction, node: Name, scope: Scope) -> Rows | None:
    """The rows of a function that is named without parentheses."""
    call = Call(node, (), node.span)
    given = user_functions.call(binder, function, call, Context(scope))
    return given if isinstance(given, Rows) else None


def _table(binder: Binder, name: Name, scope: Scope) -> Rows | None:
    """The rows of ``table()``: a table goes before a saved function of its name."""
    if scope.find(name.text) is None:
        rows = binder.scan(name.text, name.span)
        if rows is not None:
            return rows
    return named(binder, name, scope)


def _saved_names(binder: Binder) -> Iterator[str]:
    library = binder.given.functions
    return iter(()) if library is None else library.names()


def _called(binder: Binder, node: Call, context: Context) -> Rows | None:
    name, scope = node.function.text, context.scope
    entry = scope.find(name)
    if isinstance(entry, DeclaredPattern):
        given = declared_patterns.call(binder, entry, node, node.arguments, context)
        return given if isinstance(given, Rows) else None
    if isinstance(entry, UserFunction):
        given = user_functions.call(binder, entry, node, context)
        return given if isinstance(given, Rows) else None
    if name == "materialize" and len(node.arguments) == 1:
        given = bind(binder, node.arguments[0], Context(scope))
        if isinstance(given, Rows):
            return given
        raise binder.fail("KS111", "type", "Tabular value expected", node.arguments[0].span)
    if name == "table" and len(node.arguments) == 1:
        argument = binder.fixed(node.arguments[0], scope)
        text = argument.value if isinstance(argument, Literal) else None
        if isinstance(text, str):
            return _table(binder, Name(text, node.arguments[0].span), scope)
        raise binder.later("table() of a name that is not a constant", node.span)
    if name in elsewhere.TABLES:
        construct, hint = elsewhere.TABLES[name]
        raise binder.later(construct, node.span, hint=hint)
    saved = saved_functions.saved_function(binder, name, node.span) if entry is None else None
    if saved is not None:
        given = user_functions.call(binder, saved, node, context)
        return given if isinstance(given, Rows) else None
    if name == watchlists.FUNCTION:
        return watchlists.bind(binder, node, scope)
    if name == watchlists.ALIASES and not node.arguments:
        return watchlists.aliases(binder)
    return None


def is_materialized(node: Node) -> bool:
    """Whether a node asks that its rows be worked out once."""
    while isinstance(node, Pipeline) and not node.operators:
        node = node.source
    return isinstance(node, Call) and node.function.text == "materialize"


def unknown_function(binder: Binder, name: Name, scope: Scope) -> Unbound:
    """Record that there is no such function; what is given is to be raised."""
    if name.text in elsewhere.SERVICES:
        message = f"'{name.text}' asks the service for {elsewhere.SERVICES[name.text]}"
        hint = f"save a function of this name (functions/{name.text}.kql) that gives your own data"
        return binder.fail("VD002", "source", message, name.span, hint=hint)
    message = f"The name '{name.text}' does not refer to any known function"
    hint = did_you_mean(name.text, [*scope.names(), *_saved_names(binder), *functions.names()])
    return binder.fail("KS211", "name", message, name.span, hint=hint)
