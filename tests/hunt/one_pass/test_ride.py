"""One pass gives each detection the findings that it has alone."""

import json
import random
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.hunt.conftest import Make
from tests.hunt.detections import DAY, HOUR, at, detection, event

from vedette.detections.model import Detection
from vedette.hunt import Finding, HuntReport, hunt
from vedette.hunt.as_json import report_object
from vedette.hunt.behind import Held
from vedette.hunt.report import report_page
from vedette.workspace import Workspace

SELECTIONS = {
    "ends": "sel:\n    Image|endswith: ['\\cmd.exe', '\\net.exe']\n  condition: sel",
    "both": "a:\n    Image|endswith: '\\cmd.exe'\n  b:\n    CommandLine|contains: ['/c', whoami]\n"
    "  condition: a and b",
    "not": "a:\n    CommandLine|contains: net\n  f:\n    Image|startswith: 'C:\\Program'\n"
    "  condition: a and not f",
    "null": "a:\n    CommandLine: null\n  condition: a",
    "empty": "a:\n    CommandLine: ''\n  condition: a",
    "any": "a:\n    Image: '*'\n  condition: not a",
    "regex": "a:\n    CommandLine|re: 'net\\s+us[er]+'\n  condition: a",
    "regex case": "a:\n    CommandLine|re|i: '(whoami|ipconfig) /ALL'\n  condition: a",
    "wild": "a:\n    CommandLine: '*net?user*/add'\n  condition: a",
    "data": "a:\n    Custom|contains: 'b\\c'\n  condition: a",
    "user": "a:\n    User|contains: SYSTEM\n  b:\n    Image|endswith: .exe\n  condition: a and b",
    "number": "a:\n    EventID: 4688\n  condition: a",
    "keyword": "keywords:\n    - whoami\n  condition: keywords",
    "fieldref": "a:\n    Image|fieldref: ParentImage\n  condition: a",
    "nothing": "a:\n    CommandLine|contains: 'nobody writes this'\n  condition: a",
}  # fmt: skip
RULE = """title: {title}
id: 00000000-0000-4000-8000-{number:012}
logsource:
  category: process_creation
  product: windows
detection:
  {selection}
"""
KQL = {
    "has": "DeviceProcessEvents | where FileName has 'cmd'"
    " or ProcessCommandLine has_any ('whoami', 'net')",
    "recent": "DeviceProcessEvents | where Timestamp > ago(1h) and ProcessCommandLine has 'net'",
    "count": "DeviceProcessEvents | where FileName =~ 'cmd.exe' | summarize count() by DeviceName",
    "count of all": "DeviceProcessEvents | where FileName =~ 'none.exe' | summarize N = count()",
    "join": "DeviceProcessEvents | where FileName =~ 'cmd.exe' | join kind=leftanti"
    " (DeviceProcessEvents | where FileName =~ 'net.exe') on DeviceName",
    "both sides": "DeviceProcessEvents | where FileName =~ 'cmd.exe' | join kind=inner"
    " (DeviceProcessEvents | where FileName =~ 'net.exe') on DeviceName"
    " | project DeviceName, FileName",
    "isempty": "DeviceProcessEvents | where isempty(ProcessCommandLine)",
    "not": "DeviceProcessEvents | where FileName !~ 'cmd.exe' and ProcessId > 5",
    "in": "DeviceProcessEvents | where FileName in~ ('cmd.exe', 'NET.EXE') and DeviceName != 'h1'",
    "all": "process_event | summarize count()",
    "words": "DeviceProcessEvents | where ProcessCommandLine matches regex @'\\bnet\\b'",
    "top": "DeviceProcessEvents | where FileName =~ 'cmd.exe' | top 2 by Timestamp",
}  # fmt: skip
AQL = {
    "like": "SELECT username, starttime FROM events WHERE username ILIKE '%a%' LAST 2 HOURS",
    "not": "SELECT username FROM events WHERE NOT username = 'ann' LAST 1 DAYS",
    "group": "SELECT username, COUNT(*) AS n FROM events WHERE UTF8(payload) ILIKE '%net%'"
    " GROUP BY username LAST 3 HOURS",
}  # fmt: skip


