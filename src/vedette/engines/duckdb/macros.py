"""DuckDB macros that the statements call: what takes more than a template, by its name.

Takes nothing, gives the statements that a session runs once before it is locked. A tick is 100 ns.
"""

from __future__ import annotations

import re

from vedette.plan.types import MAX_TICKS, UNIX_EPOCH_TICKS

_DIGITS = r"'^[+-]?[0-9]+$'"
_HEX = r"'^0[xX][0-9a-fA-F]{1,16}$'"
_REAL = r"'^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$'"
_LONG_MAX = "9223372036854775807"
_ISO = (
    r"'^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?"
    r"(?:\s*(Z|z|[+-]\d{2}:?\d{2})|\s+GMT)?\s*$'"
)
_SLASHED_FORMATS = ", ".join(
    f"'{format}'"
    for format in (
        "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p",
        "%m/%d/%Y %I:%M:%S %p",
    )
)  # fmt: skip
_RFC_DATES = ("%a, %d %b %y", "%d %b %y", "%A, %d-%b-%y", "%d-%b-%y")
_RFC_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S GMT", "%H:%M GMT")
_RFC_FORMATS = ", ".join(  # %Y behind %y, for it reads 24 as the year 24
    f"'{format}'"
    for format in (
        *(f"{date} {time}" for date in _RFC_DATES for time in _RFC_TIMES),
        "%A, %d-%b-%y %H:%M:%S UTC", "%a, %d %b %Y %H:%M:%S GMT", "%d %b %Y %H:%M:%S GMT",
    )
)  # fmt: skip
_RFC = r"'^\s*([A-Za-z]+, *)?[0-9]{1,2}[ -][A-Za-z]{3}[ -]'"
_CLOCK = r"'^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$'"
_IPV4 = r"'(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}'"
_OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_UNIT = r"'^(-?[0-9]+(?:\.[0-9]+)?)\s*(d|h|m|s|ms|microseconds?|ticks?)$'"
_DIGITS_OF_REAL = r"'^([0-9]+)(?:\.([0-9]+))?(?:e\+?(-?[0-9]+))?$'"


