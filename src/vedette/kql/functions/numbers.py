"""Arithmetic functions."""

from vedette.plan.library import function

FUNCTIONS = (
    function("pow(base: real, exponent: real) -> real", "power(base, exponent)", ("pow(2, 3)", "8.0")),
    function("binary_and(left: long, right: long) -> long", "bit_and(left, right)", ("binary_and(6, 3)", "2")),
    function("binary_or(left: long, right: long) -> long", "bit_or(left, right)", ("binary_or(6, 3)", "7")),
    function("binary_xor(left: long, right: long) -> long", "bit_xor(left, right)", ("binary_xor(6, 3)", "5")),
)  # fmt: skip
