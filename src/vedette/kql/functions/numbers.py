"""Arithmetic functions."""

from vedette.plan.library import function

FUNCTIONS = (
    function("round(number: real, precision: long?) -> real", "round_to(number, precision)", ("round(2.5)", "3.0"), ("round(-0.5)", "-1.0"), ("round(3.25, 1)", "3.3"), precision="0"),
    function("isnan(number: real) -> bool", "not_equals(number, number)", ("isnan(real(nan))", "true"), ("isnan(1.5)", "false"), ("isnan(real(null))", "bool(null)")),
    function("isinf(number: real) -> bool", "equals(absolute(number), inf)", ("isinf(real(-inf))", "true"), ("isinf(1.5)", "false"), inf="to_real('inf')"),
    function("isfinite(number: real) -> bool", "less(absolute(number), inf)", ("isfinite(1.5)", "true"), ("isfinite(real(nan))", "false"), ("isfinite(real(+inf))", "false"), inf="to_real('inf')"),
    function("pow(base: real, exponent: real) -> real", "power(base, exponent)", ("pow(2, 3)", "8.0")),
    function("binary_and(left: long, right: long) -> long", "bit_and(left, right)", ("binary_and(6, 3)", "2")),
    function("binary_or(left: long, right: long) -> long", "bit_or(left, right)", ("binary_or(6, 3)", "7")),
    function("binary_xor(left: long, right: long) -> long", "bit_xor(left, right)", ("binary_xor(6, 3)", "5")),
)  # fmt: skip
