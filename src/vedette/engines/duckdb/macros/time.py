"""Datetimes and timespans, in ticks of 100 ns: of texts and parts, as text."""

from __future__ import annotations

from vedette.engines.duckdb.macros.base import let
from vedette.plan.types import MAX_TICKS, UNIX_EPOCH_TICKS

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
_UNIT = r"'^(-?[0-9]+(?:\.[0-9]+)?)\s*(d|h|m|s|ms|microseconds?|ticks?)$'"
_DATETIME_OF_ISO = let(
    "t",
    let(
        "p",
        f"regexp_extract(s, {_ISO}, ['y', 'm', 'd', 'h', 'n', 's', 'f', 'z'])",
        "datetime_of_parts(p)",
    ),
    "datetime_of_long(t)",
)
_TIMESPAN_OF_CLOCK = let(
    "p", f"regexp_extract(s, {_CLOCK}, ['g', 'd', 'h', 'n', 's', 'f'])", "timespan_of_clock(p)"
)

MACROS: dict[str, str] = {
    # Time.
    # Within the years 1 to 9999, else null; x stands once in it, for it may be long and nested.
    "in_years(x)": (
        f"nullif(nullif(least(greatest(x, -1), {MAX_TICKS + 1}), -1), {MAX_TICKS + 1})"
    ),
    "span_in_years(x)": (
        f"CASE WHEN x > {MAX_TICKS} THEN {MAX_TICKS + 1}"
        f" WHEN x < -{MAX_TICKS} THEN -{MAX_TICKS + 1} ELSE x END"
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
        " TRY_CAST(((TRY_CAST(coalesce(nullif(p.d, ''), '0') AS HUGEINT) * 24"
        " + TRY_CAST(p.h AS BIGINT))"
        " * 36000000000"
        " + TRY_CAST(p.n AS BIGINT) * 600000000"
        " + TRY_CAST(coalesce(nullif(p.s, ''), '0') AS BIGINT) * 10000000"
        " + TRY_CAST(rpad(p.f, 7, '0') AS BIGINT)) * CASE WHEN p.g = '-' THEN -1 ELSE 1 END"
        " AS BIGINT) END"
    ),
    "timespan_of_units(p)": (
        "CASE WHEN abs(TRY_CAST(p.n AS DOUBLE)) * ticks_of_unit(p.u) < 9.3e18 THEN"
        " TRY_CAST(TRY_CAST(p.n AS DECIMAL(28, 9)) * ticks_of_unit(p.u) AS BIGINT) END"
    ),
    "ticks_of_unit(u)": (
        "CASE u[1] WHEN 'd' THEN 864000000000 WHEN 'h' THEN 36000000000 WHEN 's' THEN 10000000"
        " WHEN 't' THEN 1 ELSE CASE u WHEN 'm' THEN 600000000 WHEN 'ms' THEN 10000 ELSE 10 END END"
    ),
    "text_of_timespan(t)": let("v", "CAST(t AS BIGINT)", "text_of_span(v)"),
    # abs() of the least number does not fit: it stands around what is divided.
    "text_of_span(t)": (
        "CASE WHEN t < 0 THEN '-' ELSE '' END"
        " || CASE WHEN t // 864000000000 <> 0"
        " THEN CAST(abs(t // 864000000000) AS VARCHAR) || '.' ELSE '' END"
        " || two_digits(abs(t // 36000000000 % 24)) || ':' || two_digits(abs(t // 600000000 % 60))"
        " || ':' || two_digits(abs(t // 10000000 % 60))"
        " || CASE WHEN t % 10000000 = 0 THEN ''"
        " ELSE '.' || lpad(CAST(abs(t % 10000000) AS VARCHAR), 7, '0') END"
    ),
    "two_digits(n)": "lpad(CAST(n AS VARCHAR), 2, '0')",
}
