"""Why a query is silent: rows through its stages, parts of conditions, nearest misses."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.lab.conftest import process

from vedette import QueryError, Workspace
from vedette.cli import main
from vedette.detections.find import load
from vedette.lab.why import Explanation, why

LINES = ("nmap -sS 192.0.2.1", "nmap --version", "curl http://192.0.2.1/partners")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "sysmon.jsonl"
    path.write_text("".join(process(line) for line in LINES))
    with Workspace() as opened:
        opened.ingest(path)
        yield opened


def flow(explanation: Explanation) -> list[tuple[str, int | None, int]]:
    return [(stage.kind, stage.rows_in, stage.rows_out) for stage in explanation.stages]


def test_rows_are_counted_through_the_stages(workspace: Workspace) -> None:
    query = """DeviceProcessEvents
    | where ProcessCommandLine has "nmap"
    | summarize Runs = count() by DeviceName
    | where Runs > 5"""
    found = why(workspace, query)
    assert flow(found) == [
        ("scan", None, 3),
        ("filter", 3, 2),
        ("aggregate", 2, 1),
        ("filter", 1, 0),
    ]
    assert not found.fires
    assert found.stopped_at is not None
    assert (found.stopped_at.line, found.stopped_at.text) == (4, "Runs > 5")
    assert found.reasons == ("Runs > 5: 2, more than 5 needed",)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('ProcessCommandLine has "nmap" and FileName =~ "nmap.exe"',
         [("ProcessCommandLine has \"nmap\"", 2, 0, ""),
          ("FileName =~ \"nmap.exe\"", 0, 2, "FileName is 'tool.exe'")]),
        ('ProcessCommandLine has "masscan" or ProcessCommandLine has "zmap"',
         [("ProcessCommandLine has \"masscan\" or ProcessCommandLine has \"zmap\"", 0, None, ""),
          ("ProcessCommandLine has \"masscan\"", 0, None, "ProcessCommandLine is"),
          ("ProcessCommandLine has \"zmap\"", 0, None, "ProcessCommandLine is")]),
        ('not(ProcessCommandLine has "nmap" or ProcessCommandLine has "curl")',
         [("not(ProcessCommandLine has \"nmap\" or ProcessCommandLine has \"curl\")", 0, None, ""),
          ("ProcessCommandLine has \"nmap\" or ProcessCommandLine has \"curl\"", 3, None, ""),
          ("ProcessCommandLine has \"nmap\"", 2, None, ""),
          ("ProcessCommandLine has \"curl\"", 1, None, "")]),
        ('AccountName == "ann"', [('AccountName == "ann"', 0, None, "AccountName is empty")]),
    ],
)  # fmt: skip
def test_each_part_of_a_condition_is_counted(
    workspace: Workspace, condition: str, expected: list[tuple[str, int, int | None, str]]
) -> None:
    stage = why(workspace, f"DeviceProcessEvents | where {condition}").stages[-1]
    assert [(p.text, p.alone, p.without) for p in stage.parts] == [e[:3] for e in expected]
    for part, (_, _, _, nearest) in zip(stage.parts, expected, strict=True):
        assert part.nearest.startswith(nearest)
        assert bool(part.nearest) == bool(nearest)


def test_a_table_without_rows_and_empty_columns_are_told(workspace: Workspace) -> None:
    found = why(workspace, 'DeviceNetworkEvents | where RemoteUrl has "x"')
    assert found.reasons == (
        "nothing that is stored shows itself in DeviceNetworkEvents",
        "stored are 3 of process_event",
    )
    (scan, *_) = why(workspace, 'DeviceProcessEvents | where SHA256 == "x"').stages
    assert any("SHA256" in note for note in scan.notes)


def test_one_event_is_looked_at_alone(workspace: Workspace) -> None:
    query = 'DeviceProcessEvents | where ProcessCommandLine has "nmap"'
    ids = workspace.query('process_event | where command_line has "curl" | project event_id')
    found = why(workspace, query, event=ids.rows()[0][0])
    assert flow(found) == [("scan", None, 1), ("filter", 1, 0)]
    found = why(workspace, query.replace("ProcessCommandLine", "FileName"), event=ids.rows()[0][0])
    assert not any("it stands in" in reason for reason in found.reasons)  # in other events it does
    with pytest.raises(ValueError, match="no event nonsense"):
        why(workspace, query, event="nonsense")


def test_every_language_is_explained(workspace: Workspace) -> None:
    aql = "SELECT username FROM events WHERE \"Process CommandLine\" ILIKE '%nmap%' LAST 1 HOURS"
    assert flow(why(workspace, aql, "aql"))[-1] == ("filter", 3, 2)
    sigma = """title: x
logsource: {category: process_creation, product: windows}
detection:
    scan:
        CommandLine|contains: masscan
    condition: scan
