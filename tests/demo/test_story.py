"""What the demo demands of its hunt, on findings made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from vedette.demo.endpoint import LOOK_ALIKES, TOOL_RUNS
from vedette.demo.mail import ORDINARY
from vedette.demo.story import EXPECTED, QUIET, Expected, judge
from vedette.demo.visitors import BROWSERS, CRAWLER, SCRAPER, SLOW_SCRAPER, plan_visits
from vedette.detections.model import Detection, Query
from vedette.hunt import Basis, Finding
from vedette.syntax import Source, Span
from vedette.workspace.events import Event

PAGE = Source("T", "probe.kql")
QUERY = Query("sentinel", "kql", PAGE, Span(0, 1))


def finding(entity: str, technique: str, *command_lines: str) -> Finding:
    return Finding(
        detection=Detection("probe", "Probe", Path("probe"), "query", techniques=(technique,)),
        query=QUERY,
        entity=entity,
        entity_column="Entity",
        entity_type=None,
        count=1,
        basis=Basis.EVENTS,
        is_at_least=False,
        first_seen=None,
        last_seen=None,
        columns=("Entity",),
        rows=((entity,),),
        row_count=1,
        events=tuple(
            Event(str(number), "process_event", None, {"command_line": line})
            for number, line in enumerate(command_lines)
        ),
        hours=(),
    )


def found(expected: Expected) -> Finding:
    return finding(expected.entity, expected.technique, *filter(None, [expected.command]))


ALL = tuple(found(expected) for expected in EXPECTED)


def test_all_that_is_expected_is_enough() -> None:
    verdict = judge(ALL)
    assert verdict.is_as_expected
    assert verdict.doubtful == ()


@pytest.mark.parametrize("number", range(len(EXPECTED)), ids=[e.what for e in EXPECTED])
def test_what_is_not_found_is_named(number: int) -> None:
    verdict = judge((*ALL[:number], *ALL[number + 1 :]))
    assert verdict.missing == (EXPECTED[number],)
    assert not verdict.is_as_expected
    assert EXPECTED[number].entity in str(verdict.missing[0])


@pytest.mark.parametrize(
    "change",
    [{"entity": "elsewhere"}, {"technique": "T1595"}, {"command": "another command"}],
)
def test_a_finding_of_something_else_is_not_enough(change: dict[str, str]) -> None:
    number = next(n for n, expected in enumerate(EXPECTED) if expected.command)
    others = ALL[:number] + ALL[number + 1 :]
    verdict = judge((*others, found(replace(EXPECTED[number], **change))))
    assert verdict.missing == (EXPECTED[number],)


@pytest.mark.parametrize("address", [CRAWLER, BROWSERS[0], BROWSERS[-1]])
def test_an_ordinary_visitor_must_not_be_found(address: str) -> None:
    verdict = judge((*ALL, finding(address, "T1591.002")))
    assert verdict.wrong == (f"{address}: Probe (sentinel)",)
    assert not verdict.is_as_expected


def test_a_look_alike_must_not_be_found() -> None:
    machine, command = LOOK_ALIKES[0]
    verdict = judge((*ALL, finding(machine.name, "T1591.002", command.line)))
    assert verdict.wrong == (f"{machine.name}: Probe (sentinel), for {command.line!r}",)


def test_ordinary_mail_is_doubtful_and_no_failure() -> None:
    verdict = judge((*ALL, finding(ORDINARY[0].sender, "T1591.003")))
    assert verdict.doubtful == (f"{ORDINARY[0].sender}: Probe (sentinel)",)
    assert verdict.is_as_expected


def test_every_visitor_is_either_expected_or_must_not_be_found() -> None:
    visitors = {visit.address for visit in plan_visits(1)}
    assert visitors == QUIET | {SCRAPER, SLOW_SCRAPER}
    assert {expected.entity for expected in EXPECTED} >= {SCRAPER, SLOW_SCRAPER}
    assert {machine.name for machine, _ in TOOL_RUNS.values()} <= {e.entity for e in EXPECTED}
