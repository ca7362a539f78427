"""Several results, unasked arguments, columns of many tables or of none, and ties."""

from __future__ import annotations

import pytest

from vedette import QueryError
from vedette.workspace import Workspace

TEXT = "let a = 1; print x = a; let b = 2; print y = b; print z = a + b"


@pytest.mark.parametrize(
    ("output", "name", "value"),
    [(None, "z", 3), ("result_1", "x", 1), ("result_2", "y", 2)],
)
def test_the_last_of_several_results_is_given(output: str | None, name: str, value: int) -> None:
    result = Workspace().query(TEXT, output=output)
    assert [column.name for column in result.columns] == [name]
    assert [list(row) for row in result.rows()] == [[value]]


def test_what_is_wrong_in_an_earlier_result_is_told() -> None:
    with pytest.raises(QueryError, match="KS142"):
        Workspace().query("print x = absent; print y = 1")


def test_a_function_has_one_result() -> None:
    with pytest.raises(QueryError, match="a second result of a function"):
        Workspace().query("let f = () { print 1; print 2 }; f()")


def test_an_argument_of_another_type_that_nothing_asks_for() -> None:
    text = "let f = (t: timespan) { print x = 1 }; f(now())"
    assert [list(row) for row in Workspace().query(text).rows()] == [[1]]
    for asking in ("{ print t }", "{ print x = 1 | where x > t / 1d }"):
        with pytest.raises(QueryError, match="KS141"):
            Workspace().query(f"let f = (t: timespan) {asking}; f(now())")


def test_a_column_without_rows_has_the_type_that_most_tables_have() -> None:
    workspace = Workspace()
    workspace.declare("MineA", {"Weight": "long", "Own": "long"})
    workspace.declare("MineB", {"Weight": "long"})
    workspace.declare("MineC", {"Weight": "string"})
    result = workspace.query("union Mine* | project Weight, Own")
    assert [(c.name, c.type) for c in result.columns] == [("Weight", "long"), ("Own", "long")]
    result = workspace.query("union MineA, MineC | project Weight_long, Weight_string")
    assert [c.name for c in result.columns] == ["Weight_long", "Weight_string"]


HITS = "datatable(name: string, size: long) ['a', 1, 'b', 3, 'b', 1, 'c', 2, 'd', 2]"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("1 of name", "b"),
        ("4 of name", "bacd"),
        ("9 of name", "bacd"),
        ("3 of name by size", "bcd"),
    ],
)
def test_what_is_most_frequent(asked: str, names: str) -> None:
    result = Workspace().query(f"{HITS} | top-hitters {asked}")
    assert "".join(row[0] for row in result.rows()) == names


@pytest.mark.parametrize("asked", ["2 of name", "3 of name", "2 of name by size"])
def test_a_cut_between_equally_frequent_values_fails_the_run(asked: str) -> None:
    with pytest.raises(QueryError, match="which of them Kusto keeps is not documented"):
        Workspace().query(f"{HITS} | top-hitters {asked}")


DATA = "datatable(k: string, d: dynamic) ['a', dynamic({'Name': 'x'})] | evaluate bag_unpack(d)"


@pytest.mark.parametrize(
    "rest",
    [
        f"| where User == '' | join ({DATA}) on $left.User == $right.User",
        f"| join ({DATA}) on User, $left.k == $right.k",
        "| extend list = dynamic([1, 2]) | mv-apply list on (summarize n = sum(tolong(list)))",
    ],
)
def test_a_column_that_the_data_has_not_stands_behind_joins_and_parts(rest: str) -> None:
    query = f"{DATA} {rest} | summarize count() by User"
    result = Workspace().query(query)
    assert [list(row) for row in result.rows()] == [["", 1]]
    with pytest.raises(QueryError, match="KS142"):
        Workspace().query(query, strict=True)


def test_a_regular_expression_put_together_of_constants() -> None:
    pattern = "strcat('(', strcat_array(dynamic(['a', 'b+']), '|'), ')$')"
    (row,) = (
        Workspace()
        .query(f"print 'xbb' matches regex {pattern}, 'x' matches regex {pattern}")
        .rows()
    )
    assert list(row) == [True, False]


@pytest.mark.parametrize(
    "query",
    [
        "union isfuzzy=true Gone, (Lost | take 1)",
        "union isfuzzy=true (union isfuzzy=true Gone), Lost()",
    ],
)
def test_a_union_that_leaves_out_all_it_names_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match="None of the tables that the union names is known"):
        Workspace().query(query)
