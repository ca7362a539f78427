"""The clock in a plan: a query read at a few clocks is, written for any clock, what it is then."""

import datetime as dt
import re
from collections.abc import Callable
from itertools import product

import pytest
from tests.kql.conftest import NOW, catalog

from vedette.kql import Given, bind
from vedette.kql.functions import LIBRARY
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.passes.relative_to_clock import ClockBound, relative_to_clock
from vedette.plan.relations import Plan
from vedette.plan.rewrite import rewrite_expression, rewrite_relation, with_expressions
from vedette.plan.types import Type, ticks_of
from vedette.syntax import Findings, Source
from vedette.workspace import Workspace

CLOCK = Field(-1, "clock", Type.DATETIME)
LAST = dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC)
READ_AT = (
    LAST,
    dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
    LAST + dt.timedelta(days=401, hours=5, minutes=17, seconds=43, microseconds=91),
    LAST + dt.timedelta(days=3, hours=14, minutes=38, seconds=11, microseconds=17),
)
ASKED_AT = (
    dt.datetime(2026, 2, 8, 23, 59, 59, tzinfo=dt.UTC),
    dt.datetime(2024, 2, 29, 6, 30, 0, 7, tzinfo=dt.UTC),
    dt.datetime(2026, 4, 30, tzinfo=dt.UTC),
)
MOMENT = re.compile(r"datetime\([^)]*\)")


def planned(text: str, clock: dt.datetime, workspace: Workspace) -> Plan | None:
    findings = Findings(Source(text), strict=False)
    given = Given(look=lambda p: workspace.run_plan(p).rows())
    plan = bind(findings.source, catalog(), ticks_of(clock), findings, None, given)
    return None if findings.failed else plan


def for_any_clock(text: str, workspace: Workspace) -> Plan | None:
    """The plan with the clock as a field; None of what must be read at each clock anew."""
    plans = [(ticks_of(clock), planned(text, clock, workspace)) for clock in READ_AT]
    known = [(clock, plan) for clock, plan in plans if plan is not None]
    if len(known) < len(plans):
        return None
    try:
        return relative_to_clock(known, CLOCK)
    except ClockBound:
        return None


def shown_at(clock: dt.datetime) -> Callable[[Expression], Expression]:
    def told(part: Expression) -> Expression:
        is_clock = isinstance(part, Column) and part.field == CLOCK
        return Literal(ticks_of(clock), Type.DATETIME) if is_clock else part

    return lambda expression: rewrite_expression(expression, told)


def at(plan: Plan, clock: dt.datetime) -> Plan:
    change = shown_at(clock)
    return Plan(rewrite_relation(plan.root, lambda r: with_expressions(r, change)))


def holds(text: str, workspace: Workspace) -> bool:
    """Whether the query can be written for any clock; it is then held to what it is at some."""
    plan = for_any_clock(text, workspace)
    if plan is None:
        return False
    for clock in ASKED_AT:
        anew = planned(text, clock, workspace)
        assert anew is not None
        expected = workspace.run_plan(anew).rows()
        assert repr(workspace.run_plan(at(plan, clock)).rows()) == repr(expected), clock
    return True


CALLS = [
    *(
        MOMENT.sub("now()", example.call)
        for row in LIBRARY
        for example in row.examples
        if MOMENT.search(example.call)
    ),
    *(f"{end}of{period}(now())" for end in ("start", "end") for period in ("week", "year")),
    "startofmonth(now(), -1) + 1d",
    "datetime_add('month', 1, now())",
    "datetime_diff('day', now(), startofyear(now()))",
    "datetime_part('month', now())",
    "bin(now(), 1d) - 3h",
    "iff(hourofday(now()) > 12, 'late', 'early')",
    "now() between (datetime(2026-02-01) .. datetime(2026-12-01))",
    "strcat('a', tostring(now()))",
    "format_datetime(now(), 'yyyy-MM') in ('2026-07', '2026-01')",
    "dynamic([2, 4, 7])[monthofyear(now()) % 3]",
    "toscalar(range x from bin(now(), 1d) to now() step 1h | count)",
]
ROUNDED = ("now()", "startofmonth(now())", "endofmonth(now())", "startofyear(now(), 1)", "ago(1h)")


@pytest.mark.parametrize("call", list(dict.fromkeys(CALLS)))
def test_a_function_of_the_clock_is_what_it_is_at_any_clock(
    call: str, workspace: Workspace
) -> None:
    holds(f"print x = {call}", workspace)


@pytest.mark.parametrize(("left", "right"), [*product(ROUNDED, ROUNDED)])
@pytest.mark.parametrize("form", ["{} - {}", "bin_at({}, 1d, {}) - 7h", "{} > {}"])
def test_two_moments_are_as_far_apart_as_they_are_at_any_clock(
    form: str, left: str, right: str, workspace: Workspace
) -> None:
    can_be = holds(f"T | union (print a = 1) | extend x = {form.format(left, right)}", workspace)
    assert can_be is ({left, right} <= {"now()", "ago(1h)"})


def test_columns_that_hang_on_data_hide_the_clock(workspace: Workspace) -> None:
    text = "T | where t > ago(1h) | project d | evaluate bag_unpack(d)"
    assert for_any_clock(text, workspace) is None
    assert planned(text, NOW, workspace) is not None