def detections() -> list[Detection]:
    made = []
    for number, (title, selection) in enumerate(SELECTIONS.items()):
        text = RULE.format(title=title, number=number, selection=selection)
        made.append(detection(text, "sigma", "sigma", title=title, id=f"s{number}"))
    for title, text in KQL.items():
        parts = {"title": title, "id": f"k{title}"}
        made.append(detection(text, "kql", "defender", HOUR * 3, HOUR * 2, **parts))
    for title, text in AQL.items():
        made.append(detection(text, "aql", step=HOUR * 2, title=title, id=f"a{title}"))
    return made


def rows(count: int, seed: int = 1) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    paths = ["C:\\Windows\\System32\\cmd.exe", "C:\\WINDOWS\\NET.exe", "C:\\Program Files\\a.exe",
             "/usr/bin/net", "c:\\\u0130\\cmd.exe", ""]  # fmt: skip
    lines = ["cmd /c whoami", "net user x /ADD", "NET  USER", "ipconfig /all", "net", "-", "",
             "\u212aernel wHoAmI /ALL", "a net\xe9"]  # fmt: skip

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.15 else value

    made = []
    for number in range(count):
        data = {
            "Custom": chance.choice(["a b\\c", "B\\C", 7, None, ["b\\c"]]),
            "User": chance.choice(["NT AUTHORITY\\SYSTEM", "CORP\\ann", None]),
            "Image": chance.choice(paths), "CommandLine": chance.choice([*lines, None]),
        }  # fmt: skip
        kept = {name: value for name, value in data.items() if chance.random() < 0.6}
        code = chance.choice([1, 1, 4688])
        written_by = "Sysmon" if code == 1 else "Security-Auditing"
        path = chance.choice(paths)
        made.append(
            event(
                number,
                f"2020-01-01T{chance.randrange(6):02}:{chance.randrange(60):02}:00",
                host=maybe(chance.choice(["h1", "h2", "h3"])),
                user=maybe(chance.choice(["ann", "bob", "SYSTEM"])),
                user_domain=maybe("NT AUTHORITY"),
                provider=maybe(f"Microsoft-Windows-{written_by}"),
                event_code=maybe(code),
                process_path=maybe(path or None),
                process_name=maybe(path.rpartition("\\")[2] or None),
                process_id=maybe(chance.randrange(10)),
                command_line=maybe(chance.choice(lines) or None),
                parent_path=maybe(chance.choice(paths) or None),
                event_data=maybe(json.dumps(kept, ensure_ascii=chance.random() < 0.5)),
                raw=maybe(json.dumps({"Event": kept})),
            )
        )
    return made


def plain(report: HuntReport) -> list[Any]:
    """What a report says, but for how it was come by; groups come in any order."""

    def ordered(findings: Iterable[Finding]) -> list[Finding]:
        return [
            replace(
                finding,
                behind=Held(
                    tuple(sorted(finding.rows, key=repr)),
                    finding.events,
                    finding.hours,
                    finding.event_times,
                ),
            )
            for finding in findings
        ]

    runs = [replace(run, alone="", findings=tuple(ordered(run.findings))) for run in report.runs]
    return [ordered(report.findings), runs]


def both(workspace: Workspace, asked: Sequence[Detection], **bounds: Any) -> HuntReport:
    """The report of one pass, which is that of each alone."""
    passed = hunt(workspace, asked, one_pass=True, **bounds)
    alone = hunt(workspace, asked, one_pass=False, **bounds)
    assert plain(passed) == plain(alone)
    assert not any(run.alone for run in alone.runs)
    return passed


def by_title(report: HuntReport) -> dict[str, str]:
    return {run.detection.title: run.alone for run in report.runs if run.alone}


def test_findings_are_those_of_each_alone(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(150))
    report = both(workspace, detections(), evidence=5)
    found = {finding.detection.title for finding in report.findings}
    assert found >= {"ends", "both", "not", "null", "regex", "wild", "data", "user", "has", "join"}
    assert "nothing" not in found
    assert by_title(report) == {
        "all": "it asks nothing of an event before it joins or counts",
        "words": "it may end at a row that it cannot answer for",
    }


def test_windows_and_bounds_hide_what_they_hide_alone(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(80))
    asked = [
        d for d in detections() if d.title in ("ends", "null", "recent", "count", "like", "top")
    ]
    both(workspace, asked, since=at("2020-01-01T03:00:00"), until=at("2020-01-01T06:00:00"))
    both(workspace, asked, now=at("2020-01-01T06:30:00"))


