"""Decimals in Python: takes two, gives their product, quotient or the like, to 18 digits.

DuckDB divides decimals as doubles and multiplies them into a type that holds no number of 100.
What is beyond the 20 digits before the point ends the run.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_DIGITS = 18
_UNIT = Decimal(1).scaleb(-_DIGITS)
_MOST_DIGITS = 20


def _fitted(value: Decimal) -> Decimal:
    """The value to 18 digits behind the point; raises ``ValueError`` where it is too large."""
    if value and value.adjusted() >= _MOST_DIGITS:
        message = f"a decimal grows beyond {_MOST_DIGITS} digits before its point, the most here"
        raise ValueError(f"{message}; todouble() makes a real of it, which holds larger ones")
    return value.quantize(_UNIT, context=_EXACT)


def product(left: Decimal, right: Decimal) -> Decimal:
    """One times the other."""
    return _fitted(_EXACT.multiply(left, right))


def quotient(left: Decimal, right: Decimal) -> Decimal | None:
    """One divided by the other; null where that is zero."""
    return _fitted(_EXACT.divide(left, right)) if right else None


def mean(total: Decimal, count: int) -> Decimal | None:
    """The mean of values of a sum; null of none."""
    return quotient(total, Decimal(count))


def rounded_down(value: Decimal, size: Decimal) -> Decimal | None:
    """The value rounded down to a multiple of a size; null where that is not positive."""
    if size <= 0:
        return None
    bins = _EXACT.divide(value, size).to_integral_value(ROUND_FLOOR)
    return _fitted(_EXACT.multiply(bins, size))


def rounded(value: Decimal, digits: int) -> Decimal:
    """The value rounded half away from zero to digits behind the point, before it if negative."""
    if digits >= _DIGITS:
        return value
    unit = Decimal(1).scaleb(-max(digits, -2 * _MOST_DIGITS))
    bins = _EXACT.divide(value, unit).to_integral_value(ROUND_HALF_UP)
    return _fitted(_EXACT.multiply(bins, unit))


def _computed(value: Callable[..., Decimal | None], second: Type = Type.DECIMAL) -> Computed:
    return Computed((Type.DECIMAL, second), Type.DECIMAL, value, remembers=False)


FUNCTIONS_OF_DECIMALS: dict[str, Computed] = {
    "decimal_product": _computed(product),
    "decimal_quotient": _computed(quotient),
    "decimal_rounded_down": _computed(rounded_down),
    "decimal_rounded": _computed(rounded, Type.LONG),
    "decimal_mean": _computed(mean, Type.LONG),
}
