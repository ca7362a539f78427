"""Values at the ends of what can be held: an answer or a refusal, never a crash."""

from __future__ import annotations

import datetime as dt

import pytest

from vedette import QueryError
from vedette.workspace import Workspace

NINES = "9" * 5_000
MOMENT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
ROW = f"datatable(s: string, n: long, d: dynamic)['{NINES}', 1, dynamic([1])]"


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("ipv4_is_in_any_range('1.2.3.4', strcat('1.2.3.4/', s))", None),
        ("ipv6_is_match('::1', strcat('::1/', s))", None),
        ("tolong(parse_json(s)) == 1", False),
        ("totimespan(strcat(s, '.00:00:00'))", None),
        ("d[0] in (1, tolong(s))", True),
        ("has_ipv4_prefix(s, '[[')", False),
        ("has_ipv4(s, '(')", False),
        ("has_any_ipv4(s, dynamic(['(']))", False),
        ("round(1.25, 9223372036854775807)", 1.25),
        ("round(1.25, -9223372036854775807)", 0.0),
        ("round(1.25, long(null))", None),
        ("strcat_array(array_rotate_left(dynamic({'a': 1}), 1), 'x')", ""),
        ("welch_test(1e308, 1.0, 2, -1e308, 1.0, 2)", 0.0),
        ("welch_test(1.0, 1e-320, 2, 2.0, 1e-320, 2)", 0.0),
        ("series_stats_dynamic(dynamic([1e308, -1e308])).max", 1e308),
        ("totimespan(strcat(s, 'd'))", None),
        ("decimal(5) < 1e30 and decimal(5) > todouble(strcat('-', s))", True),
        ("todecimal(n) between (0.5 .. todouble(s))", True),
        ("todecimal(n) < todouble('nan')", False),
        ("datetime(2026-06-01) + n * 9223372036854775807 * 1s", None),
        ("datetime(2026-06-01) - 1s * todouble(s)", None),
        ("datetime(2026-06-01) + totimespan(strcat('10675199.0', n, ':00'))", None),
    ],
)
def test_what_is_answered(workspace: Workspace, call: str, value: object) -> None:
    assert workspace.query(f"{ROW} | project got = {call}").rows() == [(value,)]


def test_a_step_that_moves_no_real_gives_no_row_twice(workspace: Workspace) -> None:
    assert workspace.query("range x from 1e16 to 1e16 step 0.1").rows() == [(1e16,)]


def test_a_number_of_thousands_of_digits_inside_a_value_is_an_infinity(
    workspace: Workspace,
) -> None:
    rows = workspace.query(f"{ROW} | project parse_json(s), pack_array(parse_json(s), 7)").rows()
    assert rows == [(float("inf"), [float("inf"), 7])]


def test_columns_are_ordered_by_numbers_of_any_length(workspace: Workspace) -> None:
    query = f"print a10 = 1, a2 = 2, a02 = 3, ['a{NINES}'] = 4 | project-reorder * granny-asc"
    names = [column.name for column in workspace.query(query).columns]
    assert names == ["a2", "a02", "a10", f"a{NINES}"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (f"print time({NINES}.00:00:00)", "timespan"),
        (f"{ROW} | extend y = extract_json('$[{NINES}]', s)", "path"),
        (f"{ROW} | extend y = s matches regex 'a{{{NINES}}}'", "this regular expression"),
        (f"{ROW} | where s in (dynamic([{NINES}]))", ""),
        (f"{ROW} | summarize make_set(s, n)", "as many elements as a row says"),
        ("print beta_cdf(0.5, 1e308, 1e308)", "grows beyond the largest"),
        ("range n from 1 to 3 step 1 | summarize tdigest(n / 4, 9223372036854775807)", "64 bits"),
    ],
)
def test_what_is_refused(workspace: Workspace, query: str, told: str) -> None:
    with pytest.raises(QueryError) as raised:
        workspace.query(query).rows()
    assert told in raised.value.problems[0].message


@pytest.mark.parametrize(
    ("inside", "start", "value"),
    [
        ("tolong(tostring({}))", "n", 1),
        ("todouble(todatetime({}))", "n", 1.0),
        ("totimespan(tostring({}))", "1d", dt.timedelta(days=1)),
        (
            "todatetime(tostring({}))",
            "datetime(2026-06-01)",
            dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
        ),
        ("todouble(tostring({}))", "1.5", 1.5),
        ("parse_ipv4_mask(format_ipv4({}), 32)", "n", 1),
    ],
)
def test_calls_may_stand_deep_inside_each_other(
    workspace: Workspace, inside: str, start: str, value: object
) -> None:
    """What copies its argument would grow by a power with each, until the run is ended."""
    call = start
    for _ in range(6):
        call = inside.format(call)
    assert workspace.query(f"{ROW} | project got = {call}").rows() == [(value,)]


@pytest.mark.parametrize(
    "query",
    [
        "sort by rand() asc | take 3",
        "top 3 by rand()",
        "extend r = rand() | sort by r | take 3",
        "extend r = rand() | project s = r, n | top 3 by s asc",
    ],
)
def test_rows_are_drawn_by_chance(workspace: Workspace, query: str) -> None:
    rows = workspace.query(f"range n from 1 to 9 step 1 | {query} | distinct n").rows()
    assert len(rows) == 3
