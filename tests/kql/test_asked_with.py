"""What a query is given beside its text: parameters, and files from outside."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest

from vedette import QueryError, Workspace

DECLARED = "declare query_parameters(n:long = 3, since:timespan = 1d); print n, since"


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ({}, (3, dt.timedelta(days=1))),
        ({"n": "7"}, (7, dt.timedelta(days=1))),
        ({"n": 8, "since": dt.timedelta(hours=2)}, (8, dt.timedelta(hours=2))),
        ({"since": "timespan(3h)"}, (3, dt.timedelta(hours=3))),
    ],
)
def test_parameters_have_values_or_defaults(
    workspace: Workspace, given: dict[str, Any], row: tuple[Any, ...]
) -> None:
    assert [tuple(r) for r in workspace.query(DECLARED, parameters=given).rows()] == [row]


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("declare query_parameters(n:long); print n", {}, "has no value"),
        ("declare query_parameters(n:long); print n", {"n": "x"}, "is no long"),
        ("print 1", {"n": "1"}, "declares no parameter 'n'"),
    ],
)
def test_a_value_that_is_missing_or_does_not_fit_is_named(
    workspace: Workspace, text: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        workspace.query(text, parameters=given)
    assert [p.code for p in caught.value.problems] == ["VD012"]


def rows(workspace: Workspace, text: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in workspace.query(text).rows()]


def test_allowed_files_are_read_in_their_formats(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('n,s\n1,x\n2,"y, z"\n', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"n": 1, "d": {"k": [1]}}\n{"n": "no"}\n', encoding="utf-8")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"one\ntwo\n"))
    copy = f"https://example.org/list.csv={tmp_path / 'a.csv'}"
    with Workspace(allow=[tmp_path, copy]) as workspace:
        table = "externaldata(n:long, s:string)"
        options = "with (format='csv', ignoreFirstRecord=true)"
        expected = [(1, "x"), (2, "y, z")]
        assert rows(workspace, f"{table}[@'{tmp_path}/a.csv'] {options}") == expected
        assert rows(workspace, f"{table}['https://example.org/list.csv'] {options}") == expected
        text = f"externaldata(n:long, d:dynamic)['{(tmp_path / 'b.json').as_uri()}']"
        assert rows(workspace, text) == [(1, {"k": [1]}), (None, None)]
        text = f"externaldata(line:string)['{tmp_path}/c.txt.gz'] | count"
        assert rows(workspace, text) == [(2,)]


@pytest.mark.parametrize(
    "address", ["{other}/a.csv", "{allowed}/../other/a.csv", "https://x.org/a"]
)
def test_other_places_are_refused_and_nothing_is_fetched(tmp_path: Path, address: str) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    allowed.mkdir()
    other.mkdir()
    (other / "a.csv").write_text("secret", encoding="utf-8")
    place = address.format(allowed=allowed, other=other)
    with Workspace(allow=[allowed]) as workspace, pytest.raises(QueryError) as caught:
        workspace.query(f"externaldata(s:string)['{place}']")
    assert [(p.code, p.kind) for p in caught.value.problems] == [("VD002", "source")]
    assert "--allow" in (caught.value.problems[0].hint or "")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    with Workspace(allow=[tmp_path]) as workspace:
        for line in ("first", "second"):
            file.write_text(line, encoding="utf-8")
            assert rows(workspace, f"externaldata(s:string)['{file}']") == [(line,)]
