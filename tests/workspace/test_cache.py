"""Compiled queries that are asked again, and what makes them void."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette import QueryError, Workspace
from vedette.workspace import cache

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as opened:
        opened.declare("Visits", {"TimeGenerated": "datetime", "Page": "string"})
        yield opened


def test_a_query_without_a_clock_is_compiled_once(workspace: Workspace) -> None:
    first = workspace.compile("Visits | count")
    assert workspace.compile("Visits | count") is first
    assert workspace.compile("Visits | count", now=NOON, name="another") is first


def test_a_query_with_a_clock_is_good_for_its_moment(workspace: Workspace) -> None:
    text = "Visits | where TimeGenerated > ago(1h)"
    first = workspace.compile(text, now=NOON)
    assert workspace.compile(text, now=NOON) is first
    later = workspace.compile(text, now=NOON + dt.timedelta(hours=1))
    assert later.sql != first.sql
    assert workspace.compile(text) is not workspace.compile(text)


def test_the_clock_is_read_each_time(workspace: Workspace) -> None:
    moments = [workspace.query("print now()").rows()[0][0] for _ in range(2)]
    assert moments[0] < moments[1]


@pytest.mark.parametrize(
    "other",
    [
        {"strict": True},
        {"output": "Few"},
        {"window": (NOON - dt.timedelta(days=1), NOON)},
        {"language": "aql"},
    ],
)
def test_what_a_query_hangs_on_is_told_apart(workspace: Workspace, other: dict[str, Any]) -> None:
    text = "let Few = Visits | take 1; Visits"
    plain = workspace.compile(text)
    try:
        compiled = workspace.compile(text, **other)
    except QueryError as refused:
        assert other == {"language": "aql"}
        assert refused.problems
    else:
        assert compiled is not plain
        assert (compiled.sql != plain.sql) == (other != {"strict": True})


def test_a_declaration_makes_compilations_void(workspace: Workspace) -> None:
    assert [c.name for c in workspace.compile("Visits").columns] == ["TimeGenerated", "Page"]
    workspace.declare("Visits", {"Agent": "string"})
    assert [c.name for c in workspace.compile("Visits").columns][-1] == "Agent"


def test_what_is_ingested_is_seen(workspace: Workspace, tmp_path: Path) -> None:
    assert workspace.query("Visits | count").rows() == [(0,)]
    file = tmp_path / "visits.jsonl"
    for count in (1, 2):
        file.write_text(json.dumps({"Page": f"/{count}"}) + "\n")
        workspace.ingest(file, table="Visits")
        assert workspace.query("Visits | count").rows() == [(count,)]


def test_a_refusal_is_told_each_time_with_its_name(workspace: Workspace) -> None:
    for name in ("one", "two"):
        with pytest.raises(QueryError, match=f"{name}:1:16"):
            workspace.compile("Visits | where Pgae == ''", name=name)


def test_a_repair_is_told_each_time(workspace: Workspace) -> None:
    text = "Visits | extend Kind = case(Page has 'a', 'A', Page, Page)"
    first = workspace.compile(text).repairs
    assert first and workspace.compile(text).repairs == first


def test_no_more_are_kept_than_are_allowed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_COMPILATIONS", 3)
    workspace = Workspace()
    first = workspace.compile("print 0")
    for number in range(1, 4):
        workspace.compile(f"print {number}")
    assert len(workspace._compilations) == 3
    assert workspace.compile("print 0") is not first
    workspace.close()
