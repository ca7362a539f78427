"""Saved functions where a query calls them: takes a name, gives the function as if it had it.

Their bodies are other texts: what is wrong in one is told where the query calls it, with the
function's name, file, line and column; what a body gives has its places there, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Unbound
from vedette.kql.binding.scope import Rows, Scope, UserFunction
from vedette.plan.expressions import Expression
from vedette.plan.relations import Relation, Scan
from vedette.plan.rewrite import rewrite_expression, rewrite_relation, with_expressions
from vedette.syntax.problem import Findings
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder
    from vedette.kql.saved.model import SavedFunction


def function_named(binder: Binder, name: str, scope: Scope, span: Span) -> UserFunction | None:
    """The function of the query, or else of the workspace, that a name stands for."""
    entry = scope.find(name)
    if entry is not None:
        return entry if isinstance(entry, UserFunction) else None
    return saved_function(binder, name, span)


def saved_function(binder: Binder, name: str, span: Span) -> UserFunction | None:
    """The workspace's function of a name; None where it has none."""
    library = binder.given.functions
    saved = library.find(name, binder.catalog.declared) if library is not None else None
    if library is None or saved is None:
        return None
    body = library.body(saved, binder.findings.strict)
    _carry(saved, body.findings, binder.findings, span)
    if body.node is None:
        raise Unbound
    return UserFunction(body.node, Scope(), used=True, saved=saved)


def is_saved(binder: Binder, name: str) -> bool:
    """Whether a name that the query does not define is a saved function's."""
    library = binder.given.functions
    return library is not None and library.find(name, binder.catalog.declared) is not None


@contextmanager
def inside(binder: Binder, function: UserFunction, span: Span) -> Iterator[None]:
    """The text of a function while a part of it is bound; *span* is the call in the text around."""
    saved = function.saved
    if saved is None:
        yield
        return
    outer, source = binder.findings, binder.source
    inner = Findings(saved.definition, outer.strict)
    binder.findings, binder.source = inner, saved.definition
    try:
        yield
    finally:
        binder.findings, binder.source = outer, source
        _carry(saved, inner, outer, span)


@contextmanager
def called(binder: Binder, function: UserFunction, span: Span) -> Iterator[None]:
    """A function's body while it is bound; one that calls itself is refused."""
    saved = function.saved
    if saved is None:
        yield
        return
    if saved.name in binder.saved_calls:
        message = f"The saved function '{saved.name}' calls itself"
        raise binder.fail("KS245", "limit", message, span)
    binder.saved_calls.append(saved.name)
    try:
        with inside(binder, function, span):
            yield
    finally:
        binder.saved_calls.pop()


def _carry(saved: SavedFunction, inner: Findings, outer: Findings, span: Span) -> None:
    for problem in inner.problems:
        place = saved.place(problem.line, problem.column)
        message = f"In the saved function '{saved.name}' ({place}): {problem.message}"
        outer.add(
            problem.code, problem.kind, message, span, severity=problem.severity,
            reason=problem.reason, hint=problem.hint,
        )  # fmt: skip
    for repair in inner.repairs:
        place = saved.place(repair.line, repair.column)
        message = f"in the saved function '{saved.name}' ({place}): {repair.message}"
        outer.repair(repair.name, message, span)


def placed(function: UserFunction, given: Rows | Expression, span: Span) -> Rows | Expression:
    """What a saved function gives, with the call for its place in the query's text."""
    if function.saved is None or any(p.columns is not None for p in function.node.parameters):
        return given  # rows that were handed in stand in the query's own text

    def moved(expression: Expression) -> Expression:
        return replace(expression, span=span)

    def whole(expression: Expression) -> Expression:
        return rewrite_expression(expression, moved)

    def relation(part: Relation) -> Relation:
        part = with_expressions(part, whole)
        return replace(part, span=span) if isinstance(part, Scan) else part

    if isinstance(given, Rows):
        return replace(given, relation=rewrite_relation(given.relation, relation))
    return whole(given)
