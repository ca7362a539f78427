"""Which names a pattern with stars chooses."""

import pytest

from vedette.kql.binding.wildcards import fits


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "", True),
        ("*", "a\nb", True),
        ("Sign*", "SigninLogs", True),
        ("*Logs", "SigninLogs", True),
        ("S*in*gs", "SigninLogs", True),
        ("S*n*n*", "SigninLogs", True),
        ("S*n*n*n*", "SigninLogs", False),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("a*a", "a", False),
        ("a.c", "abc", False),
        ("a", "a", True),
        ("sign*", "SigninLogs", False),
        ("a**c", "abc", True),
    ],
)
def test_what_fits(pattern: str, name: str, expected: bool) -> None:
    assert fits(name, pattern) is expected


def test_many_stars_take_no_time() -> None:
    assert not fits("a" * 20_000, "*a" * 2_000 + "*b")
