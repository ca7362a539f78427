"""Statistics, regression, outliers, periods and decomposition of series, in Python.

Takes JSON texts of arrays, gives JSON texts of arrays and bags. What Kusto documents is done as
documented; how it scores periods it does not say (``_strength``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.series import reals_of, series_of, text_of
from vedette.plan.types import Type

Reals = np.ndarray[Any, np.dtype[np.float64]]

SHORTEST_PERIOD = 4
SEASONAL = 0.6
"""How strong a period must be to count where the query does not say."""
CUSTOM_FACTOR = 2.772605605507915
"""What brings scores by the 10th and 90th percentile to Tukey's scale: the real engine's figure."""
LONGEST_SPLIT = 100_000


def _complete(text: str) -> Reals | None:
    """The series as reals; None where an element is missing or not finite, or there is none."""
    series = series_of(text)
    if not series:
        return None
    values = reals_of(series)
    return values if bool(np.isfinite(values).all()) else None


def _statistics(text: str, ignore: bool) -> str | None:
    series = series_of(text)
    if series is None:
        return None
    values = reals_of(series)
    places = np.flatnonzero(np.isfinite(values))
    if not len(places) or (len(places) < len(values) and not ignore):
        names = ("min", "min_idx", "max", "max_idx", "avg", "stdev", "variance", "sum")
        return text_of(dict.fromkeys(names) | {"len": len(values)})
    kept = values[places]
    least, greatest = int(np.argmin(kept)), int(np.argmax(kept))
    variance = float(kept.var(ddof=1)) if len(kept) > 1 else 0.0
    return text_of(
        {
            "min": float(kept[least]),
            "min_idx": int(places[least]),
            "max": float(kept[greatest]),
            "max_idx": int(places[greatest]),
            "avg": float(kept.mean()),
            "stdev": math.sqrt(variance),
            "variance": variance,
            "sum": float(kept.sum()),
            "len": len(kept),
        }
    )


# --- regression -----------------------------------------------------------------------------------


def _fit(values: Reals) -> tuple[float, float]:
    """Slope and interception of the line through the values over places from 1."""
    if len(values) < 2:
        return 0.0, float(values[0])
    x = np.arange(1, len(values) + 1, dtype=np.float64)
    dx = x - x.mean()
    slope = float(dx @ (values - values.mean()) / (dx @ dx))
    return slope, float(values.mean() - slope * x.mean())


def _variance(values: Reals) -> float:
    """The variance of a sample; 0 of one value."""
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _quality(values: Reals, fitted: Reals) -> dict[str, Any]:
    residual = values - fitted
    variance = _variance(values)
    left = float(residual @ residual) / max(len(values) - 1, 1)
    return {
        "rsquare": 1.0 - left / variance if variance else 1.0 if not left else 0.0,
        "variance": variance,
        "rvariance": left,
    }


def _one_line(values: Reals) -> dict[str, Any]:
    slope, start = _fit(values)
    fitted = slope * np.arange(1, len(values) + 1, dtype=np.float64) + start
    return {
        **_quality(values, fitted),
        "slope": slope,
        "interception": start,
        "line_fit": fitted,
    }


def _line(text: str) -> str | None:
    values = _complete(text)
    if values is None:
        return None
    found = _one_line(values)
    order = ("rsquare", "slope", "variance", "rvariance", "interception", "line_fit")
    return text_of({name: found[name] for name in order})


def _residuals(values: Reals) -> Reals:
    """For each count of leading elements, the squared residual of the line through them."""
    n = np.arange(1, len(values) + 1, dtype=np.float64)
    x = np.arange(len(values), dtype=np.float64)
    y = values - values.mean()
    sx, sy = np.cumsum(x), np.cumsum(y)
    sxx, sxy, syy = np.cumsum(x * x), np.cumsum(x * y), np.cumsum(y * y)
    vx, cov, vy = sxx - sx * sx / n, sxy - sx * sy / n, syy - sy * sy / n
    with np.errstate(all="ignore"):
        return np.maximum(np.where(vx > 0, vy - cov * cov / vx, 0.0), 0.0)


def _two_lines(text: str) -> str | None:
    values = _complete(text)
    if values is None or len(values) < 4:
        return None
    if len(values) > LONGEST_SPLIT:
        raise ValueError(f"series_fit_2lines() of more than {LONGEST_SPLIT:,} elements")
    left, right = _residuals(values), _residuals(values[::-1])[::-1]
    splits = np.arange(2, len(values) - 1)
    split = int(splits[np.argmin(left[splits - 1] + right[splits])])
    one, other = _one_line(values[:split]), _one_line(values[split:])
    fitted = np.concatenate([one["line_fit"], other["line_fit"]])
    whole = _quality(values, fitted)
    order = ("rsquare", "slope", "interception", "variance", "rvariance")
    return text_of(
        {
            "rsquare": whole["rsquare"],
            "split_idx": split,
            "variance": whole["variance"],
            "rvariance": whole["rvariance"],
            "line_fit": fitted,
            "right": {name: other[name] for name in order},
            "left": {name: one[name] for name in order},
        }
    )


def _polynomial(text: str | None, at: str | None, degree: int | None) -> str | None:
    values = None if text is None else _complete(text)
    places = _complete(at) if at is not None else None
    if values is None or (at is not None and places is None):
        return None
    x = np.arange(1, len(values) + 1, dtype=np.float64) if places is None else places
    power = 1 if degree is None else degree
    if len(x) != len(values) or not 0 <= power <= 64 or len(values) <= power:
        return None
    matrix = np.vander(x, power + 1)
    coefficients = np.linalg.lstsq(matrix, values, rcond=None)[0]
    fitted = matrix @ coefficients
    quality = _quality(values, fitted)
    return text_of(
        {
            "rsquare": quality["rsquare"],
            "coefficients": coefficients,
            "variance": quality["variance"],
            "rvariance": quality["rvariance"],
            "poly_fit": fitted,
        }
    )


# --- outliers -------------------------------------------------------------------------------------


def _scores(values: Reals, kind: str) -> Reals:
    """Tukey's scores; a missing element (NaN) has 0."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values))
    tukey = kind == "tukey"
    low, high = np.percentile(known, (25, 75) if tukey else (10, 90))
    above, below = np.maximum(values - high, 0.0), np.minimum(values - low, 0.0)
    with np.errstate(all="ignore"):
        beyond = above + below
        scores = beyond / (high - low) * (1.0 if tukey else CUSTOM_FACTOR)
    return np.where(np.isnan(values) | (beyond == 0.0), 0.0, scores)


