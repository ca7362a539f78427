"""Functions of probability in Python, and sizes in bytes as text: takes and gives numbers."""

from __future__ import annotations

import math

from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

_UNITS = ("Bytes", "KB", "MB", "GB", "TB", "PB", "EB")
_STEPS = 500
_SMALL = 1e-300


def _gamma(value: float) -> float:
    try:
        return math.gamma(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _log_gamma(value: float) -> float:
    try:
        return math.lgamma(value)
    except (OverflowError, ValueError):
        return math.inf


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _SMALL else _SMALL)
    result = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _SMALL else _SMALL)
            c = 1.0 + term / c
            c = c if abs(c) > _SMALL else _SMALL
            result *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return result


def _beta_share(x: float, a: float, b: float) -> float:
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        return math.nan
    if x in (0.0, 1.0):
        return x
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logs + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _beta_density(x: float, a: float, b: float) -> float:
    if not (a > 0 and b > 0 and 0 < x < 1):
        return math.nan
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(logs + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x))


def _beta_value(share: float, a: float, b: float) -> float | None:
    if not (a > 0 and b > 0):
        return math.nan
    if not 0 <= share <= 1:
        return None
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if _beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle


def _welch(m1: float, v1: float, n1: float, m2: float, v2: float, n2: float) -> float:
    if not (n1 > 1 and n2 > 1 and v1 >= 0 and v2 >= 0):
        return math.nan
    total = v1 / n1 + v2 / n2
    if total == 0:
        return math.nan if m1 == m2 else 0.0
    squared = (m1 - m2) * (m1 - m2) / total
    share = v1 / n1 / total
    freedom = 1 / (share * share / (n1 - 1) + (1 - share) * (1 - share) / (n2 - 1))
    return _beta_share(freedom / (freedom + squared), freedom / 2, 0.5)


def _bytes_text(size: float, digits: int, unit: str) -> str | None:
    if not math.isfinite(size) or not 0 <= digits <= 20:
        return None
    if unit:
        if unit not in _UNITS:
            return None
        power = _UNITS.index(unit)
    else:
        power = 0
        while power < len(_UNITS) - 1 and abs(size) >= 1024 ** (power + 1):
            power += 1
    return f"{size / 1024**power:.{digits}f} {_UNITS[power]}"


_R, _L, _S = Type.REAL, Type.LONG, Type.STRING

FUNCTIONS_OF_STATISTICS: dict[str, Computed] = {
    "gamma_of": Computed((_R,), _R, _gamma),
    "log_gamma_of": Computed((_R,), _R, _log_gamma),
    "error_function": Computed((_R,), _R, math.erf),
    "error_complement": Computed((_R,), _R, math.erfc),
    "beta_density": Computed((_R, _R, _R), _R, _beta_density),
    "beta_share": Computed((_R, _R, _R), _R, _beta_share),
    "beta_value": Computed((_R, _R, _R), _R, _beta_value),
    "welch_probability": Computed((_R,) * 6, _R, _welch),
    "bytes_text": Computed((_R, _L, _S), _S, _bytes_text),
}
