"""Watchlists: kept in a folder or in memory, looked up by queries, refused where they cannot be."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from vedette import QueryError, Workspace
from vedette.cli import main
from vedette.workspace.watchlists import WatchlistError, Watchlists

APPS = 'AppId, Name,Owner\n7,Seven,ann\n8,"Eight, or so"\n\n7,Seven,ann\n'


@pytest.fixture
def apps(tmp_path: Path) -> Path:
    file = tmp_path / "apps.csv"
    file.write_text(APPS, encoding="utf-8-sig")
    return file


@pytest.mark.parametrize("kept", [True, False])
def test_rows_have_sentinels_columns_before_their_own(
    tmp_path: Path, apps: Path, kept: bool
) -> None:
    with Workspace(tmp_path / "w" if kept else None) as workspace:
        before = dt.datetime.now(dt.UTC).replace(microsecond=0)
        workspace.add_watchlist("Apps", apps, search_key="Name")
        result = workspace.query("_GetWatchlist('Apps') | sort by AppId asc, Name asc")
        names = ["_DTItemId", "LastUpdatedTimeUTC", "SearchKey", "AppId", "Name", "Owner"]
        assert [c.name for c in result.columns] == names
        assert {str(c.type) for c in result.columns} == {"string", "datetime"}
        rows = result.rows()
        assert [row[2:] for row in rows] == [
            ("Seven", "7", "Seven", "ann"),
            ("Seven", "7", "Seven", "ann"),
            ("Eight, or so", "8", "Eight, or so", ""),
        ]
        assert len({row[0] for row in rows}) == 3
        assert all(before <= row[1] for row in rows)
        assert workspace.query("_GetWatchlistAlias").rows() == [("Apps",)]
        keyed = "_GetWatchlist('Apps', dynamic(['Eight, or so', 'Nine'])) | project AppId"
        assert workspace.query(keyed).rows() == [("8",)]


def test_lists_outlive_the_workspace_and_are_replaced_and_removed(
    tmp_path: Path, apps: Path
) -> None:
    with Workspace(tmp_path / "w") as workspace:
        workspace.add_watchlist("Apps", apps)
    with Workspace(tmp_path / "w") as workspace:
        count = "_GetWatchlist('Apps') | count"
        assert workspace.query(count).rows() == [(3,)]
        apps.write_text("Id\n1\n")
        workspace.add_watchlist("Apps", apps)
        assert workspace.query(count).rows() == [(1,)]
        workspace.remove_watchlist("Apps")
        with pytest.raises(QueryError, match="no watchlist 'Apps'"):
            workspace.query(count)
        with pytest.raises(ValueError, match="there is no watchlist 'Apps'"):
            workspace.remove_watchlist("Apps")


def test_lists_choose_rows_in_queries_and_functions(tmp_path: Path, apps: Path) -> None:
    with Workspace() as workspace:
        workspace.add_watchlist("Apps", apps)
        rows = "datatable(App:string)['7', '9'] | where App "
        keys = "((_GetWatchlist('Apps') | project SearchKey))"
        assert workspace.query(f"{rows} in {keys}").rows() == [("7",)]
        assert workspace.query(f"{rows} !in {keys}").rows() == [("9",)]
        lookup = "let owner = (list:string) { _GetWatchlist(list) | project SearchKey, Owner };"
        joined = (
            f"{lookup} datatable(App:string)['8', '7']"
            " | lookup kind=inner owner('Apps') on $left.App == $right.SearchKey"
            " | distinct Owner | sort by Owner"
        )
        assert workspace.query(joined).rows() == [("ann",), ("",)]


def test_an_absent_list_is_refused_with_what_to_do(tmp_path: Path, apps: Path) -> None:
    with Workspace() as workspace:
        with pytest.raises(QueryError) as refused:
            workspace.query("_GetWatchlist('Apps')")
        problem = refused.value.problems[0]
        assert (problem.code, problem.kind, problem.column) == ("VD002", "source", 15)
        assert "vedette watchlist add Apps FILE.csv" in problem.hint
        workspace.add_watchlist("Apps", apps)
        with pytest.raises(QueryError) as refused:
            workspace.query("_GetWatchlist('apps')")
        assert "did you mean 'Apps'?" in refused.value.problems[0].hint


def test_what_switches_asims_parsers_off_is_empty_where_absent() -> None:
    query = "_GetWatchlist('ASimDisabledParsers') | where SearchKey in ('Any')"
    with Workspace() as workspace:
        result = workspace.query(query)
        assert result.rows() == []
        assert [c.name for c in result.columns][-1] == "WatchlistItem"


@pytest.mark.parametrize(
    ("alias", "text", "key", "told"),
    [
        ("../up", "a\n1\n", None, "is no alias"),
        ("", "a\n1\n", None, "is no alias"),
        ("A", "", None, "it is empty"),
        ("A", "a,b\n1,2,3\n", None, r"list.csv:2: 3 columns, the first line names 2"),
        ("A", "a,a\n", None, "'a' is empty or comes twice"),
        ("A", "a,\n", None, "'' is empty or comes twice"),
        ("A", "SearchKey\n", None, "'SearchKey' is Sentinel's own"),
        ("A", "a\n1\n", "b", "no column 'b'; there are a"),
        ("A", 'a\n"open\n', None, "list.csv:2"),
        ("apps", "a\n1\n", None, "differ in letter case only"),
    ],
)
def test_files_that_are_no_lists_are_named(
    tmp_path: Path, apps: Path, alias: str, text: str, key: str | None, told: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text)
    with Workspace(tmp_path / "w") as workspace:
        workspace.add_watchlist("Apps", apps)
        with pytest.raises(ValueError, match=told):
            workspace.add_watchlist(alias, file, key)
        assert [e.alias for e in workspace.watchlists()] == ["Apps"]


def test_a_list_that_was_spoilt_is_refused(tmp_path: Path, apps: Path) -> None:
    with Workspace(tmp_path / "w") as workspace:
        workspace.add_watchlist("Apps", apps)
        (tmp_path / "w" / "watchlists" / "Apps.csv").unlink()
        with pytest.raises(QueryError) as refused:
            workspace.query("_GetWatchlist('Apps')")
        assert "cannot be read" in refused.value.problems[0].reason


def test_the_command_adds_lists_and_removes(tmp_path: Path, apps: Path) -> None:
    folder = tmp_path / "w"
    Workspace(folder).declare("T", {"a": "string"})

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["watchlist", *words, "--workspace", str(folder)])
        return result.exit_code, result.output

    assert run("list")[0] == 2
    code, told = run("add", "Apps", str(apps), "--search-key", "AppId")
    assert (code, told) == (0, "Apps: 3 rows, looked up by AppId\n")
    code, told = run("list", "--format", "csv")
    assert code == 0
    assert told.splitlines()[0] == "alias,search key,rows,updated"
    assert told.splitlines()[1].startswith("Apps,AppId,3,")
    assert run("add", "Apps", str(tmp_path / "none.csv"))[0] == 3
    assert run("remove", "Apps")[0] == 0
    assert run("remove", "Apps")[0] == 3
    assert CliRunner().invoke(main, ["watchlist", "list", "--workspace", str(apps)]).exit_code == 3


def test_two_that_change_the_lists_at_once_lose_none(tmp_path: Path, apps: Path) -> None:
    def add(who: int) -> None:
        lists = Watchlists(tmp_path)
        for number in range(6):
            lists.add(f"list{who}-{number}", apps)
            lists.add("same", apps)
        lists.remove(f"list{who}-0")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(add, range(3)))
    kept = Watchlists(tmp_path)
    assert kept.aliases() == [f"list{w}-{n}" for w in range(3) for n in range(1, 6)] + ["same"]
    assert all(kept.find(alias) is not None for alias in kept.aliases())


def test_lists_that_another_does_not_let_go_of(
    tmp_path: Path, apps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vedette.workspace.watchlists._PATIENCE", 0.01)
    with Watchlists(tmp_path).changing(), pytest.raises(WatchlistError, match="cannot be changed"):
        Watchlists(tmp_path).add("Apps", apps)
