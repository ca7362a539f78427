"""Saved functions in queries: which name wins, and where what is wrong in them is told."""

from pathlib import Path

import pytest

from vedette import QueryError, Workspace
from vedette.plan.relations import Scan
from vedette.plan.rewrite import relations

FILES = {
    "Heartbeat.kql": "print Mine = 1",
    "Strays.kql": "\nprint a = 1\n| where nope > 1",
    "Unread.kql": "print a = \n| where",
    "Loop.kql": "Loop | take 1",
    "Ping.kql": "Pong | take 1",
    "Pong.kql": "Ping | take 1",
    "Outer.kql": "Strays | take 1",
    "Long.kql": f"{'/' * 50} a note\nPerf | where Computer == 'a'",
    "Row.kql": ".create function Row(n:long) { print n }",
    "Default.kql": ".create function Default(n:long = nothing) { print n }",
    "Engine.kql": "datatable(a:string)['x']\n| where a matches regex 'a{1001}'",
    "parser.yaml": "FunctionName: Parsed\nFunctionQuery: |\n    print 1\n    | where broken\n",
    "FileProfile.kql": (
        ".create function FileProfile(T:(*), key:string = 'SHA1', most:long = 100)"
        " { T | extend GlobalPrevalence = 7 }"
    ),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return Workspace(functions=[tmp_path])


def test_a_saved_function_goes_before_a_table_of_its_name(workspace: Workspace) -> None:
    assert workspace.query("Heartbeat").rows() == [(1,)]
    columns = [c.name for c in workspace.query("table('Heartbeat')").columns]
    assert "Computer" in columns


def test_what_the_query_defines_goes_before_a_saved_function(workspace: Workspace) -> None:
    assert workspace.query("let Heartbeat = datatable(a:long)[5]; Heartbeat").rows() == [(5,)]


@pytest.mark.parametrize(
    ("query", "code", "column", "told"),
    [
        ("print 1 | union Strays", "KS142", 17, "'Strays' (FOLDER/Strays.kql:3:9): The name 'nope"),
        ("Outer", "KS142", 1, "'Outer' (FOLDER/Outer.kql:1:1): In the saved function 'Strays' ("),
        ("Unread", "KS006", 1, "'Unread' (FOLDER/Unread.kql:2:1): Expected"),
        ("Parsed()", "KS142", 1, "'Parsed' (FOLDER/parser.yaml:4:13): The name 'broken'"),
        ("Loop", "KS245", 1, "The saved function 'Loop' calls itself"),
        ("Ping", "KS245", 1, "The saved function 'Ping' calls itself"),
        ("Default", "KS142", 1, "'Default' (FOLDER/Default.kql:1:35): The name 'nothing'"),
        ("Engine", "VD001", 1, "'Engine' (FOLDER/Engine.kql:2:"),
        ("Row", "KS119", 1, "The function 'Row' expects 1 argument"),
        ("Row('a')", "KS141", 5, "must have the type long, not string"),
        ("print Row(1)", "KS108", 7, "Scalar value expected"),
        ("Heartbeet", "KS204", 1, "does not refer to any known table"),
    ],
)
def test_problems_are_told_where_the_query_calls(
    workspace: Workspace, tmp_path: Path, query: str, code: str, column: int, told: str
) -> None:
    with pytest.raises(QueryError) as refused:
        workspace.query(query)
    problem = next(p for p in refused.value.problems if p.code == code)
    assert (problem.line, problem.column) == (1, column)
    assert told.replace("FOLDER", str(tmp_path)) in problem.message


def test_places_of_a_body_are_those_of_its_call(workspace: Workspace) -> None:
    text = "print 1 | union (Long | take 1)"
    plan = workspace.compile(text).plan
    assert plan is not None
    called = [r for r in relations(plan.root) if isinstance(r, Scan)]
    assert [text[r.span.start : r.span.end] for r in called] == ["Long"]


def test_services_of_defender_are_refused_unless_a_function_is_saved(
    workspace: Workspace,
) -> None:
    query = "datatable(SHA1:string)['a'] | invoke FileProfile('SHA1', 1000)"
    assert workspace.query(query).rows() == [("a", 7)]
    with pytest.raises(QueryError, match="what is known of files") as refused:
        Workspace().query(query)
    assert refused.value.problems[0].kind == "source"
    assert "functions/FileProfile.kql" in refused.value.problems[0].hint
