"""Arrays and bags: what is packed, several values of one function, aggregates of dynamic values."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from vedette import QueryError
from vedette.workspace import Workspace

# The vendor's pages leave the order of a set open; ours is that of appearance.
MIXED = """datatable (d: dynamic, s: string, i: long) [
    dynamic([1, 2]), "a", 1,
    dynamic(null), "b", 2,
    dynamic({"k": 1}), "c", 3,
    dynamic([2, {"k": 1}]), "d", 4,
]"""


def columns(workspace: Workspace, query: str) -> dict[str, Any]:
    result = workspace.query(query)
    (row,) = result.rows()
    return {c.name: value for c, value in zip(result.columns, row, strict=True)}


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("pack_array(1, 'a', dynamic(null), 2s)", [1, "a", None, "00:00:02"]),
        ("pack_array(*)", [7, "x", None, ""]),
        ("bag_pack('a', n, 'b', s)", {"a": 7, "b": "x"}),
        ("pack(strcat('k', s), absent)", {"kx": None}),
        ("pack_dictionary(s, n, strcat(s, 'y'), dynamic([1]))", {"x": 7, "xy": [1]}),
        ("bag_pack_columns(n, s)", {"n": 7, "s": "x"}),
        ("pack_all()", {"n": 7, "s": "x", "absent": None, "empty": ""}),
        ("pack_all(true)", {"n": 7, "s": "x"}),
        ("split('a.b', '.')", ["a", "b"]),
        ("split('', '.')", [""]),
        ("split(12, '1')", ["", "2"]),
        ("split('a.b', '.', 1)", ["b"]),
        ("split('a.b', '.', 2)", None),
        ("split('a.b', '.', -1)[-1]", "b"),
        ("split('a.b', strcat('.', empty), n - 7)", ["a"]),
        ("range(1, 8, 3)", [1, 4, 7]),
        ("range(3, 1, -1)", [3, 2, 1]),
        ("range(1, 2.1, 0.5)", [1.0, 1.5, 2.0]),
        ("range(1h, 3h)", ["01:00:00", "02:00:00", "03:00:00"]),
        ("range(datetime(2026-01-01), now(), 1d)[1]", "2026-01-02T00:00:00.0000000Z"),
        ("array_length(range(1, 10000000))", 1_048_576),
        ("gettype(pack_array(datetime(2026-01-01))[0])", "datetime"),
        ("array_sort_asc(dynamic([3, 1, 2]))", [1, 2, 3]),
        ("array_sort_desc(dynamic([3, null, 1]), false)", [None, 3, 1]),
        ("array_sort_asc(dynamic(['b', 2.5, 'a', 10]))", [2.5, 10, "a", "b"]),
        ("array_sort_asc(pack_array(2h, 1d, 3s))", ["00:00:03", "02:00:00", "1.00:00:00"]),
        ("array_sort_asc(dynamic([2, 1]), dynamic(['a', 'b']))[1]", ["b", "a"]),
        ("tostring(array_sort_asc(dynamic([2, 1]), dynamic(['a'])))", "[[1,2],null]"),
        ("array_shift_left(dynamic(['a', 'b']), 1)", ["b", ""]),
        ("set_difference(dynamic([1, null, 2]), dynamic([null]))", [1, 2]),
        ("strcat_array(pack_array(datetime(2026-01-01), 1.0, true), '|')",
         "2026-01-01T00:00:00.0000000Z|1.0|true"),
        ("strcat_array(dynamic([1, 2]), s)", "1x2"),
        ("strcat_array(dynamic('text'), ',')", ""),
        ("bag_set_key(dynamic({'a': {'b': 1}}), '$.a.b', now() > ago(1d))", {"a": {"b": True}}),
    ],
)  # fmt: skip
def test_a_function_gives(workspace: Workspace, call: str, value: Any) -> None:
    given = "print n = 7, s = 'x', absent = long(null), empty = ''"
    assert columns(workspace, f"{given} | project got = {call}") == {"got": value}


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("array_sort_asc(d)", "d_sorted"),
        ("array_sort_asc(d, e)", "d_sorted e_sorted"),
        ("array_sort_asc(d, d, false)", "d_sorted d_sorted1"),
        ("array_sort_desc(dynamic([1]), e)", "array0_sorted e_sorted"),
        ("(a, b) = array_sort_asc(d, e)", "a b"),
        ("(a) = array_sort_asc(d, e)", "a e_sorted"),
        ("a = array_sort_asc(d, e)", "a e_sorted"),
        ("array_sort_asc(d, e), array_sort_asc(d)", "d_sorted e_sorted d_sorted1"),
        ("a = array_sort_asc(d, e)[0]", "a"),
        ("(a, b) = array_sort_asc(d, e), x = 1", "a b x"),
    ],
)
@pytest.mark.parametrize("operator", ["project", "extend"])
def test_names_of_several_values(
    workspace: Workspace, operator: str, items: str, names: str
) -> None:
    given = "print d = dynamic([2, 1]), e = dynamic(['x', 'y'])"
    found = columns(workspace, f"{given} | {operator} {items}")
    kept = ["d", "e"] if operator == "extend" else []
    assert list(found) == kept + names.split()


def test_several_values_of_print_and_summarize(workspace: Workspace) -> None:
    query = (
        "print array_sort_asc(dynamic([2, 1])), array_sort_asc(dynamic([2, 1]), dynamic([3, 4]))"
    )
    assert columns(workspace, query) == {
        "print_0": [1, 2], "array0_sorted": [1, 2], "array1_sorted": [4, 3],
    }  # fmt: skip
    query = f"{MIXED} | summarize (a, b) = array_sort_desc(make_list(i), make_list(s))"
    assert columns(workspace, query) == {"a": [4, 3, 2, 1], "b": ["d", "c", "b", "a"]}


ALL = [1, 2, None, {"k": 1}, 2, {"k": 1}]


@pytest.mark.parametrize(
    ("item", "name", "value"),
    [
        ("make_list(d)", "list_d", ALL),
        ("make_list(d, 2)", "list_d", [1, 2]),
        ("make_list_with_nulls(d)", "list_d", ALL),
        ("make_list_with_nulls(iff(i > 2, i, long(null)))", "list_", [None, None, 3, 4]),
        ("make_list(iff(i > 2, i, long(null)))", "list_", [3, 4]),
        ("make_list_if(d, i < 3)", "list_d", [1, 2, None]),
        ("make_set(d)", "set_d", [1, 2, None, {"k": 1}]),
        ("make_set_if(d, i > 2, 2)", "set_d", [{"k": 1}, 2]),
        ("makeset(s)", "set_s", ["a", "b", "c", "d"]),
        ("make_bag(d)", "bag_d", {"k": 1}),
        ("make_bag(bag_pack(s, i))", "bag_", {"a": 1, "b": 2, "c": 3, "d": 4}),
        ("make_bag(bag_pack(s, i), 2)", "bag_", {"a": 1, "b": 2}),
        ("make_bag(bag_pack('x', i))", "bag_", {"x": 1}),
        ("make_bag_if(bag_pack(s, i), i > 3)", "bag_", {"d": 4}),
        ("make_dictionary(bag_pack(s, i), 1)", "dictionary_", {"a": 1}),
        ("buildschema(bag_pack('a', i, 'b', pack_array(s, 1.5)))", "schema_",
         {"a": "long", "b": {"`indexer`": ["string", "double"]}}),
        ("dcount(d)", "dcount_d", 3),
        ("take_any(d)", "d", [1, 2]),
        ("binary_all_and(i)", "i", 0),
        ("binary_all_or(i)", "i", 7),
        ("binary_all_xor(i)", "i", 4),
        ("avg(decimal(1) * i)", "avg_", Decimal("2.5")),
        ("avg(1s * i)", "avg_", dt.timedelta(seconds=2.5)),
        ("avgif(datetime(2026-01-01) + 1d * i, i < 4)", "avgif_",
         dt.datetime(2026, 1, 3, tzinfo=dt.UTC)),
    ],
)  # fmt: skip
def test_an_aggregate_gives(workspace: Workspace, item: str, name: str, value: Any) -> None:
    assert columns(workspace, f"{MIXED} | summarize {item}") == {name: value}


def test_rows_come_in_their_order(workspace: Workspace) -> None:
    query = f"{MIXED} | sort by i desc | summarize make_list(s), make_set(d), make_bag(pack(s, i))"
    found = columns(workspace, query)
    assert found["list_s"] == ["d", "c", "b", "a"]
    assert found["set_d"] == [2, {"k": 1}, None, 1]
    assert list(found["bag_"]) == ["d", "c", "b", "a"]


def test_aggregates_of_no_rows(workspace: Workspace) -> None:
    query = f"""{MIXED} | where i > 9 | summarize l = make_list(d), s = make_set(d),
        b = make_bag(d), n = make_list_with_nulls(i), c = buildschema(d), o = binary_all_or(i),
        a = avg(i), m = avg(1s * i), take_any(d, i), arg_max(i, s)"""
    found = columns(workspace, query)
    assert math.isnan(found.pop("a"))
    assert found == {
        "l": [], "s": [], "b": {}, "n": [], "c": None, "o": None, "m": None, "d": None, "i": None,
        "i1": None, "s1": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ("arg_max(i, d, s)", {"i": 4, "d": [2, {"k": 1}], "s": "d"}),
        ("(a, b) = arg_max(i, s, d)", {"a": 4, "b": "d", "d": [2, {"k": 1}]}),
        ("a = arg_min(i, *)", {"a": 1, "d": [1, 2], "s": "a"}),
        ("arg_max(-i, strcat(s, '!'), n = s)", {"max_": -1, "max__arg1": "a!", "n": "a"}),
        ("arg_max(i, strcat(s, '!'))", {"i": 4, "max_i_arg1": "d!"}),
        ("argmax(i, s)", {"max_i": 4, "max_i_s": "d"}),
        ("argmin(i, *)", {"min_i": 1, "min_i_d": [1, 2], "min_i_s": "a"}),
        ("take_any(s, i)", {"s": "a", "i": 1}),
        ("take_any(*), count()", {"d": [1, 2], "s": "a", "i": 1, "count_": 4}),
        ("(a, b) = take_any(s, i)", {"a": "a", "b": 1}),
        ("any(s, i + 1)", {"any_s": "a", "any_arg1": 2}),
        ("any(*)", {"any_d": [1, 2], "any_s": "a", "any_i": 1}),
        ("take_any(i + 1)", {"any_arg0": 2}),
        ("arg_max(i, *, s)", {"i": 4, "d": [2, {"k": 1}], "s": "d"}),
        ("take_any(s, *)", {"s": "a", "d": [1, 2], "i": 1}),
        ("arg_max(i, s), s = min(s), arg_min(i, s)",
         {"i": 4, "s": "d", "s1": "a", "i1": 1, "s2": "a"}),
        ("max(i), max_i = sum(i)", {"max_i": 4, "max_i1": 10}),
    ],
)  # fmt: skip
def test_columns_of_one_row(workspace: Workspace, items: str, found: dict[str, Any]) -> None:
    assert columns(workspace, f"{MIXED} | summarize {items}") == found


def test_any_row_of_each_group(workspace: Workspace) -> None:
    rows = workspace.query(f"{MIXED} | summarize x = take_any(*) by odd = i % 2 | sort by odd")
    assert [c.name for c in rows.columns] == ["odd", "x", "s", "i"]
    assert list(rows.rows()) == [(1, [1, 2], "a", 1), (0, None, "b", 2)]


@pytest.mark.parametrize(
    ("pipe", "code"),
    [
        ("extend (a, b) = i", "KS149"),
        ("extend (a, b, c) = array_sort_asc(d, d)", "KS150"),
        ("extend (a, a) = array_sort_asc(d, d)", "KS171"),
        ("summarize (a, b) = count()", "KS149"),
        ("summarize (a, b, c) = arg_max(i, s)", "KS150"),
        ("summarize a = count(), a = sum(i)", "KS171"),
        ("summarize i = count() by i", "KS171"),
        ("summarize (a, a) = arg_max(i, s)", "KS171"),
        ("summarize arg_max(d, s)", "KS206"),
        ("summarize sum(d)", "KS138"),
        ("summarize avg(d)", "KS127"),
        ("summarize max(d)", "KS206"),
        ("summarize make_bag(s)", "KS235"),
        ("summarize make_list(s, 'x')", "KS134"),
        ("extend x = array_length(s)", "KS234"),
        ("extend x = array_sort_asc(d, 1)", "KS234"),
        ("extend x = bag_keys(s)", "KS235"),
        ("extend x = pack('a')", "KS120"),
        ("extend x = pack('a', 1, 'b')", "KS121"),
        ("extend x = pack(i, 1)", "KS107"),
        ("extend x = bag_pack_columns(i + 1)", "KS109"),
        ("extend x = pack_all(i > 0)", "KS131"),
        ("extend x = split(s, 5)", "KS107"),
        ("extend x = split(s, ',', s)", "KS134"),
        ("extend x = range(1, s)", "KS138"),
        ("extend x = pack('a', 1, 'a', 2)", "VD001"),
        ("extend x = split(s, '')", "VD001"),
        ("extend x = split(s, ',', -1)", "VD001"),
        ("project bag_pack('a', 1, 'a', 2)", "VD001"),
        ("project bag_pack_columns(s, s)", "VD001"),
    ],
)
def test_what_is_refused(workspace: Workspace, pipe: str, code: str) -> None:
    with pytest.raises(QueryError) as caught:
        workspace.query(f"{MIXED} | {pipe}")
    assert [p.code for p in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("split(s, substring(s, 1))", "empty delimiter"),
        ("split(s, ',', -i)", "negative index"),
        ("repeat(s, 100000000)", "more than"),
        ("bag_set_key(bag_pack('a', i), '$.a.b', 1)", "no bag"),
    ],
)
def test_what_ends_a_run(workspace: Workspace, call: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        list(workspace.query(f"{MIXED} | extend x = {call}").rows())


def test_long_values_of_many_rows_end_a_run(workspace: Workspace) -> None:
    long = "range i from 1 to 20 step 1 | extend x = tostring(repeat(i % 2, 8000000))"
    query = f"{long} | summarize max(strlen(x))"
    with pytest.raises(QueryError, match="268,435,456 characters"):
        list(workspace.query(query).rows())
