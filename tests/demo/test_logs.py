"""The demo's logs: the same for a seed, and what their readers would expect of them."""

import email
import email.policy
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from vedette.demo.day import END, START, dice
from vedette.demo.endpoint import LOOK_ALIKES, TOOL_RUNS, process_events
from vedette.demo.folder import DemoFolder, fresh_folder
from vedette.demo.logs import write_logs
from vedette.demo.mail import LURES, messages
from vedette.demo.visitors import (
    BROWSERS,
    CRAWLER,
    MONITOR,
    SCRAPER,
    SLOW_SCRAPER,
    STOCK_CLIENT,
    plan_visits,
)

COMBINED = re.compile(
    r"(?P<client>127\.[\d.]+) - - \[(?P<time>\d\d/Sep/2026:\d\d:\d\d:\d\d \+0000)\] "
    r'"(?P<method>GET|HEAD) (?P<target>/\S*) HTTP/1\.1" (?P<status>200|404) (?P<size>\d+|-) '
    r'"(?P<referrer>[^"]+)" "(?P<agent>[^"]+)"'
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> DemoFolder:
    folder = fresh_folder(tmp_path_factory.mktemp("demo") / "first")
    write_logs(folder, 7)
    return folder


def contents(folder: DemoFolder) -> dict[str, bytes]:
    files = sorted(path for path in folder.logs.rglob("*") if path.is_file())
    return {str(path.relative_to(folder.logs)): path.read_bytes() for path in files}


def test_a_seed_gives_the_same_bytes(written: DemoFolder, tmp_path: Path) -> None:
    again = fresh_folder(tmp_path / "again")
    counts = write_logs(again, 7)
    assert contents(again) == contents(written)
    assert counts.addresses == len({*BROWSERS}) + 5
    assert counts.requests == contents(again)["web/access.log"].count(b"\n")
    assert counts.messages == len([name for name in contents(again) if name.endswith(".eml")])


def test_another_seed_gives_other_logs() -> None:
    assert plan_visits(1) != plan_visits(2)
    assert process_events(1) != process_events(2)
    assert messages(1) != messages(2)


def test_the_parts_have_dice_of_their_own() -> None:
    assert dice(1, "web").random() == dice(1, "web").random()
    assert dice(1, "web").random() != dice(1, "mail").random()


def test_every_request_that_was_planned_is_in_the_access_log(written: DemoFolder) -> None:
    lines = [COMBINED.fullmatch(line) for line in written.access_log.read_text().splitlines()]
    logged = [
        line.group("client", "method", "target", "referrer", "agent") for line in lines if line
    ]
    planned = [(v.address, v.method, v.target, v.referrer, v.agent) for v in plan_visits(7)]
    assert logged == planned


def test_every_visitor_is_in_the_access_log(written: DemoFolder) -> None:
    clients = {line.split()[0] for line in written.access_log.read_text().splitlines()}
    assert clients == {SCRAPER, SLOW_SCRAPER, CRAWLER, STOCK_CLIENT, MONITOR, *BROWSERS}


def test_the_crawler_reads_robots_first_and_stays_below_its_delay() -> None:
    crawl = [visit for visit in plan_visits(7) if visit.address == CRAWLER]
    assert crawl[0].target == "/robots.txt"
    gaps = [after.time - before.time for before, after in pairwise(crawl)]
    assert min(gaps).total_seconds() >= 60


@pytest.mark.parametrize("seed", range(5))
def test_the_day_is_in_order_and_within_itself(seed: int) -> None:
    times = [visit.time for visit in plan_visits(seed)]
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < END
    stamps = [json.loads(line)["UtcTime"] for line in process_events(seed).splitlines()]
    assert stamps == sorted(stamps)
    assert {stamp[:10] for stamp in stamps} == {"2026-09-01"}


@pytest.mark.parametrize("seed", range(3))
def test_tools_and_look_alikes_run_once_each(seed: int) -> None:
    events = [json.loads(line) for line in process_events(seed).splitlines()]
    assert {event["EventID"] for event in events} == {1}
    for machine, command in [*TOOL_RUNS.values(), *LOOK_ALIKES]:
        runs = [e for e in events if e["CommandLine"] == command.line]
        assert [(e["Hostname"], e["Image"]) for e in runs] == [(machine.name, command.image)]


def test_windows_and_linux_machines_log_through_their_own_providers() -> None:
    events = [json.loads(line) for line in process_events(7).splitlines()]
    providers = {(e["Image"].startswith("/"), e["SourceName"], e["Channel"]) for e in events}
    assert providers == {
        (True, "Linux-Sysmon", "Linux-Sysmon/Operational"),
        (False, "Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational"),
    }


def test_lures_come_once_each_and_fail_their_authentication() -> None:
    read = [email.message_from_bytes(m, policy=email.policy.default) for m in messages(7)]
    failed = {m["Subject"] for m in read if "dmarc=fail" in m["Authentication-Results"]}
    assert failed == {lure.subject for lure in LURES}
    assert len({m["Message-ID"] for m in read}) == len(read) > len(LURES) * 3
    assert [m for m in read if m.defects] == []
