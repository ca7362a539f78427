"""What a plan asks of each row of a table, and which tables' rows it cannot do without."""

import datetime as dt

import pytest

from vedette.engines.base import Stored
from vedette.plan.passes.scan_conditions import gives_nothing, scan_conditions
from vedette.plan.relations import Plan
from vedette.plan.show import show_expression
from vedette.tables.catalog import event_tables
from vedette.workspace import Workspace

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
STORED = {name: Stored((), columns) for name, columns in event_tables().items()}


def planned(text: str) -> Plan:
    with Workspace() as workspace:
        workspace.declare("Left", {"Id": "long", "Name": "string"})
        workspace.declare("Right", {"Id": "long", "Name": "string"})
        plan = workspace.plan(text, "kql", NOW)
        return workspace.stored_plan(plan, stored={*STORED, "Left", "Right"})


def asked(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in scan_conditions(planned(text)):
        shown = [show_expression(c).split("#")[0] for c in one.conditions]
        found.setdefault(one.scan.table, []).append(" and ".join(shown))
    return found


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("Left | where Id > 3", {"Left": ["greater(Id"]}),
        ("Left | where Id > 3 and Name has 'x'", {"Left": ["greater(Id and text_has_term(Name"]}),
        ("Left | extend N = Id + 1 | where N > 3", {"Left": ["greater(add_wrapping(Id"]}),
        ("Left | where rand() > 0.5", {"Left": [""]}),
        ("Left | take 5 | where Id > 3", {"Left": [""]}),
        ("Left | summarize N = count() by Id | where N > 3", {"Left": [""]}),
        ("union Left, Right | where Id > 3", {"Left": ["greater(Id"], "Right": ["greater(Id"]}),
        (
            "Left | where Id > 3 | join kind=leftanti (Right | where Id > 4) on Id",
            {"Left": ["greater(Id"], "Right": ["greater(Id"]},
        ),
        ("let T = Left | where Id > 3; union (T | where Id > 4), T", {"Left": ["greater(Id"] * 2}),
    ],
)
def test_what_is_asked_of_a_row(text: str, conditions: dict[str, list[str]]) -> None:
    found = asked(text)
    assert found.keys() == conditions.keys()
    for table, listed in conditions.items():
        for told, wanted in zip(found[table], listed, strict=True):
            assert told.startswith(wanted.split(" and ", maxsplit=1)[0])
            assert bool(told) == bool(wanted)


@pytest.mark.parametrize(
    ("text", "empty", "nothing"),
    [
        ("Left | where Id > 3", {"Left"}, True),
        ("Left | summarize count()", {"Left"}, False),
        ("Left | summarize count() by Id", {"Left"}, True),
        ("Left | join kind=inner Right on Id", {"Right"}, True),
        ("Left | join kind=leftouter Right on Id", {"Right"}, False),
        ("Left | join kind=leftanti Right on Id", {"Right"}, False),
        ("Left | join kind=leftanti Right on Id", {"Left"}, True),
        ("Left | join kind=rightouter Right on Id", {"Left"}, False),
        ("Left | join kind=fullouter Right on Id", {"Left"}, False),
        ("union Left, Right", {"Left"}, False),
        ("union Left, Right", {"Left", "Right"}, True),
        ("union Left, (print Id = 1)", {"Left"}, False),
    ],
)
def test_what_has_no_rows_without_a_table(text: str, empty: set[str], nothing: bool) -> None:
    assert gives_nothing(planned(text).root, empty) is nothing
