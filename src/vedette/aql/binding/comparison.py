"""Comparisons between values of different types, as QRadar makes them.

Custom properties are text, yet queries compare them with numbers: equality with a whole number is
equality of texts, order is order of numbers. A number is compared with a quoted number as numbers.
IPv4 addresses are ordered as numbers. A comparison with null is unknown.
"""

from __future__ import annotations

import ipaddress
import re

from vedette.aql.binding.context import JAVA, Context
from vedette.aql.binding.fields import ADDRESSES, is_built_in
from vedette.aql.codes import WRONG_TYPE
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Apply, Column, Expression, Literal
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.source import Span

OPERATIONS = {
    "=": "equals", "==": "equals", "!=": "not_equals", "<>": "not_equals",
    "<": "less", "<=": "less_or_equal", ">": "greater", ">=": "greater_or_equal",
}  # fmt: skip
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*")


def compare(
    context: Context, operator: str, left: Expression, right: Expression, span: Span
) -> Apply:
    """The comparison of two bound values; raises Refused where QRadar refuses their types."""
    operation = OPERATIONS[operator]
    ordering = operation not in ("equals", "not_equals")
    for side in (left, right):
        if side.type is Type.BINARY:
            raise context.wrong_type(side, "String", "compare UTF8(payload)")
    if ordering and _ADDRESSES in (ordered_as(context, left), ordered_as(context, right)):
        numbers = (address_number(context, side) for side in (left, right))
        return apply(operation, *numbers, span=span)
    if ordering:
        left, right = _as_numbers(context, left, right), _as_numbers(context, right, left)
    _refuse_networks(context, left, right)
    _refuse_networks(context, right, left)
    left, right = aligned(context, left, right, ordering=ordering)
    return apply(operation, left, right, span=span)


def _as_numbers(context: Context, written: Expression, other: Expression) -> Expression:
    """A number in quotes as a number where a property's order is compared with it."""
    if isinstance(written, Literal) and _NUMBER.fullmatch(str(written.value)):
        return number_of(context, written) if ordered_as(context, other) == _NUMBERS else written
    return written


def _refuse_networks(context: Context, address: Expression, other: Expression) -> None:
    """Equality of an address with a network or a pattern is false of every event: refused."""
    written = other.value if isinstance(other, Literal) and is_address(address) else None
    if not isinstance(written, str) or not re.search(r"[/*]|^[^:]*%", written):
        return
    message = f"'{written}' is no address, and an address is compared with it"
    field = context.findings.source.at(address.span)
    hint = f"write INCIDR('{written}', {field})"
    if "/" not in written:
        hint = f"write {field} LIKE '{written.replace('*', '%')}'"
    raise context.refuse(WRONG_TYPE, "type", message, other.span, hint=hint)


def aligned(
    context: Context, left: Expression, right: Expression, *, ordering: bool = False
) -> tuple[Expression, Expression]:
    """Both values in one type; raises Refused where there is none."""
    if left.type is right.type or (left.type in NUMBERS and right.type in NUMBERS):
        return left, right
    if is_null(left):
        return null(right.type, left.span), right
    if is_null(right):
        return left, null(left.type, right.span)
    if left.type is Type.STRING:
        new_left, new_right = _text_and_other(context, left, right, ordering)
        return new_left, new_right
    if right.type is Type.STRING:
        new_right, new_left = _text_and_other(context, right, left, ordering)
        return new_left, new_right
    raise context.wrong_type(right, JAVA.get(left.type, left.type))


def _text_and_other(
    context: Context, written: Expression, other: Expression, ordering: bool
) -> tuple[Expression, Expression]:
    if other.type is Type.BOOL:
        return _text_and_truth(context, written, other)
    if other.type not in NUMBERS:
        raise context.wrong_type(other, "String")
    if isinstance(written, Literal):
        return number_of(context, written), other
    if ordering or other.type is Type.REAL:
        return apply("to_real", written, span=written.span), other
    return written, as_text(other)


