"""``declare pattern``: takes a call with constant texts, gives what is mapped to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vedette.kql.binding import user_functions
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.scope import DeclaredPattern, Rows, Scope, UserFunction
from vedette.kql.reading.syntax_tree import (
    Call,
    Constant,
    Index,
    LetFunction,
    Mapped,
    Name,
    Node,
    Path,
)
from vedette.plan.expressions import Expression
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def is_one(node: Path | Index, scope: Scope) -> bool:
    """Whether a path or an index stands behind the call of a pattern."""
    return isinstance(node.base, Call) and isinstance(
        scope.find(node.base.function.text), DeclaredPattern
    )


def behind(binder: Binder, node: Path | Index, context: Context) -> Rows | Expression:
    """What ``pattern(values).path`` gives, for which ``pattern(values).["path"]`` also stands."""
    base = node.base
    pattern = context.scope.find(base.function.text) if isinstance(base, Call) else None
    if not isinstance(base, Call) or not isinstance(pattern, DeclaredPattern):
        raise Unbound
    step = node.member if isinstance(node, Path) else node.index
    path = Constant(step.text, Type.STRING, step.span) if isinstance(step, Name) else step
    if not pattern.node.has_path:
        message = f"The pattern '{pattern.node.name.text}' has no path"
        raise binder.fail("KS142", "name", message, step.span)
    return call(binder, pattern, base, (*base.arguments, path), context)


def call(
    binder: Binder,
    pattern: DeclaredPattern,
    node: Call,
    arguments: Sequence[Node],
    context: Context,
) -> Rows | Expression:
    """What the body of the only mapping of these values gives, the parameters in place."""
    count = len(pattern.node.parameters)
    if len(arguments) - count not in (0, -1 if pattern.node.has_path else 0):
        expected = count - pattern.node.has_path
        message = f"{expected} argument{'s' if expected != 1 else ''} expected"
        raise binder.fail("KS118", "type", message, node.function.span)
    given = binder.each(arguments, lambda part: _text(binder, part))
    found = [m for m in pattern.node.mappings if _values(binder, m) == given]
    if len(found) > 1:
        raise binder.later("a pattern that maps the same values twice", found[1].span)
    if not found:
        message = "No pattern matches the specified arguments"
        raise binder.fail("KS188", "name", message, node.function.span)
    made = LetFunction(node.function, pattern.node.parameters, found[0].body, found[0].span)
    body = UserFunction(made, pattern.scope)
    inner = Call(node.function, tuple(arguments), node.span)
    return user_functions.call(binder, body, inner, context)


def _values(binder: Binder, mapped: Mapped) -> list[str]:
    return [_text(binder, value) for value in mapped.values]


def _text(binder: Binder, node: Node) -> str:
    if isinstance(node, Constant) and isinstance(node.value, str) and node.type is Type.STRING:
        return node.value
    if isinstance(node, Constant):
        message = "The expression must have the type string"
        raise binder.fail("KS141", "type", message, node.span)
    span: Span = node.span
    raise binder.fail("KS131", "type", "The expression must be a literal", span)
