"""Operands of two types, of which Kusto converts one: what both readings say alike is answered.

Kusto accepts ``EventID == "4688"`` and documents no rule for which side it converts. A text that is
the very text of a value says it in either reading, and one that cannot be read as such a value in
neither. Where the readings part ("04688"), a constant is refused when the query is read, and a row
fails the run: no answer is guessed. Of two there is more to go by: published rules hold bools
against "true", "False", "1" and "0" alike, and numbers with fractions against "200". All of them
mean something only where the constant is read as the value's type.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from vedette.kql.binding.fold import plain, widen
from vedette.kql.reading import literals
from vedette.plan.build import apply, boolean, text
from vedette.plan.expressions import Expression, Literal, Value
from vedette.plan.types import NUMBERS, TICKS_PER_SECOND, Type
from vedette.plan.value_text import datetime_text, timespan_text
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_WHOLE = (Type.INT, Type.LONG)
_FROM_TEXT = {
    Type.BOOL: "to_bool", Type.GUID: "to_guid", Type.DATETIME: "to_datetime",
    Type.TIMESPAN: "to_timespan", Type.REAL: "to_real", Type.INT: "to_long", Type.LONG: "to_long",
}  # fmt: skip
_PLAIN_WHOLE = "-?[1-9][0-9]{0,14}|0"
_BOOLS = {"true": True, "false": False, "1": True, "0": False}
_PLAIN_NUMBER = re.compile(r"-?(?:[1-9][0-9]{0,14}|0)(?:\.[0-9]{1,15})?")
_FIRST = [Type.DYNAMIC, Type.STRING, Type.BOOL]


def equal(
    binder: Binder, operator: str, left: Expression, right: Expression, sign: Span
) -> Expression:
    """Whether operands of two types are equal: false with one null, null with two."""
    ordered = sorted((left, right), key=lambda e: _rank(e.type))
    first, second = ordered
    found: Expression | None = None
    if first.type is Type.DYNAMIC:
        found = _dynamic(binder, operator, first, second, sign)
    elif first.type is Type.STRING and second.type in _FROM_TEXT:
        found = _text(binder, operator, plain(first), second, sign)
    elif first.type is Type.BOOL and second.type in NUMBERS:
        found = _bool(binder, operator, first, second, sign)
    if found is None:
        raise binder.later(f"'{operator}' of {left.type} and {right.type}", sign)
    return found


def _rank(type: Type) -> int:
    return _FIRST.index(type) if type in _FIRST else len(_FIRST)


def agreed(one: Expression, other: Expression, what: str, span: Span) -> Expression:
    """What two readings of a comparison say alike; a row where they part fails the run."""
    message = f"{what}: Kusto documents no rule for values like these, so convert one side"
    return apply("agreed", one, other, text(message), span=span)


def _plain_first(string: Expression, same: Expression, other: Expression) -> Expression:
    """A text held against a whole number: most texts are that number's own, or another's.

    Reading numbers from text in every form costs twenty times as much, so it comes last.
    """
    plainly = apply("text_matches_whole", string, text(_PLAIN_WHOLE), span=string.span)
    yes, no = boolean(True, string.span), boolean(False, string.span)
    return apply("case", same, yes, plainly, no, other, span=string.span)


# --- dynamic values -------------------------------------------------------------------------------


def _dynamic(
    binder: Binder, operator: str, value: Expression, other: Expression, sign: Span
) -> Expression | None:
    if other.type is Type.DYNAMIC:
        reason = "Kusto itself compares dynamic values only behind a conversion, as tostring()"
        raise binder.later(f"'{operator}' of two dynamic values", sign, reason)
    if other.type is Type.STRING:
        return apply("equals", apply("text_of", value, span=value.span), plain(other), span=sign)
    if other.type in _WHOLE:
        whole = apply("to_long", value, span=value.span)
        real = apply("to_real", value, span=value.span)
        found = agreed(
            apply("equals_or_false", whole, widen(other, Type.LONG), span=sign),
            apply("equals_or_false", real, widen(other, Type.REAL), span=sign),
            f"'{operator}' of a dynamic value with a fraction and a {other.type}",
            sign,
        )
        if not isinstance(other, Literal) or other.value is None:
            return found
        string = apply("text_of", value, span=value.span)
        return _plain_first(string, apply("equals", string, text(str(other.value))), found)
    return apply("equals_or_false", converted(value, other.type), other, span=sign)


def converted(value: Expression, type: Type) -> Expression:
    """A dynamic value as another type; null, or the empty text, where it is none."""
    operation = "text_of" if type is Type.STRING else f"to_{type}"
    return apply(operation, value, span=value.span)


# --- text -----------------------------------------------------------------------------------------


def _text(
    binder: Binder, operator: str, string: Expression, other: Expression, sign: Span
) -> Expression | None:
    if isinstance(string, Literal):
        return _constant_text(binder, operator, string, other, sign)
    written = apply("text_of", other, span=other.span)
    as_text = apply("and", _present(other), apply("equals", string, written, span=sign))
    trimmed = apply("text_trim", string, span=string.span)
    reading = apply(_FROM_TEXT[other.type], trimmed, span=string.span)
    as_value = _true("equals", reading, _long(other), span=sign)
    if other.type in _WHOLE:
        real = apply("to_real", trimmed, span=string.span)
        as_real = _true("equals", real, widen(other, Type.REAL), span=sign)
        as_value = apply("or", as_value, as_real, span=sign)
    what = f"'{operator}' of a {other.type} and a text that is another form of it"
    found = agreed(as_text, as_value, what, sign)
    return _plain_first(string, as_text, found) if other.type in _WHOLE else found


def text_in_numbers(
    string: Expression, numbers: list[Literal], what: str, span: Span
) -> Expression:
    """Whether a text is one of whole numbers, held against them all at once."""
    written = [text(str(n.value), n.span) for n in numbers]
    trimmed = apply("text_trim", string, span=string.span)
    # One by one: an engine may turn a list of constants into a join, which is worked out for every
    # row, where this is needed for few.
    longs = apply("to_long", trimmed, span=string.span)
    reals = apply("to_real", trimmed, span=string.span)
    each = [_true("equals", longs, widen(n, Type.LONG), span=span) for n in numbers]
    each += [_true("equals", reals, widen(n, Type.REAL), span=span) for n in numbers]
    as_value = apply("or", *each, span=span)
    as_text: Expression = apply("is_in_or_false", string, *written, span=span)
    what = f"{what} of whole numbers and another form of them"
    found = agreed(boolean(False, span), as_value, what, span)
    return _plain_first(string, as_text, found)


def _long(value: Expression) -> Expression:
    return widen(value, Type.LONG) if value.type is Type.INT else value


def _present(value: Expression) -> Expression:
    if isinstance(value, Literal):
        return boolean(value.value is not None)
    return apply("not", apply("is_null", value))


def _true(operation: str, *arguments: Expression, span: Span) -> Expression:
    return apply("is_true", apply(operation, *arguments, span=span), span=span)


def _constant_text(
    binder: Binder, operator: str, string: Literal, other: Expression, sign: Span
) -> Expression:
    """A constant text as a value of the other operand's type, where both readings agree."""
    given = str(string.value or "")
    value = _value_of(given, other.type)
    if value is None and other.type not in (Type.DATETIME, Type.TIMESPAN):
        return apply("and", boolean(False, sign), _present(other), span=sign)
    is_value = (other.type is Type.BOOL and given.lower() in _BOOLS) or (
        other.type is Type.REAL and _PLAIN_NUMBER.fullmatch(given)
    )
    if not is_value and _text_of(value, other.type) != given:
        reason = f"it is not the way Kusto writes that {other.type}"
        hint = _hint(other.type, given)
        construct = f"'{operator}' of a {other.type} and this text"
        raise binder.later(construct, string.span, f"{reason}; {hint}" if hint else reason)
    type = Type.LONG if other.type is Type.INT else other.type
    return apply("equals_or_false", _long(other), Literal(value, type, string.span), span=sign)


