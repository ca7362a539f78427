"""Applying core operations, constants worked out at once where that is exact.

A constant that is known early can be a list of ``has_any``, a ``bin`` size or a bound of time.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from vedette.kql.binding import periods
from vedette.kql.binding.periods import in_years
from vedette.plan.build import apply
from vedette.plan.expressions import Apply, Expression, Literal, Value
from vedette.plan.types import MARK, TICKS_PER_DAY, Type
from vedette.plan.value_text import read_json
from vedette.syntax.source import NOWHERE, Span

_LONGS = 2**64


def wrapped(value: int) -> int:
    """A whole number brought into the range of long, as Kusto's arithmetic wraps around."""
    return (value + _LONGS // 2) % _LONGS - _LONGS // 2


_WHOLE: dict[str, Callable[..., int | None]] = {
    "time_add": lambda moment, span: in_years(moment + span),
    "time_subtract": lambda moment, span: in_years(moment - span),
    "time_difference": lambda later, earlier: later - earlier,
    "span_add": lambda left, right: wrapped(left + right),
    "span_subtract": lambda left, right: wrapped(left - right),
    "start_of_day": lambda moment: moment - moment % TICKS_PER_DAY,
    "start_of_week": lambda moment: in_years(periods.start_of_week(moment)),
    "start_of_month": periods.start_of_month,
    "start_of_year": periods.start_of_year,
    "time_move": periods.moved,
    "end_of": periods.end_of,
    "bin_time": lambda moment, size: moment - moment % size if size > 0 else None,
}  # fmt: skip

_LONG: dict[str, Callable[..., int]] = {
    "add": lambda left, right: wrapped(left + right),
    "subtract": lambda left, right: wrapped(left - right),
    "multiply": lambda left, right: wrapped(left * right),
}

_LONG |= {f"{name}_wrapping": fold for name, fold in _LONG.items()}

_REAL: dict[str, Callable[..., float]] = {
    "add": lambda left, right: left + right,
    "subtract": lambda left, right: left - right,
    "multiply": lambda left, right: left * right,
}


def make(operation: str, *arguments: Expression, span: Span = NOWHERE) -> Expression:
    """The operation applied, or its value where the arguments are constants."""
    if operation == "text_of" and _is_text(arguments[0]):
        return arguments[0]
    applied = apply(operation, *arguments, span=span)
    values = [a.value for a in arguments if isinstance(a, Literal)]
    if len(values) < len(arguments) or any(v is None for v in values):
        return applied
    found, value = _fold(applied, values)
    return Literal(value, applied.type, span) if found else applied


def _fold(applied: Apply, values: list[Value]) -> tuple[bool, Value]:
    operation, type = applied.operation, applied.type
    whole = _WHOLE.get(operation)
    if whole is not None:
        return True, whole(*values)
    if operation == "negate" and isinstance(values[0], int | float | Decimal):
        opposite = -values[0]
        return True, wrapped(opposite) if isinstance(opposite, int) else opposite
    number = _LONG.get(operation) if type is Type.LONG else None
    if number is not None:
        return True, number(*values)
    real = _REAL.get(operation) if type is Type.REAL else None
    if real is not None:
        return True, real(*values)
    if operation == "text_concat":
        return True, "".join(str(v) for v in values)
    if operation == "array_join":
        return _joined(values)
    if operation == "span_scale":
        return _scaled(values)
    return False, None


def _is_text(value: Expression) -> bool:
    return value.type is Type.STRING and not may_be_null(value)


def _joined(values: list[Value]) -> tuple[bool, Value]:
    """The texts of an array that has only texts, one behind the other."""
    array, delimiter = read_json(str(values[0])), str(values[1])
    if isinstance(array, list) and all(isinstance(item, str) for item in array):
        return True, delimiter.join(array).replace(MARK, "")
    return False, None


def _scaled(values: list[Value]) -> tuple[bool, Value]:
    span, factor = values
    if isinstance(span, int) and isinstance(factor, float) and factor.is_integer():
        scaled = span * int(factor)
        return True, scaled if scaled == wrapped(scaled) else None
    return False, None


def widen(value: Expression, type: Type) -> Expression:
    """A number as another number type."""
    if value.type is type:
        return value
    if isinstance(value, Literal):
        if value.value is None:
            return Literal(None, type, value.span)
        if isinstance(value.value, int) and type is Type.LONG:
            return Literal(value.value, type, value.span)
        if isinstance(value.value, int) and type is Type.REAL and abs(value.value) <= 2**53:
            return Literal(float(value.value), type, value.span)
        if isinstance(value.value, int) and type is Type.DECIMAL:
            return Literal(Decimal(value.value), type, value.span)
    return apply(f"to_{type}", value, span=value.span)


def plain(value: Expression) -> Expression:
    """A string that is never null: an absent one is empty."""
    if value.type is not Type.STRING or not may_be_null(value):
        return value
    return apply("or_empty", value, span=value.span)


_KEEPS_TEXT = ("text_lower", "text_upper", "text_concat", "text_replace", "text_trim")


def may_be_null(value: Expression) -> bool:
    """Whether a string expression could be null; columns are not, they were made empty."""
    if isinstance(value, Literal):
        return value.value is None
    if isinstance(value, Apply):
        if value.operation in ("or_empty", "text_of"):
            return False
        if value.operation == "case":
            branches = (*value.arguments[1:-1:2], value.arguments[-1])
            return any(may_be_null(b) for b in branches)
        if value.operation in _KEEPS_TEXT:
            return any(may_be_null(a) for a in value.arguments)
        if value.operation == "text_slice":
            return not all(isinstance(a, Literal) for a in value.arguments[1:]) or may_be_null(
                value.arguments[0]
            )
        return True
    return False
