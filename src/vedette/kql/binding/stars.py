"""``*`` for all columns in a condition: takes the condition, gives whether it holds for any column.

Text is looked for in strings, dynamic values, guids and whole numbers; other comparisons are made
with the columns of the type of what stands on the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.kql.binding import gathering
from vedette.kql.binding.context import Context, NeedsRows
from vedette.kql.binding.scope import Rows
from vedette.kql.reading.syntax_tree import Among, Between, Binary, Call, Name, Node, Star
from vedette.plan.build import apply, boolean
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, Value
from vedette.plan.operations.text import BETWEEN_PARTS
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import NUMBERS, Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

Condition = Binary | Among | Between

_POSITIVE = {
    "!=": "==", "<>": "==", "!~": "=~", "notcontains": "contains", "notcontainscs": "contains_cs",
}  # fmt: skip

_AS_TEXT = (Type.GUID, Type.INT, Type.LONG)

_IN_ONE_TEXT = frozenset({
    "text_has_term", "text_has_term_cs", "text_has_prefix", "text_has_prefix_cs",
    "text_has_suffix", "text_has_suffix_cs", "text_has_any_term",
    "text_contains", "text_contains_cs", "text_contains_any",
})  # fmt: skip
"""Tests that hold for one of several texts just where they hold for ``text_of_parts`` of them."""


def is_over_all(node: Node) -> bool:
    """Whether a condition is one of all columns."""
    if isinstance(node, Binary):
        return isinstance(node.left, Star)
    return isinstance(node, Among | Between) and isinstance(node.operand, Star)


def over_all(binder: Binder, node: Condition, context: Context) -> Expression:
    """Whether the condition holds for any column; a negated one, whether it holds for none."""
    rows = context.rows
    if rows is None:
        star = node.left if isinstance(node, Binary) else node.operand
        raise binder.fail("KS191", "type", "The * syntax is not allowed here", star.span)
    positive, negated = _without_not(node)
    types = _types(binder, positive, context)
    known = gathering.under(binder, rows.relation)
    if known is None:
        found = _any(binder, positive, rows, types, context)
    else:
        made, widened = gathering.with_term(
            binder,
            known,
            lambda part: _any(binder, positive, part, types, Context(context.scope, part)),
        )
        context.add(widened)
        found = Column(made, node.span)
    return apply("not", found, span=node.span) if negated else found


def _without_not(node: Condition) -> tuple[Condition, bool]:
    if isinstance(node, Between):
        return replace(node, negated=False), node.negated
    operator = _POSITIVE.get(node.operator, node.operator.removeprefix("!"))
    return replace(node, operator=operator), operator != node.operator


def _types(binder: Binder, node: Condition, context: Context) -> tuple[Type, ...]:
    """The types of the columns that the condition is asked of."""
    beside: Sequence[Node]
    if isinstance(node, Binary):
        beside, textual = (node.right,), node.operator not in ("==", "<", "<=", ">", ">=")
    elif isinstance(node, Among):
        beside, textual = node.items, node.operator in ("has_any", "has_all")
    else:
        beside, textual = (node.low, node.high), False
    alone = Context(context.scope)
    try:
        values = binder.each(beside, lambda part: binder.value(part, alone))
    except NeedsRows:
        raise binder.later("a value read from a table in a condition of all columns", node.span) \
            from None  # fmt: skip
    if textual:
        return (Type.STRING, Type.DYNAMIC, *_AS_TEXT)
    types: set[Type] = set()
    for value in values:
        if value.type is Type.DYNAMIC:
            types.add(Type.STRING)
        else:
            types |= NUMBERS if value.type in NUMBERS else {value.type}
    return tuple(types)


def _any(
    binder: Binder, node: Condition, rows: Rows, types: Sequence[Type], context: Context
) -> Expression:
    by_type: dict[Type, list[Field]] = {}
    for field in rows.relation.fields:
        if field.type in types:
            by_type.setdefault(field.type, []).append(field)
    tests: list[Expression] = []
    for first, *others in by_type.values():
        bound = _of(binder, node, first, context)
        tests += [bound, *(_of_another(bound, first, other) for other in others)]
    found = _together(tests)
    if not found:
        return boolean(False, node.span)
    return found[0] if len(found) == 1 else apply("or", *found, span=node.span)


def _of_another(test: Expression, field: Field, other: Field) -> Expression:
    """The test of a column, asked of another one of the same type."""

    def put(part: Expression) -> Expression:
        if isinstance(part, Column) and part.field == field:
            return Column(other, part.span)
        return part

    return rewrite_expression(test, put)


def _together(tests: Sequence[Expression]) -> list[Expression]:
    """The tests, those for one needle in several texts as one of all the texts."""
    found: list[Expression] = []
    alike: dict[tuple[Value, ...], list[Apply]] = {}
    for test in tests:
        needles = _needles(test)
        if isinstance(test, Apply) and needles:
            alike.setdefault((test.operation, *needles), []).append(test)
        else:
            found.append(test)
    for same in alike.values():
        operation, needles_of, span = same[0].operation, same[0].arguments[1:], same[0].span
        texts = apply("text_of_parts", *(test.arguments[0] for test in same), span=span)
        one = len(same) == 1
        found.append(same[0] if one else apply(operation, texts, *needles_of, span=span))
    return found


def _needles(test: Expression) -> tuple[Value, ...]:
    """What a test looks for, where it may be looked for in several texts at once; else nothing."""
    if not isinstance(test, Apply) or test.operation not in _IN_ONE_TEXT:
        return ()
    if any(not isinstance(a, Literal) or a.value is None for a in test.arguments[1:]):
        return ()
    values = tuple(a.value for a in test.arguments[1:] if isinstance(a, Literal))
    is_plain = all(value and BETWEEN_PARTS not in str(value) for value in values)
    return values if is_plain else ()


def _of(binder: Binder, node: Condition, field: Field, context: Context) -> Expression:
    star = node.left if isinstance(node, Binary) else node.operand
    column: Node = Name(field.name, star.span)
    textual = isinstance(node, Binary) and node.operator not in ("==", "<", "<=", ">", ">=")
    textual = textual or (isinstance(node, Among) and node.operator.startswith("has"))
    if textual and field.type in _AS_TEXT:
        column = Call(Name("tostring", star.span), (column,), star.span)
    if isinstance(node, Binary):
        return binder.value(replace(node, left=column), context)
    return binder.value(replace(node, operand=column), context)