"""
    found = why(workspace, sigma, "sigma")
    assert found.stages[-1].rows_out == 0
    assert [part.text for part in found.stages[-1].parts][-1] == "CommandLine|contains: masscan"


def test_a_side_of_a_join_that_is_empty_is_what_stops_it(workspace: Workspace) -> None:
    query = """let scans = DeviceProcessEvents | where ProcessCommandLine has "masscan";
    DeviceProcessEvents | join kind=inner scans on DeviceName"""
    found = why(workspace, query)
    assert found.stopped_at is not None
    assert found.stopped_at.text == 'ProcessCommandLine has "masscan"'


NEAR = [
    # a query, its language, and all of the reasons that are given
    ('FileName == "PowerShell.exe"',
     "FileName is 'powershell.exe': the same but for upper and lower case"),
    ('FileName in ("PowerShell.exe", "pwsh.exe")',
     "FileName is 'powershell.exe': the same but for upper and lower case"),
    ('FileName =~ "powershel.exe"', "FileName is 'powershell.exe': nearly 'powershel.exe'"),
    ('FileName =~ "powershell"', "FileName is 'powershell.exe': it holds 'powershell' and more"),
    ('ProcessCommandLine has "Encoded"', ("ProcessCommandLine is 'powershell.exe -EncodedCommand "
     "SQBF': it holds 'Encoded' inside a longer word")),
    ('ProcessCommandLine startswith "-Enc"', ("ProcessCommandLine is 'powershell.exe "
     "-EncodedCommand SQBF': it holds '-Enc', and does not begin with it")),
    ('ProcessCommandLine matches regex "^-Enc[a-z]+"', ("ProcessCommandLine is 'powershell.exe "
     "-EncodedCommand SQBF': it holds '-Enc', and not as the condition wants it")),
    ('ProcessCommandLine has_cs "encodedcommand"', ("ProcessCommandLine is 'powershell.exe "
     "-EncodedCommand SQBF': it holds 'encodedcommand' in other upper and lower case")),
    ('FileName has "SQBF"', "FileName is …; it stands in ProcessCommandLine (1 row)"),
    ('ProcessCommandLine has_all ("Powershell", "zzz")', ("ProcessCommandLine is 'powershell.exe "
     "-EncodedCommand SQBF': it holds 'Powershell', and not 'zzz'")),
    ('FileName matches regex "(?i)^POWERSHELL$"', ("FileName is 'powershell.exe': it holds "
     "'POWERSHELL', and not as the condition wants it")),
    ('replace_string(FileName, "exe", "dll") == "powershell.exe"',
     "FileName is 'powershell.exe': not as the condition wants it"),
    ('not(FileName endswith ".exe")', "FileName is 'powershell.exe'"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "said"), NEAR, ids=[c for c, _ in NEAR])
def test_the_nearest_miss_is_told_among_many_rows(
    tmp_path: Path, condition: str, said: str
) -> None:
    others = range(0 if condition.startswith("not") else 40)
    records = [process(f"app{n}.exe /run").replace("tool.exe", f"app{n}.exe") for n in others]
    hit = process("powershell.exe -EncodedCommand SQBF")
    records.append(hit.replace("tool.exe", "powershell.exe"))
    (tmp_path / "sysmon.jsonl").write_text("".join(records))
    with Workspace() as opened:
        opened.ingest(tmp_path / "sysmon.jsonl")
        found = why(opened, f"DeviceProcessEvents | where {condition}")
    assert not found.fires
    (reason,) = found.reasons
    if "it stands in" in said:
        assert reason.endswith(said.partition("; ")[2])
    else:
        assert reason == f"{condition}: {said}"


def test_a_condition_further_up_that_leaves_out_what_would_pass_is_told(
    tmp_path: Path,
) -> None:
    late = process("curl x").replace("08:15:02", "12:15:02")
    (tmp_path / "sysmon.jsonl").write_text(process("nmap -sS x") + late)
    with Workspace() as opened:
        opened.ingest(tmp_path / "sysmon.jsonl")
        query = """DeviceProcessEvents
        | where Timestamp > ago(1h) and FileName =~ "tool.exe"
        | where ProcessCommandLine has 'nmap'"""
        found = why(opened, query)
        assert found.reasons[0] == "without Timestamp > ago(1h) on line 2, 1 row would pass"
        aql = "SELECT * FROM events WHERE \"Process CommandLine\" ILIKE '%nmap%' LAST 5 MINUTES"
        found = why(opened, aql, "aql")
        assert found.reasons[0].startswith("without time is at least 2026-03-04 12:10:02")


def test_a_join_of_keys_that_differ_and_each_side_of_a_union_are_told(
    workspace: Workspace,
) -> None:
    found = why(
        workspace,
        "DeviceProcessEvents | join kind=inner (DeviceProcessEvents "
        "| extend DeviceName = strcat(DeviceName, '.corp')) on DeviceName",
    )
    assert found.reasons == (
        "on the first side DeviceName is 'ws1'; on the other side DeviceName is 'ws1.corp'",
    )
    found = why(
        workspace, 'union DeviceNetworkEvents, (DeviceProcessEvents | where FileName == "Tool.exe")'
    )
    assert found.reasons == (
        "nothing that is stored shows itself in DeviceNetworkEvents",
        "stored are 3 of process_event",
        "FileName == \"Tool.exe\": FileName is 'tool.exe': the same but for upper and lower case",
    )


CORRELATION = """name: many
logsource: {category: process_creation, product: windows}
detection:
    all:
        CommandLine|contains: nmap
    condition: all
