"""Platforms' tables become what is stored: events through their view, and rows of their own."""

from __future__ import annotations

import pytest
from tests.plan.building import Planner, Step

from vedette.plan.check import check
from vedette.plan.relations import Plan, Scan
from vedette.plan.rewrite import each_once
from vedette.plan.show import show
from vedette.tables import views
from vedette.tables.catalog import Catalog
from vedette.tables.schema import ViewSource

SOURCES = {
    "SecurityEvent": (
        ViewSource(
            "process_event",
            {"TimeGenerated": "time", "Computer": "or_empty(host)"},
            where="equals(host, 'a')",
        ),
        ViewSource("web_event", {"TimeGenerated": "time"}),
    )
}


@pytest.fixture(autouse=True)
def own_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "view_sources", lambda name: SOURCES.get(name, ()))


@pytest.fixture
def catalog() -> Catalog:
    made = Catalog()
    made.declare("Mine", {"a": "long"})
    return made


def security() -> Step:
    return Planner().scan("SecurityEvent", TimeGenerated="datetime", Computer="string")


def expanded(step: Step, catalog: Catalog, *stored: str) -> str:
    plan = views.expand_views(step.plan, catalog, stored)
    check(plan)
    return show(plan)


def test_events_show_themselves_through_the_view(catalog: Catalog) -> None:
    assert expanded(security(), catalog, "process_event") == (
        "project TimeGenerated#1 = TimeGenerated#5, Computer#2 = Computer#6\n"
        "  project TimeGenerated#5 = time#4, Computer#6 = or_empty(host#3)\n"
        '    filter equals(host#3, "a")\n'
        "      scan process_event: host#3, time#4\n"
    )


def test_every_source_and_the_tables_own_rows_are_united(catalog: Catalog) -> None:
    stored = ("SecurityEvent", "process_event", "web_event", "Mine")
    assert expanded(security(), catalog, *stored) == (
        "union (TimeGenerated#1: datetime, Computer#2: string)\n"
        "  scan SecurityEvent: TimeGenerated#3, Computer#4\n"
        "  project TimeGenerated#7 = time#6, Computer#8 = or_empty(host#5)\n"
        '    filter equals(host#5, "a")\n'
        "      scan process_event: host#5, time#6\n"
        "  project TimeGenerated#10 = time#9, Computer#11 = null_string\n"
        "    scan web_event: time#9\n"
    )


def test_what_nothing_is_stored_of_is_empty(catalog: Catalog) -> None:
    assert expanded(security(), catalog) == (
        "values (TimeGenerated#1: datetime, Computer#2: string) x 0\n"
    )


def test_a_users_table_is_its_rows(catalog: Catalog) -> None:
    mine = Planner().scan("Mine", a="long").where("greater(a, 1)")
    assert expanded(mine, catalog, "Mine") == (
        "filter greater(a#1, 1)\n  project a#1 = a#2\n    scan Mine: a#2\n"
    )


def test_a_table_that_stands_twice_is_expanded_once(catalog: Catalog) -> None:
    step = security()
    total = step.summarize(n="count_rows()")
    both = step.project(host="Computer").join(total, "greater(n, 1)")
    plan: Plan = views.expand_views(both.plan, catalog, ("web_event",))
    check(plan)
    assert sum(isinstance(r, Scan) for r in each_once(plan.root)) == 1


def test_an_unknown_table_is_a_mistake(catalog: Catalog) -> None:
    with pytest.raises(KeyError, match="Nowhere"):
        expanded(Planner().scan("Nowhere", a="long"), catalog)
