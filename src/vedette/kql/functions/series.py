"""Functions of series: dynamic arrays of numbers. What gives several columns is ``SEVERAL``.

A function of several columns means a bag; the columns are its properties, by name and type.
"""

from __future__ import annotations

from vedette.plan.library import function
from vedette.plan.types import Type

_A = "dynamic|int|long|real"
_PAIRS = (
    ("series_add", "series_add", "series_add(dynamic([1, 2]), 1)", "dynamic([2, 3])"),
    ("series_subtract", "series_subtract", "series_subtract(dynamic([5, 2]), dynamic([1, 4]))", "dynamic([4, -2])"),
    ("series_multiply", "series_multiply", "series_multiply(2, dynamic([1.5, 2.0]))", "dynamic([3.0, 4.0])"),
    ("series_divide", "series_divide", "series_divide(dynamic([1, 4]), dynamic([2, 4]))", "dynamic([0.5, 1.0])"),
    ("series_pow", "series_power", "series_pow(dynamic([2, 3]), 2)", "dynamic([4.0, 9.0])"),
    ("series_equals", "series_equals", "series_equals(dynamic([1, 2]), dynamic([1, 3]))", "dynamic([true, false])"),
    ("series_not_equals", "series_not_equals", "series_not_equals(dynamic([1, 2]), dynamic([1, 3]))", "dynamic([false, true])"),
    ("series_less", "series_less", "series_less(dynamic([1, 2]), 2)", "dynamic([true, false])"),
    ("series_less_equals", "series_less_or_equal", "series_less_equals(dynamic([1, 2]), 1)", "dynamic([true, false])"),
    ("series_greater", "series_greater", "series_greater(dynamic([1, 2]), 1)", "dynamic([false, true])"),
    ("series_greater_equals", "series_greater_or_equal", "series_greater_equals(dynamic([1, 2]), 2)", "dynamic([false, true])"),
)  # fmt: skip
_EACH = (
    ("series_abs", "series_absolute", "series_abs(dynamic([-1, 2.5]))", "dynamic([1, 2.5])"),
    ("series_sign", "series_sign", "series_sign(dynamic([-6, 0, 8]))", "dynamic([-1, 0, 1])"),
    ("series_floor", "series_round_down", "series_floor(dynamic([-1.5, 2]))", "dynamic([-2.0, 2.0])"),
    ("series_ceiling", "series_round_up", "series_ceiling(dynamic([-1.5, 2]))", "dynamic([-1.0, 2.0])"),
    ("series_exp", "series_exponential", "series_exp(dynamic([0, null]))", "dynamic([1.0, null])"),
    ("series_log", "series_logarithm", "series_log(dynamic([1, -1]))", "dynamic([0.0, null])"),
    ("series_sin", "series_sine", "series_sin(dynamic([0]))", "dynamic([0.0])"),
    ("series_cos", "series_cosine_of", "series_cos(dynamic([0]))", "dynamic([1.0])"),
    ("series_tan", "series_tangent", "series_tan(dynamic([0]))", "dynamic([0.0])"),
    ("series_asin", "series_arc_sine", "series_asin(dynamic([0, 2]))", "dynamic([0.0, null])"),
    ("series_acos", "series_arc_cosine", "series_acos(dynamic([1]))", "dynamic([0.0])"),
    ("series_atan", "series_arc_tangent", "series_atan(dynamic([0]))", "dynamic([0.0])"),
)  # fmt: skip

