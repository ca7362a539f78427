"""Numbers read from text, written as text and turned into each other."""

from __future__ import annotations

from vedette.engines.duckdb.macros.base import let

_DIGITS = r"'^[+-]?[0-9]+$'"
_HEX = r"'^0[xX][0-9a-fA-F]{1,16}$'"
_REAL = r"'^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$'"
_LONG_MAX = "9223372036854775807"
_DIGITS_OF_REAL = r"'^([0-9]+)(?:\.([0-9]+))?(?:e\+?(-?[0-9]+))?$'"


def _signed(positive: str) -> str:
    """The text of a real by a macro for positive ones."""
    return let(
        "v",
        "CAST(x AS DOUBLE)",
        "CASE WHEN isnan(v) THEN 'NaN' WHEN isinf(v) THEN"
        " CASE WHEN v > 0 THEN 'Infinity' ELSE '-Infinity' END"
        " WHEN v = 0 THEN CAST(v AS VARCHAR)"
        f" WHEN v < 0 THEN '-' || {positive}(-v) ELSE {positive}(v) END",
    )


MACROS: dict[str, str] = {
    # Reading numbers from text: an underscore inside, which DuckDB's casts take, is refused.
    "hex_of_text(s)": (
        "CAST(TRY_CAST(s AS UBIGINT) AS HUGEINT)"
        " - CASE WHEN TRY_CAST(s AS UBIGINT) > 9223372036854775807"
        " THEN CAST(18446744073709551616 AS HUGEINT) ELSE 0 END"
    ),
    "long_of_text(s)": (
        f"CASE WHEN regexp_matches(s, {_DIGITS}) THEN TRY_CAST(s AS BIGINT)"
        f" WHEN regexp_matches(s, {_HEX}) THEN CAST(hex_of_text(s) AS BIGINT) END"
    ),
    "int_of_text(s)": (
        f"CASE WHEN regexp_matches(s, {_DIGITS}) THEN TRY_CAST(s AS INTEGER)"
        f" WHEN regexp_matches(s, {_HEX}) AND length(s) <= 10"
        " THEN int_of_long(CAST(hex_of_text(s) AS BIGINT)) END"
    ),
    "real_of_text(s)": (
        f"CASE WHEN regexp_matches(trim(s), {_REAL}) THEN TRY_CAST(trim(s) AS DOUBLE)"
        " WHEN regexp_full_match(trim(s), '[+-]?(nan|NaN)') THEN CAST('nan' AS DOUBLE)"
        " WHEN regexp_full_match(trim(s), '[+]?(inf|Inf|infinity|Infinity)')"
        " THEN CAST('inf' AS DOUBLE)"
        " WHEN regexp_full_match(trim(s), '-(inf|Inf|infinity|Infinity)')"
        " THEN CAST('-inf' AS DOUBLE) END"
    ),
    "number_of_text(s)": (
        f"CASE WHEN regexp_matches(trim(s), {_REAL}) THEN TRY_CAST(trim(s) AS DOUBLE) END"
    ),
    "decimal_of_text(s)": (
        f"CASE WHEN regexp_matches(trim(s), {_REAL}) THEN TRY_CAST(trim(s) AS DECIMAL(38, 18)) END"
    ),
    "bool_of_text(s)": (
        "CASE lower(s) WHEN 'true' THEN true WHEN 'false' THEN false ELSE long_of_text(s) <> 0 END"
    ),
    # Between numbers: a real is cut towards zero and held at the range's ends, a long wraps round.
    "long_of_real(x)": (
        "CASE WHEN isfinite(x) THEN CASE WHEN x >= 9223372036854775807"
        f" THEN {_LONG_MAX} WHEN x <= -9223372036854775808"
        " THEN CAST(-9223372036854775808 AS BIGINT)"
        " ELSE TRY_CAST(trunc(x) AS BIGINT) END END"
    ),
    "int_of_real(x)": (
        "CASE WHEN isfinite(x) THEN TRY_CAST(greatest(least(trunc(x), 2147483647), -2147483648)"
        " AS INTEGER) END"
    ),
    "int_of_long(x)": (
        "CAST(((x % 4294967296) + 6442450944) % 4294967296 - 2147483648 AS INTEGER)"
    ),
    # A real in decimal digits: DuckDB's text is the shortest that reads back as the same number.
    # d holds its digits, p the place of the point before them: 12.5 is {d: 125, p: 2}.
    "digits_of_positive_real(x)": let(
        "r",
        f"regexp_extract(CAST(x AS VARCHAR), {_DIGITS_OF_REAL}, ['w', 'f', 'e'])",
        "digits_of_parts(r.w || r.f,"
        " length(r.w) + TRY_CAST(coalesce(nullif(r.e, ''), '0') AS INTEGER))",
    ),
    "digits_of_parts(digits, point)": (
        "{'d': trim(digits, '0'),"
        " 'p': CAST(point - (length(digits) - length(ltrim(digits, '0'))) AS INTEGER)}"
    ),
    # RapidJSON 1.1.0, whose text Kusto's agrees with, leaves out Grisu's last step (choosing the
    # nearest of the shortest) where nine or more digits stand behind its scaled whole part, so the
    # greatest of the shortest comes out: 0.1 + 0.2 is 0.30000000000000007.
    "greatest_digits(x, d, p)": (
        "CASE WHEN length(d) < 16 OR length(d) - p - scale_of(CAST(floor(log2(x)) AS INTEGER)) < 9"
        " THEN d ELSE CAST(TRY_CAST(d AS BIGINT) + list_max(list_filter("
        "range(0, 10 - TRY_CAST(d[-1:] AS BIGINT)), lambda k:"
        " CAST((TRY_CAST(d AS BIGINT) + k) || 'e' || (p - length(d)) AS DOUBLE) = x))"
        " AS VARCHAR) END"
    ),
    "scale_of(b)": (
        "(CAST(ceil((2 - b) * 0.30102999566398114e0 + 347) AS INTEGER) // 8 + 1) * 8 - 348"
    ),
    "text_of_digits(d, p)": (
        "CASE WHEN p BETWEEN length(d) AND 21 THEN rpad(d, p, '0') || '.0'"
        " WHEN p BETWEEN 1 AND 21 THEN d[:p] || '.' || d[p + 1:]"
        " WHEN p BETWEEN -5 AND 0 THEN '0.' || repeat('0', -p) || d"
        " WHEN length(d) = 1 THEN d || 'e' || (p - 1)"
        " ELSE d[1] || '.' || d[2:] || 'e' || (p - 1) END"
    ),
    "text_of_positive_real(x)": let(
        "g",
        "digits_of_positive_real(x)",
        let("d", "greatest_digits(x, g.d, g.p)", "text_of_digits(d, g.p)"),
    ),
    "text_of_java_digits(d, p)": (
        "CASE WHEN p BETWEEN -2 AND 7 THEN text_of_digits(d, p)"
        " ELSE d[1] || '.' || CASE WHEN length(d) = 1 THEN '0' ELSE d[2:] END || 'E' || (p - 1) END"
    ),
    "text_of_positive_java(x)": let(
        "g", "digits_of_positive_real(x)", "text_of_java_digits(g.d, g.p)"
    ),
    "text_of_real(x)": _signed("text_of_positive_real"),
    "text_of_java_double(x)": _signed("text_of_positive_java"),
    "text_of_decimal(x)": "rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.')",
    "text_count(s, n)": (
        "CASE WHEN n <> '' THEN len(list_filter(range(1, length(s) - length(n) + 2),"
        " lambda i: substring(s, i, length(n)) = n)) END"
    ),
    "shift_left_wrapping(x, b)": (
        "CASE WHEN b >= 0 THEN signed_of_bits((CAST(x AS HUGEINT) + 18446744073709551616)"
        " % CAST(power(2, 64 - b % 64) AS HUGEINT) * CAST(power(2, b % 64) AS HUGEINT)) END"
    ),
    # To tens, hundreds … half away from zero; whole division cuts towards zero.
    "long_rounded(x, d)": (
        "CASE WHEN d IS NULL THEN NULL WHEN d >= 0 THEN x WHEN d < -19 THEN x - x"
        " ELSE rounded_to_tens(x, CAST(power(10, least(-d, 19)) AS HUGEINT)) END"
    ),
    "rounded_to_tens(x, tens)": "(CAST(x AS HUGEINT) + sign(x) * (tens // 2)) // tens * tens",
    "wrapped_long(h)": (
        "CAST((h % CAST(18446744073709551616 AS HUGEINT) + CAST(27670116110564327424 AS HUGEINT))"
        " % CAST(18446744073709551616 AS HUGEINT) - 9223372036854775808 AS BIGINT)"
    ),
    "signed_of_bits(h)": (
        "CAST(CASE WHEN h > 9223372036854775807 THEN h - 18446744073709551616 ELSE h END AS BIGINT)"
    ),
}
