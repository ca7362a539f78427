"""Calls whose pattern, list or count cannot be carried over: refused, with place and reason."""

import pytest

from vedette import QueryError
from vedette.workspace import Workspace


@pytest.mark.parametrize(
    ("call", "construct", "reason"),
    [
        (r"extract(@'\bx', 0, s)", "this regular expression", "boundary"),
        ("extract(s, 0, s)", "a regular expression that is not a constant", ""),
        ("extract('x', strlen(s), s)", "a capture group that is not a constant", ""),
        ("extract('x', 10, s)", "a capture group below 0 or above 9", ""),
        (r"replace_regex(s, 'x', @'\1')", "this rewrite", "no group 1"),
        (r"replace_regex(s, 'x', @'a\n')", "this rewrite", "refers to no group"),
        ("replace_regex(s, '(x)', '$1')", "this rewrite", "refers to no group"),
        ("replace_regex(s, 'x', s)", "a rewrite that is not a constant", ""),
        ("indexof(s, 'x', -1)", "a negative start", "two meanings"),
        ("indexof(s, 'x', 1, 2)", "a length or a later occurrence", ""),
        ("indexof(s, 'x', 0, -1, 2)", "a length or a later occurrence", ""),
        ("indexof(s, 'x', strlen(s))", "a start that is not a constant", ""),
        ("indexof(s, s, 1)", "of what may be empty", ""),
        ("countof(s, '')", "countof() of an empty text", ""),
        ("countof(s, s)", "a search text that is not a constant", ""),
        ("countof(s, 'x*', 'regex')", "this regular expression", "nothing at all"),
        ("translate('aa', 'bc', s)", "a character listed twice", ""),
        ("strrep(s, 1025)", "this multiplier", "1,024"),
        ("hash_md5(1)", "hash_md5() of a long", ""),
        ("tohex(1, 0)", "a length below 1", ""),
    ],
)
def test_what_is_refused(workspace: Workspace, call: str, construct: str, reason: str) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(f"datatable(s:string)['x'] | project got = {call}")
    (problem,) = raised.value.problems
    assert problem.code == "VD001"
    assert construct in problem.message
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("extract('x', 0)", "KS120"),
        ("extract('x', 'y', s)", "KS141"),
        ("extract('x', 0, s, 'long')", "KS141"),
        ("extract('x', 0, 5)", "KS141"),
        ("countof(s, 'x', 'other')", "KS135"),
        ("tohex('x')", "KS141"),
        ("trim('x')", "KS119"),
    ],
)
def test_what_is_a_mistake(workspace: Workspace, call: str, code: str) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(f"datatable(s:string)['x'] | project got = {call}")
    assert [p.code for p in raised.value.problems] == [code]
