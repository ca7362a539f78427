"""Series filled and filtered, in Python: takes and gives JSON texts of arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vedette.engines.duckdb.computed.base import Computed
from vedette.engines.duckdb.computed.json_values import read
from vedette.engines.duckdb.computed.series import (
    Number,
    Series,
    number_of,
    reals_of,
    series_of,
    text_of,
)
from vedette.plan.types import Type

MOST_WORK = 200_000_000
"""Products that a filter may take in one series."""


def _with_gaps(text: str | None, missing: float | None) -> Series | None:
    """The series with null where an element is missing."""
    series = None if text is None else series_of(text)
    if series is None or missing is None:
        return series
    if math.isnan(missing):
        return [None if v is None or math.isnan(v) else v for v in series]
    return [None if v == missing else v for v in series]


def _forward(text: str | None, missing: float | None) -> str | None:
    series, gaps = None if text is None else series_of(text), _with_gaps(text, missing)
    return None if series is None or gaps is None else text_of(_carried(series, gaps))


def _backward(text: str | None, missing: float | None) -> str | None:
    series, gaps = None if text is None else series_of(text), _with_gaps(text, missing)
    if series is None or gaps is None:
        return None
    return text_of(_carried(series[::-1], gaps[::-1])[::-1])


def _carried(series: Series, gaps: Series) -> Series:
    found: Series = []
    last: Number | None = None
    for original, value in zip(series, gaps, strict=True):
        last = last if value is None else value
        found.append(original if last is None else last)
    return found


def _constant(text: str | None, value: str | None, missing: float | None) -> str | None:
    gaps = _with_gaps(text, missing)
    constant = None if value is None else number_of(read(value))
    return None if gaps is None else text_of([constant if v is None else v for v in gaps])


def _linear(
    text: str | None, missing: float | None, edges: bool | None, value: str | None
) -> str | None:
    series, gaps = None if text is None else series_of(text), _with_gaps(text, missing)
    if series is None or gaps is None:
        return None
    known = [(place, v) for place, v in enumerate(gaps) if v is not None]
    if not known:
        constant = None if value is None else number_of(read(value))
        return text_of([constant] * len(gaps))
    whole = all(isinstance(v, int) for _, v in known)
    places = np.array([place for place, _ in known])
    values = np.array([float(v) for _, v in known])
    line = np.interp(np.arange(len(gaps)), places, values).tolist()
    found: list[Any] = []
    for place, (original, kept, between) in enumerate(zip(series, gaps, line, strict=True)):
        outside = place < places[0] or place > places[-1]
        if kept is not None or (outside and edges is False):
            found.append(original if kept is None else kept)
        else:
            found.append(math.trunc(between) if whole else between)
    return text_of(found)


# --- filters --------------------------------------------------------------------------------------


def _coefficients(text: str | None) -> Series | None:
    found = None if text is None else series_of(text)
    return None if not found or None in found else found


def _fir(
    text: str | None, filter_text: str | None, normalize: bool | None, center: bool | None
) -> str | None:
    series = None if text is None else series_of(text)
    weights = _coefficients(filter_text)
    if series is None or weights is None:
        return None
    negative = any(w < 0 for w in weights if w is not None)
    if normalize and negative:
        return None
    divided = not negative if normalize is None else normalize
    if len(series) * len(weights) > MOST_WORK:
        raise ValueError("series_fir() of a series and a filter that are both very long")
    whole = not divided and all(isinstance(v, int) for v in [*series, *weights])
    values = np.nan_to_num(reals_of(series), nan=0.0)
    if not len(values):
        return "[]"
    scale = reals_of(weights)
    scale = scale / scale.sum() if divided else scale
    shift = (len(weights) - 1) // 2 if center else 0
    full = np.convolve(values, scale)[shift : shift + len(series)]
    return text_of([round(v) for v in full.tolist()] if whole else full)


def _iir(text: str, numerators: str, denominators: str) -> str | None:
    series, b, a = series_of(text), _coefficients(numerators), _coefficients(denominators)
    if series is None or b is None or a is None or not a[0]:
        return None
    if len(series) * (len(a) + len(b)) > MOST_WORK // 20:
        raise ValueError("series_iir() of a series and a filter that are both very long")
    x = np.nan_to_num(reals_of(series), nan=0.0).tolist()
    ahead, back = reals_of(b).tolist(), reals_of(a).tolist()
    y: list[float] = []
    for i in range(len(x)):
        value = sum(c * x[i - k] for k, c in enumerate(ahead) if k <= i)
        value -= sum(c * y[i - k] for k, c in enumerate(back) if 0 < k <= i)
        y.append(value / back[0])
    return text_of(y)


def _fourier(text: str | None, imaginary: str | None, inverse: bool | None) -> str | None:
    series = None if text is None else series_of(text)
    beside = None if imaginary is None else series_of(imaginary)
    if series is None or None in series or (beside is not None and len(beside) != len(series)):
        return None
    values = reals_of(series).astype(complex)
    if beside is not None:
        values = values + 1j * reals_of(beside)
    if not len(values):
        return text_of({"real": [], "imag": []})
    found = np.fft.ifft(values) if inverse else np.fft.fft(values)
    return text_of({"real": found.real.tolist(), "imag": found.imag.tolist()})


_J, _R, _B = Type.DYNAMIC, Type.REAL, Type.BOOL

FUNCTIONS_OF_FILTERS: dict[str, Computed] = {
    "series_fill_forward": Computed((_J, _R), _J, _forward, takes_null=True),
    "series_fill_backward": Computed((_J, _R), _J, _backward, takes_null=True),
    "series_fill_const": Computed((_J, _J, _R), _J, _constant, takes_null=True),
    "series_fill_linear": Computed((_J, _R, _B, _J), _J, _linear, takes_null=True),
    "series_fir": Computed((_J, _J, _B, _B), _J, _fir, takes_null=True),
    "series_iir": Computed((_J, _J, _J), _J, _iir),
    "series_fourier": Computed((_J, _J, _B), _J, _fourier, takes_null=True),
}
