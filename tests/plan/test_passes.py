"""Passes: what a plan reads like before and after, and that it stays sound and means the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.plan.building import Planner, Step

from vedette.plan.check import check
from vedette.plan.expressions import Field, Literal
from vedette.plan.passes.bound_time import bound_time
from vedette.plan.passes.each_window import Grid, NotAtOnce, each_window
from vedette.plan.passes.prune_columns import prune_columns
from vedette.plan.passes.trace_events import trace_events
from vedette.plan.relations import Join, Plan, Scan
from vedette.plan.rewrite import each_once
from vedette.plan.show import show
from vedette.plan.types import UNIX_EPOCH_TICKS, Type
from vedette.tables.views import fields_after

GOLDEN = Path(__file__).parent / "golden"


def events(planner: Planner, table: str = "process_event") -> Step:
    columns = {"time": "datetime", "host": "string", "command": "string", "port": "int"}
    return planner.scan(table, **columns)


def filtered() -> Plan:
    return events(Planner()).where("equals(host, 'a')").project("command").plan


def counted() -> Plan:
    return events(Planner()).summarize(n="count_rows()").plan


def half_read() -> Plan:
    step = events(Planner()).extend(long="text_length(command)", upper="text_upper(host)")
    totals = step.summarize(by={"host": "host"}, n="sum_of(long)", most="maximum_of(port)")
    return totals.project("host", "n").plan


def sides() -> Plan:
    planner = Planner()
    right = events(planner, "web_event").project(host1="host", port1="port", at="time")
    return events(planner).join(right, "equals(host, host1)").project("command", "at").plan


def united() -> Plan:
    planner = Planner()
    left = events(planner).where("equals(port, to_int(80))")
    both = left.union(events(planner, "web_event").sort("-time"))
    return both.project("command").plan


def first() -> Plan:
    return events(Planner()).first_per("host").sort("port").take(3).project("command").plan


def shared() -> Plan:
    planner = Planner()
    base = events(planner).where("equals(host, 'a')")
    most = base.summarize(most="maximum_of(port)")
    return base.project(text="command", number="port").join(most, "equals(number, most)").plan


def numbered() -> Plan:
    step = events(Planner()).sort("-time").extend(long="text_length(command)")
    near = step.neighbours("host", place="row_position()", sum="running_sum(long)")
    return near.where("less(place, 3)").project("command").plan


def carried() -> Plan:
    zero = Literal(0, Type.LONG)
    step = events(Planner()).sort("time").extend(long="text_length(command)")
    return step.carry(total=(zero, "add(total, long)")).project("host", "total").plan


def expanded() -> Plan:
    step = events(Planner()).extend(words="to_dynamic(command)", ports="to_dynamic(port)")
    apart = step.expand("place", 3, word="words", number="ports")
    return apart.where("less(place, 2)").project("host", "word").plan


STORIES = (filtered, counted, half_read, sides, united, first, shared, numbered, carried, expanded)


@dataclass(frozen=True)
class Pass:
    """A pass under test, by the name of its golden files."""

    name: str
    run: Callable[[Plan], Plan]


def time_column(table: str) -> str | None:
    return {"process_event": "time"}.get(table)


def bounded(plan: Plan) -> Plan:
    day = UNIX_EPOCH_TICKS + 864_000_000_000
    return bound_time(plan, time_column, fields_after(plan), UNIX_EPOCH_TICKS, day)


PASSES = (Pass("prune", prune_columns), Pass("bound", lambda p: bounded(prune_columns(p))))


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)
@pytest.mark.parametrize("tried", PASSES, ids=lambda p: p.name)
def test_a_pass_gives_its_golden_plan(tried: Pass, story: Callable[[], Plan]) -> None:
    plan = story()
    check(plan)
    changed = tried.run(plan)
    check(changed)
    told = f"{show(plan)}----\n{show(changed)}"
    golden = GOLDEN / f"{tried.name}-{story.__name__}.txt"
    assert told == golden.read_text(encoding="utf-8")
    assert [f.name for f in changed.root.fields] == [f.name for f in plan.root.fields]


def test_pruning_twice_changes_nothing() -> None:
    for story in STORIES:
        once = prune_columns(story())
        assert show(prune_columns(once)) == show(once)


def test_a_shared_relation_stays_shared() -> None:
    for plan in (prune_columns(shared()), bounded(shared())):
        scans = [r for r in each_once(plan.root) if isinstance(r, Scan)]
        assert len(scans) == 1
        assert isinstance(plan.root, Join)


def test_no_bounds_no_change() -> None:
    plan = filtered()
    assert bound_time(plan, time_column, fields_after(plan)) is plan


def test_fresh_fields_are_fresh() -> None:
    plan = sides()
    used = {f.number for r in each_once(plan.root) for f in r.fields}
    fresh: Field = fields_after(plan).new("x", plan.root.fields[0].type)
    assert fresh.number not in used


def test_passes_have_no_depth() -> None:
    step = events(Planner())
    for _ in range(1200):
        step = step.where("equals(host, 'a')")
    plan = bounded(prune_columns(step.plan))
    check(plan)
    assert show(plan).count("\n") == 1202


@pytest.mark.parametrize("story", [numbered, carried], ids=lambda s: s.__name__)
def test_rows_that_look_at_neighbours_keep_their_events(story: Callable[[], Plan]) -> None:
    plan = story()
    traced, identities = trace_events(plan, lambda _: "event_id", fields_after(plan), 10)
    check(traced)
    assert [f.name for f in traced.root.fields] == [f.name for f in plan.root.fields] + ["event_id"]
    assert len(identities) == 1


@pytest.mark.parametrize("story", [numbered, carried], ids=lambda s: s.__name__)
def test_neighbours_are_looked_at_window_by_window(story: Callable[[], Plan]) -> None:
    plan = story()
    fields = fields_after(plan)
    clock = fields.new("clock", Type.DATETIME)
    with pytest.raises(NotAtOnce, match="neighbouring rows"):
        each_window(plan, lambda _: ["time"], fields, clock, Grid(0, 10, 1, 1))
