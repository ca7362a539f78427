"""``*`` looked for in all columns as one text: the same rows as of the columns one by one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.workspace import Workspace

ALPHABET = "aAkKsSiI09_-. \x1f\u0130\u017f\u212a\u00e9\u00df\u65e5\u0301\u0660"
TEXTS = st.text(alphabet=ALPHABET, max_size=5)
OPERATORS = (
    "has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "contains",
    "contains_cs", "startswith", "endswith_cs", "!has", "!contains",
)  # fmt: skip


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return Workspace()


def written(text: str) -> str:
    return '"' + "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text) + '"'


def answers(workspace: Workspace, table: str, condition: str) -> list[tuple[object, ...]]:
    return workspace.query(f"{table} | where {condition} | project row | sort by row asc").rows()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=6), needle=TEXTS)
def test_all_columns_are_as_each_of_them(
    workspace: Workspace, rows: list[tuple[str, str, str]], needle: str
) -> None:
    """Whatever is sought, beyond ASCII and across borders of columns too."""
    cells = ", ".join(
        f"{i}.5, {written(a)}, {written(b)}, dynamic({written(c)})"
        for i, (a, b, c) in enumerate(rows)
    )
    table = f"datatable(row: real, a: string, b: string, d: dynamic) [{cells}]"
    for operator in OPERATORS:
        word = " and " if operator.startswith("!") else " or "
        each = word.join(f"{column} {operator} {written(needle)}" for column in ("a", "b", "d"))
        of_all = answers(workspace, table, f"* {operator} {written(needle)}")
        assert of_all == answers(workspace, table, each), (operator, needle)


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ('* has "red blue"', []),
        ('* has "red"', [1.5]),
        ('* contains "dblu"', []),
        ('* has_any ("green", "blue")', [1.5, 2.5]),
        ('* has_all ("red", "blue")', []),
        ('* has_all ("deep", "green")', [2.5]),
        ('* has "7"', [2.5]),
        ('* has ""', [1.5, 2.5]),
        ('not(* has "red")', [2.5]),
    ],
)
def test_no_text_reaches_from_column_to_column(
    workspace: Workspace, condition: str, rows: list[float]
) -> None:
    table = """datatable(row: real, a: string, b: string, n: long) [
        1.5, "red", "blue", long(null), 2.5, "deep green", "", 7]"""
    assert [row for (row,) in answers(workspace, table, condition)] == rows