def _let(name: str, value: str, body: str) -> str:
    """The body with a name for a value: a macro copies its arguments, and copies of copies grow."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _signed(positive: str) -> str:
    """The text of a real by a macro for positive ones."""
    return _let(
        "v",
        "CAST(x AS DOUBLE)",
        "CASE WHEN isnan(v) THEN 'NaN' WHEN isinf(v) THEN"
        " CASE WHEN v > 0 THEN 'Infinity' ELSE '-Infinity' END"
        " WHEN v = 0 THEN CAST(v AS VARCHAR)"
        f" WHEN v < 0 THEN '-' || {positive}(-v) ELSE {positive}(v) END",
    )


_DATETIME_OF_ISO = _let(
    "t",
    _let(
        "p",
        f"regexp_extract(s, {_ISO}, ['y', 'm', 'd', 'h', 'n', 's', 'f', 'z'])",
        "datetime_of_parts(p)",
    ),
    "datetime_of_long(t)",
)
_TIMESPAN_OF_CLOCK = _let(
    "p", f"regexp_extract(s, {_CLOCK}, ['g', 'd', 'h', 'n', 's', 'f'])", "timespan_of_clock(p)"
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
    # JSON values: text holds the value as it is in JSON, a string without its quotes.
    "text_of_json(j)": "json_extract_string(j, '$')",
    "long_of_json(j)": (
        "CASE json_type(j) WHEN 'BOOLEAN' THEN CAST(j = 'true' AS BIGINT)"
        " WHEN 'DOUBLE' THEN long_of_real(TRY_CAST(j AS DOUBLE))"
        " WHEN 'VARCHAR' THEN long_of_text(text_of_json(j))"
        " WHEN 'BIGINT' THEN TRY_CAST(j AS BIGINT) WHEN 'UBIGINT' THEN TRY_CAST(j AS BIGINT) END"
    ),
    "int_of_json(j)": (
        "CASE json_type(j) WHEN 'VARCHAR' THEN int_of_text(text_of_json(j))"
        " WHEN 'DOUBLE' THEN int_of_real(TRY_CAST(j AS DOUBLE))"
        " ELSE int_of_long(long_of_json(j)) END"
    ),
    "real_of_json(j)": (
        "CASE json_type(j) WHEN 'BOOLEAN' THEN CAST(CAST(j = 'true' AS INTEGER) AS DOUBLE)"
        " WHEN 'VARCHAR' THEN real_of_text(text_of_json(j))"
        " WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE TRY_CAST(j AS DOUBLE) END"
    ),
    "bool_of_json(j)": (
        "CASE json_type(j) WHEN 'BOOLEAN' THEN j = 'true'"
        " WHEN 'VARCHAR' THEN bool_of_text(text_of_json(j)) ELSE real_of_json(j) <> 0 END"
    ),
    "json_of_text(s)": "CAST(to_json(s) AS VARCHAR)",
    "json_of_real(x)": (
        "CASE WHEN isnan(x) THEN '\"NaN\"' WHEN isinf(x)"
        " THEN CASE WHEN x > 0 THEN '\"Infinity\"' ELSE '\"-Infinity\"' END"
        " ELSE CAST(to_json(x) AS VARCHAR) END"
    ),
    "json_array_of(l)": "'[' || array_to_string(l, ',') || ']'",
    # Each element once, where it first stands: sorted with its place, the first of equals kept.
    "each_once(l)": (
        "list_transform(list_sort(list_transform(firsts_of(list_sort("
        "list_transform(l, lambda e, i: {'e': e, 'i': i}))),"
        " lambda p: {'i': p.i, 'e': p.e})), lambda p: p.e)"
    ),
    # An element is held against the one before it in a second, shifted list: reading the list by
    # index inside the lambda costs time by the square of its length.
    "firsts_of(s)": (
        "list_transform([s], lambda t: list_transform(list_filter("
        "list_zip(t, list_concat([NULL], t), true),"
        " lambda p: p[1].e IS DISTINCT FROM p[2].e), lambda p: p[1]))[1]"
    ),
    # Time.
    # Within the years 1 to 9999, else null; x stands once in it, for it may be long and nested.
    "in_years(x)": (
        f"nullif(nullif(least(greatest(x, -1), {MAX_TICKS + 1}), -1), {MAX_TICKS + 1})"
    ),
    "time_of_parts(y, m, d, h, n, s)": (
        "CASE WHEN y BETWEEN 1 AND 9999 AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND 31"
        " THEN epoch_us(TRY_CAST(format('{:04d}-{:02d}-{:02d}', CAST(y AS BIGINT),"
        " CAST(m AS BIGINT), CAST(d AS BIGINT)) AS TIMESTAMP)) * 10"
        f" + {UNIX_EPOCH_TICKS} + span_of_parts(0, h, n, s) END"
    ),
    "span_of_parts(d, h, n, s)": (
        "CASE WHEN d BETWEEN 0 AND 10675198 AND h BETWEEN 0 AND 23 AND n BETWEEN 0 AND 59"
        " AND s >= 0 AND round(s * 1e7) < 6e8 THEN ((CAST(d AS BIGINT) * 24 + h) * 60 + n)"
        " * 600000000 + CAST(round(s * 1e7) AS BIGINT) END"
    ),
    "datetime_of_long(x)": f"CASE WHEN x BETWEEN 0 AND {MAX_TICKS} THEN CAST(x AS BIGINT) END",
    "datetime_of_parts(p)": (
        "epoch_us(TRY_CAST(p.y || '-' || p.m || '-' || p.d || ' ' || coalesce(nullif(p.h, ''), '0')"
        " || ':' || coalesce(nullif(p.n, ''), '0') || ':' || coalesce(nullif(p.s, ''), '0')"
        f" AS TIMESTAMP)) * 10 + {UNIX_EPOCH_TICKS}"
        " + TRY_CAST(rpad(p.f[:7], 7, '0') AS BIGINT) - offset_of_text(p.z)"
    ),
    "offset_of_text(s)": (
        "CASE WHEN length(s) < 2 THEN 0 ELSE"
        " (TRY_CAST(s[2:3] AS BIGINT) * 60 + TRY_CAST(s[-2:] AS BIGINT)) * 600000000"
        " * CASE WHEN s[1] = '-' THEN -1 ELSE 1 END END"
    ),
    "datetime_of_text(s)": (
        f"CASE WHEN regexp_matches(s, {_ISO}) THEN {_DATETIME_OF_ISO}"
        f" WHEN regexp_matches(s, '/[0-9]{{4}}([^0-9]|$)') THEN"  # %Y reads 24 as the year 24
        f" time_of_formats(s, [{_SLASHED_FORMATS}])"
        f" WHEN regexp_matches(s, {_RFC}) THEN time_of_formats(s, [{_RFC_FORMATS}]) END"
    ),
    "time_of_formats(s, formats)": (
        f"epoch_us(try_strptime(trim(s), formats)) * 10 + {UNIX_EPOCH_TICKS}"
    ),
    "datetime_of_json(j)": (
        "CASE json_type(j) WHEN 'VARCHAR' THEN datetime_of_text(text_of_json(j))"
        " ELSE datetime_of_long(long_of_json(j)) END"
    ),
    "text_of_datetime(t)": (
        f"strftime(make_timestamp(t // 10 - {UNIX_EPOCH_TICKS // 10}), '%Y-%m-%dT%H:%M:%S.')"
        " || lpad(CAST(t % 10000000 AS VARCHAR), 7, '0') || 'Z'"
    ),
    "timespan_of_text(s)": (
        f"CASE WHEN regexp_matches(s, {_CLOCK})"
        f" THEN {_TIMESPAN_OF_CLOCK}"
        f" WHEN regexp_matches(s, {_UNIT})"
        f" THEN timespan_of_units(regexp_extract(s, {_UNIT}, ['n', 'u'])) END"
    ),
    "timespan_of_clock(p)": (
        "CASE WHEN TRY_CAST(p.h AS INTEGER) < 24 AND TRY_CAST(p.n AS INTEGER) < 60"
        " AND TRY_CAST(coalesce(nullif(p.s, ''), '0') AS INTEGER) < 60 THEN"
        " ((TRY_CAST(coalesce(nullif(p.d, ''), '0') AS BIGINT) * 24 + TRY_CAST(p.h AS BIGINT))"
        " * 36000000000"
        " + TRY_CAST(p.n AS BIGINT) * 600000000"
        " + TRY_CAST(coalesce(nullif(p.s, ''), '0') AS BIGINT) * 10000000"
        " + TRY_CAST(rpad(p.f, 7, '0') AS BIGINT)) * CASE WHEN p.g = '-' THEN -1 ELSE 1 END END"
    ),
    "timespan_of_units(p)": (
        "CAST(TRY_CAST(p.n AS DECIMAL(28, 9)) * CASE p.u[1] WHEN 'd' THEN 864000000000"
        " WHEN 'h' THEN 36000000000 WHEN 's' THEN 10000000 WHEN 't' THEN 1"
        " ELSE CASE p.u WHEN 'm' THEN 600000000 WHEN 'ms' THEN 10000 ELSE 10 END END AS BIGINT)"
    ),
    "text_of_timespan(t)": _let("v", "CAST(t AS BIGINT)", "text_of_span(v)"),
    "text_of_span(t)": (
        "CASE WHEN t < 0 THEN '-' ELSE '' END"
        " || CASE WHEN abs(t) >= 864000000000"
        " THEN CAST(abs(t) // 864000000000 AS VARCHAR) || '.' ELSE '' END"
        " || two_digits(abs(t) // 36000000000 % 24) || ':' || two_digits(abs(t) // 600000000 % 60)"
        " || ':' || two_digits(abs(t) // 10000000 % 60)"
        " || CASE WHEN t % 10000000 = 0 THEN ''"
        " ELSE '.' || lpad(CAST(abs(t) % 10000000 AS VARCHAR), 7, '0') END"
    ),
    "two_digits(n)": "lpad(CAST(n AS VARCHAR), 2, '0')",
    # A real in decimal digits: DuckDB's text is the shortest that reads back as the same number.
    # d holds its digits, p the place of the point before them: 12.5 is {d: 125, p: 2}.
    "digits_of_positive_real(x)": _let(
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
    "text_of_positive_real(x)": _let(
        "g",
        "digits_of_positive_real(x)",
        _let("d", "greatest_digits(x, g.d, g.p)", "text_of_digits(d, g.p)"),
    ),
    "text_of_java_digits(d, p)": (
        "CASE WHEN p BETWEEN -2 AND 7 THEN text_of_digits(d, p)"
        " ELSE d[1] || '.' || CASE WHEN length(d) = 1 THEN '0' ELSE d[2:] END || 'E' || (p - 1) END"
    ),
    "text_of_positive_java(x)": _let(
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
    "signed_of_bits(h)": (
        "CAST(CASE WHEN h > 9223372036854775807 THEN h - 18446744073709551616 ELSE h END AS BIGINT)"
    ),
    # Internet addresses.
    "ipv4_number(s)": (
        f"CASE WHEN regexp_full_match(s, {_IPV4}) THEN"
        " TRY_CAST(split_part(s, '.', 1) AS BIGINT) * 16777216"
        " + TRY_CAST(split_part(s, '.', 2) AS BIGINT) * 65536"
        " + TRY_CAST(split_part(s, '.', 3) AS BIGINT) * 256"
        " + TRY_CAST(split_part(s, '.', 4) AS BIGINT) END"
    ),
    "ipv4_prefix(s)": (
        "CASE WHEN NOT contains(s, '/') THEN 32"
        " WHEN regexp_full_match(s, '[^/]*/(3[0-2]|[12]?[0-9])')"
        " THEN TRY_CAST(split_part(s, '/', 2) AS INTEGER) END"
    ),
    "ipv4_network(n, prefix)": "n // CAST(power(2, 32 - prefix) AS BIGINT)",
    "ipv4_in_network(n, prefix, base, least)": (
        "prefix >= least AND ipv4_network(n, least) = ipv4_network(base, least)"
    ),
    "ipv4_is_private_number(n, prefix)": (
        "ipv4_in_network(n, prefix, 167772160, 8) OR ipv4_in_network(n, prefix, 2886729728, 12)"
        " OR ipv4_in_network(n, prefix, 3232235520, 16)"
    ),
    "ipv4_is_private(s)": _let(
        "n",
        "ipv4_number(split_part(s, '/', 1))",
        _let("p", "ipv4_prefix(s)", "ipv4_is_private_number(n, p)"),
    ),
    "ipv4_in_range(s, r)": (
        "ipv4_network(ipv4_number(s), ipv4_prefix(r))"
        " = ipv4_network(ipv4_number(split_part(r, '/', 1)), ipv4_prefix(r))"
    ),
    "ipv4_own_prefix(s)": (
        "CASE WHEN ipv4_number(split_part(s, '/', 1)) IS NOT NULL THEN ipv4_prefix(s) END"
    ),
    "ipv4_base(s, prefix)": (
        "ipv4_network(ipv4_number(split_part(s, '/', 1)), prefix)"
        " * CAST(power(2, 32 - prefix) AS BIGINT)"
    ),
    "ipv4_masked(s, prefix)": (
        "CASE WHEN prefix BETWEEN 0 AND 32 AND ipv4_own_prefix(s) IS NOT NULL"
        " THEN ipv4_base(s, least(ipv4_own_prefix(s), prefix)) END"
    ),
    "ipv4_compare(a, b, prefix)": (
        "CASE WHEN prefix BETWEEN 0 AND 32 AND ipv4_own_prefix(a) IS NOT NULL"
        " AND ipv4_own_prefix(b) IS NOT NULL THEN CAST(sign("
        "ipv4_base(a, least(ipv4_own_prefix(a), ipv4_own_prefix(b), prefix))"
        " - ipv4_base(b, least(ipv4_own_prefix(a), ipv4_own_prefix(b), prefix))) AS BIGINT) END"
    ),
    "ipv4_text(n)": (
        "CASE WHEN n BETWEEN 0 AND 4294967295 THEN (n // 16777216) || '.' || (n // 65536 % 256)"
        " || '.' || (n // 256 % 256) || '.' || (n % 256) END"
    ),
    "ipv4_pattern(p)": (
        "'(^|[^\\p{L}\\p{N}])' || replace(p, '.', '\\.')"
        f" || CASE WHEN ends_with(p, '.') THEN '{_OCTET}' || repeat('\\.{_OCTET}',"
        " 3 - (length(p) - length(replace(p, '.', '')))) ELSE '' END || '($|[^\\p{L}\\p{N}])'"
    ),
    "ipv4_is_in_text(s, p)": (
        f"CASE WHEN regexp_full_match(p, {_IPV4}) THEN regexp_matches(s, ipv4_pattern(p))"
        " WHEN s IS NOT NULL AND p IS NOT NULL THEN false END"
    ),
    "ipv4_prefix_is_in_text(s, p)": (
        f"CASE WHEN regexp_full_match(p, '({_OCTET}\\.){{1,3}}|' || {_IPV4})"
        " THEN regexp_matches(s, ipv4_pattern(p))"
        " WHEN s IS NOT NULL AND p IS NOT NULL THEN false END"
    ),
}


def statements() -> list[str]:
    """The statements that make the macros, each behind those that it calls."""
    bodies = {head.split("(", 1)[0]: (head, body) for head, body in MACROS.items()}
    made: dict[str, str] = {}

    def make(name: str) -> None:
        head, body = bodies[name]
        for called in re.findall(r"\b(\w+)\(", body):
            if called in bodies and called not in made:
                make(called)
        made[name] = f"CREATE MACRO {head} AS {body}"

    for name in bodies:
        make(name)
    return list(made.values())