def _outliers(text: str | None, kind: str | None, missing: float | None) -> str | None:
    series = None if text is None else series_of(text)
    if series is None:
        return None
    values = reals_of(series)
    if missing is not None:
        values = np.where(values == missing, math.nan, values)
    return text_of(_scores(values, kind or "ctukey"))


# --- periods --------------------------------------------------------------------------------------


def _correlations(values: Reals) -> Reals:
    """Autocorrelation by lag, from 0 to the one beyond half of the length."""
    count = len(values)
    centred = values - values.mean()
    power = float(centred @ centred)
    if power <= 1e-12 * max(float(values @ values), 1e-300):
        return np.zeros(count // 2 + 2)
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    raw = np.fft.irfft(spectrum * np.conj(spectrum), size)[: count // 2 + 2]
    return np.asarray(raw / power)


def _strength(values: Reals) -> dict[int, float]:
    """The strength of each period that is a peak of autocorrelation.

    Between the biased and the unbiased estimate. Kusto does not document its score; the figures of
    its documentation come out.
    """
    count = len(values)
    if count < 2 * SHORTEST_PERIOD:
        return {}
    by_lag = _correlations(values)
    found: dict[int, float] = {}
    for lag in range(SHORTEST_PERIOD, (count + 1) // 2):
        if by_lag[lag] > by_lag[lag - 1] and by_lag[lag] > by_lag[lag + 1] and by_lag[lag] > 0:
            found[lag] = min(float(by_lag[lag]) * math.sqrt(count / (count - lag)), 1.0)
    return found


def _filled_gaps(values: Reals) -> Reals:
    known = np.isfinite(values)
    return values if bool(known.all()) else np.where(known, values, values[known].mean())


def _period_of(values: Reals, threshold: float) -> int:
    """The strongest period of at least the threshold; 0 where there is none."""
    strengths = _strength(values)
    best = max(strengths.items(), key=lambda item: (item[1], -item[0]), default=(0, 0.0))
    return best[0] if best[1] >= threshold else 0


# --- decomposition --------------------------------------------------------------------------------


def _seasonal(values: Reals, period: int, learnt: int) -> Reals:
    """The median of the learnt elements of each phase; zeros without a period."""
    if period < 1 or period > learnt:
        return np.zeros(len(values))
    medians = np.array([np.nanmedian(values[phase:learnt:period]) for phase in range(period)])
    return np.asarray(medians[np.arange(len(values)) % period])


def _season(text: str, period: int) -> str | None:
    values = _complete(text)
    if values is None:
        return None
    chosen = _period_of(values, SEASONAL) if period == -1 else period
    return text_of(_seasonal(values, chosen, len(values)))


def _split(
    text: str, period: int, trend: str, test_points: int, threshold: float
) -> dict[str, Reals] | None:
    series = series_of(text)
    if not series:
        return None
    values = reals_of(series)
    learnt = len(values) - max(test_points, 0)
    if learnt < 1 or not np.isfinite(values[:learnt]).any():
        return None
    values = _filled_gaps(values)
    chosen = _period_of(values[:learnt], threshold) if period == -1 else period
    seasonal = _seasonal(values, chosen, learnt)
    left = values[:learnt] - seasonal[:learnt]
    if trend == "linefit":
        slope, start = _fit(left)
        line = slope * np.arange(1, len(values) + 1, dtype=np.float64) + start
    else:
        line = np.full(len(values), left.mean() if trend == "avg" else 0.0)
    baseline = seasonal + line
    residual = values - baseline
    # What arithmetic leaves of a series that the baseline meets is no outlier.
    residual[np.abs(residual) <= 1e-9 * max(float(np.abs(values).max()), 1e-300)] = 0.0
    return {"baseline": baseline, "seasonal": seasonal, "trend": line, "residual": residual}


def _parts(text: str, period: int, trend: str, test_points: int, threshold: float) -> str | None:
    parts = _split(text, period, trend, test_points, threshold)
    return None if parts is None else text_of(parts)


def _anomalies(
    text: str, limit: float, period: int, trend: str, test_points: int, kind: str, threshold: float
) -> str | None:
    parts = _split(text, period, trend, test_points, threshold)
    if parts is None:
        return None
    scores = _scores(parts["residual"], kind)
    flags = np.where(scores > limit, 1, np.where(scores < -limit, -1, 0))
    return text_of({"ad_flag": flags, "ad_score": scores, "baseline": parts["baseline"]})


_J, _R, _L, _B, _S = Type.DYNAMIC, Type.REAL, Type.LONG, Type.BOOL, Type.STRING

FUNCTIONS_OF_ANALYSIS: dict[str, Computed] = {
    "series_statistics": Computed((_J, _B), _J, _statistics),
    "series_line": Computed((_J,), _J, _line),
    "series_two_lines": Computed((_J,), _J, _two_lines),
    "series_polynomial": Computed((_J, _J, _L), _J, _polynomial, takes_null=True),
    "series_outliers": Computed((_J, _S, _R), _J, _outliers, takes_null=True),
    "series_season": Computed((_J, _L), _J, _season),
    "series_parts": Computed((_J, _L, _S, _L, _R), _J, _parts),
    "series_anomalies": Computed((_J, _R, _L, _S, _L, _S, _R), _J, _anomalies),
}
