"""Columns that hang on data: what plug-ins make of the rows there are when a query is bound."""

import datetime as dt

import pytest
from tests.kql.conftest import bound

from vedette.syntax.problem import QueryError
from vedette.workspace import Workspace

BAGS = """
datatable(d:dynamic, k:string)[
    dynamic({"Name": "John", "Age": 20, "At": datetime(2020-01-01), "None": null}), "a",
    dynamic({"Name": "Dave", "Height": 1.5, "Age": "x", "List": [1]}), "b",
    dynamic(null), "c", dynamic([1]), "d"]
"""
PAIRS = 'datatable(g:string, k:string, v:long)["a", "x", 1, "a", "y", 2, "b", "x", 3, "a", "x", 5]'


def shown(workspace: Workspace, query: str) -> tuple[list[str], list[tuple[object, ...]]]:
    result = workspace.query(query)
    return [f"{c.name}:{c.type}" for c in result.columns], result.rows()


def test_a_property_that_has_one_type_gives_a_column_of_it(workspace: Workspace) -> None:
    columns, rows = shown(workspace, BAGS + "| evaluate bag_unpack(d)")
    assert columns == [
        "k:string", "Age:dynamic", "At:datetime", "Height:real", "List:dynamic", "Name:string",
        "None:dynamic",
    ]  # fmt: skip
    moment = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert rows == [
        ("a", 20, moment, None, None, "John", None),
        ("b", "x", None, 1.5, [1], "Dave", None),
        ("c", None, None, None, None, "", None),
        ("d", None, None, None, None, "", None),
    ]


