"""Staged SELECTs: how a plan reads as SQL, and that its rows are the plan's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot
from tests.plan.building import Planner, Step

from vedette.engines.base import Unsupported
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan.build import apply
from vedette.plan.check import check
from vedette.plan.expressions import Apply, Column, Expression, Literal, Value
from vedette.plan.relations import Aggregate, Filter, Plan, Project, Relation, Values
from vedette.plan.types import Type
from vedette.syntax.source import Span

Run = Callable[[Relation], pa.Table]
GOLDEN = Path(__file__).parent / "golden"


def events(planner: Planner) -> Step:
    return planner.scan("process_event", time="datetime", host="string", command="string")


def hunt() -> Step:
    """A detection's usual shape: filter, extend, summarize, filter, sort, take."""
    seen = events(Planner()).where("text_has_any_term(command, 'nmap', 'masscan')")
    binned = seen.extend(hour="bin_time(time, to_timespan('1h'))")
    counted = binned.summarize(by={"host": "host", "hour": "hour"}, n="count_rows()")
    return counted.where("greater(n, 2)").sort("-n", "host").take(10).project("host", "n")


def fused() -> Step:
    """Filters and projections that read only plain columns become one SELECT."""
    some = events(Planner()).where("equals_or_false(host, 'a')").project("time", "host")
    return some.where("not_equals_or_true(host, 'b')").extend(lower="text_lower(host)")


def join() -> Step:
    planner = Planner()
    right = events(planner).where("text_has_term(command, 'nmap')").project(host1="host", at="time")
    return (
        events(planner)
        .join(right, "equals_or_false(host, host1)", "left_outer")
        .where("is_null(at)")
    )


def union() -> Step:
    planner = Planner()
    left = events(planner).project("host", what="'process'")
    return left.union(planner.scan("web_event", host="string").project("host", what="'web'")).take(
        5
    )


def ordered() -> Step:
    """Order outlives what follows it, though its key is computed and dropped."""
    long = events(Planner()).extend(n="text_length(command)").sort("-n", "text_lower(host)")
    return long.where("greater(n, 5)").project("host").extend(upper="text_upper(host)")


def first() -> Step:
    return events(Planner()).first_per("host").summarize(all="collect_set(command, 5)")


def shared() -> Step:
    """A relation that stands in two places is one stage."""
    planner = Planner()
    base = events(planner).where("equals(host, 'a')").extend(n="text_length(command)")
    longest = base.summarize(most="maximum_of(n)")
    again = base.project(host2="host", n2="n")
    return again.join(longest, "equals(n2, most)")


def nothing() -> Step:
    return Planner().nothing(a="string", b="long").extend(c="add(b, 1)")


def numbered() -> Step:
    """Neighbours stand in the rows' order, which later stages keep."""
    seen = events(Planner()).sort("host", "-time").extend(n="text_length(command)")
    near = seen.neighbours("host", place="row_position()", sum="running_sum(n)")
    return near.where("less(place, 3)").neighbours(before="value_before(sum, 1, 0)")


def carried() -> Step:
    """What is carried from row to row is a recursion over rows worked out once."""
    seen = events(Planner()).sort("time").extend(n="text_length(command)")
    least = Literal(0, Type.LONG)
    return seen.carry(most=(least, "greatest_of(most, n)")).where("greater(most, 5)")


STORIES = (hunt, fused, join, union, ordered, first, shared, nothing, numbered, carried)


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_a_plan_reads_as_its_golden_statement(
    story: Callable[[], Step], engine: DuckDBEngine
) -> None:
    plan = story().plan
    check(plan)
    golden = GOLDEN / f"{story.__name__}.sql"
    assert engine.compile(plan).sql + "\n" == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
def test_a_statement_parses_in_another_parser(
    story: Callable[[], Step], engine: DuckDBEngine
) -> None:
    assert sqlglot.parse_one(engine.compile(story().plan).sql, dialect="duckdb") is not None


def rows(run: Run, step: Step) -> list[tuple[object, ...]]:
    table = run(step.relation)
    return [tuple(row.values()) for row in table.to_pylist()]


ANIMALS: dict[str, list[Value]] = {
    "name": ["ant", "bee", "cat", "dog", None],
    "legs": [6, 6, 4, 4, 0],
}


def animals() -> Step:
    return Planner().values(**ANIMALS)


def test_a_sort_is_kept_by_what_gives_one_row_a_row(run: Run) -> None:
    step = animals().sort("-legs", "-name").where("greater(legs, 3)").project(n="text_upper(name)")
    assert rows(run, step) == [("BEE",), ("ANT",), ("DOG",), ("CAT",)]


def test_a_sort_by_an_expression_is_kept_below_a_limit(run: Run) -> None:
    step = animals().sort("-text_slice(name, 1, 1)").take(3).project("legs").take(2)
    assert rows(run, step) == [(4,), (6,)]


