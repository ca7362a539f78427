"""Functions with a pattern: IBM, "AQL data calculation and formatting functions"; Java's pages."""

from collections.abc import Callable

import pytest
from tests.aql.conftest import Ask


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (r"REPLACEALL('\d+', 'a12b3', '')", "ab"),
        (r"REPLACEALL('(\w)-(\w)', 'a-b c-d', '$2\$$1\\')", "b$a\\ d$c\\"),
        ("REPLACEALL('(?<x>a)(b)?', 'aab', '[$1$2]')", "[a][ab]"),
        ("REPLACEFIRST('a|b', 'xab', '')", "xb"),
        ("REPLACEFIRST('a', username, 'b')", None),
        ("PARSETIMESTAMP('dd/MM/yy', '14/11/23')", 1699920000000),
        ("PARSETIMESTAMP('dd/MM/yy', username)", None),
        ("PARSETIMESTAMP('HH''h''', '7h')", 25200000),
    ],
)
def test_a_call_gives(one_event: Ask, call: str, value: object) -> None:
    assert one_event(f"SELECT {call} AS x FROM events").only == value


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        ("REPLACEALL(username, 'a', 'b')", "VD202",
         "the first argument of REPLACEALL is a pattern, which is written in the query"),
        ("REPLACEALL('(?=a)', username, 'b')", "VD201",
         "(?=a in a regular expression (at character 1) is not supported"),
        ("REPLACEALL('a', username, '$1')", "VD202", "'$1' in a replacement names no group"),
        ("REPLACEALL('a', username, UPPER('x'))", "VD201",
         "a replacement that is not written in the query is not supported"),
        ("PARSETIMESTAMP(username, 'yyyy')", "VD202",
         "the first argument of PARSETIMESTAMP is a pattern, which is written in the query"),
        ("PARSETIMESTAMP('yyyy-ww', '2023-01')", "VD201",
         "the letter w in a pattern of PARSETIMESTAMP is not supported"),
        ("PARSETIMESTAMP('yyyy ''', '2023')", "VD202",
         "the pattern of PARSETIMESTAMP has an open quote"),
        ("DATEFORMAT(starttime, 'yyyy-MM-ddTHH:mm')", "VD202",
         "T is no letter of the patterns that DATEFORMAT takes"),
        ("DATEFORMAT(starttime, 'yyyy''T')", "VD202",
         "the pattern of DATEFORMAT has an open quote"),
        ("sourceip NOT IN ('9.0.0.1', '10.0.0.0/8')", "VD202",
         "'10.0.0.0/8' is no address, and an address is compared with it"),
        ("'10.*' = sourceip", "VD202",
         "'10.*' is no address, and an address is compared with it"),
        ("INCIDR(sourceip, '10.0.0.0/8')", "VD202",
         "INCIDR takes the network first; '10.0.0.0/8' stands second"),
    ],
)  # fmt: skip
def test_a_call_is_refused(
    refusal: Callable[..., list[tuple[str, str]]], call: str, code: str, message: str
) -> None:
    assert (code, message) in refusal(f"SELECT {call} AS x FROM events")


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("G yyyy y yy", "AD 2026 2026 26"),
        ("Y YY", "2027 27"),
        ("M MM MMM MMMM MMMMM", "12 12 Dec December December"),
        ("L LL LLL LLLL", "12 12 Dec December"),
        ("w ww W F", "1 01 5 5"),
        ("d dd ddd D DDD", "29 29 029 363 363"),
        ("E EEEE u uu", "Tue Tuesday 2 02"),
        ("a H HH k kk", "AM 0 00 24 24"),
        ("K KK h hh", "0 00 12 12"),
        ("m mm s ss S SS SSS SSSS", "7 07 9 09 5 05 005 0005"),
        ("z zzzz Z X XX XXX", "UTC Coordinated Universal Time +0000 Z Z Z"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-12-29T00:07:09.005Z"),
        ("''yyyy''' o''clock'", "'2026' o'clock"),
    ],
)
def test_dateformat_knows_java_s_letters(one_event: Ask, pattern: str, shown: str) -> None:
    """java.text.SimpleDateFormat, "Date and Time Patterns"; weeks as in the United States."""
    quoted = pattern.replace("'", "''")
    milliseconds = 1798502829005  # 2026-12-29, a Tuesday, whose Saturday is in 2027
    answer = one_event(f"SELECT DATEFORMAT({milliseconds}, '{quoted}') AS x FROM events")
    assert answer.only == shown
