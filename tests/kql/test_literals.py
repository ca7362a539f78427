"""Literals in every documented form, and what is none."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from vedette.kql.reading.literals import (
    Malformed,
    datetime_value,
    long_value,
    real_value,
    string_value,
    timespan_value,
    typed_literal,
)
from vedette.plan.types import TICKS_PER_DAY, TICKS_PER_SECOND, Type

GUID = "74be27de-1e4e-49d9-b579-fe0b331d3642"
HOUR = 3600 * TICKS_PER_SECOND
FIRST_OF_2020 = 737_424 * TICKS_PER_DAY


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("1d", TICKS_PER_DAY), ("1.5h", HOUR * 3 // 2), ("10m", HOUR // 6), ("5s", 50_000_000),
        ("3ms", 30_000), ("1microsecond", 10), ("1tick", 1), ("250 milliseconds", 2_500_000),
        ("-2h", -2 * HOUR), ("2", 2 * TICKS_PER_DAY), ("15 seconds", 150_000_000),
        ("1.02:03:04.5", TICKS_PER_DAY + 2 * HOUR + 184 * TICKS_PER_SECOND + 5_000_000),
        ("00:00:01", TICKS_PER_SECOND), ("-00:30", -HOUR // 2), ("500nanoseconds", 5),
        ("0.12:34", 12 * HOUR + 34 * 60 * TICKS_PER_SECOND),
    ],
)  # fmt: skip
def test_timespans(text: str, ticks: int) -> None:
    assert timespan_value(text) == ticks


@pytest.mark.parametrize("text", ["", "x", "1x", "24:00", "1:60", "1e9d", "999999999d", "1:2:3:4"])
def test_what_is_no_timespan(text: str) -> None:
    with pytest.raises(Malformed):
        timespan_value(text)


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("2020-01-01", FIRST_OF_2020),
        ("2020-01-01T00:00:01Z", FIRST_OF_2020 + TICKS_PER_SECOND),
        ("2020-01-01 01:00", FIRST_OF_2020 + HOUR),
        ("2020-1-1", FIRST_OF_2020),
        ("2020-01-01T00:00:00.1234567Z", FIRST_OF_2020 + 1_234_567),
        ("2020-01-01T00:00:00.12Z", FIRST_OF_2020 + 1_200_000),
        ("2020-01-01T02:00:00+02:00", FIRST_OF_2020),
        ("2019-12-31T22:30:00-0130", FIRST_OF_2020),
        ("0001-01-01", 0),
    ],
)
def test_moments(text: str, ticks: int) -> None:
    assert datetime_value(text) == ticks


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2020-02-30", "2020-01-01T25:00", "0001-01-01T00:00:00+01:00", "2020"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(Malformed):
        datetime_value(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it\\'s'", "it's"), ('"a\\tb\\n"', "a\tb\n"), ('"\\u00e9\\x41\\101"', "éAA"),
        ('@"c:\\a""b"', 'c:\\a"b'), ("@'it''s'", "it's"), ("h'secret'", "secret"),
        ('H@"x"', "x"), ("```a\n'b'```", "a\n'b'"), ("~~~x~~~", "x"), ('"\\U0001F600"', "😀"),
        ('"caf\\u00e9bad"', "cafébad"), ('"\\x41BC"', "ABC"), ('"\\U0001F600FF"', "😀FF"),
        ('"\\1011"', "A1"), ('"\\4017"', " 17"), ('"\\ud83d\\ude00"', "😀"),
    ],
)  # fmt: skip
def test_strings(text: str, value: str) -> None:
    assert string_value(text) == value


def test_half_a_character_is_no_string() -> None:
    with pytest.raises(Malformed):
        string_value('"\\ud800"')


@pytest.mark.parametrize(
    ("text", "value", "type"),
    [
        ("int(5)", 5, Type.INT), ("int(null)", None, Type.INT), ("long(0x10)", 16, Type.LONG),
        ("long(-5)", -5, Type.LONG), ("real(1e3)", 1000.0, Type.REAL),
        ("double(5)", 5.0, Type.REAL),
        ("real(-inf)", float("-inf"), Type.REAL), ("bool(true)", True, Type.BOOL),
        ("bool(0)", False, Type.BOOL), ("decimal(1.50)", Decimal("1.50"), Type.DECIMAL),
        ("datetime(null)", None, Type.DATETIME), ("date(2020-01-01)", FIRST_OF_2020, Type.DATETIME),
        ('datetime("2020-01-01")', FIRST_OF_2020, Type.DATETIME),
        ("time(1d)", TICKS_PER_DAY, Type.TIMESPAN),
        (f"guid({GUID.upper()})", GUID, Type.GUID),
    ],
)  # fmt: skip
def test_typed_literals(text: str, value: object, type: Type) -> None:
    assert typed_literal(text) == (value, type)


@pytest.mark.parametrize(
    "text",
    ["int(x)", "int(2147483648)", "long(9223372036854775808)", "real(x)", "bool(5)", "decimal(x)",
     "decimal(nan)", "guid(x)", "datetime(x)"],
)  # fmt: skip
def test_what_a_typed_literal_does_not_hold(text: str) -> None:
    with pytest.raises(Malformed):
        typed_literal(text)


def test_numbers() -> None:
    assert [long_value(t) for t in ("0", "0xff", "-0x1", "9223372036854775807")] == [
        0, 255, -1, 2**63 - 1,
    ]  # fmt: skip
    assert long_value("0xffffffffffffffff") == -1
    assert real_value("1.") == 1.0
    with pytest.raises(Malformed):
        long_value("1" * 5000)


@pytest.mark.parametrize(
    ("literal", "moment"),
    [
        ("datetime(2025, 6, 14)", dt.datetime(2025, 6, 14, tzinfo=dt.UTC)),
        ("datetime(2017 - 08 - 01)", dt.datetime(2017, 8, 1, tzinfo=dt.UTC)),
        ('datetime("01/16/2022 00:00:05")', dt.datetime(2022, 1, 16, 0, 0, 5, tzinfo=dt.UTC)),
        ("datetime('01-02-2022')", dt.datetime(2022, 1, 2, tzinfo=dt.UTC)),
    ],
)
def test_dates_are_read_as_people_write_them(rows: Any, literal: str, moment: dt.datetime) -> None:
    assert rows(f"print {literal}") == [(moment,)]


def test_hexadecimal_ints_are_32_bits(rows: Any) -> None:
    assert rows("print int(0xf090013d), int(0x7f)") == [(-258997955, 127)]
