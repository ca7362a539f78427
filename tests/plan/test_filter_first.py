"""Filters go before absent strings are made empty, and choose the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette import Workspace

VALUES = ("", "a", "A b", "nmap -sV", "x", None)
CONDITIONS = (
    "T has 'a'", "not(T has 'a')", "T !has 'a'", "T contains 'a' or T has 'nmap'", "T has ''",
    "isnotempty(T)", "isempty(T)", "T == 'a'", "T != 'a'", "T == ''", "T in ('a', 'x')",
    "T in ('', 'x')", "T !in ('a', 'x')", "T in~ ('A', 'X')", "T =~ 'A'", "T startswith ''",
    "T endswith 'b'", "T has_any ('a', 'nmap')", "T has_all ('nmap', 'sv')", "T !contains 'a'",
    "not(T == 'a' and N > 1)", "T has 'a' and N > 1", "isnotempty(T) and not(T has 'a' or N == 3)",
    "not(isnotempty(T))", "(N > 1) == (T has 'a')", "strlen(T) == 0", "T matches regex '^$'",
    "(T has 'a') == true", "iff(T has 'a', true, false)",
)  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    opened = Workspace()
    opened.declare("Texts", {"T": "string", "N": "long"})
    file: Path = tmp_path_factory.mktemp("logs") / "texts.jsonl"
    rows = [{"N": n} if value is None else {"N": n, "T": value} for n, value in enumerate(VALUES)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    opened.ingest(file, table="Texts")
    yield opened
    opened.close()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_rows_are_chosen(workspace: Workspace, condition: str) -> None:
    rows = ", ".join(f"{json.dumps(value or '')}, {n}" for n, value in enumerate(VALUES))
    written = f"datatable(T: string, N: long) [{rows}]"
    expected = workspace.query(f"{written} | extend hit = {condition} | where hit | project N, T")
    found = workspace.query(f"Texts | where {condition} | project N, T")
    assert sorted(found.rows()) == sorted(expected.rows())


def test_a_filter_reads_the_stored_column(workspace: Workspace) -> None:
    sql = workspace.compile("Texts | where T has_any ('a', 'b') | project N").sql
    assert "coalesce" not in sql


def test_rows_that_are_used_twice_are_filtered_where_it_is_said(workspace: Workspace) -> None:
    text = "let All = Texts; All | where T has 'a' | join kind=leftouter All on N | count"
    assert workspace.query(text).rows() == [(2,)]
