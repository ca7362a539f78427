"""Series in Python: takes and gives JSON texts of arrays, worked on with numpy.

A missing element is null or no number. Whole numbers stay whole where the operation keeps them so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import moment, read, span, write
from vedette.plan.types import Type

MOST_BINS = 1_048_576
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

Number = int | float
Series = list[Number | None]


def number_of(value: Any) -> Number | None:
    """An element as a number; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return _WORDS.get(value) if isinstance(value, str) else None


def series_of(text: str) -> Series | None:
    """The elements of an array's text as numbers; None where it is no array."""
    value = read(text)
    if not isinstance(value, list):
        return None
    return [number_of(element) for element in value]


def reals_of(series: Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The elements as an array of reals, NaN where one is missing."""
    return np.array([math.nan if v is None else float(v) for v in series], dtype=np.float64)


def plain(value: Any) -> Any:
    """A value as JSON has it: an infinity or NaN is text."""
    if isinstance(value, np.ndarray):
        return [plain(element) for element in value.tolist()]
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {key: plain(element) for key, element in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def text_of(value: Any) -> str | None:
    """The JSON text of a result."""
    return write(plain(value))


# --- bins -----------------------------------------------------------------------------------------


def _bounds(places: list[int], first: int | None, last: int | None) -> tuple[int, int] | None:
    first = min(places, default=None) if first is None else first
    last = max(places, default=None) if last is None else last
    if first is None or last is None:
        return None
    if last - first >= MOST_BINS:
        message = f"make-series would give an array of {last - first + 1:,} elements"
        raise ValueError(f"{message}, more than {MOST_BINS:,}: take a longer step")
    return first, last


def _filled(
    pairs: list[str] | None, first: int | None, last: int | None, absent: str | None
) -> str | None:
    by_place: dict[int, str] = {}
    for pair in pairs or []:
        place, _, value = pair.partition(" ")
        by_place[int(place)] = value
    bounds = _bounds(list(by_place), first, last)
    if bounds is None:
        return None
    default = absent or "null"
    values = (by_place.get(place, default) for place in range(bounds[0], bounds[1] + 1))
    return "[" + ",".join(values) + "]"


_WRITTEN: dict[str, Callable[[int], str]] = {
    "datetime": lambda ticks: f'"{moment(ticks)}"',
    "timespan": lambda ticks: f'"{span(ticks)}"',
}


def _axis(
    places: list[int | None] | None,
    origin: int | None,
    step: int | None,
    first: int | None,
    last: int | None,
    kind: str,
) -> str | None:
    bounds = _bounds([p for p in places or [] if p is not None], first, last)
    if bounds is None or origin is None or step is None:
        return None
    written = _WRITTEN.get(kind, str)
    starts = (written(origin + place * step) for place in range(bounds[0], bounds[1] + 1))
    return "[" + ",".join(starts) + "]"


def _axis_of_reals(
    places: list[int | None] | None,
    origin: float | None,
    step: float | None,
    first: int | None,
    last: int | None,
) -> str | None:
    bounds = _bounds([p for p in places or [] if p is not None], first, last)
    if bounds is None or origin is None or step is None:
        return None
    return text_of([float(origin + place * step) for place in range(bounds[0], bounds[1] + 1)])


# --- element by element ---------------------------------------------------------------------------


def _operand(text: str) -> Series | Number | None:
    value = read(text)
    return (
        [number_of(element) for element in value] if isinstance(value, list) else number_of(value)
    )


def _paired(work: Callable[[Number, Number], Any]) -> Callable[[str, str], str | None]:
    def value(left: str, right: str) -> str | None:
        one, other = _operand(left), _operand(right)
        if one is None or other is None or not (isinstance(one, list) or isinstance(other, list)):
            return None
        count = max(len(side) for side in (one, other) if isinstance(side, list))
        found: list[Any] = []
        for a, b in zip(_stretched(one, count), _stretched(other, count), strict=True):
            found.append(None if a is None or b is None else work(a, b))
        return text_of(found)

    return value


def _stretched(side: Series | Number, count: int) -> Series:
    if isinstance(side, list):
        return side + [None] * (count - len(side))
    return [side] * count


def _wrapped(value: Number) -> Number:
    """A whole number as arithmetic of longs gives it."""
    return (value + 2**63) % 2**64 - 2**63 if isinstance(value, int) else value


def _quotient(a: Number, b: Number) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def _power(a: Number, b: Number) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(a) ** np.float64(b))


_PAIRS: dict[str, Callable[[Number, Number], Any]] = {
    "add": lambda a, b: _wrapped(a + b),
    "subtract": lambda a, b: _wrapped(a - b),
    "multiply": lambda a, b: _wrapped(a * b),
    "divide": _quotient,
    "power": _power,
    "equals": lambda a, b: a == b,
    "not_equals": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_or_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_or_equal": lambda a, b: a >= b,
}


def _each(work: Callable[[Number], Any]) -> Callable[[str], str | None]:
    def value(text: str) -> str | None:
        series = series_of(text)
        return None if series is None else text_of([None if v is None else work(v) for v in series])

    return value


def _by_numpy(name: str, *, null_for_nan: bool = False) -> Callable[[Number], float | None]:
    function = getattr(np, name)

    def work(value: Number) -> float | None:
        with np.errstate(all="ignore"):
            result = float(function(np.float64(value)))
        return None if null_for_nan and math.isnan(result) and not math.isnan(value) else result

    return work


def _sign(value: Number) -> Number:
    sign = (value > 0) - (value < 0)
    return sign if isinstance(value, int) else float(sign)


_EACH: dict[str, Callable[[Number], Any]] = {
    "absolute": abs,
    "sign": _sign,
    "round_down": _by_numpy("floor"),
    "round_up": _by_numpy("ceil"),
    "exponential": _by_numpy("exp"),
    "logarithm": _by_numpy("log", null_for_nan=True),
    "sine": _by_numpy("sin"),
    "cosine_of": _by_numpy("cos"),
    "tangent": _by_numpy("tan"),
    "arc_sine": _by_numpy("arcsin", null_for_nan=True),
    "arc_cosine": _by_numpy("arccos", null_for_nan=True),
    "arc_tangent": _by_numpy("arctan"),
}


# --- folds ----------------------------------------------------------------------------------------


def _numbers(series: Series) -> list[float]:
    return [float(v) for v in series if v is not None]


def _sum(text: str) -> float | None:
    series = series_of(text)
    return None if series is None else sum(_numbers(series), 0.0)


def _product(text: str) -> float | None:
    series = series_of(text)
    return None if series is None else math.prod(_numbers(series), start=1.0)


def _magnitude(text: str) -> float | None:
    series = series_of(text)
    return None if series is None else math.sqrt(sum(v * v for v in _numbers(series)))


def _products(left: str, right: str) -> list[tuple[float, float]] | None:
    """The pairs of numbers up to the shorter array's end; None where an array is empty."""
    one, other = _operand(left), _operand(right)
    if one is None or other is None or not (isinstance(one, list) or isinstance(other, list)):
        return None
    count = min(len(side) for side in (one, other) if isinstance(side, list))
    pairs = zip(_stretched(one, count)[:count], _stretched(other, count)[:count], strict=True)
    found = [(float(a), float(b)) for a, b in pairs if a is not None and b is not None]
    return found or None


def _dot_product(left: str, right: str) -> float | None:
    pairs = _products(left, right)
    return None if pairs is None else sum(a * b for a, b in pairs)


def _cosine(left: str, right: str) -> float | None:
    pairs = _products(left, right)
    if pairs is None:
        return None
    lengths = math.sqrt(sum(a * a for a, _ in pairs)) * math.sqrt(sum(b * b for _, b in pairs))
    return _quotient(sum(a * b for a, b in pairs), lengths)


def _pearson(left: str, right: str) -> float | None:
    one, other = series_of(left), series_of(right)
    if one is None or other is None or len(one) != len(other) or not one:
        return None
    if None in one or None in other:
        return None
    a, b = reals_of(one), reals_of(other)
    a, b = a - a.mean(), b - b.mean()
    return _quotient(float(a @ b), math.sqrt(float(a @ a) * float(b @ b)))


_J, _R, _L, _B, _S = Type.DYNAMIC, Type.REAL, Type.LONG, Type.BOOL, Type.STRING

FUNCTIONS_OF_SERIES: dict[str, Computed] = {
    "series_filled": Computed(([_S], _L, _L, _J), _J, _filled, takes_null=True),
    "series_axis": Computed(([_L], _L, _L, _L, _L, _S), _J, _axis, takes_null=True),
    "series_axis_of_reals": Computed(([_L], _R, _R, _L, _L), _J, _axis_of_reals, takes_null=True),
    **{f"series_{name}": Computed((_J, _J), _J, _paired(work)) for name, work in _PAIRS.items()},
    **{f"series_{name}": Computed((_J,), _J, _each(work)) for name, work in _EACH.items()},
    "series_sum": Computed((_J,), _R, _sum),
    "series_product": Computed((_J,), _R, _product),
    "series_magnitude": Computed((_J,), _R, _magnitude),
    "series_dot_product": Computed((_J, _J), _R, _dot_product),
    "series_cosine": Computed((_J, _J), _R, _cosine),
    "series_pearson": Computed((_J, _J), _R, _pearson),
}
