"""Every example of every function, run."""

import pytest
from tests.aql.conftest import Ask

from vedette.aql.functions import AGGREGATES, HIDDEN, LOOKUPS, NOT_AQL, REFUSED, SCALARS, SHOWN
from vedette.plan.library import Example

EXAMPLES = [(row.name, example) for row in SCALARS for example in row.examples]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda v: getattr(v, "call", v))
def test_an_example_gives_its_value(one_event: Ask, name: str, example: Example) -> None:
    answer = one_event(f"SELECT {example.call} AS got, {example.value} AS wanted FROM events")
    ((got, wanted),) = answer.rows
    assert got == wanted


def test_functions_that_are_bound_by_hand_are_those_without_a_meaning() -> None:
    by_hand = {row.name for library in (SCALARS, AGGREGATES) for row in library if not row.means}
    assert by_hand == {
        "CONCAT", "FIRST", "LAST", "LONG", "NOW", "PARSEDATETIME", "PARSETIMESTAMP", "REPLACEALL",
        "REPLACEFIRST",
    }  # fmt: skip


def test_no_function_is_both_there_and_refused() -> None:
    there = {row.name for library in (SCALARS, AGGREGATES, LOOKUPS) for row in library}
    assert not there & REFUSED.keys()
    assert not there & NOT_AQL.keys()
    assert not REFUSED.keys() & NOT_AQL.keys()
    assert REFUSED.keys() >= SHOWN
    assert set(HIDDEN) == {row.name for row in LOOKUPS}


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("UTF8(payload)", "as received"),
        ("BASE64(payload)", "YXMgcmVjZWl2ZWQ="),
        ("LOGSOURCETYPENAME(devicetype)", "Linux OS"),
        ("LOGSOURCENAME(logsourceid)", "LinuxServer @ web01"),
        ("CATEGORYNAME(category)", "Process Creation Success"),
        ("CATEGORYNAME(highlevelcategory)", "System"),
        ("devicetype", 11),
        ("DATEFORMAT(starttime, 'yyyy-MM-dd HH:mm:ss')", "2026-11-21 11:59:00"),
        ("NOW() - starttime", 60_000),
        ("NOW() - PARSEDATETIME('1 hour ago')", 3_600_000),
        ("CONCAT(username, '@', sourceport)", "root@22"),
        ("STR(sourceport)", "22"),
    ],
)
def test_a_function_of_an_event(ask: Ask, call: str, value: object) -> None:
    event = {"log_source_type": "Linux OS", "host": "web01", "raw": "as received", "user": "root"}
    ask.store("process_event", {**event, "source_port": 22})
    assert ask(f"SELECT {call} AS x FROM events").only == value