def test_a_query_that_answers_for_no_event_still_answers(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(60))
    (one,) = [d for d in detections() if d.title == "count of all"]
    report = both(workspace, [one])
    assert [f.rows for f in report.findings] == [((0,),)]


def test_events_of_several_tables(make_workspace: Make) -> None:
    logons = [
        event(900 + n, f"2020-01-01T01:{n:02}:00", user="ann", event_code=4624) for n in range(9)
    ]
    workspace = make_workspace(process_event=rows(100), windows_event=logons)
    asked = [d for d in detections() if d.title in ("ends", "like", "not", "group", "keyword")]
    report = both(workspace, asked)
    assert "like" in {finding.detection.title for finding in report.findings}


def test_what_lets_too_much_through_runs_alone(
    make_workspace: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vedette.hunt.one_pass.ride.MOST_BYTES", 3_000)
    workspace = make_workspace(process_event=rows(80))
    asked = [d for d in detections() if d.title in ("ends", "has", "count", "like", "nothing")]
    report = both(workspace, asked)
    alone = by_title(report)
    assert alone["ends"].startswith("its filter lets ")
    assert "nothing" not in alone


def test_a_pattern_that_the_engine_refuses_hinders_no_other(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(50))
    broken = RULE.format(
        title="broken", number=99, selection="a:\n    CommandLine|re: '(?<a'\n  condition: a"
    )
    asked = [*detections(), detection(broken, "sigma", "sigma", title="broken")]
    report = hunt(workspace, asked, one_pass=True)
    assert {finding.detection.title for finding in report.findings} >= {"ends", "both", "not"}
    (run,) = [run for run in report.runs if run.detection.title == "broken"]
    assert run.status in ("failed", "refused")


def test_more_than_a_few_are_looked_for_together(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(20))
    asked = [d for d in detections() if d.title in ("all", "ends", "null", "any")]
    report = hunt(workspace, asked)
    assert by_title(report).keys() == {"all"}
    assert "ran alone, not in the one pass: it asks nothing" in report_page(report)
    told = {run["detection"]: run["alone"] for run in report_object(report)["ran"]}
    assert told["all"] == by_title(report)["all"] and told["ends"] is None
    assert by_title(hunt(workspace, asked[:2])) == {}


def test_findings_of_kql_and_aql_are_what_query_gives(make_workspace: Make) -> None:
    workspace = make_workspace(process_event=rows(80))
    text = KQL["has"]
    asked = [detection(text, "kql", "defender", DAY), *detections()[:4]]
    report = hunt(workspace, asked, one_pass=True)
    (count,) = workspace.query(f"{text} | count", now=at("2020-01-02T00:00:00")).rows()[0]
    assert sum(f.count for f in report.findings if f.detection.title == "Test") == count > 0


@pytest.mark.shared("data")
def test_rules_that_people_wrote(make_workspace: Make, shared: Path) -> None:
    workspace = make_workspace(process_event=[*rows(60), *planted(shared)])
    asked = [detection(text, "sigma", "sigma", title=name) for name, text in rules(shared, 60)]
    report = both(workspace, asked)
    assert len(report.runs) > 20
    assert report.findings


def rules(shared: Path, every: int) -> Iterable[tuple[str, str]]:
    with zipfile.ZipFile(shared / "data" / "sigmahq-rules.zip") as archive:
        names = [n for n in archive.namelist() if "process_creation/" in n and n.endswith(".yml")]
        for name in sorted(names)[::every]:
            yield name.rpartition("/")[2], archive.read(name).decode()


def planted(shared: Path) -> list[dict[str, Any]]:
    """Rows with command lines that rules look for."""
    chance = random.Random(4)
    made = []
    for number, (_, text) in enumerate(rules(shared, 60)):
        quoted = [part for part in text.split("'")[1::2] if "\n" not in part] or ["x"]
        made.append(
            event(
                5_000 + number, "2020-01-01T05:00:00", provider="Microsoft-Windows-Sysmon",
                event_code=1, process_path=f"C:\\a{chance.choice(quoted)}",
                command_line=" ".join(chance.choices(quoted, k=6)),
                parent_path=f"C:\\a{chance.choice(quoted)}",
                original_file_name=chance.choice(quoted),
            )
        )  # fmt: skip
    return made
