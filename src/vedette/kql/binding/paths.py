"""``a.b`` and ``a[b]``: properties and elements of dynamic values, and names behind a table's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import widen
from vedette.kql.reading.syntax_tree import Call, Constant, Index, Name, Node, Path, Unary
from vedette.plan.build import apply, text
from vedette.plan.expressions import Apply, Expression, Literal
from vedette.plan.types import Type
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

LONGEST_PATH = 100


def bind(binder: Binder, node: Path | Index, context: Context) -> Expression:
    """The value of a property or an element; a long path is followed without recursion."""
    steps: list[Path | Index] = [node]
    while isinstance(steps[-1].base, Path | Index):
        steps.append(steps[-1].base)
    innermost = steps[-1]
    if isinstance(innermost.base, Name) and innermost.base.text in ("$left", "$right"):
        message = f"'{innermost.base.text}' stands for a side of a join only behind 'on'"
        raise binder.fail("KS142", "name", message, innermost.base.span)
    if len(steps) > LONGEST_PATH:
        message = f"More than {LONGEST_PATH} names and indexes stand in one path"
        raise binder.fail("KS245", "limit", message, innermost.span)
    base = binder.value(_split_apart(innermost, context), context)
    if base.type is not Type.DYNAMIC:
        raise _not_dynamic(binder, innermost, base)
    keys = binder.each(reversed(steps), lambda step: _key(binder, step, context))
    return inside(base, keys, node.span)


def _split_apart(step: Path | Index, context: Context) -> Node:
    """What a step looks into; of ``split(text, delimiter, -1)[-1]`` all parts.

    Whether -1 asks for the last part or for all is not documented: the last of them is the same.
    """
    base = step.base
    if not isinstance(step, Index) or not isinstance(base, Call) or len(base.arguments) != 3:
        return base
    is_split = base.function.text == "split" and context.scope.find("split") is None
    if is_split and _is_minus_one(step.index) and _is_minus_one(base.arguments[2]):
        return replace(base, arguments=base.arguments[:2])
    return base


def _is_minus_one(node: Node) -> bool:
    value = node.operand if isinstance(node, Unary) and node.operator == "-" else None
    return isinstance(value, Constant) and value.value == 1


def inside(value: Expression, keys: list[Expression], span: Span) -> Expression:
    """The value behind keys, each inside the one before, as few operations as they take."""
    for key in keys:
        if key.type is Type.DYNAMIC:
            value = apply("value_by", value, key, span=span)
        elif isinstance(value, Apply) and value.operation == "value_at":
            value = apply("value_at", *value.arguments, key, span=span)
        else:
            value = apply("value_at", value, key, span=span)
    return value


def _key(binder: Binder, step: Path | Index, context: Context) -> Expression:
    """The property's name or the element's number that a step asks for."""
    if isinstance(step, Path):
        if not isinstance(step.member, Name):
            message = "The name of a property is expected here, not a call"
            raise binder.fail("KS142", "name", message, step.member.span)
        return text(step.member.text, step.member.span)
    key = binder.value(step.index, context)
    if key.type in (Type.INT, Type.LONG):
        return widen(key, Type.LONG)
    if isinstance(key, Literal) and key.value is None and key.type is Type.STRING:
        return text("", key.span)
    if key.type in (Type.STRING, Type.DYNAMIC):
        return key
    message = f"An element is named by a string or a whole number, not by a {key.type}"
    raise binder.fail("KS141", "type", message, step.index.span)


def _not_dynamic(binder: Binder, innermost: Path | Index, base: Expression) -> Exception:
    if isinstance(innermost, Index):
        message = "The element access operator [] is not allowed in this context"
        return binder.fail("KS147", "type", message, innermost.span)
    member = innermost.member
    name = member.text if isinstance(member, Name) else member.function.text  # type: ignore[union-attr]
    message = f"The name '{name}' does not refer to any property of a value of type {base.type}"
    return binder.fail("KS142", "name", message, member.span)