@pytest.mark.parametrize(
    ("call", "columns"),
    [
        ("bag_unpack(d, 'p_')", ["Age:string", "p_Age:long", "p_Name:string", "p_d:long"]),
        ("bag_unpack(d, columnsConflict='replace_source')", ["d:long", "Age:long", "Name:string"]),
        ("bag_unpack(d, columnsConflict='keep_source')", ["d:long", "Age:string", "Name:string"]),
        (
            "bag_unpack(d, columnsConflict='keep_source', ignoredProperties=dynamic(['d']))",
            ["Age:string", "Name:string"],
        ),
    ],
)
def test_what_becomes_of_names_that_come_twice(
    workspace: Workspace, call: str, columns: list[str]
) -> None:
    bag = 'datatable(d:dynamic, Age:string)[dynamic({"Name": "x", "Age": 20, "d": 2}), "a"]'
    assert shown(workspace, f"{bag} | evaluate {call}")[0] == columns


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ('datatable(d:dynamic, a:long)[dynamic({"a": 1}), 2] | evaluate bag_unpack(d)', "'a'"),
        ("print d = dynamic({}) | evaluate bag_unpack(d, columnsConflict='all')", "'all'"),
        ('datatable(x:string, k:string)["a", "x"] | evaluate pivot(k)', "'x'"),
    ],
)
def test_a_second_column_of_a_name_is_refused(workspace: Workspace, query: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        workspace.query(query)


def test_a_column_that_no_row_has_is_empty_and_told_of(workspace: Workspace) -> None:
    query = BAGS + "| evaluate bag_unpack(d) | where Gone == '' | project k, Gone"
    result = workspace.query(query)
    assert {r.name for r in result.repairs} == {"column-not-in-data"}
    assert len(result.rows()) == 4
    with pytest.raises(QueryError, match="Gone"):
        workspace.query(query, strict=True)


@pytest.mark.parametrize(
    ("call", "columns", "rows"),
    [
        ("pivot(k, sum(v))", ["g:string", "x:long", "y:long"], [("a", 6, 2), ("b", 3, 0)]),
        ("pivot(k, max(v), g)", ["g:string", "x:long", "y:long"], [("a", 5, 2), ("b", 3, None)]),
        ("pivot(k, make_list(v), g)", ["g:string", "x:dynamic", "y:dynamic"], None),
        ("pivot(g, count(), k)", ["k:string", "a:long", "b:long"], [("x", 2, 1), ("y", 1, 0)]),
        (
            "pivot(k)",
            ["g:string", "v:long", "x:long", "y:long"],
            [("a", 1, 1, 0), ("a", 2, 0, 1), ("a", 5, 1, 0), ("b", 3, 1, 0)],
        ),
    ],
)
def test_a_pivot_has_a_column_a_value(
    workspace: Workspace, call: str, columns: list[str], rows: list[tuple[object, ...]] | None
) -> None:
    found, got = shown(workspace, f"{PAIRS} | evaluate {call}")
    assert found == columns
    if rows is not None:
        assert sorted(got, key=str) == rows


def test_pairs_of_names_and_values_become_columns(workspace: Workspace) -> None:
    query = """
    print id = 7, d = dynamic([{"@Name": "User", "#text": "x"}, {"@Name": "Port", "#text": "22"}])
    | mv-expand e = d
    | project-away d
    | evaluate bag_unpack(e)
    | extend Key = tostring(['@Name']), Value = ['#text']
    | evaluate pivot(Key, any(Value), id)
    | project id, Port, User, Process = column_ifexists("Process", "none")
    """
    assert shown(workspace, query)[1] == [(7, "22", "x", "none")]


ACTIVITY = """
datatable(who:string, at:datetime, where_:string)[
    "A", datetime(2020-08-01), "x", "B", datetime(2020-08-01 10:00), "x",
    "A", datetime(2020-08-02), "x", "C", datetime(2020-08-02), "y",
    "A", datetime(2020-08-02 01:00), "y",
    "C", datetime(2020-08-04), "x", "Z", datetime(2020-08-05), "x", "Y", datetime(2020-07-31), "x"]
| evaluate activity_counts_metrics(who, at, datetime(2020-08-01), datetime(2020-08-04), 1d{})
| extend day = dayofmonth(at)
| project-away at
"""


def test_activity_is_counted_by_period(workspace: Workspace) -> None:
    columns, rows = shown(workspace, ACTIVITY.format(""))
    assert columns[:4] == ["count:long", "dcount:long", "new_dcount:long", "aggregated_dcount:long"]
    assert sorted(rows, key=lambda r: str(r[-1])) == [
        (2, 2, 2, 2, 1), (3, 2, 1, 3, 2), (1, 1, 0, 3, 4),
    ]  # fmt: skip


def test_activity_is_counted_by_dimension(workspace: Workspace) -> None:
    columns, rows = shown(workspace, ACTIVITY.format(", where_"))
    assert columns[0] == "where_:string"
    assert sorted(rows, key=str) == [
        ("x", 1, 1, 0, 2, 2), ("x", 1, 1, 1, 3, 4), ("x", 2, 2, 2, 2, 1), ("y", 2, 2, 2, 2, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("activity_counts_metrics(a, b, now(), now(), 1d)", "VD001"),
        ("activity_counts_metrics(a, t, 1, now(), 1d)", "KS141"),
        ("activity_counts_metrics(a, t, now(), now(), 0d)", "KS134"),
        ("activity_counts_metrics(a, t, now(), now(), 'week')", "VD001"),
        ("activity_counts_metrics(a, t, now(), now(), 1d, d)", "KS116"),
        ("activity_counts_metrics(a, t)", "KS120"),
        ("activity_counts_metrics(a, t, now(), now(), 1d, b, b)", "VD001"),
        ("pivot(a, count(), t, b, t)", "VD001"),
        ("autocluster()", "VD009"),
        ("activity_counts_metrics(a, t, now(), now(), 1d, t)", "VD013"),
        ("session_count(a, t, now(), now(), 1d, 1d)", "VD001"),
    ],
)
def test_what_a_plugin_refuses(call: str, code: str) -> None:
    assert bound(f"T | evaluate {call}").codes == [code]


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("project-reorder Gone, k", ["Gone:string", "k:string", "Name:string"]),
        ("evaluate pivot(Gone, take_any(Name), k, Lost)", ["k:string", "Lost:string", ":string"]),
        ("summarize arg_max(Name, *) by k | project k, Gone", ["k:string", "Gone:string"]),
        ("join kind=inner (print k = 'a') on k | project k, Gone", ["k:string", "Gone:string"]),
    ],
)
def test_an_absent_column_is_empty_wherever_it_is_named(
    workspace: Workspace, query: str, columns: list[str]
) -> None:
    bag = 'datatable(d:dynamic, k:string)[dynamic({"Name": "x"}), "a"] | evaluate bag_unpack(d)'
    assert shown(workspace, f"{bag} | {query}")[0] == columns