FUNCTIONS = (
    *(
        function(f"{name}(series1: {_A}, series2: {_A}) -> dynamic", f"{means}(to_dynamic(series1), to_dynamic(series2))", (call, value))
        for name, means, call, value in _PAIRS
    ),
    *(
        function(f"{name}(series: dynamic) -> dynamic", f"{means}(series)", (call, value))
        for name, means, call, value in _EACH
    ),
    function("series_sum(series: dynamic) -> real", "series_sum(series)", ("series_sum(dynamic([1, 2, null]))", "3.0")),
    function("series_product(series: dynamic) -> real", "series_product(series)", ("series_product(dynamic([2, 3.5]))", "7.0")),
    function("series_magnitude(series: dynamic) -> real", "series_magnitude(series)", ("series_magnitude(dynamic([3, 4]))", "5.0")),
    function(f"series_dot_product(series1: {_A}, series2: {_A}) -> real", "series_dot_product(to_dynamic(series1), to_dynamic(series2))", ("series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", "12.0"), ("series_dot_product(dynamic([1, 2, 4]), 10)", "70.0")),
    function("series_cosine_similarity(series1: dynamic, series2: dynamic, magnitude1: real?, magnitude2: real?) -> real", "series_cosine(series1, series2)", ("series_cosine_similarity(dynamic([1, 0]), dynamic([0, 1]))", "0.0")),
    function("series_pearson_correlation(series1: dynamic, series2: dynamic) -> real", "series_pearson(series1, series2)", ("series_pearson_correlation(dynamic([1, 2, 3]), dynamic([3, 2, 1]))", "-1.0"), ("series_pearson_correlation(dynamic([1, 2, 3]), dynamic([3, 2]))", "real(null)")),
    function("series_fill_forward(series: dynamic, missing: real?) -> dynamic", "series_fill_forward(series, missing)", ("series_fill_forward(dynamic([null, 1, null]))", "dynamic([null, 1, 1])"), ("series_fill_forward(dynamic([1, 0, null]), 0)", "dynamic([1, 1, 1])"), missing="null_real"),
    function("series_fill_backward(series: dynamic, missing: real?) -> dynamic", "series_fill_backward(series, missing)", ("series_fill_backward(dynamic([null, 1, null]))", "dynamic([1, 1, null])"), missing="null_real"),
    function("series_fill_const(series: dynamic, value: int|long|real?, missing: real?) -> dynamic", "series_fill_const(series, to_dynamic(value), missing)", ("series_fill_const(dynamic([1, null]), -1)", "dynamic([1, -1])"), ("series_fill_const(dynamic([1, null]), 0.0)", "dynamic([1, 0.0])"), value="0", missing="null_real"),
    function("series_fill_linear(series: dynamic, missing: real?, edges: bool?, value: int|long|real?) -> dynamic", "series_fill_linear(series, missing, edges, to_dynamic(value))", ("series_fill_linear(dynamic([null, 1, null, 4]))", "dynamic([1, 1, 2, 4])"), ("series_fill_linear(dynamic([1.0, null, 4.0, null]), real(null), false)", "dynamic([1.0, 2.5, 4.0, null])"), missing="null_real", edges="True", value="0.0"),
    function("series_fir(series: dynamic, filter: dynamic, normalize: bool?, center: bool?) -> dynamic", "series_fir(series, filter, normalize, center)", ("series_fir(dynamic([5, 15, 10]), dynamic([1, -1]), false)", "dynamic([5, 10, -5])"), ("series_fir(dynamic([3, 6, 9]), dynamic([1, 1, 1]))", "dynamic([1.0, 3.0, 6.0])"), ("series_fir(dynamic([3, 6, 9]), dynamic([1, 1, 1]), true, true)", "dynamic([3.0, 6.0, 5.0])"), normalize="null_bool", center="False"),
    function("series_iir(series: dynamic, numerators: dynamic, denominators: dynamic) -> dynamic", "series_iir(series, numerators, denominators)", ("series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))", "dynamic([1.0, 3.0, 6.0])")),
    function("series_stats_dynamic(series: dynamic, ignore_nonfinite: bool?) -> dynamic", "series_statistics(series, ignore_nonfinite)", ("series_stats_dynamic(dynamic([1, 3]))", 'dynamic({"min": 1.0, "min_idx": 0, "max": 3.0, "max_idx": 1, "avg": 2.0, "stdev": 1.4142135623730951, "variance": 2.0, "sum": 4.0, "len": 2})'), ignore_nonfinite="False"),
    function("series_fit_line_dynamic(series: dynamic) -> dynamic", "series_line(series)", ("series_fit_line_dynamic(dynamic([1, 3]))", 'dynamic({"rsquare": 1.0, "slope": 2.0, "variance": 2.0, "rvariance": 0.0, "interception": -1.0, "line_fit": [1.0, 3.0]})')),
    function("series_fit_2lines_dynamic(series: dynamic) -> dynamic", "series_two_lines(series)", ("series_fit_2lines_dynamic(dynamic([1, 1, 7, 7]))", 'dynamic({"rsquare": 1.0, "split_idx": 2, "variance": 12.0, "rvariance": 0.0, "line_fit": [1.0, 1.0, 7.0, 7.0], "right": {"rsquare": 1.0, "slope": 0.0, "interception": 7.0, "variance": 0.0, "rvariance": 0.0}, "left": {"rsquare": 1.0, "slope": 0.0, "interception": 1.0, "variance": 0.0, "rvariance": 0.0}})')),
    function("series_seasonal(series: dynamic, period: long?) -> dynamic", "series_season(series, period)", ("series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)", "dynamic([1.0, 3.0, 5.0, 1.0, 3.0, 5.0, 1.0, 3.0, 5.0])"), period="-1"),
)  # fmt: skip

