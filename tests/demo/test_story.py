"""What the demo demands of its hunt, on findings made by hand."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from vedette.demo.endpoint import LOOK_ALIKES, TOOL_RUNS
from vedette.demo.mail import ORDINARY
from vedette.demo.story import EXPECTED, PLATFORMS, QUIET, Expected, mistakes
from vedette.demo.visitors import BROWSERS, CRAWLER, SCRAPER, SLOW_SCRAPER, plan_visits
from vedette.detections.model import Detection, Query
from vedette.hunt import Basis, Finding, HuntReport, Run, hunt
from vedette.hunt.behind import Held
from vedette.syntax import Source, Span
from vedette.workspace import Workspace
from vedette.workspace.events import Event

PAGE = Source("T", "probe.kql")
QUERIES = {platform: Query(platform, "kql", PAGE, Span(0, 1)) for platform in PLATFORMS}
PROBE = Detection("probe", "Probe", Path("probe"), "query")


def finding(
    entity: str, technique: str, *command_lines: str, platform: str = "sentinel"
) -> Finding:
    return Finding(
        detection=replace(PROBE, techniques=(technique,)),
        query=QUERIES[platform],
        entity=entity,
        entity_column="Entity",
        entity_type=None,
        count=1,
        basis=Basis.EVENTS,
        is_at_least=False,
        first_seen=None,
        last_seen=None,
        columns=("Entity",),
        row_count=1,
        behind=Held(
            rows=((entity,),),
            events=tuple(
                Event(str(number), "process_event", None, {"command_line": line})
                for number, line in enumerate(command_lines)
            ),
        ),
    )


def found(expected: Expected, platform: str) -> Finding:
    lines = [expected.command] if expected.command else []
    return finding(expected.entity, expected.technique, *lines, platform=platform)


def everything(but: int | None = None) -> list[Finding]:
    """What must be found, on both platforms, but one thing on QRadar."""
    return [
        found(expected, platform)
        for platform in PLATFORMS
        for number, expected in enumerate(EXPECTED)
        if platform == "sentinel" or number != but
    ]


Judge = Callable[..., list[str]]


@pytest.fixture(scope="module")
def judge() -> Judge:
    with Workspace() as workspace:
        empty = hunt(workspace, [])

    def judged(findings: Iterable[Finding], runs: tuple[Run, ...] = ()) -> list[str]:
        report: HuntReport = replace(empty, findings=tuple(findings), runs=runs)
        return mistakes(report)

    return judged


def test_all_that_is_expected_is_enough(judge: Judge) -> None:
    assert judge(everything()) == []


@pytest.mark.parametrize("number", range(len(EXPECTED)), ids=[e.what for e in EXPECTED])
def test_what_one_platform_does_not_find_is_named(judge: Judge, number: int) -> None:
    assert judge(everything(but=number)) == [f"not found on qradar: {EXPECTED[number]}"]


@pytest.mark.parametrize(
    "change",
    [{"entity": "elsewhere"}, {"technique": "T1595"}, {"command": "another command"}],
)
def test_a_finding_of_something_else_is_not_enough(judge: Judge, change: dict[str, str]) -> None:
    number = next(n for n, expected in enumerate(EXPECTED) if expected.command)
    other = found(replace(EXPECTED[number], **change), "qradar")
    assert judge([*everything(but=number), other]) == [f"not found on qradar: {EXPECTED[number]}"]


@pytest.mark.parametrize(
    "entity", [CRAWLER, BROWSERS[0], BROWSERS[-1], *(letter.sender for letter in ORDINARY)]
)
def test_who_is_ordinary_must_not_be_found(judge: Judge, entity: str) -> None:
    wrong = judge([*everything(), finding(entity, "T1591.002")])
    assert wrong == [f"found and must not be: {entity}: Probe (sentinel)"]


def test_a_look_alike_must_not_be_found(judge: Judge) -> None:
    machine, command = LOOK_ALIKES[0]
    wrong = judge([*everything(), finding(machine.name, "T1591.002", command.line)])
    assert wrong == [
        f"found and must not be: {machine.name}: Probe (sentinel), for {command.line!r}"
    ]


def test_a_query_that_could_not_run_is_a_mistake(judge: Judge) -> None:
    refused = Run(PROBE, QUERIES["qradar"], "refused", "unknown column", dt.timedelta(days=1))
    assert judge(everything(), (refused,)) == ["could not run: Probe (qradar): unknown column"]


def test_every_visitor_is_either_expected_or_must_not_be_found() -> None:
    visitors = {visit.address for visit in plan_visits(1)}
    assert visitors - QUIET == {SCRAPER, SLOW_SCRAPER}
    named = {expected.entity for expected in EXPECTED}
    assert named.isdisjoint(QUIET)
    assert named >= {SCRAPER, SLOW_SCRAPER, *(machine.name for machine, _ in TOOL_RUNS.values())}