def test_the_later_sort_counts(run: Run) -> None:
    step = animals().sort("-name").sort("legs", "name").project("name")
    assert rows(run, step) == [(None,), ("cat",), ("dog",), ("ant",), ("bee",)]


def test_nulls_stand_where_the_key_says(run: Run) -> None:
    assert rows(run, animals().sort("name").project("name"))[0] == (None,)
    assert rows(run, animals().sort("-name").project("name"))[-1] == (None,)


def test_neighbours_stand_in_order_and_what_is_equal_as_it_came(run: Run) -> None:
    step = animals().sort("-legs").neighbours(place="row_position()")
    assert rows(run, step.project("name", "place")) == [
        ("ant", 1), ("bee", 2), ("cat", 3), ("dog", 4), (None, 5),
    ]  # fmt: skip


def test_rows_are_numbered_as_they_come_where_nothing_orders_them(run: Run) -> None:
    step = animals().neighbours(place="row_position()", before="value_before(name, 1, '-')")
    assert rows(run, step.project("before", "place").where("greater(place, 3)")) == [
        ("cat", 4), ("dog", 5),
    ]  # fmt: skip


def test_groups_that_are_equal_in_the_order_stand_by_their_values(run: Run) -> None:
    counted = animals().summarize(by={"name": "name"}, n="count_rows()").sort("-n")
    near = counted.neighbours(place="row_position()").project("name", "place")
    assert rows(run, near) == [
        (None, 1), ("ant", 2), ("bee", 3), ("cat", 4), ("dog", 5),
    ]  # fmt: skip


def test_neighbours_within_a_value(run: Run) -> None:
    step = animals().sort("name").neighbours("legs", sum="running_sum(legs)")
    assert [r[2] for r in rows(run, step)] == [0, 6, 12, 4, 8]


def test_an_order_outlives_a_left_join(run: Run) -> None:
    known = Planner()
    known.fields.skip_to(50)
    step = (
        animals().sort("-name").join(known.values(feet=[4, 6]), "equals(legs, feet)", "left_outer")
    )
    assert [r[0] for r in rows(run, step)] == ["dog", "cat", "bee", "ant", None]


def test_what_is_carried_reads_what_it_was(run: Run) -> None:
    start = Literal("", Type.STRING)
    step = animals().sort("-name").where("not(is_null(name))")
    told = step.carry(all=(start, "text_concat(all, text_slice(name, 0, 1))"))
    assert [r[2] for r in rows(run, told)] == ["d", "dc", "dcb", "dcba"]


def test_nothing_is_carried_over_no_rows(run: Run) -> None:
    step = animals().where("greater(legs, 9)").carry(n=(Literal(0, Type.LONG), "add(n, legs)"))
    assert rows(run, step) == []


@pytest.mark.parametrize(
    ("key", "order"),
    [("x", "null nan -1.0 2.0 inf"), ("-x", "inf 2.0 -1.0 nan null")],
)
def test_a_nan_stands_beside_the_nulls(run: Run, key: str, order: str) -> None:
    inf, nan = float("inf"), float("nan")
    step = Planner().values(x=[2.0, nan, None, -1.0, inf]).sort(key)
    told = ["null" if x is None else str(x) for (x,) in rows(run, step)]
    assert " ".join(told) == order


def test_a_constant_key_orders_nothing(run: Run) -> None:
    assert len(rows(run, animals().sort("1", "'x'"))) == 5


def test_a_computed_constant_is_no_position(run: Run) -> None:
    step = animals().extend(one="2").sort("one", "name").project("name").take(2)
    assert rows(run, step) == [(None,), ("ant",)]


def test_order_reaches_aggregates_that_see_it(run: Run) -> None:
    sorted_ = animals().sort("-name")
    assert rows(run, sorted_.summarize(a="collect_list(name, 9)", b="first_of(name)")) == [
        ('["dog","cat","bee","ant"]', "dog")
    ]
    grouped = sorted_.project("legs", "name").summarize(by={"legs": "legs"}, l="last_of(name)")
    assert sorted(rows(run, grouped), key=str) == [(0, None), (4, "cat"), (6, "ant")]


def test_null_groups_with_null(run: Run) -> None:
    step = Planner().values(a=[None, None, "x"]).summarize(by={"a": "a"}, n="count_rows()")
    assert sorted(rows(run, step), key=str) == [("x", 1), (None, 2)]


def test_one_row_without_groups(run: Run) -> None:
    none = Planner().nothing(a="long")
    assert rows(run, none.summarize(n="count_rows()", s="sum_of(a)")) == [(0, None)]
    assert rows(run, animals().summarize(x="5")) == [(5,)]
    assert rows(run, none.summarize(by={"a": "a"}, n="count_rows()")) == []


