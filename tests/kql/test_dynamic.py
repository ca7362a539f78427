"""Dynamic values: reading inside them, reading them from text, and as operands of every kind."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from vedette import QueryError
from vedette.workspace import Workspace

BAG = """print d = dynamic({"n": 7, "r": 2.5, "s": "tide", "b": true, "no": null,
    "list": [1, "two", [3]], "in": {"Deep": {"x y": 1, "a.b": 2, "*": 3, "0": 4, "q\\"": 5}},
    "t": datetime(2026-06-01 12:34:56.1234567), "p": time(1.02:03:04),
    "list2": ["x", "tide"]}),
    k = "n", i = 1, e = dynamic(null), dk = dynamic("s")"""

SPAN = dt.timedelta(hours=12, minutes=34, seconds=56, microseconds=123456)
FRACTION = dt.timedelta(microseconds=123456)


def answer(workspace: Workspace, call: str) -> tuple[Any, str]:
    result = workspace.query(f"{BAG} | project answer = {call}")
    ((value,),) = result.rows()
    return value, result.columns[0].type


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("d.n", 7),
        ("d.r", 2.5),
        ("d['s']", "tide"),
        ("d.list[1]", "two"),
        ("d.list[-1][0]", 3),
        ("d.list[5]", None),
        ("d.list[-4]", None),
        ("d[k]", 7),
        ("d.list[i]", "two"),
        ("d[dk]", "tide"),
        ("d['in'].Deep['x y']", 1),
        ("d['in'].Deep['a.b']", 2),
        ("d['in'].Deep['*']", 3),
        ("d['in'].Deep['0']", 4),
        ("d['in'].Deep['q\"']", 5),
        ("d['in'].Deep[0]", None),
        ("d['in'].deep", None),
        ("d.no", None),
        ("d.absent.further[3]", None),
        ("e.a", None),
        ("d.s.length", None),
        ('parse_json(\'{"a": {"b": [5]}}\').a.b[0]', 5),
        ("toobject('[{\"a\": 1}]')[0].a", 1),
        ("dynamic([10, 20])[1]", 20),
    ],
)
def test_what_stands_inside_is_reached_by_name_and_number(call: str, value: object) -> None:
    assert answer(Workspace(), call) == (value, "dynamic")


@pytest.mark.parametrize(
    ("call", "value", "type"),
    [
        ("tostring(d.s)", "tide", "string"),
        ("tostring(d.list)", '[1,"two",[3]]', "string"),
        ("tostring(d.absent)", "", "string"),
        ("tostring(d.t)", "2026-06-01T12:34:56.1234567Z", "string"),
        ("tolong(d.r)", 2, "long"),
        ("todouble(d.n)", 7.0, "real"),
        ("tobool(d.b)", True, "bool"),
        ("todatetime(d.t) - datetime(2026-06-01 12:34:56)", FRACTION, "timespan"),
        ("totimespan(d.p)", dt.timedelta(days=1, hours=2, minutes=3, seconds=4), "timespan"),
        ("gettype(d.t)", "datetime", "string"),
        ("gettype(d.p)", "timespan", "string"),
        ("gettype(d.list)", "array", "string"),
        ("gettype(d.r)", "double", "string"),
        ("gettype(e)", "null", "string"),
        ("gettype(parse_json('x'))", "string", "string"),
        ("isnull(d.no) and isempty(d.no) and isnotempty(d.s)", True, "bool"),
        ("parse_json(d)", None, "dynamic"),
        ("parse_json('')", None, "dynamic"),
        ("parse_json('null')", None, "dynamic"),
        ("parse_json(' 12 ')", 12, "dynamic"),
        ("parse_json(strcat('no ', 'json'))", "no json", "dynamic"),
        ("parse_json(tostring(d.list))", [1, "two", [3]], "dynamic"),
        ("extractjson('$.a[1].b', '{\"a\": [0, {\"b\": \"x\"}]}')", "x", "string"),
        ("extract_json(\"$['a']\", '{\"a\": 5}', typeof(long))", 5, "long"),
        ("extract_json('$.b', '{\"a\": 5}', typeof(long))", None, "long"),
        ("dynamic_to_json(parse_json('{\"b\": 1, \"a\": [2.0]}'))", '{"a":[2.0],"b":1}', "string"),
    ],
)  # fmt: skip
def test_conversions(call: str, value: object, type: str) -> None:
    got = answer(Workspace(), call)
    assert got[1] == type
    if call == "parse_json(d)":
        assert got[0]["n"] == 7
    else:
        assert got[0] == value


def test_what_leaves_has_no_mark() -> None:
    result = Workspace().query(f"{BAG} | project d, text = tostring(d)")
    ((bag, text),) = result.rows()
    assert bag["t"] == "2026-06-01T12:34:56.1234567Z"
    assert json.loads(text) == bag
    assert "\ufdd0" not in str(result.to_arrow().to_pylist())


@pytest.mark.parametrize(
    ("call", "value", "type"),
    [
        ("d.n + 1", 8, "long"),
        ("1 - d.n", -6, "long"),
        ("d.r * 2.0", 5.0, "real"),
        ("d.n / 2", 3, "long"),
        ("d.n % 4", 3, "long"),
        ("d.t - datetime(2026-06-01)", SPAN, "timespan"),
        ("datetime(2026-06-01) + d.p", dt.datetime(2026, 6, 2, 2, 3, 4, tzinfo=dt.UTC), "datetime"),
        ("d.p + 1h", dt.timedelta(days=1, hours=3, minutes=3, seconds=4), "timespan"),
        ("iff(true, d.n, 1)", 7, "long"),
        ("iff(true, d.n, 'x')", "7", "string"),
        ("iff(false, d.n, datetime(2026-06-01)) == datetime(2026-06-01)", True, "bool"),
        ("iff(true, 1, 'a')", 1, "dynamic"),
        ("case(false, 1, true, 'a', 2.5)", "a", "dynamic"),
        ("coalesce(d.absent, d.s)", "tide", "dynamic"),
        ("d.b and d.n > 3", True, "bool"),
        ("strlen(d.s)", 4, "long"),
        ("toupper(d.s)", "TIDE", "string"),
        ("strcat(d.s, d.n)", "tide7", "string"),
        ("d.s has 'TIDE' and d.s contains 'id' and d.s startswith 't'", True, "bool"),
        ("d.s matches regex 't.de' and d.s =~ 'Tide' and 'the tide' has d.s", True, "bool"),
        ("d.n == 7 and d.n == '7' and d.s == 'tide' and d.b == true and d.r == 2.5", True, "bool"),
        ("d.t == datetime(2026-06-01 12:34:56.1234567) and d.p == time(1.02:03:04)", True, "bool"),
        ("d.n != 8 and d.absent != 8 and d.absent != 'x'", True, "bool"),
        ("d.absent == 8", False, "bool"),
        ("d.absent < 8", None, "bool"),
        ("d.r < 3 and 1 < d.r and d.n >= 7", True, "bool"),
        ("d.n between (5 .. 8)", True, "bool"),
        ("d.n in (1, 7) and d.s in ('x', 'tide') and d.s !in ('x')", True, "bool"),
        ("d.s in~ ('TIDE') and d.absent !in ('x')", True, "bool"),
        ("'tide' in (d.list2) and 'sea' !in (d.list2) and 'TIDE' in~ (d.list2)", True, "bool"),
        ("1 in (d.list) and 'two' in (d.list) and 2 !in (d.list)", True, "bool"),
        ("'the tide' has_any (d.list2) and 'x tide' has_all (d.list2)", True, "bool"),
        ("'the tide' has_all (d.list2)", False, "bool"),
        ("'x' in (e) or 'x' has_any (e)", False, "bool"),
    ],
)  # fmt: skip
def test_dynamic_operands(call: str, value: object, type: str) -> None:
    assert answer(Workspace(), call) == (value, type)


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("let k = datatable(u:string)['a', 'b'] | summarize make_set(u); S | where s in (k)", "a"),
        ("let k = datatable(u:string)['a', 'b'] | summarize make_set(u); S | where s !in (k)", "c"),
        ("let k = toscalar(print a=dynamic(['a'])); S | where s in (k)", "a"),
        ("let k = datatable(u:string)['C'] | summarize make_set(u); S | where s has_any (k)", "c"),
        ("let k = dynamic(['c', 5]); S | where s in (k)", "c"),
    ],
)  # fmt: skip
def test_arrays_are_lists(query: str, column: str) -> None:
    rows = Workspace().query(f"let S = datatable(s:string)['a', 'c']; {query}").rows()
    assert rows == [(column,)]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("d == d", "unsupported"),
        ("d.n + d.r", "unsupported"),
        ("d < 'a'", "type"),
        ("d.p * 1d", "type"),
        ("d + 'x'", "type"),
        ("iff(d.b, 1, 2)", "type"),
        ("d between ('a' .. 'b')", "type"),
        ("k.a", "name"),
        ("i[0]", "type"),
        ("d[1.5]", "type"),
        ("parse_json(5)", "type"),
        ("extractjson('a.b', k)", "unsupported"),
        ("d.r + 1", "source"),
        ("d.r == 2", "source"),
        ("d.r > 2", "source"),
    ],
)
def test_what_cannot_be_meant_is_refused(call: str, kind: str) -> None:
    with pytest.raises(QueryError) as refused:
        answer(Workspace(), call)
    if kind == "source":
        assert "fraction" in str(refused.value)
    else:
        assert {p.kind for p in refused.value.problems} == {kind}
