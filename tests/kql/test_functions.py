"""Every example of every function, and what the table of known names says of them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from vedette.kql import functions
from vedette.kql.binding.special import aggregates, rules
from vedette.plan.library import Example, Function
from vedette.plan.types import Type
from vedette.workspace import Workspace

EXAMPLES = [(row, example) for row in functions.LIBRARY for example in row.examples]


def same(left: Any, right: Any) -> bool:
    both_nan = isinstance(left, float) and math.isnan(left) and math.isnan(right)
    return both_nan or (left == right and type(left) is type(right))


@pytest.mark.parametrize(("row", "example"), EXAMPLES, ids=lambda p: getattr(p, "call", None))
def test_an_example_gives_its_value(workspace: Workspace, row: Function, example: Example) -> None:
    result = workspace.query(f"print got = {example.call}, expected = {example.value}")
    ((got, expected),) = result.rows()
    assert same(got, expected)
    assert result.columns[0].type == result.columns[1].type
    if isinstance(row.signature.result, Type):
        assert result.columns[0].type == str(row.signature.result)


# What looks at its arguments' types has no row, so its examples stand here.
@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("case(1 > 2, 'a', 2 > 1, 'b', 'c')", "'b'"),
        ("case(bool(null), 'a', 'b')", "'b'"),
        ("iff(true, int(1), 2)", "1"),
        ("iif(false, 1, 2.5)", "2.5"),
        ("iff(false, 'x', '')", "''"),
        ("coalesce('', 'z')", "'z'"),
        ("coalesce(long(null), 5)", "5"),
        ("isempty('')", "true"),
        ("isempty(long(null))", "true"),
        ("isempty(dynamic(null))", "true"),
        ("isnotempty(' ')", "true"),
        ("isnull('')", "false"),
        ("isnotnull('')", "true"),
        ("isnull(int(null))", "true"),
        ("isnotnull(5)", "true"),
        ("startofday(datetime(2017-01-01 10:10:17))", "datetime(2017-01-01)"),
        ("startofweek(datetime(2017-01-01 10:10:17))", "datetime(2017-01-01)"),
        ("startofweek(datetime(2016-12-31))", "datetime(2016-12-25)"),
        ("startofmonth(datetime(2017-01-31 10:10:17))", "datetime(2017-01-01)"),
        ("startofyear(datetime(2017-12-31 10:10:17))", "datetime(2017-01-01)"),
        ("around(5, 4, 1)", "true"),
        ("around(5.5, 4, 1)", "false"),
        ("around(datetime(2020-01-02), datetime(2020-01-01), 1d)", "true"),
        ("around(3h, 1h, 1h)", "false"),
        ("around(long(null), 1, 1)", "bool(null)"),
        ("bin(4.5, 1)", "4.0"),
        ("bin(int(7), 2)", "6"),
        ("bin(-1, 5)", "-5"),
        ("bin(datetime(1970-05-11 13:45:07), 1d)", "datetime(1970-05-11)"),
        ("bin(16d, 7d)", "14d"),
        ("floor(7, 4)", "4"),
        ("strcat('a', 1, 2.5, true, long(null))", "'a12.5True'"),
        ("strcat('a')", "'a'"),
        ("strcat_delim('-', 1, 'a', true)", "'1-a-True'"),
        ("substring('abcdef', 2)", "'cdef'"),
        ("substring('abcdef', 2, 2)", "'cd'"),
        ("substring('abc', 5, 3)", "''"),
        ("substring('abc', -1, 2)", "'c'"),
        ("substring('hello', 1, -1)", "''"),
        ("substring('xy', strlen('xy') - 2)", "'xy'"),
        ("extract('port=([0-9]+)', 1, 'port=22')", "'22'"),
        ("extract('port=([0-9]+)', 0, 'port=22')", "'port=22'"),
        ("extract('port=([0-9]+)', 2, 'port=22')", "''"),
        ("extract('port=([0-9]+)', 1, 'none')", "''"),
        ("extract('port=([0-9]+)', 1, 'port=22', typeof(long))", "22"),
        ("extract('port=([0-9]+)', 1, 'none', typeof(long))", "long(null)"),
        ("extract('([0-9.]+)', 1, 'v1.5', typeof(real))", "1.5"),
        ("extract('([0-9.]+)', 1, 'v1.5', typeof(string))", "'1.5'"),
        (r"replace_regex('a-b', '([a-z])-([a-z])', @'\2-\1')", "'b-a'"),
        (r"replace('-+', '_', 'a--b')", "'a_b'"),
        ("trim('-', '--a--')", "'-a-'"),
        ("trim('-+', '--a--')", "'a'"),
        ("trim_start('a|b', 'abc')", "'bc'"),
        ("trim_end('a|b', 'cab')", "'ca'"),
        ("indexof('low tide', 'tide')", "4"),
        ("indexof('low tide', 'ebb')", "-1"),
        ("indexof('tide tide', 'tide', 1)", "5"),
        ("indexof('tide tide', 'tide', 6)", "-1"),
        ("indexof('tide', 'd', 9, -1, 1)", "-1"),
        ("indexof(7012, 12)", "2"),
        ("countof('aaaa', 'aa')", "3"),
        ("countof('tide tidy', 'tid')", "2"),
        ("countof('aaaa', 'aa', 'regex')", "2"),
        ("translate('ie', 'oa', 'tide')", "'toda'"),
        ("translate('ide', 'x', 'tide')", "'txxx'"),
        ("translate('ie', '', 'tide')", "'td'"),
        ("strrep('ab', 2)", "'abab'"),
        ("strrep('ab', 1, '-')", "'ab'"),
        ("strrep(7, 3, '-')", "'7-7-7'"),
        ("hash_md5('tide')", "'97dc284cf580da5ebef4aa4b47c13dce'"),
        ("hash_sha1('tide')", "'17c772d62d6f108c21dedfe0d2ae7f495a8598fa'"),
        ("hash_sha256('')", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
        ("hash('World', 100)", "51"),
        ("hash_xxhash64('World', 4)", "3"),
        ("estimate_data_size('tide', 1, int(1), 1.5)", "24"),
        ("estimate_data_size('Mühle')", "6"),
        ("has_any_index('low tide', dynamic(['ebb', 'tide']))", "1"),
        ("has_any_index('low tide 2', range(1, 3, 1))", "1"),
        ("has_any_index('low tide', dynamic([]))", "-1"),
        ("tohex(255)", "'ff'"),
        ("tohex(-1)", "'ffffffffffffffff'"),
        ("tohex(int(-1))", "'ffffffff'"),
        ("tohex(int(-1), 4)", "'ffffffff'"),
        ("tohex(255, 4)", "'00ff'"),
        ("tohex(65535, 2)", "'ffff'"),
        ("tohex(1, 20)", "'0000000000000001'"),
        ("ceiling(1.2)", "2.0"),
        ("ceiling(-1.2)", "-1.0"),
        ("ceiling(7)", "7"),
        ("ceiling(decimal(1.2))", "decimal(2)"),
        ("max_of(3, 9, -1)", "9"),
        ("max_of(int(3), 2.5)", "3.0"),
        ("max_of(long(null), 2)", "2"),
        ("max_of(long(null), long(null))", "long(null)"),
        ("max_of(1d, 1h)", "1d"),
        ("max_of(datetime(2021-01-01), datetime(2022-01-01))", "datetime(2022-01-01)"),
        ("min_of(3, 9, -1)", "-1"),
        ("min_of(int(null), 2)", "2"),
        ("ipv4_is_in_any_range('10.1.2.3', '192.168.0.0/16', '10.0.0.0/8')", "true"),
        ("ipv4_is_in_any_range('11.1.2.3', '192.168.0.0/16', '10.0.0.0/8')", "false"),
        ("ipv4_is_in_any_range('11.1.2.3', dynamic(['11.1.2.3']))", "true"),
        ("ipv4_is_in_any_range('x', '10.0.0.0/8')", "bool(null)"),
        ("has_any_ipv4('at 10.0.0.7:22', '10.0.0.8', '10.0.0.7')", "true"),
        ("has_any_ipv4('at 10.0.0.7:22', dynamic(['10.0.0.8']))", "false"),
        ("has_any_ipv4_prefix('at 10.0.0.7', dynamic(['192.', '10.0.']))", "true"),
        ("has_any_ipv4_prefix('at 10.0.0.7', dynamic([]))", "false"),
        ("format_ipv4('10.1.2.3', 16)", "'10.1.0.0'"),
        ("format_ipv4('10.1.2.3/8')", "'10.0.0.0'"),
        ("format_ipv4(167838211)", "'10.1.2.3'"),
        ("format_ipv4(-1)", "''"),
        ("format_ipv4('10.1.2', 16)", "''"),
        ("format_ipv4_mask('10.1.2.3/8', 16)", "'10.0.0.0/8'"),
        ("format_ipv4_mask(167838211, 24)", "'10.1.2.0/24'"),
        ("format_ipv4_mask('10.1.2.3', -1)", "''"),
        ("tostring(123)", "'123'"),
        ("tostring(int(null))", "''"),
        ("tostring(dynamic([1, 2.0]))", "'[1,2.0]'"),
        ("toint(' 12 ')", "int(12)"),
        ("tolong('123')", "123"),
        ("tolong('x')", "long(null)"),
        ("toint(1.9)", "int(1)"),
        ("abs(int(-5))", "5"),
        ("abs(-1.5)", "1.5"),
        ("toscalar(print 5)", "5"),
        ("toscalar('b' in (datatable(s:string)['a', 'b']) or 1 == 2)", "true"),
        ("toscalar(datatable(s:string)[] )", "''"),
        ("toscalar(datatable(n:long)[])", "long(null)"),
        ("1 + int(2)", "3"),
        ("7 / 2", "3"),
        ("7 / 2.0", "3.5"),
        ("9223372036854775807 + 1", "-9223372036854775808"),
        ("1d * 1.5", "36h"),
        ("3 * 1h", "3h"),
        ("6h / 2", "3h"),
        ("1d / 1h", "24.0"),
        ("datetime(2020-01-02) - datetime(2020-01-01)", "1d"),
        ("datetime(2020-01-02) - 1d", "datetime(2020-01-01)"),
        ("1d + datetime(2020-01-01)", "datetime(2020-01-02)"),
        ("'a' == 'A'", "false"),
        ("'a' =~ 'A'", "true"),
        ("'xa b' has 'a '", "false"),
        ("'a b' has 'a '", "true"),
        ("'' has_any ('')", "false"),
        ("'x' has_any ('', 'y')", "true"),
        ("'x' has_all ('', 'y')", "false"),
        ("'/tmp/spiderfoot_test.csv' has 'spiderfoot'", "true"),
        ("'naïvet' matches regex @'^\\w+$'", "true"),
        ("5 between (1 .. 5)", "true"),
        ("datetime(2020-01-01) between (datetime(2019-12-31) .. 2d)", "true"),
        ("5 in (dynamic([1, 5]))", "true"),
        ("long(null) == 5", "false"),
        ("long(null) != 5", "true"),
        ("long(null) < 5", "bool(null)"),
        ("column_ifexists('nosuch', 5)", "5"),
    ],
)  # fmt: skip
def test_what_a_rule_gives(workspace: Workspace, call: str, value: str) -> None:
    result = workspace.query(f"print got = {call}, expected = {value}")
    ((got, expected),) = result.rows()
    assert same(got, expected)
    assert result.columns[0].type == result.columns[1].type


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("count()", "4"), ("countif(x > 1)", "2"), ("dcount(x)", "2"), ("dcountif(x, x > 1)", "1"),
        ("count_distinct(s)", "3"), ("count_distinctif(s, x > 1)", "2"), ("sum(x)", "5"),
        ("sumif(x, x > 1)", "4"), ("sum(y)", "1.5"), ("avg(x)", "1.6666666666666667"),
        ("avgif(x, x > 1)", "2.0"), ("min(s)", "''"), ("max(x)", "2"), ("minif(x, x > 1)", "2"),
        ("maxif(s, x == 1)", "'a'"), ("stdev(x)", "0.5773502691896258"), ("stdevp(y)", "0.0"),
        ("stdevif(x, x > 0)", "0.5773502691896258"), ("stdevif(x, x > 1)", "0.0"),
        ("variance(x)", "0.3333333333333333"), ("variance(y)", "0.0"),
        ("variancep(x)", "0.2222222222222222"), ("varianceif(x, x > 1)", "0.0"),
        ("variancepif(x, x > 0)", "0.2222222222222222"),
        ("make_list(x)", "dynamic([1, 2, 2])"), ("make_list(x, 2)", "dynamic([1, 2])"),
        ("make_set(x)", "dynamic([1, 2])"), ("make_set(s, 2)", "dynamic(['a', 'b'])"),
        ("make_list_if(s, x == 2)", "dynamic(['b', ''])"),
        ("make_set_if(x, x > 1)", "dynamic([2])"),
        ("take_any(y)", "1.5"), ("take_anyif(s, x == 1)", "'a'"), ("any(y)", "1.5"),
        ("anyif(s, x == 1)", "'a'"),
    ],
)  # fmt: skip
def test_aggregates(workspace: Workspace, aggregate: str, value: str) -> None:
    cells = "1, 1.5, 'a', 2, real(null), 'b', 2, real(null), '', long(null), real(null), 'b'"
    table = f"datatable(x:long, y:real, s:string)[{cells}]"
    result = workspace.query(f"{table} | summarize got = {aggregate}, count() | extend e = {value}")
    ((got, _, expected),) = result.rows()
    assert got == pytest.approx(expected) if isinstance(got, float) else got == expected
    assert result.columns[0].type == result.columns[2].type


def test_every_function_is_one_that_kusto_has() -> None:
    for row in functions.LIBRARY:
        for name in (row.name, *row.aliases):
            assert functions.known(name, "function") is not None, name
    for row in functions.AGGREGATES:
        for name in (row.name, *row.aliases):
            assert functions.known(name, "aggregate") is not None, name
    for name in aggregates.RULES:
        assert functions.known(name, "aggregate") is not None, name
    # toscalar is an operator of Kusto's grammar.
    assert [n for n in rules.RULES if functions.known(n, "function") is None] == ["toscalar"]


def test_no_function_has_two_meanings() -> None:
    assert set(rules.RULES) & set(functions.LIBRARY.names) == set()
    assert set(aggregates.RULES) & set(functions.AGGREGATES.names) == set()


NEWER_THAN_THE_FACTS = {"series_product", "variancepif"}


def test_every_row_has_an_example() -> None:
    assert [row.name for row in functions.LIBRARY if not row.examples] == []


@pytest.mark.shared("reference")
def test_signatures_take_as_many_arguments_as_the_vendors(shared: Path) -> None:
    facts = json.loads((shared / "reference/sentinel/kusto-signatures.json").read_text())
    for library, kind in ((functions.LIBRARY, "functions"), (functions.AGGREGATES, "aggregates")):
        known = {f["name"]: f["signatures"] for f in facts[kind]}
        for row in library:
            counts = [
                (sum(p["min"] for p in s["params"]), sum(p["max"] for p in s["params"]))
                for s in known.get(row.name, ())
            ]
            if not counts:
                assert row.name in NEWER_THAN_THE_FACTS, row.name
                continue
            least, most = min(least for least, _ in counts), max(most for _, most in counts)
            assert least <= row.signature.least, row.name
            assert (row.signature.most if row.signature.most is not None else most) <= most, (
                row.name
            )
