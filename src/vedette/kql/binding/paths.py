"""``a.b`` and ``a[b]``: properties and elements of dynamic values, and names behind a table's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.kql.binding.context import Context
from vedette.kql.reading.syntax_tree import Index, Name, Path
from vedette.plan.expressions import Expression
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def bind(binder: Binder, node: Path | Index, context: Context) -> Expression:
    """The value of a property or an element; a long path is followed without recursion."""
    innermost: Path | Index = node
    while isinstance(innermost.base, Path | Index):
        innermost = innermost.base
    if isinstance(innermost.base, Name) and innermost.base.text in ("$left", "$right"):
        message = f"'{innermost.base.text}' stands for a side of a join only behind 'on'"
        raise binder.fail("KS142", "name", message, innermost.base.span)
    base = binder.value(innermost.base, context)
    if base.type is not Type.DYNAMIC:
        if isinstance(innermost, Index):
            message = "The element access operator [] is not allowed in this context"
            raise binder.fail("KS147", "type", message, innermost.span)
        member = innermost.member
        text = member.text if isinstance(member, Name) else member.function.text  # type: ignore[union-attr]
        message = f"The name '{text}' does not refer to any property of a value of type {base.type}"
        raise binder.fail("KS142", "name", message, member.span)
    raise binder.later("reading inside a dynamic value", innermost.span)
