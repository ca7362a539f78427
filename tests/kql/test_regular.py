"""Regular expressions: what RE2 is given, and what it cannot be given."""

import sys
import unicodedata

import duckdb
import pytest

from vedette.kql.binding.regular import translation as regular
from vedette.kql.binding.regular.character_classes import WORD
from vedette.kql.binding.regular.character_sets import of_category
from vedette.kql.binding.regular.translation import (
    Untranslatable,
    groups,
    has_boundary,
    may_be_empty,
    quoted,
    translated,
    without_groups,
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", "abc"),
        (r"^\d{2,3}$", r"^[\p{Nd}]{2,3}$"),
        (r"\w+\W", f"[{WORD}]+[^{WORD}]"),
        (r"[\w.-]", f"[{WORD}." + r"\-]"),
        (r"a\.b\\c\/", r"a\.b\\c\/"),
        (r"(?i)a|b", "(?i)a|b"),
        (r"(?<name>x)(?P<n>y)(?:z)", "(?P<name>x)(?P<n>y)(?:z)"),
        (r"\u00e9\x41\x{1F600}", r"\x{e9}\x{41}\x{1f600}"),
        (r"[[:alpha:]_]", "[[:alpha:]_]"),
        (r"[]a]", r"[\]a]"),
        (r"a]", r"a\]"),
        (r"\pL\p{Lu}", r"\p{L}\p{Lu}"),
        (r"\v", r"\x0b"),
        ("a+?b{2}?", "a+?b{2}?"),
        (r"\bx\B", r"\bx\B"),
        (r"\p{Greek}\p{Decimal_Number}", r"\p{Greek}\p{Nd}"),
        ('{"a":1}', r'\{"a":1\}'),
        (r"[\D]", r"[\P{Nd}]"),
        (r"[a-f\-^]", r"[a-f\-\^]"),
        (r"[\S\s]", r"[\x{0}-\x{10FFFF}]"),
        ("[[a-c]--b]", r"[\x{61}\x{63}]"),
        ("[a&&b]", r"[^\x{0}-\x{10FFFF}]"),
    ],
)
def test_what_re2_is_given(pattern: str, expected: str) -> None:
    assert translated(pattern) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b{start}word", r"(?=x)", r"(?<!x)y", r"(?>x)", r"[\p{Greek}&&\pL]", "(?i)[a-z--k]",
        r"[b-a]", r"\1", r"\Qa\E", r"a++", r"a{1001}", r"{2}", r"a{,2}", r"(?x) a", "[a", "a\\",
        r"\p{Alphabetic}", r"\<word", r"[:alpha:]", "*a", "(+a)", r"[\b]", r"[a-\d]",
        "(?P<n>a)(?P<n>b)", "(a", "a)", "a)|(b", "((a{100}){11})", "(a{2}b{501}){2}", "((", "a())",
        r"\x{110000}", r"[a\x{FFFFFFFF}~~b]", r"\uD800",
    ],
)  # fmt: skip
def test_what_re2_cannot_say(pattern: str) -> None:
    with pytest.raises(Untranslatable):
        translated(pattern)


@pytest.mark.parametrize(
    ("pattern", "count", "empty"),
    [
        (r"(?i)(a)(?:b)(?<n>\d)", 2, False),
        (r"[(\d](\p{Lu})?\(", 1, False),
        (r"(?i:a*)[[:alpha:]]?", 0, True),
        (r"^\w*$\z", 0, True),
        (r"\x{1F600}+", 0, False),
        (r"(a|b|)c*(d?)", 2, True),
        (r"(a|)(b|c)", 2, False),
        (r"\v?", 0, True),
        (r"(?:a{0,3}|x){2}[)(]*\b", 0, True),
        (r"(((a?){10}){10}){10}\(b?", 3, False),
        ("(" * 900 + ")*" * 900, 900, True),
    ],
)
def test_what_a_pattern_captures(pattern: str, count: int, empty: bool) -> None:
    assert groups(translated(pattern)) == count
    assert may_be_empty(translated(pattern)) is empty


@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [
        (r"[^\S\n]", " \t\u3000", "\nx_"),
        (r"[\W\d]", " 7\u0663-", "aé_"),
        (r"[^\W_]", "aZé7", "_ -"),
        (r"[x[^xyz]]", "xa ", "yz"),
        (r"[a-y&&xyz]", "xy", "az"),
        (r"[0-9--4]", "03", "4a"),
        (r"[a-g~~b-h]", "ah", "bg"),
        (r"[\pL--\p{Lu}&&[a-z]]", "az", "Aé"),
        (r"[^a-z&&b]", "ac", "b"),
        (r"(?i)[\W\d]", " 7", "aA"),
    ],
)
def test_combined_classes(pattern: str, matched: str, not_matched: str) -> None:
    for characters, expected in ((matched, True), (not_matched, False)):
        for character in characters:
            query = "SELECT regexp_full_match(?, ?)"
            row = duckdb.execute(query, [character, translated(pattern)]).fetchall()[0]
            assert row == (expected,), character


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [(r"\bx", True), (r"x\\b", False), (r"x\\\b", True), (r"[b]\d", False)],
)
def test_which_look_for_boundaries(pattern: str, expected: bool) -> None:
    assert has_boundary(translated(pattern)) is expected


def test_a_quoted_text() -> None:
    for text in ("a.b", "é(", "x\0y", "a\n[", "_-\\"):
        row = duckdb.execute("SELECT regexp_full_match(?, ?)", [text, quoted(text)]).fetchall()[0]
        assert row == (True,)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("(a)(?P<n>b)(?:c)", "(?:a)(?:b)(?:c)"),
        (r"\((a|b)[(]", r"\((?:a|b)[(]"),
        ("(?i)a", "(?i)a"),
        ("(?i:a|b)", "(?i:a|b)"),
    ],
)
def test_without_groups(pattern: str, expected: str) -> None:
    assert without_groups(pattern) == expected


@pytest.mark.parametrize("pattern", ["a|b", "(a)|b"])
def test_what_cannot_stand_between_others(pattern: str) -> None:
    with pytest.raises(Untranslatable):
        without_groups(pattern)


def test_groups_are_counted_where_an_assertion_is_repeated() -> None:
    assert regular.groups(r"a(b)$?(c)\z*") == 2
    assert regular.groups(r"[$?](x)") == 1
    assert regular.may_be_empty(r"^*a?")


def test_categories_are_those_of_every_character() -> None:
    """Also of those that are not looked at one by one."""
    for category in ("L", "M", "Nd", "Cn", "Co", "Cs", "Cf"):
        held = [False] * (sys.maxunicode + 1)
        for first, last in of_category(category):
            held[first : last + 1] = [True] * (last + 1 - first)
        every = (unicodedata.category(chr(code)) for code in range(sys.maxunicode + 1))
        assert held == [known.startswith(category) for known in every]
