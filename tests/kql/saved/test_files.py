"""Files of saved functions: which functions they hold, and what is said of those that hold none."""

from pathlib import Path

import pytest

from vedette import QueryError, Workspace
from vedette.kql.saved import Unreadable, read_paths

COMMANDS = """// two functions of ours
.create-or-alter function with (folder = "a (b)", docstring = 'says "how"') Twice(n:long) {
    n * 2
}

.create function ifnotexists Below(T:(x:long), limit:long = 3) { T | where x < limit }
"""
PARSER = """id: 1
Function:
  Title: A parser
FunctionName: Known
FunctionAlias: KnownToo
FunctionParams:
  - Name: which
    Type: string
    Default: '*'
  - Name: wanted
    Type: dynamic
    Default: dynamic([])
  - Name: off
    Type: bool
    Default: false
FunctionQuery: |
    print Which = which, Wanted = array_length(wanted)
    | where not(off)
"""
ASIM = """ParserName: vimOurs
EquivalentBuiltInParser: _Im_Ours
ParserParams:
- Name: least
  Type: int
  Default: int(null)
ParserQuery: |
  range x from 1 to 5 step 1
  | where isnull(least) or x >= least
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ours.kql").write_text(COMMANDS)
    (tmp_path / "Five.csl").write_text(
        "// five\nlet most = 5;\nrange i from 1 to most step 1 // up"
    )
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "parser.yaml").write_text(PARSER)
    (tmp_path / "deeper" / "asim.yml").write_text(ASIM)
    (tmp_path / "deeper" / "rule.yaml").write_text("name: no parser\n")
    (tmp_path / "readme.md").write_text("nothing")
    return Workspace(functions=[tmp_path])


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("print Twice(4)", [(8,)]),
        ("range x from 1 to 9 step 1 | invoke Below() | count", [(2,)]),
        ("range x from 1 to 9 step 1 | invoke Below(limit = 5) | count", [(4,)]),
        ("Below((range x from 1 to 9 step 1), 2) | count", [(1,)]),
        ("Five | count", [(5,)]),
        ("Five() | summarize sum(i)", [(15,)]),
        ("Known", [("*", 0)]),
        ("KnownToo('a', dynamic([1, 2]))", [("a", 2)]),
        ("Known(off = true) | count", [(0,)]),
        ("_Im_Ours | count", [(5,)]),
        ("vimOurs(4) | count", [(2,)]),
        ("range x from 1 to 3 step 1 | extend y = Twice(x) | summarize sum(y)", [(12,)]),
        ("let Five = view () { print 1 }; Five | count", [(1,)]),
        ("union isfuzzy = true Five, Six, Seven(1) | count", [(5,)]),
        ("Five | where i in ((_Im_Ours(4)))", [(4,), (5,)]),
    ],
)
def test_functions_of_every_kind_of_file_are_called(
    workspace: Workspace, query: str, rows: list[tuple[object, ...]]
) -> None:
    assert workspace.query(query).rows() == rows


def test_a_file_of_a_later_path_counts(tmp_path: Path) -> None:
    for folder, value in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "One.kql").write_text(f"print {value}")
    workspace = Workspace(functions=[tmp_path / "a"])
    assert workspace.query("One").rows() == [(1,)]
    workspace.add_functions([tmp_path / "b"])
    assert workspace.query("One").rows() == [(2,)]


def test_functions_of_a_workspace_lie_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "Here.kql").write_text("print 'here'")
    with Workspace(tmp_path) as workspace:
        assert workspace.query("Here").rows() == [("here",)]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("f.kql", "  \n", "it is empty"),
        ("f.kql", "// a\n\n.create table T (x:long)", "f.kql:3: a command that is not of the form"),
        ("f.kql", ".create function F(x:long { x }", "f.kql: .create"),
        ("toupper.kql", "print 1", "'toupper' is a function of Kusto's own"),
        ("f.yaml", "a: [", "it is no YAML"),
        ("f.yaml", "a: 1", "it has neither FunctionName"),
        (
            "f.yaml",
            "FunctionName: F\nFunctionParams: [{Name: a}]\nFunctionQuery: 'print 1'\n",
            "a parameter needs a Name and a Type",
        ),
        ("absent.kql", None, "cannot be read"),
    ],
)
def test_files_that_define_no_function_are_named(
    tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    if told == "f.kql: .create":  # read when it is called
        assert set(read_paths([file])) == {"F"}
        return
    with pytest.raises(Unreadable, match=told):
        read_paths([file])
    with pytest.raises(QueryError, match=told) as refused:
        Workspace(functions=[file]).query("print 1")
    assert [p.kind for p in refused.value.problems] == ["source"]