def _hint(type: Type, given: str) -> str:
    if type in (Type.DATETIME, Type.TIMESPAN, Type.GUID):
        return f"write {type}({given})"
    return f"write it without quotes, as a {type}"


def _value_of(given: str, type: Type) -> Value:
    """The value that a text may stand for in any reading; None where it can stand for none."""
    trimmed = given.strip()
    try:
        if type is Type.BOOL:
            known = _BOOLS.get(trimmed.lower())
            return known if known is not None else literals.long_value(trimmed) != 0
        if type is Type.GUID:
            return str(uuid.UUID(trimmed))
        if type is Type.DATETIME:
            return literals.datetime_value(trimmed)
        if type is Type.TIMESPAN:
            return literals.timespan_value(trimmed)
        if type in _WHOLE:
            return int(trimmed, 0) if trimmed[:2].lower() == "0x" else _whole(trimmed)
        return float(trimmed.replace("_", "x"))
    except ValueError:
        return None


def _whole(trimmed: str) -> int | None:
    if trimmed.lstrip("+-").isdecimal() and trimmed.isascii():
        return int(trimmed)
    number = float(trimmed.replace("_", "x"))
    return int(number) if number.is_integer() else None


def _text_of(value: Value, type: Type) -> str:
    """The text that Kusto writes of a value; empty where that is not known here."""
    if type is Type.DATETIME and isinstance(value, int):
        return f"{datetime_text(value)[:19]}.{value % TICKS_PER_SECOND:07d}Z"
    if type is Type.TIMESPAN and isinstance(value, int):
        return timespan_text(value)
    if type in _WHOLE and isinstance(value, int):
        return str(value) if -(2**63) <= value < 2**63 else ""
    if type is Type.REAL and isinstance(value, float):
        return repr(value) if 1e-4 < abs(value) < 1e6 and len(repr(value)) < 12 else ""
    return str(value)


# --- bool -----------------------------------------------------------------------------------------


def _bool(
    binder: Binder, operator: str, value: Expression, number: Expression, sign: Span
) -> Expression:
    if isinstance(number, Literal):
        if number.value is not None and number.value not in (0, 1):
            reason = "a bool is compared with 0 and 1 only"
            raise binder.later(f"'{operator}' of a bool and this number", number.span, reason)
        known = None if number.value is None else bool(number.value)
        return apply("equals_or_false", value, Literal(known, Type.BOOL, number.span), span=sign)
    if number.type is Type.DECIMAL:
        raise binder.later(f"'{operator}' of a bool and a decimal", sign)
    return agreed(
        apply("equals_or_false", value, apply("to_bool", number, span=number.span), span=sign),
        apply("equals_or_false", apply(f"to_{number.type}", value), number, span=sign),
        f"'{operator}' of a bool and a number that is neither 0 nor 1",
        sign,
    )
