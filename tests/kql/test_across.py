"""Operands of two types, and longs beyond 64 bits."""

from __future__ import annotations

import pytest

from vedette import QueryError
from vedette.workspace import Workspace

GUID = "70fc66f7-8279-44fc-9092-d364d70fce44"
ROW = f"""datatable(i: int, n: long, r: real, b: bool, s: string, g: guid, t: datetime, nn: long) [
    4688, 5, 1.5, true, "5", guid({GUID}), datetime(2026-06-01), long(null)]"""


def answer(call: str) -> object:
    ((value,),) = Workspace().query(f"{ROW} | project answer = {call}").rows()
    return value


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("i == '4688'", True),
        ("'4688' == i", True),
        ("i != '4688'", False),
        ("i == '4624'", False),
        ("i == 'abc'", False),
        ("i != 'abc'", True),
        ("nn == 'abc'", False),
        ("nn != '5'", True),
        ("s == 5", True),
        ("s != 5", False),
        ("s == 6", False),
        ("s == n", True),
        ("s == r", False),
        ("s == nn", False),
        ("b == 1", True),
        ("b == 0", False),
        ("b != 0", True),
        ("0 != b", True),
        (f"g == '{GUID}'", True),
        ("g == 'x'", False),
        ("b == 'true'", True),
        ("b == 'True'", True),
        ("b != 'false'", True),
        ("b == '1'", True),
        ("b == '0'", False),
        ("b == 'yes'", False),
        ("b != 'yes'", True),
        ("b in ('true')", True),
        ("bool(null) == 'true'", False),
        ("r == '1.50'", True),
        ("r in ('1', '2')", False),
        ("r * 2 in ('3', '4')", True),
        ("dynamic({'a': ''}).a == ''", True),
        ("dynamic({'a': 0}).a == ''", False),
        ("dynamic({'a': 0}).b == ''", True),
        ("dynamic({'a': 0}).b != ''", False),
        ("t == '2026-06-01T00:00:00.0000000Z'", True),
        ("i in ('4688', '4689')", True),
        ("i !in ('4688', '4689')", False),
        ("s in (5, 6)", True),
        ("s in (6, 7)", False),
        ("s !in (6, 7)", True),
        ("s in ('x', 5)", True),
        ("n in ('4', 5)", True),
        ("b in (1)", True),
        ("nn in ('5')", False),
        ("s has_any (5)", True),
        ("9223372036854775807 + n", -9223372036854775804),
        ("n - 9223372036854775807 - 20", 9223372036854775794),
        ("9223372036854775807 * n", 9223372036854775803),
        ("tolong(s) * 9223372036854775807", 9223372036854775803),
    ],
)
def test_both_readings_agree(call: str, value: object) -> None:
    assert answer(call) == value


@pytest.mark.parametrize(
    "call",
    [
        "i == '04688'", "i == '4688.0'", "r == '1e0'", "r == ' 1.5'", "b == 2", "b == '2'",
        "b == ' true'", "t == '1'",
        "t == '2026-06-01'", f"g == '{GUID.upper()}'", "t == n", "s =~ 5", "n == t",
        "i in ('04688')", "g == n",
    ],
)  # fmt: skip
def test_a_constant_whose_readings_part_is_refused(call: str) -> None:
    with pytest.raises(QueryError) as refused:
        answer(call)
    assert {p.kind for p in refused.value.problems} <= {"unsupported", "type"}


@pytest.mark.parametrize(
    ("rows", "condition"),
    [
        ("s: string) ['05']", "s == 5"),
        ("s: string) ['5.0']", "s == 5"),
        ("s: string) [' 5']", "s != 5"),
        ("s: string) ['0x5']", "s in (5)"),
        ("s: string) ['05']", "s in (5, 6)"),
        ("s: string, b: bool) ['true', true]", "s == b"),
        ("n: long, b: bool) [2, true]", "n == b"),
    ],
)
def test_a_row_whose_readings_part_fails_the_run(rows: str, condition: str) -> None:
    with pytest.raises(QueryError, match="no rule for values like these"):
        Workspace().query(f"datatable({rows} | where {condition}")


def test_sums_wrap_around() -> None:
    rows = "datatable(n: long) [9223372036854775807, 1, long(null)]"
    (row,) = Workspace().query(f"{rows} | summarize sum(n), sumif(n, n > 1), sum(n) + 1").rows()
    assert row == (-9223372036854775808, 9223372036854775807, -9223372036854775807)
