"""Binding of expressions: takes nodes and where they stand, gives typed core expressions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.kql.binding import calls, comparisons, membership, paths, stars, text_tests
from vedette.kql.binding.absent import tell_of_absent
from vedette.kql.binding.arithmetic import SIGNS, arithmetic
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import make
from vedette.kql.binding.scope import Scalar, Tabular, UserFunction
from vedette.kql.reading.syntax_tree import (
    Among,
    Between,
    Binary,
    Broken,
    Call,
    Constant,
    Index,
    Logical,
    Name,
    Named,
    Node,
    Ordered,
    Path,
    Pipeline,
    SourceOperator,
    Star,
    TypeOf,
    Unary,
    Wildcard,
)
from vedette.plan.build import apply
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.problem import did_you_mean

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

LONGEST_CHAIN = 100


def bind(binder: Binder, node: Node, context: Context) -> Expression:
    """The expression of a node that stands for a value."""
    if isinstance(node, Binary | Among | Between) and stars.is_over_all(node):
        return stars.over_all(binder, node, context)
    match node:
        case Constant():
            return Literal(node.value, node.type, node.span)
        case Name():
            return name(binder, node, context)
        case Call():
            return calls.bind(binder, node, context)
        case Logical():
            return _logical(binder, node, context)
        case Binary():
            return _binary(binder, node, context)
        case Among():
            return membership.among(binder, node, context)
        case Between():
            return comparisons.between(binder, node, context)
        case Unary():
            return _signed(binder, node, context)
        case Path() | Index():
            return paths.bind(binder, node, context)
        case Named():
            return bind(binder, node.value, context)
        case Broken():
            raise Unbound
        case _:
            raise _not_a_value(binder, node)


def _not_a_value(
    binder: Binder, node: Star | Wildcard | TypeOf | Pipeline | SourceOperator | Ordered
) -> Unbound:
    if isinstance(node, Star | Wildcard):
        return binder.fail("KS191", "type", "The * syntax is not allowed here", node.span)
    if isinstance(node, TypeOf):
        return binder.fail("KS116", "type", "A type is not a value here", node.span)
    return binder.fail("KS108", "type", "Scalar value expected", node.span)


def name(binder: Binder, node: Name, context: Context) -> Expression:
    """The column or value that a name stands for."""
    rows = context.rows
    if rows is not None:
        field = rows.columns.get(node.text)
        if node.text in rows.broken:
            raise Unbound
        if field is not None:
            return Column(field, node.span)
    entry = context.scope.find(node.text)
    if isinstance(entry, Scalar):
        if entry.deferred is not None:
            deferred, scope = entry.deferred
            with binder.inside(node.span):
                return binder.value(deferred, replace(context, scope=scope, aggregates=False))
        if entry.value is None:
            raise Unbound
        return entry.value
    if isinstance(entry, Tabular):
        if entry.rows is None:
            raise Unbound
        raise binder.fail("KS108", "type", "Scalar value expected", node.span)
    if isinstance(entry, UserFunction):
        return calls.bind(binder, Call(node, (), node.span), context)
    if rows is not None and rows.open:
        raise Unbound
    if rows is not None and rows.from_data and not binder.findings.strict:
        tell_of_absent(binder, node)
        return Literal("", Type.STRING, node.span)
    raise unknown_name(binder, node, context)


def unknown_name(binder: Binder, node: Name, context: Context) -> Unbound:
    """Record that nothing has this name; what is given is to be raised."""
    message = f"The name '{node.text}' does not refer to any known column or variable"
    known = [*(context.rows.columns if context.rows is not None else ()), *context.scope.names()]
    hint = did_you_mean(node.text, known)
    if not hint and binder.catalog.table(node.text) is not None:
        hint = "a table stands for a value only inside toscalar()"
    return binder.fail("KS142", "name", message, node.span, hint=hint)


def _logical(binder: Binder, node: Logical, context: Context) -> Expression:
    operands = binder.each(node.operands, lambda p: truth(binder, node.operator, p, context))
    return apply(node.operator, *operands, span=node.span)


def truth(binder: Binder, operator: str, part: Node, context: Context) -> Expression:
    """An operand of ``and`` or ``or``."""
    value = binder.value(part, context)
    if value.type is Type.DYNAMIC:
        return apply("to_bool", value, span=value.span)
    if value.type is not Type.BOOL:
        message = f"The operator '{operator}' is not defined for type {value.type}"
        raise binder.fail("KS106", "type", message, part.span)
    return value


def _binary(binder: Binder, node: Binary, context: Context) -> Expression:
    """A binary operator; a long chain of sums is bound from its left end, without recursion."""
    chain = [node]
    while isinstance(chain[-1].left, Binary):
        chain.append(chain[-1].left)
    if len(chain) > LONGEST_CHAIN:
        message = f"More than {LONGEST_CHAIN} operators stand in one chain"
        raise binder.fail("KS245", "limit", message, chain[-1].sign)
    innermost = chain.pop()
    left, right = binder.each(
        (innermost.left, innermost.right), lambda part: binder.value(part, context)
    )
    value = _combine(binder, innermost, left, right)
    while chain:
        outer = chain.pop()
        value = _combine(binder, outer, value, binder.value(outer.right, context))
    return value


def _combine(binder: Binder, node: Binary, left: Expression, right: Expression) -> Expression:
    if node.operator in SIGNS:
        return arithmetic(binder, node, left, right)
    if node.operator in comparisons.COMPARISONS:
        return comparisons.compare(binder, node, left, right)
    return text_tests.test(binder, node, left, right)


def _signed(binder: Binder, node: Unary, context: Context) -> Expression:
    value = binder.value(node.operand, context)
    if value.type is Type.DYNAMIC:
        raise binder.later("a sign before a dynamic value", node.span)
    if value.type not in NUMBERS and value.type is not Type.TIMESPAN:
        message = f"The operator '{node.operator}' is not defined for the operand type {value.type}"
        raise binder.fail("KS106", "type", message, node.span)
    return value if node.operator == "+" else make("negate", value, span=node.span)