BAGS = (
    function("series_stats(series: dynamic, ignore_nonfinite: bool?) -> dynamic", "series_statistics(series, ignore_nonfinite)", ignore_nonfinite="False"),
    function("series_fit_line(series: dynamic) -> dynamic", "series_line(series)"),
    function("series_fit_2lines(series: dynamic) -> dynamic", "series_two_lines(series)"),
    function("series_fit_poly(y: dynamic, x: dynamic?, degree: long?) -> dynamic", "series_polynomial(y, x, degree)", x="null_dynamic", degree="1"),
    function("series_fft(series: dynamic, imaginary: dynamic?) -> dynamic", "series_fourier(series, imaginary, False)", imaginary="null_dynamic"),
    function("series_ifft(series: dynamic, imaginary: dynamic?) -> dynamic", "series_fourier(series, imaginary, True)", imaginary="null_dynamic"),
    function("series_decompose(series: dynamic, seasonality: long?, trend: string?, test_points: long?, least: real?) -> dynamic", "series_parts(series, seasonality, trend, test_points, least)", seasonality="-1", trend="'avg'", test_points="0", least="0.6"),
    function("series_decompose_forecast(series: dynamic, points: long, seasonality: long?, trend: string?, least: real?) -> dynamic", "series_parts(series, seasonality, trend, points, least)", seasonality="-1", trend="'avg'", least="0.6"),
    function("series_decompose_anomalies(series: dynamic, threshold: real?, seasonality: long?, trend: string?, test_points: long?, method: string?, least: real?) -> dynamic", "series_anomalies(series, threshold, seasonality, trend, test_points, method, least)", threshold="1.5", method="'ctukey'", seasonality="-1", trend="'avg'", test_points="0", least="0.6"),
)  # fmt: skip
"""Functions that give several columns, as the bag that holds them: see ``SEVERAL``."""

OUTLIERS = function("series_outliers(series: dynamic, kind: string?, missing: real?) -> dynamic", "series_outliers(series, kind, missing)", kind="'ctukey'", missing="null_real")  # fmt: skip

_STATS = {
    "min": Type.REAL, "min_idx": Type.LONG, "max": Type.REAL, "max_idx": Type.LONG,
    "avg": Type.REAL, "stdev": Type.REAL, "variance": Type.REAL,
}  # fmt: skip
_LINE = {
    "rsquare": Type.REAL, "slope": Type.REAL, "variance": Type.REAL, "rvariance": Type.REAL,
    "interception": Type.REAL, "line_fit": Type.DYNAMIC,
}  # fmt: skip
_TWO_LINES = {
    "rsquare": Type.REAL, "split_idx": Type.LONG, "variance": Type.REAL, "rvariance": Type.REAL,
    "line_fit": Type.DYNAMIC,
} | {
    f"{side}_{name}": Type.REAL
    for side in ("right", "left")
    for name in ("rsquare", "slope", "interception", "variance", "rvariance")
}  # fmt: skip
_POLYNOMIAL = {
    "rsquare": Type.REAL, "coefficients": Type.DYNAMIC, "variance": Type.REAL,
    "rvariance": Type.REAL, "poly_fit": Type.DYNAMIC,
}  # fmt: skip


def _arrays(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, Type.DYNAMIC)


SEVERAL: dict[str, dict[str, Type]] = {
    "series_stats": _STATS,
    "series_fit_line": _LINE,
    "series_fit_2lines": _TWO_LINES,
    "series_fit_poly": _POLYNOMIAL,
    "series_fft": _arrays("real", "imag"),
    "series_ifft": _arrays("real", "imag"),
    "series_decompose": _arrays("baseline", "seasonal", "trend", "residual"),
    "series_decompose_forecast": _arrays("baseline", "seasonal", "trend", "residual"),
    "series_decompose_anomalies": _arrays("ad_flag", "ad_score", "baseline"),
}
"""The columns of a function that gives several: the last part of their names, and their types."""
