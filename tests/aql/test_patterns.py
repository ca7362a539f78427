"""LIKE against known names, and Java's regular expressions in RE2's syntax."""

import pytest

from vedette.aql.binding.patterns import (
    Untranslatable,
    inside_a_value,
    like,
    plain_needle,
    to_re2,
)


@pytest.mark.parametrize(
    ("value", "pattern", "holds"),
    [
        ("Linux OS", "%Linux%", True),
        ("Linux OS", "%linux%", False),
        ("Linux OS", "Linux__S", True),
        ("Linux OS", "Linux", False),
        ("Linux OS", "%OS", True),
        ("Linux OS", "L%x%S%", True),
        ("", "%", True),
        ("", "_", False),
        ("a" * 5000, "%a" * 30 + "b", False),
    ],
)
def test_like(value: str, pattern: str, holds: bool) -> None:
    assert like(value, pattern) is holds


def test_like_without_case() -> None:
    assert like("Microsoft Sysmon", "%SYSMON", ignore_case=True)


@pytest.mark.parametrize(
    ("java", "re2"),
    [
        ("abc", "abc"),
        (".*x", r"[^\n\r\x{85}\x{2028}\x{2029}]*x"),
        ("(?s).*x", r"(?s)(?s:.)*x"),
        ("(?i)ab", "(?i)ab"),
        (r"\d+\.\w", r"\d+\.\w"),
        (r"\s\S", r"[\t-\r ][^\t-\r ]"),
        (r"[\s,]", r"[\t-\r ,]"),
        (r"[^a-z\]]", r"[^a-z\]]"),
        ("(?<year>[0-9]{4})", "(?P<year>[0-9]{4})"),
        ("(?:a|b)+?", "(?:a|b)+?"),
        (r"\Qa.b\E", r"a\.b"),
        (r"\p{Alpha}\P{Digit}[\p{Punct}]", "[[:alpha:]][[:^digit:]][[:punct:]]"),
        (r"\p{Lu}", r"\p{Lu}"),
        (r"\x41é\e", r"\x{41}é\x1b"),
        ("^a$", "^a$"),
    ],
)
def test_a_translation(java: str, re2: str) -> None:
    assert to_re2(java) == re2


def test_without_case_the_whole_pattern_is() -> None:
    assert to_re2("ab", ignore_case=True) == "(?i)ab"


@pytest.mark.parametrize(
    "java",
    [
        "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", r"(a)\1", r"\k<x>", "a++", "a*+", "a{2}+",
        "[a&&b]", "[a[b]]", "[]a]", "[a", "(a", "a)", "a{1001}", "{", r"\h", r"\Z", r"\p{IsGreek}",
        "(?x)a", "(?m)a", "a(?s).", "a\\", r"[\S]", "*", "a|+b", "(*a)", "(?:?a)", "a**", "a*?{2}",
    ],
)  # fmt: skip
def test_what_re2_lacks_is_named(java: str) -> None:
    with pytest.raises(Untranslatable) as lack:
        to_re2(java)
    assert 0 <= lack.value.position <= len(java)


@pytest.mark.parametrize(
    ("pattern", "needle"),
    [(".*sysmon.*", "sysmon"), ("(?i).*Linux OS$", "Linux OS"), ("a.b", None), ("x|y", None)],
)
def test_a_plain_needle(pattern: str, needle: str | None) -> None:
    assert plain_needle(pattern) == needle


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("nmap", ".*nmap.*"),
        ("a b", ".*a b.*"),
        (r"net\s+stop Backup", r".*net\s+stop Backup.*"),
        ("(?i)nmap|masscan", "(?i).*(?:nmap|masscan).*"),
        (r"(api\.telegram\.org)", r".*(api\.telegram\.org).*"),
        (".*nmap.*", None),
        ("nmap.*", None),
        (".+nmap", None),
        ("(.*nmap|.*dig)", None),
        ("^nmap$", None),
        (r"price: \$", r".*price: \$.*"),
        (r"\d{4}", None),
        ("[A-Za-z]{3}-[0-9]+", None),
        (r"\S+@\S+", None),
        ("[^@]+example", None),
    ],
)
def test_what_finds_a_pattern_inside_a_value(pattern: str, found: str | None) -> None:
    assert inside_a_value(pattern) == found
