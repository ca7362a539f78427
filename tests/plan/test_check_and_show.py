"""The checker names what is unsound; plans and expressions of any depth can be shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.plan.building import Planner

from vedette.plan.build import IllTyped, apply, boolean
from vedette.plan.check import check
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal, walk
from vedette.plan.relations import (
    Aggregate,
    Expand,
    Filter,
    Fold,
    Plan,
    Project,
    Relation,
    Running,
    Scan,
    Union,
    Values,
    Window,
)
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.show import show, show_expression
from vedette.plan.types import Type, ticks_of

A, B = Field(1, "a", Type.LONG), Field(2, "b", Type.STRING)
VALUES = Values((A, B), ())
OTHER = Field(9, "x", Type.LONG)

UNSOUND: dict[str, Relation] = {
    "reads fields it does not get: x#9": Filter(VALUES, apply("equals", Column(OTHER), Column(A))),
    "condition that is not bool": Filter(VALUES, Column(A)),
    "gives a field twice": Project(VALUES, ((A, Column(A)), (A, Column(A)))),
    "field b is string, its value long": Project(VALUES, ((B, Column(A)),)),
    "add is marked string": Project(
        VALUES, ((B, Apply("add", (Column(A), Column(A)), Type.STRING)),)
    ),
    "add does not take string as argument 2": Project(
        VALUES, ((A, Apply("add", (Column(A), Column(B)), Type.LONG)),)
    ),
    "an aggregate stands in Filter": Filter(
        VALUES, apply("equals", apply("count_rows"), Column(A))
    ),
    "expanded, but is not dynamic": Expand(VALUES, ((OTHER, Column(A)),)),
    "the index of an Expand is not a long": Expand(VALUES, (), Field(9, "i", Type.STRING)),
    "no window operation: add": Window(VALUES, ((OTHER, apply("add", Column(A), Column(A))),)),
    "a window operation stands in Filter": Filter(
        VALUES, apply("equals", apply("row_position"), Column(A))
    ),
    "a window operation stands in Window": Window(
        VALUES, ((OTHER, apply("running_sum", apply("row_position"))),)
    ),
    "field x is long, its value string": Fold(
        VALUES, (Running(OTHER, Literal(0, Type.LONG), Column(B)),)
    ),
    "union of inputs with other types": Union((VALUES, Values((B, A), ())), (OTHER, B)),
    "does not name a column a field": Scan("t", (A, B), ("a",)),
}


@pytest.mark.parametrize("told", UNSOUND)
def test_what_is_unsound_is_named(told: str) -> None:
    with pytest.raises(IllTyped, match=told):
        check(Plan(UNSOUND[told]))


def test_a_sound_plan_passes() -> None:
    planner = Planner()
    step = planner.values(a=[1, None], b=["x", "y"]).where("greater(a, 0)")
    check(step.summarize(by={"b": "b"}, n="add(count_rows(), sum_of(a))").sort("-n").take(3).plan)


@pytest.mark.parametrize(
    ("literal", "shown"),
    [
        (Literal(None, Type.LONG), "null_long"),
        (Literal('a"é\n', Type.STRING), '"a\\"é\\n"'),
        (Literal(1.5, Type.REAL), "1.5"),
        (Literal(Decimal("1.50"), Type.DECIMAL), "1.50"),
        (Literal(True, Type.BOOL), "True"),
        (Literal(36_000_000_000, Type.TIMESPAN), "span(1:00:00)"),
    ],
)
def test_constants_are_shown(literal: Literal, shown: str) -> None:
    assert show_expression(literal) == shown


def test_moments_are_shown_as_moments() -> None:
    moment = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
    literal = Literal(ticks_of(moment), Type.DATETIME)
    assert show_expression(literal) == "2024-02-29T12:00:00+00:00"


def test_a_plan_is_shown_line_by_line() -> None:
    planner = Planner()
    left = planner.scan("t", host="string").where("text_has_term(host, 'a')")
    right = planner.values(name=["x"], n=[1]).extend(m="add(n, 1)")
    step = left.join(right, "equals(host, name)", "left_anti").sort("-host").take(5)
    assert show(step.plan) == (
        "limit 5\n"
        "  sort host#1 desc nulls last\n"
        "    join left_anti on equals(host#1, name#2)\n"
        '      filter text_has_term(host#1, "a")\n'
        "        scan t: host#1\n"
        "      project name#2, n#3, m#4 = add(n#3, 1)\n"
        "        values (name#2: string, n#3: long) x 1\n"
    )


def test_expressions_have_no_depth() -> None:
    deep: Expression = boolean(True)
    for _ in range(5000):
        deep = Apply("not", (deep,), Type.BOOL)
    flipped = rewrite_expression(
        deep, lambda e: replace(e, value=False) if isinstance(e, Literal) else e
    )
    assert show_expression(flipped) == "not(" * 5000 + "False" + ")" * 5000
    assert sum(1 for _ in walk(flipped)) == 5001


def test_what_is_not_changed_is_the_same() -> None:
    expression = apply("add", Column(A), Literal(1, Type.LONG))
    assert rewrite_expression(expression, lambda e: e) is expression


def test_an_aggregate_of_an_aggregate_is_unsound() -> None:
    total = Field(3, "s", Type.LONG)
    nested = apply("sum_of", apply("sum_of", Column(A)))
    with pytest.raises(IllTyped, match="inside another"):
        check(Plan(Aggregate(VALUES, (), ((total, nested),))))


def test_an_aggregate_in_a_group_is_unsound() -> None:
    group = Field(3, "g", Type.LONG)
    with pytest.raises(IllTyped, match="stands in a group"):
        check(Plan(Aggregate(VALUES, ((group, apply("count_rows")),), ())))


def test_a_field_outside_of_aggregates_is_unsound() -> None:
    total = Field(3, "s", Type.LONG)
    with pytest.raises(IllTyped, match="outside of its aggregates"):
        check(Plan(Aggregate(VALUES, (), ((total, apply("add", apply("count_rows"), Column(A))),))))


def test_sides_of_a_join_share_no_field() -> None:
    planner = Planner()
    step = planner.values(a=[1])
    with pytest.raises(IllTyped, match="both sides"):
        check(step.join(step, "equals(a, a)", "left_semi").plan)
