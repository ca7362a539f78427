"""A subquery over parts of rows gives what it gives over each part alone, in the parts' order."""

import pytest

from vedette.workspace import Workspace

ROWS = [
    "1, dynamic([1, 5, 3, 5]), 'a'",
    "2, dynamic([10, 2, 7]), 'b'",
    "3, dynamic([]), 'c'",
    "4, dynamic(null), 'd'",
    "5, dynamic([4]), 'e'",
    "6, dynamic([8, null, 8]), 'f'",
]
SUBQUERIES = [
    "where x > 4",
    "extend y = x + i | project y, s",
    "summarize count(), sum(x), max(x), make_list(x), avg(x), take_any(s)",
    "where x > 4 | summarize n = count(), total = sum(x), all = make_set(x)",
    "where x > 100 | count",
    "where x > 100 | summarize make_list(x) by odd = x % 2",
    "summarize n = count() by odd = x % 2 | summarize groups = count(), most = max(n)",
    "summarize n = count() by odd = x % 2 | where n > 1 | summarize c = count()",
    "top 2 by x",
    "sort by x asc | take 2 | extend place = row_number()",
    "sort by x asc nulls last | extend before = prev(x), sum = row_cumsum(x)",
    "take 0",
    "take 1 | summarize n = count()",
    "take 0 | summarize n = count()",
    "distinct x | count",
    "summarize arg_max(x, *)",
    "join kind=inner (datatable(x:long, z:string)[5, 'p', 8, 'q']) on x | sort by z asc, k asc",
    "join kind=leftouter (datatable(x:long, z:string)[5, 'p', 8, 'q']) on x | summarize max(z)",
    "join kind=leftanti (datatable(x:long)[5, 8]) on x | summarize count()",
    "where x in (datatable(x:long)[5, 8]) | summarize count()",
    "where x > toscalar(print 4) | top 1 by x asc",
    "mv-expand y = pack_array(x, i) to typeof(long) | summarize make_list(y)",
    "mv-apply y = d to typeof(long) on (where y < x | summarize n = count()) | summarize sum(n)",
    "project x | serialize n = row_number() | where n > 1",
]


def answer(workspace: Workspace, rows: list[str], subquery: str) -> list[tuple[object, ...]]:
    table = f"datatable(i:int, d:dynamic, s:string)[{', '.join(rows)}]"
    query = f"{table} | mv-apply with_itemindex=k x = d to typeof(long) on ({subquery})"
    return workspace.query(query, strict=True).rows()


@pytest.mark.parametrize("subquery", SUBQUERIES)
def test_parts_are_kept_apart(workspace: Workspace, subquery: str) -> None:
    alone = [row for one in ROWS for row in answer(workspace, [one], subquery)]
    together = answer(workspace, ROWS, subquery)
    if " by odd" in subquery or "distinct" in subquery:
        alone, together = sorted(alone, key=str), sorted(together, key=str)
    assert [repr(row) for row in together] == [repr(row) for row in alone]
