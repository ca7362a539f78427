"""Operations on series: dynamic arrays of numbers, one element a bin of an axis.

A series that is null or no array gives null. An element that is no number is a missing one, and
gives null where elements are worked on one by one. An infinity or NaN is written as text in JSON.
"""

from vedette.plan.operations.base import Null, aggregate, operation

_PLACES = (
    operation("series_place(value: any, origin: any, step: any) -> long", "the number of the bin of width *step* that holds the value, counted from the bin that begins at *origin*; null where the step is not positive"),
    operation("series_last_place(end: any, origin: any, step: any) -> long", "the number of the last bin of width *step*, counted from *origin*, that begins before *end*"),
    aggregate("series_filled(place: long, value: dynamic, first: long, last: long, absent: dynamic) -> dynamic", "an array of the bins from *first* to *last* (where null, the least and greatest place of the rows): each bin's value, *absent* in those without a row; fails beyond 1,048,576 bins"),
    aggregate("series_axis(place: long, origin: any, step: any, first: long, last: long) -> dynamic", "an array of the beginnings of the same bins"),
)  # fmt: skip

_PAIRS = {
    "add": "sum", "subtract": "difference", "multiply": "product",
    "divide": "quotient as a real", "power": "the first to the power of the second, a real",
    "equals": "whether they are equal", "not_equals": "whether they differ",
    "less": "whether the first is less", "less_or_equal": "whether the first is not greater",
    "greater": "whether the first is greater",
    "greater_or_equal": "whether the first is not less",
}  # fmt: skip
_EACH = {
    "absolute": "without its sign", "sign": "-1, 0 or 1", "round_down": "rounded down, a real",
    "round_up": "rounded up, a real", "exponential": "e to its power",
    "logarithm": "its natural logarithm, null of a negative number", "sine": "of radians",
    "cosine_of": "of radians", "tangent": "of radians", "arc_sine": "in radians",
    "arc_cosine": "in radians", "arc_tangent": "in radians",
}  # fmt: skip

_ELEMENTWISE = tuple(
    operation(f"series_{name}(left: dynamic, right: dynamic) -> dynamic", f"of each pair of elements, one of them may be a number for all: {meaning}; null beyond the shorter array")
    for name, meaning in _PAIRS.items()
) + tuple(
    operation(f"series_{name}(series: dynamic) -> dynamic", f"each element: {meaning}")
    for name, meaning in _EACH.items()
)  # fmt: skip

_FOLDS = (
    operation("series_sum(series: dynamic) -> real", "the sum of the elements"),
    operation("series_product(series: dynamic) -> real", "the product of the elements"),
    operation("series_magnitude(series: dynamic) -> real", "the root of the sum of squares"),
    operation("series_dot_product(left: dynamic, right: dynamic) -> real", "the sum of products up to the shorter array's end; null of an empty array"),
    operation("series_cosine(left: dynamic, right: dynamic) -> real", "the cosine of the angle between them, up to the shorter array's end; null of an empty array"),
    operation("series_pearson(left: dynamic, right: dynamic) -> real", "Pearson's correlation; null where lengths differ or an element is missing"),
)  # fmt: skip

_FILLS = (
    operation("series_fill_forward(series: dynamic, missing: real) -> dynamic", "missing elements (null, and those equal to *missing*) replaced by the one before", Null.OWN),
    operation("series_fill_backward(series: dynamic, missing: real) -> dynamic", "missing elements (null, and those equal to *missing*) replaced by the one behind", Null.OWN),
    operation("series_fill_const(series: dynamic, value: dynamic, missing: real) -> dynamic", "missing elements (null, and those equal to *missing*) replaced by *value*", Null.OWN),
    operation("series_fill_linear(series: dynamic, missing: real, edges: bool, value: dynamic) -> dynamic", "missing elements (null, and those equal to *missing*) on the line between their neighbours, cut towards zero where all elements are whole; at the edges the nearest one unless *edges* is false; *value* where all are missing", Null.OWN),
)  # fmt: skip

_FILTERS = (
    operation("series_fir(series: dynamic, filter: dynamic, normalize: bool, center: bool) -> dynamic", "filtered by finite impulse response; *normalize* divides by the filter's sum, null means where no coefficient is negative; *center* puts the filter's middle on the element", Null.OWN),
    operation("series_iir(series: dynamic, numerators: dynamic, denominators: dynamic) -> dynamic", "filtered by infinite impulse response"),
    operation("series_fourier(series: dynamic, imaginary: dynamic, inverse: bool) -> dynamic", "the discrete Fourier transform (or its inverse), a bag of the arrays real and imag", Null.OWN),
)  # fmt: skip

_ANALYSES = (
    operation("series_statistics(series: dynamic, ignore: bool) -> dynamic", "a bag: min, min_idx, max, max_idx, avg, stdev, variance of a sample, sum, len; what is not finite is left out where *ignore* is true, else makes null"),
    operation("series_line(series: dynamic) -> dynamic", "linear regression over the places from 1, a bag: rsquare, slope, variance, rvariance, interception, line_fit"),
    operation("series_two_lines(series: dynamic) -> dynamic", "regression by two lines, split where the residual variance is least, a bag: rsquare, split_idx, variance, rvariance, line_fit, and right and left as of a line"),
    operation("series_polynomial(series: dynamic, at: dynamic, degree: long) -> dynamic", "polynomial regression over *at*, null for places from 1, a bag: rsquare, coefficients from the highest power, variance, rvariance, poly_fit", Null.OWN),
    operation("series_outliers(series: dynamic, kind: string, missing: real) -> dynamic", "Tukey's test: how far each element lies outside the quantile range, in such ranges, 0 inside; *kind* is tukey (25 to 75) or ctukey (10 to 90, scaled to tukey's); missing elements get 0", Null.OWN),
    operation("series_season(series: dynamic, period: long) -> dynamic", "the median of the elements of the same phase, at each element; -1 finds the period, zeros where there is none"),
    operation("series_parts(series: dynamic, period: long, trend: string, test_points: long, threshold: real) -> dynamic", "the parts of a series, a bag of arrays: baseline, seasonal, trend, residual; *period* is -1 to find it or 0 for none, *trend* avg, linefit or none; the last *test_points* elements are not learnt from"),
    operation("series_anomalies(series: dynamic, limit: real, period: long, trend: string, test_points: long, kind: string, threshold: real) -> dynamic", "outliers of the residual, a bag of arrays: ad_flag (1, -1, 0), ad_score, baseline"),
)  # fmt: skip

OPERATIONS = _PLACES + _ELEMENTWISE + _FOLDS + _FILLS + _FILTERS + _ANALYSES
