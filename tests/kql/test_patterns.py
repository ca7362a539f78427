"""Calls whose pattern, list or count cannot be carried over: refused, with place and reason."""

import pytest

from vedette import QueryError
from vedette.workspace import Workspace


@pytest.mark.parametrize(
    ("call", "construct", "reason"),
    [
        (r"extract(@'\b{end}x', 0, s)", "this regular expression", "RE2"),
        ("extract('(a', 1, s)", "this regular expression", "parentheses"),
        ("countof(s, 'a)', 'regex')", "this regular expression", "parentheses"),
        ("extract_all('((((a?){1000}){1000}){1000})', s)", "this regular expression", "1,000"),
        (r"extract_all(@'(\b)', s)", "this regular expression", "nothing at all"),
        ("s matches regex '(a'", "this regular expression", "parentheses"),
        ("extract(s, 0, s)", "a regular expression that is not a constant", ""),
        ("extract('x', strlen(s), s)", "a capture group that is not a constant", ""),
        ("extract_all('(x*)', s)", "this regular expression", "nothing at all"),
        (r"replace_regex(s, 'x', @'\1')", "this rewrite", "no group 1"),
        (r"replace_regex(s, 'x', @'a\n')", "this rewrite", "refers to no group"),
        ("replace_regex(s, '(x)', '$1')", "this rewrite", "refers to no group"),
        ("replace_regex(s, 'x', s)", "a rewrite that is not a constant", ""),
        ("indexof(s, 'x', -1)", "a negative start", "two meanings"),
        ("indexof(s, 'x', 0, -1, 2)", "a later occurrence", ""),
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


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (r"extract(@'\bx\w', 0, 'ax xb')", "xb"),
        (r"extract('(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)', 10, 'abcdefghij')", "j"),
        (r"extract(@'[^\S\n]+x', 0, 'a  x')", "  x"),
        (r"extract('{\"a\":(\\d)}', 1, '{\"a\":7}')", "7"),
        (r"tostring(extract_all(@'(\w)', 'ab'))", '["a","b"]'),
        (r"tostring(extract_all(@'(\w)(\d)?', 'ab1'))", '[["a",""],["b","1"]]'),
        (r"tostring(extract_all(@'(\w)(\d)', dynamic([2]), 'b1c2'))", '["1","2"]'),
        (r"tostring(extract_all(@'(?P<l>\w)(\d)', dynamic(['l', 2]), 'b1'))", '[["b","1"]]'),
        (r"tostring(extract_all(@'(\d)', 'ab'))", ""),
        (r"indexof_regex('tide 7', @'\d')", 5),
        (r"indexof_regex('tide', @'\d', 0, -1, 1)", -1),
        ("indexof('high tide', 'tide', 1, 8)", 5),
        ("indexof('high tide', 'tide', 0, 8)", -1),
        ("indexof('high tide', 'tide', 0, -2)", None),
        ("substring('tide', -3, 2)", "id"),
        ("substring('tide', -7)", "tide"),
        ("has_any_index('tide 7', dynamic(['ebb', 7, 'tide']))", 1),
        ("has_any_index('tide 7', dynamic(['ebb']))", -1),
        ("has_any_index('tide 7', dynamic([]))", -1),
        (r"regex_quote('a.b[c]-\\')", r"a\.b\[c\]\-\\"),
        (r"'–x' matches regex @'\bx'", True),
    ],
)
def test_what_is_found(workspace: Workspace, call: str, expected: object) -> None:
    (row,) = workspace.query(f"print {call}").rows()
    assert tuple(row) == (expected,)


def test_boundaries_beyond_ascii_end_the_run(workspace: Workspace) -> None:
    with pytest.raises(QueryError, match="letters beyond ASCII"):
        workspace.query(r"print 'é x' matches regex @'\bx'")
