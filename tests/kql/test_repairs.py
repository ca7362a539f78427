"""Texts that Kusto as documented refuses, answered by a named reading; refused when strict."""

from __future__ import annotations

import pytest

from vedette import QueryError
from vedette.workspace import Workspace


@pytest.mark.parametrize(
    ("expression", "name", "value"),
    [
        ("trim_start(@'[[]', '[::1]')", "older-regular-expression", "::1]"),
        ("replace_regex('[\"a\",]', @'[[\",\\]]', '')", "older-regular-expression", "a"),
        ("replace_regex('a\\0b', @'\\00', '-')", "older-regular-expression", "a-b"),
        ("'x{1-3}}' matches regex 'x{1-3}+$'", "older-regular-expression", True),
        ("extract_json('$ClientDevice', '{\"ClientDevice\": 5}')", "json-path-without-dot", "5"),
    ],
)
def test_a_reading_that_has_a_name(expression: str, name: str, value: object) -> None:
    query = f"print answer = {expression}"
    result = Workspace().query(query)
    assert [list(row) for row in result.rows()] == [[value]]
    assert [repair.name for repair in result.repairs] == [name]
    with pytest.raises(QueryError):
        Workspace().query(query, strict=True)


@pytest.mark.parametrize("pattern", [r"\\<word", "[a", "(?=x)", "a++", r"\\Qa\\E", r"a\\b{end}"])
def test_what_re2_does_not_read_either_stays_refused(pattern: str) -> None:
    with pytest.raises(QueryError, match="this regular expression"):
        Workspace().query(f"print 'a' matches regex '{pattern}'")


@pytest.mark.parametrize(
    ("text", "value"), [("1 + 2", 3), ("let x = 5; x", 5), ("strlen('ab')", 2)]
)
def test_a_value_alone(text: str, value: object) -> None:
    result = Workspace().query(text)
    assert [column.name for column in result.columns] == ["print_0"]
    assert [list(row) for row in result.rows()] == [[value]]
    assert [repair.name for repair in result.repairs] == ["value-alone"]
    with pytest.raises(QueryError, match="Tabular value expected"):
        Workspace().query(text, strict=True)