---
title: Many
correlation:
    type: event_count
    rules: [many]
    group-by: [Computer]
    timespan: 1h
    condition: {gte: 10}
"""


def test_a_correlation_that_never_holds_tells_how_near_it_came(workspace: Workspace) -> None:
    found = why(workspace, f"title: One\n{CORRELATION}", "sigma")
    assert found.reasons == ("counted is at least 10: 2, at least 10 needed",)


ELSEWHERE = [
    # a condition of AQL, and what is said of where its text stands
    (
        "\"Process Path\" ILIKE '%nmap -sS%'",
        "it stands in Command (1 row), Process CommandLine (1 row)",
    ),
    ("EventID = '192'", ""),  # a number is no part of an address
]


@pytest.mark.parametrize(("condition", "said"), ELSEWHERE, ids=[c for c, _ in ELSEWHERE])
def test_a_text_in_other_columns_is_told_where_it_says_something(
    workspace: Workspace, condition: str, said: str
) -> None:
    found = why(workspace, f"SELECT * FROM events WHERE {condition} LAST 24 HOURS", "aql")
    (reason,) = found.reasons
    assert reason.partition("; ")[2] == said


def test_a_stage_whose_place_is_an_operator_is_told_in_words(workspace: Workspace) -> None:
    found = why(workspace, "DeviceProcessEvents | where parse_json(AdditionalFields).x == 'y'")
    assert found.stopped_at is not None
    assert found.stopped_at.text == "AdditionalFields.x is y"
    found = why(workspace, 'search "masscan"')
    assert found.reasons == ('"masscan": 0 of 12 rows pass it',)


def test_a_query_that_is_refused_raises(workspace: Workspace) -> None:
    with pytest.raises(QueryError):
        why(workspace, "DeviceProcessEvents | frobnicate")


def test_the_clock_is_the_newest_events(workspace: Workspace) -> None:
    found = why(workspace, "DeviceProcessEvents | where Timestamp > ago(1h)")
    assert found.fires
    assert found.now.date() == dt.date(2026, 3, 4)


def test_the_command(tmp_path: Path) -> None:
    logs = tmp_path / "sysmon.jsonl"
    logs.write_text("".join(process(line) for line in LINES))
    query = 'DeviceProcessEvents | where ProcessCommandLine has "masscan"'
    told = CliRunner().invoke(main, ["why", query, str(logs), "--format", "json"])
    assert (told.exit_code, json.loads(told.stdout)["fires"]) == (0, False)
    told = CliRunner().invoke(main, ["why", query.replace("masscan", "nmap"), str(logs)])
    assert told.exit_code == 1
    assert "it fires: 2 rows" in told.stderr
    assert CliRunner().invoke(main, ["why", "T | nonsense", str(logs)]).exit_code == 2
    told = CliRunner().invoke(main, ["why", query, str(logs), "--event", "none"])
    assert told.exit_code == 3


SILENT = [
    ("003_*.txt", "T1591.002-4", "ProcessCommandLine has_any"),
    *(("001_*.txt", f"T1591.002-{n}", '"Image" ILIKE') for n in (1, 2, 3, 4, 5)),
    ("000_*.txt", "T1591.003-1", "eventid = 1"),
    ("000_*.txt", "T1591.003-4", "eventid = 1"),
    ("000_*.txt", "T1591.003-2", '"Image" ILIKE'),
    ("000_*.txt", "T1591.003-3", '"Image" ILIKE'),
]


@pytest.mark.shared("seeds")
@pytest.mark.parametrize(
    ("page", "label", "said"), SILENT, ids=[f"{p[:3]}-{t}" for p, t, _ in SILENT]
)
def test_each_silent_cell_of_the_published_pages_is_explained(
    shared: Path, page: str, label: str, said: str
) -> None:
    from vedette.detections.find import shipped
    from vedette.lab.prove import trials_of

    (detection,) = load([next((shared / "seeds").glob(page))]).detections
    trials = trials_of(detection, shipped().detections)
    records = next(t.case.records for t in trials if t.case.label == label)
    (query,) = detection.queries
    with Workspace() as workspace:
        workspace.ingest(list(records))
        found = why(workspace, query.text, query.language, first_line=query.line)
    assert not found.fires
    assert any(said in reason for reason in found.reasons)


def test_a_mark_of_the_language_itself_is_no_column_to_tell_of(workspace: Workspace) -> None:
    query = """DeviceProcessEvents
    | where DeviceName in ((DeviceProcessEvents | where FileName == 'none' | project DeviceName))"""
    told = why(workspace, query).reasons
    assert told[0] == "without FileName == 'none' on line 2, 3 rows would pass"
    assert told[1].endswith("0 of 3 rows pass it")
