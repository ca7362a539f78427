"""What names, lets, bounds of time and outputs come to."""

from typing import Any

import pytest
from tests.kql.conftest import bound

from vedette.plan.types import TICKS_PER_DAY

HOUR = TICKS_PER_DAY // 24


@pytest.mark.parametrize(
    ("query", "ticks"),
    [
        ("T | where t > ago(1d)", TICKS_PER_DAY),
        ("T | where ago(1d) <= t", TICKS_PER_DAY),
        ("T | where t >= now() - 2h", 2 * HOUR),
        ("T | where t > now(-3h)", 3 * HOUR),
        ("let w = 5h; T | where t > ago(w) and a == 1", 5 * HOUR),
        ("let since = ago(4h); T | where t between (since .. now())", 4 * HOUR),
        ("T | where t > startofday(ago(1d))", TICKS_PER_DAY + 12 * HOUR),
        ("T | where t > bin(ago(1d), 1d)", TICKS_PER_DAY + 12 * HOUR),
        ("T | where t > ago(1h) | union (U | where t > ago(2h))", 2 * HOUR),
        ("T | where t > ago(1h) or t < ago(9d)", HOUR),
        ("T | where t < ago(1d)", None),
        ("T | where t > datetime(2020-01-01)", None),
        ("T | extend recent = t > ago(1d)", None),
        ("T | summarize countif(t > ago(1d))", None),
        ("T | where not(t > ago(1d))", None),
        ("print ago(1d) < now()", None),
        ("T", None),
    ],
)
def test_lookback(query: str, ticks: int | None) -> None:
    got = bound(query)
    assert not got.findings.failed, got.shown
    assert got.plan.lookback_ticks == ticks


def columns(query: str) -> list[str]:
    got = bound(query)
    assert not got.findings.failed, got.shown
    return [f.name for f in got.plan.root.fields]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("T | project a + 1, tolower(s), tostring(b), strlen(s)", "Column1 Column2 b strlen_s"),
        ("T | project a + 1 | extend 1 + 1", "Column1 Column2"),
        ("T | summarize count(), count(), sum(b), sum(b)", "count_ count_1 sum_b sum_b1"),
        ("T | summarize countif(v), countif(a > 1) by bin(t, 1h)", "t countif_v countif_"),
        ("T | summarize make_set(s), make_list(s), round = avg(c)", "set_s list_s round"),
        ("T | summarize arg_max(t, s, a) by t", "t t1 s a"),
        ("T | summarize arg_max(a + 1, s)", "max_ s"),
        ("T | summarize (x, y) = arg_max(t, s, a)", "x y a"),
        ("print 1, x = 2, strlen('a')", "print_0 x print_2"),
        ("T | project a, s | join (U | project a, s, a1 = x) on a", "a s a2 s1 a1"),
        ("T | project a, s | lookup (U | project a, s) on a", "a s s1"),
        ("T | project d.x.y, d['pq'], d[0].z, d[-1], d[s]", "d_x_y d_pq d_0_z d_ d_1"),
        ("T | project a | union (U | project a = tostring(a))", "a_int a_string"),
        ("T | count", "Count"),
        ("T | count as n", "n"),
    ],
)
def test_names_of_columns(query: str, names: str) -> None:
    assert columns(query) == names.split()


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("let x = 1; T", ["VD102"]),
        ("let X = T; T", ["VD101"]),
        ("let x = 1; let y = x; print y", []),
        ("let f = (n:long) { n }; print 1", []),
        ("let X = T | take 1; U | where a in (X)", []),
        ("let x = 5; T | mv-expand d limit x", []),
    ],
)
def test_advice(query: str, codes: list[str]) -> None:
    assert bound(query).codes == codes


@pytest.mark.parametrize(
    ("query", "fixed"),
    [
        ("let X = T; U | take 1", "let X = T; union U, X | take 1"),
        ("let X = T; union U, T", "let X = T; union U, T, X"),
        ("let X = T; print 1", None),
    ],
)
def test_the_fix_of_an_unused_table(query: str, fixed: str | None) -> None:
    (advice,) = bound(query).findings.problems
    if fixed is None:
        assert advice.fix is None
    else:
        assert advice.fix is not None
        span = advice.fix.span
        assert query[: span.start] + advice.fix.text + query[span.end :] == fixed
        assert bound(fixed).codes == []


def test_the_output_is_a_table_that_the_query_defines() -> None:
    query = "let n = 1; let X = U | project x; let Y = T | where a == n; X"
    assert [f.name for f in bound(query, output="X").plan.root.fields] == ["x"]
    assert len(bound(query, output="Y").plan.root.fields) == 10
    assert bound(query, output="Y").codes == []
    for missing in ("Z", "n"):
        got = bound(query, output=missing)
        assert got.codes[0] == "VD003"
        assert "X" in got.shown


def test_an_output_needs_no_result() -> None:
    assert bound("let X = T | take 1;", output="X").codes == []
    assert bound("let X = T | take 1;").codes == ["VD006", "VD101"]


def test_a_function_sees_what_was_defined_before_it(rows: Any) -> None:
    assert rows("let n = 1; let f = (x:long) { x + n }; print f(1), f(2)") == [(2, 3)]
    assert bound("let f = (x:long) { x + later }; let later = 1; print f(1)").codes[0] == "KS142"
    assert bound("let f = (x:long) { f(x) }; print f(1)").codes == ["KS211"]


def test_names_are_of_one_letter_case(rows: Any) -> None:
    assert rows("datatable(a:int, A:int)[1, 2] | where a < A | project A, a") == [(2, 1)]


def test_a_repair_drops_the_second_of_two_equal_defaults(rows: Any) -> None:
    got = bound("T | project k = case(s == 'x', 'y', tolower(s),\n tolower( s))")
    assert got.codes == ["KS121"]
    got = bound("T | project k = case(s == 'x', 'y', tolower(s),\n tolower(s))")
    assert [r.name for r in got.findings.repairs] == ["case-doubled-default"]
    assert rows("print case(1 > 2, 'a', 'b', 'b')") == [("b",)]


def test_a_wildcard_unions_tables() -> None:
    names = columns("union UrlClick*, U | project-keep Url, x, NetworkMessageId")
    assert names == ["NetworkMessageId", "Url", "x"]
    assert bound("union NoSuch*").codes == ["KS142"]
    assert bound("union * | distinct Computer").codes == []