def _text_and_truth(
    context: Context, written: Expression, other: Expression
) -> tuple[Expression, Expression]:
    if isinstance(written, Literal):
        truth = {"true": True, "false": False}.get(str(written.value).strip().lower())
        if truth is None:
            raise context.wrong_type(written, "Boolean", "compare with 'true' or 'false'")
        return Literal(truth, Type.BOOL, written.span), other
    if isinstance(other, Literal):
        return written, text("true" if other.value else "false", other.span)
    raise context.wrong_type(other, "String")


def number_of(context: Context, value: Expression) -> Expression:
    """The value as a number; a text that is written in the query must be one."""
    if value.type in NUMBERS:
        return value
    if isinstance(value, Literal) and isinstance(value.value, str):
        if not _NUMBER.fullmatch(value.value) or len(value.value) > 300:
            message = f"'{value.value}' is no number, and a number is compared with it"
            hint = "times are epoch milliseconds" if ":" in value.value else ""
            raise context.refuse(WRONG_TYPE, "type", message, value.span, hint=hint)
        number = float(value.value)
        whole = number.is_integer() and abs(number) < 1 << 53 and "." not in value.value
        if whole:
            return Literal(int(value.value), Type.LONG, value.span)
        return Literal(number, Type.REAL, value.span)
    if value.type is Type.STRING:
        return apply("to_real", value, span=value.span)
    raise context.wrong_type(value, "Double")


def as_text(value: Expression) -> Expression:
    """The value as text, in QRadar's notation."""
    if value.type is Type.STRING:
        return value
    if isinstance(value, Literal) and isinstance(value.value, int | bool):
        shown = str(value.value)
        return text(shown.lower() if isinstance(value.value, bool) else shown, value.span)
    if is_null(value):
        return null(Type.STRING, value.span)
    return apply("plain_text_of", value, span=value.span)


def as_real(number: Expression) -> Expression:
    """The number as a double."""
    return number if number.type is Type.REAL else apply("to_real", number, span=number.span)


def is_null(value: Expression) -> bool:
    """Whether the value is a written NULL."""
    return isinstance(value, Literal) and value.value is None


def is_address(value: Expression) -> bool:
    """Whether the value is a field that holds IPv4 addresses."""
    named = isinstance(value, Column) and value.field.name.lower() in ADDRESSES
    return named and value.type is Type.STRING


def ordered_as(context: Context, value: Expression) -> str:
    """The operation that gives what orders a value; empty where the value itself does.

    Addresses are ordered as numbers, and so are the numbers among a property's texts.
    """
    if any(value is defined for defined in context.properties):
        return _NUMBERS
    if isinstance(value, Apply) and value.operation in _OF_ROWS:
        return ordered_as(context, value.arguments[0])
    if not isinstance(value, Column) or value.type is not Type.STRING:
        return ""
    if is_address(value):
        return _ADDRESSES
    plain = value.field.name.startswith("$") or is_built_in(context, value)
    return "" if plain else _NUMBERS


_ADDRESSES, _NUMBERS = "ipv4_number", "number_of_text"
_OF_ROWS = frozenset({
    "maximum_by", "minimum_by", "first_of", "last_of",
    "first_not_null",  # what `extreme` gives
})  # fmt: skip
"""Operations that give one of their first argument's values."""


def extreme(greatest: bool, value: Expression, by: str) -> Apply:
    """MAX or MIN of texts that an operation orders; of texts alone where it orders none of them."""
    name = "maximum" if greatest else "minimum"
    ordered = apply(f"{name}_by", value, apply(by, value, span=value.span), span=value.span)
    texts = apply(f"{name}_of", value, span=value.span)
    return apply("first_not_null", ordered, texts, span=value.span)


def address_number(context: Context, value: Expression) -> Expression:
    """An IPv4 address as a number; a written one must be an address."""
    if value.type is not Type.STRING:
        raise context.wrong_type(value, "String", "compare with an address in single quotes")
    if isinstance(value, Literal) and isinstance(value.value, str):
        try:
            number = int(ipaddress.IPv4Address(value.value.strip()))
        except ValueError:
            message = f"'{value.value}' is no IPv4 address"
            raise context.refuse(WRONG_TYPE, "type", message, value.span) from None
        return Literal(number, Type.LONG, value.span)
    return apply("ipv4_number", value, span=value.span)