def test_rows_without_columns_are_counted(run: Run) -> None:
    planner = Planner()
    assert rows(run, planner.one().project(x="1")) == [(1,)]
    assert rows(run, planner.one().union(planner.one()).summarize(n="count_rows()")) == [(2,)]
    assert rows(
        run, Step(planner.fields, Values((), ((), (), ()))).summarize(n="count_rows()")
    ) == [(3,)]
    assert run(planner.one().relation).num_columns == 0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("inner", [("ant", 6, 6, "hex")]),
        ("left_outer", [("ant", 6, 6, "hex"), ("cat", 4, None, None), ("eel", None, None, None)]),
        ("right_outer", [("ant", 6, 6, "hex"), (None, None, 8, "oct"), (None, None, None, "none")]),
        ("full_outer", [
            ("ant", 6, 6, "hex"), ("cat", 4, None, None), ("eel", None, None, None),
            (None, None, 8, "oct"), (None, None, None, "none"),
        ]),
        ("left_semi", [("ant", 6)]),
        ("left_anti", [("cat", 4), ("eel", None)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("condition", ["equals(legs, count)", "equals_or_false(legs, count)"])
def test_joins(kind: str, expected: list[tuple[object, ...]], condition: str, run: Run) -> None:
    planner = Planner()
    left = planner.values(name=["ant", "cat", "eel"], legs=[6, 4, None])
    right = planner.values(count=[6, 8, None], word=["hex", "oct", "none"])
    found = rows(run, left.join(right, condition, kind))  # type: ignore[arg-type]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_a_limit_stands_below_what_follows_it(run: Run) -> None:
    step = animals().sort("name").take(3).where("equals(legs, 6)").project("name")
    assert rows(run, step) == [("ant",), ("bee",)]
    assert rows(run, animals().sort("name").take(2).summarize(n="count_rows()")) == [(2,)]


def test_one_row_a_key(run: Run) -> None:
    found = rows(run, animals().first_per("legs").project("legs"))
    assert sorted(found) == [(0,), (4,), (6,)]


def test_layout_leaves_constants_and_names_alone(run: Run) -> None:
    text = "a\n  b\n\n'c' \"d\" -- e /* f */ ; \\ \0 %s {0} é"
    name = 'x"\n  ; DROP TABLE t; --'
    step = Planner().values(**{name: [text, "other"]}).sort("1").take(5)
    assert run(step.relation).to_pylist() == [{name: text}, {name: "other"}]


def test_a_statement_of_300_stages(run: Run) -> None:
    step = Planner().values(a=[1])
    for i in range(150):
        step = step.extend(a=f"add(a, {i})").where("greater(a, 0)").project("a")
    assert rows(run, step) == [(1 + sum(range(150)),)]


def test_3000_alternatives(run: Run) -> None:
    planner = Planner()
    values = planner.values(a=[5, 5000])
    flat = " or ".join(f"equals(a, {i})" for i in range(3000))
    assert rows(run, values.where(flat)) == [(5,)]
    nested: Expression = values.expression("equals(a, 0)")
    for i in range(1, 3000):
        nested = apply("or", nested, values.expression(f"equals(a, {i})"))
    assert rows(run, Step(planner.fields, Filter(values.relation, nested))) == [(5,)]


def test_deep_nesting_runs_or_is_refused(engine: DuckDBEngine, run: Run) -> None:
    planner = Planner()
    values = planner.values(a=[0])

    def deep(count: int) -> Relation:
        expression: Expression = Column(values.field("a"))
        for _ in range(count):
            expression = Apply("negate", (expression,), Type.LONG, Span(3, 4))
        return Project(values.relation, ((planner.fields.new("b", Type.LONG), expression),))

    assert run(deep(350)).to_pylist() == [{"b": 0}]
    with pytest.raises(Unsupported, match="nested more than") as caught:
        engine.compile(Plan(deep(2000)))
    assert caught.value.span == Span(3, 4)


def test_what_grows_too_large_is_refused(engine: DuckDBEngine) -> None:
    planner = Planner()
    values = planner.values(a=[0.5])
    expression: Expression = Column(values.field("a"))
    for _ in range(40):  # a row that writes its argument more than once
        expression = apply("maximum_of", expression)
    field = planner.fields.new("b", Type.REAL)
    with pytest.raises(Unsupported, match="too large"):
        engine.compile(Plan(Aggregate(values.relation, (), ((field, expression),))))


def test_what_has_no_row_is_refused_with_its_place(engine: DuckDBEngine) -> None:
    values = Planner().values(a=[1])
    unknown = Apply("read_minds", (Column(values.field("a")),), Type.BOOL, Span(7, 9))
    with pytest.raises(Unsupported, match="read_minds") as caught:
        engine.compile(Plan(Filter(values.relation, unknown)))
    assert caught.value.span == Span(7, 9)
