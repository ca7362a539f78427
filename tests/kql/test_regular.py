"""Regular expressions: what RE2 is given, and what it cannot be given."""

import pytest

from vedette.kql.binding.regular import Untranslatable, groups, may_be_empty, translated

WORD = r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", "abc"),
        (r"^\d{2,3}$", r"^[\p{Nd}]{2,3}$"),
        (r"\w+\W", f"[{WORD}]+[^{WORD}]"),
        (r"[\w.-]", f"[{WORD}.-]"),
        (r"a\.b\\c\/", r"a\.b\\c\/"),
        (r"(?i)a|b", "(?i)a|b"),
        (r"(?<name>x)(?P<n>y)(?:z)", "(?P<name>x)(?P<n>y)(?:z)"),
        (r"\u00e9\x41\x{1F600}", r"\x{00e9}\x{41}\x{1F600}"),
        (r"[[:alpha:]_]", "[[:alpha:]_]"),
        (r"[]a]", "[]a]"),
        (r"a]", r"a\]"),
        (r"\pL\p{Lu}", r"\pL\p{Lu}"),
        (r"\v", r"\x0b"),
        ("a+?b{2}?", "a+?b{2}?"),
    ],
)
def test_what_re2_is_given(pattern: str, expected: str) -> None:
    assert translated(pattern) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bword\b", r"(?=x)", r"(?<!x)y", r"(?>x)", r"[a[b]]", "[a&&b]", "[a--b]", "[a~~b]",
        r"[\W]", r"\1", r"\Qa\E", r"a++", r"a{1001}", r"{", r"(?x) a", "[a", "a\\", r"\p{Greek}",
        r"\<word", r"[:alpha:]",
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
    ],
)
def test_what_a_pattern_captures(pattern: str, count: int, empty: bool) -> None:
    assert groups(translated(pattern)) == count
    assert may_be_empty(translated(pattern)) is empty
