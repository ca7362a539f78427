"""Analytics rules: what is read of a file, and each mistake at its place."""

import datetime as dt
import json
from pathlib import Path

import pytest

from vedette.detections.check import check_queries, refused_by_vendor
from vedette.detections.find import load
from vedette.detections.model import Alert, Detection, Entity, Schedule, Severity, Trigger
from vedette.workspace import Workspace

RULE = """id: 2f4165a6-c4fb-4e94-861e-37f1b4d6c0e6
name: Shells by machine
description: |
  'Identifies machines with many shells.'
severity: Medium
requiredDataConnectors:
  - connectorId: MicrosoftThreatProtection
    dataTypes: [DeviceProcessEvents]
queryFrequency: 1h
queryPeriod: 1d
triggerOperator: gt
triggerThreshold: 2
status: Available
tactics: [InitialAccess, CommandAndControl]
relevantTechniques: [T1059, T1059.003]
query: |
  let most = 2;
  DeviceProcessEvents
  | summarize shells = count() by DeviceName, AccountName
  | where shells > most
entityMappings:
  - entityType: Host
    fieldMappings:
      - {identifier: FullName, columnName: DeviceName}
  - entityType: Account
    fieldMappings:
      - {identifier: Name, columnName: AccountName}
customDetails: {Shells: shells}
alertDetailsOverride:
  alertDisplayNameFormat: Shells on {{DeviceName}}
eventGroupingSettings: {aggregationKind: AlertPerResult}
version: 1.0.3
kind: Scheduled
metadata: {author: {name: someone}}
"""


def read(folder: Path, text: str, name: str = "rule.yaml") -> tuple[list[Detection], list[str]]:
    """The detections of a file and its problems, each as line, column, severity, code, message."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    loaded = load([file])
    told = [str(p).split(":", 1)[1] for p in loaded.problems]
    return list(loaded.detections), told


def test_a_rule_is_read_whole(tmp_path: Path) -> None:
    (found,), told = read(tmp_path, RULE)
    assert told == []
    assert (found.id, found.title) == (RULE[4:40], "Shells by machine")
    assert found.description == "Identifies machines with many shells."
    assert found.severity is Severity.MEDIUM
    assert found.schedule == Schedule(dt.timedelta(days=1), dt.timedelta(hours=1), is_bound=True)
    assert found.trigger == Trigger("gt", 2)
    assert found.tactics == ("initial-access", "command-and-control")
    assert found.techniques == ("T1059", "T1059.003")
    assert found.entities == (
        Entity("DeviceName", "Host", "FullName"), Entity("AccountName", "Account", "Name"),
    )  # fmt: skip
    assert found.alert == Alert(
        title="Shells on {{DeviceName}}", details=(("Shells", "shells"),), each_row=True
    )
    assert (found.version, found.status, found.form) == ("1.0.3", "stable", "analytics")
    assert (found.tables, found.data_sources) == (
        ("DeviceProcessEvents",), ("MicrosoftThreatProtection",),
    )  # fmt: skip
    query = found.queries[0]
    assert query.text.splitlines()[0] == "let most = 2;"
    assert query.line == 17


QUERIES = [
    ("query: |\n    DeviceProcessEvents\n\n    | where Nothing > 1\n", (4, 13)),
    ("query: |2\n    DeviceProcessEvents\n    | where Nothing > 1\n", (3, 13)),
    ("query: |\r\n  DeviceProcessEvents\r\n  | where Nothing > 1\r\n", (3, 11)),
    ("query: >\n  DeviceProcessEvents\n  | where Nothing > 1\n", (3, 11)),
    ("query: DeviceProcessEvents | where Nothing > 1\n", (1, 36)),
    ("query: 'DeviceProcessEvents | where FileName == ''x'' | where Nothing > 1'\n", (1, 63)),
    ('query: "DeviceProcessEvents\\n| where FileName == \\"x\\" | where Nothing > 1"\n', (1, 64)),
    ('query: "DeviceProcessEvents \\\n  | where\n  Nothing > 1"\n', (3, 3)),
    ("query: DeviceProcessEvents\n  | where\n  Nothing > 1\n", (3, 3)),
]


@pytest.mark.parametrize(("text", "place"), QUERIES)
def test_a_problem_of_the_query_points_into_the_file(
    tmp_path: Path, text: str, place: tuple[int, int]
) -> None:
    file = tmp_path / "rule.yaml"
    file.write_bytes(f"{text}kind: NRT\n".encode())
    loaded = load([file])
    with Workspace() as workspace:
        (verdict,) = check_queries(loaded.detections, workspace)
    problem = next(p for p in verdict.problems if "Nothing" in p.message)
    assert (problem.line, problem.column) == place
    page = loaded.detections[0].queries[0].page
    assert page.at(problem.span) == "Nothing"


MISTAKES = [
    (("id: 2f4165a6-c4fb-4e94-861e-37f1b4d6c0e6", "id: 1234"), "1:5: warning VD314: the id '1234'"),
    (("id: 2f4165a6-c4fb-4e94-861e-37f1b4d6c0e6\n", ""), "1:1: warning VD313: an analytics"),
    (("severity: Medium", "severity: Severe"), "5:11: warning VD314: cannot be 'Severe'"),
    (("severity: Medium", "severity: medium"), "5:11: warning VD314: 'medium' is written 'Medium'"),
    (("queryPeriod: 1d", "queryPeriod: 30m"), "10:14: warning VD340: 'queryPeriod' is shorter"),
    (("queryPeriod: 1d", "queryPeriod: 30d"), "10:14: warning VD340: 'queryPeriod' must be"),
    (("queryPeriod: 1d", "queryPeriod: aday"), "10:14: error VD314: 'aday' is no length of time"),
    (("queryPeriod: 1d", "queryPeriod: PT0M"), "10:14: error VD314: 'PT0M' is no length"),
    (("triggerOperator: gt", "triggerOperator: over"), "11:18: error VD314: cannot be 'over'"),
    (("triggerThreshold: 2", "triggerThreshold: two"), "12:19: error VD314: cannot be 'two'"),
    (("triggerThreshold: 2", "triggerThreshold: 20000"), "12:19: warning VD340: must be at most"),
    (("InitialAccess", "InitialAcess"), "14:11: warning VD314: cannot be 'InitialAcess'"),
    (("T1059,", "1059,"), "15:22: warning VD314: '1059' is no technique's id"),
    (("entityType: Host", "entityType: Hosts"), "22:17: warning VD314: cannot be 'Hosts'"),
    (("FullName", "Fullname"), "24:22: warning VD314: the entity Host has no identifier"),
    (("identifier: Name", "identifier: NTDomain"), "25:17: warning VD314: the entity Account"),
    (("kind: Scheduled", "kind: Fusion"), "33:7: error VD315: a rule of the kind 'Fusion'"),
    (("version: 1.0.3", "verzion: 1.0.3"), "32:1: warning VD312: an analytics rule has no key"),
    (("status: Available", "enabled: false"), "13:1: information VD341: 'enabled: false' has no"),
    (("AlertPerResult", "AlertPerRow"), "31:42: warning VD314: cannot be 'AlertPerRow'"),
    (("{{DeviceName}}", "{{a}} {{b}} {{c}} {{d}}"), "30:27: warning VD340: 'alertDisplayName"),
    (("let most = 2;", f"let most = 2; // {'x' * 10_000}"), "16:8: warning VD340: 'query' is"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), MISTAKES)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    found, problems = read(tmp_path, RULE.replace(*change))
    assert any(told in problem for problem in problems), problems
    assert len(found) == ("error" not in told)


def test_many_entities_are_beyond_the_vendor(tmp_path: Path) -> None:
    one = "  - {entityType: IP, fieldMappings: [{identifier: Address, columnName: DeviceName}]}\n"
    _, told = read(tmp_path, RULE.replace("entityMappings:\n", "entityMappings:\n" + one * 9))
    assert told == ["22:3: warning VD340: maps 11 entities; the vendor takes 10"]


def test_a_rule_without_a_query_is_none(tmp_path: Path) -> None:
    found, told = read(tmp_path, RULE.split("query: |")[0] + "query: ''\nkind: Scheduled\n")
    assert found == []
    assert told[0] == "16:8: error VD315: holds no query"


def test_columns_that_the_result_lacks_are_told(tmp_path: Path) -> None:
    found, _ = read(tmp_path, RULE.replace("columnName: DeviceName", "columnName: Device"))
    with Workspace() as workspace:
        (verdict,) = check_queries(found, workspace)
    (problem,) = verdict.problems
    assert (problem.code, problem.line, problem.column) == ("VD331", 24, 44)
    assert problem.message == "the result has no column 'Device'"


def test_a_near_real_time_rule_looks_at_each_minute(tmp_path: Path) -> None:
    text = RULE.replace("kind: Scheduled", "kind: NRT").replace("queryFrequency: 1h\n", "")
    (found,), told = read(tmp_path, text)
    minute = dt.timedelta(minutes=1)
    assert found.schedule == Schedule(minute, minute)
    assert found.trigger is None
    assert [line[:40] for line in told] == [
        "9:1: information VD341: 'queryPeriod' ha",
        "10:1: information VD341: a trigger has n",
    ]


def test_a_hunting_query_needs_no_schedule(tmp_path: Path) -> None:
    text = (
        "id: 2f4165a6-c4fb-4e94-861e-37f1b4d6c0e6\nname: All\ntactics: [Impact]\n"
        "query: DeviceProcessEvents | count\n"
    )
    (found,), told = read(tmp_path, text)
    assert (found.schedule, found.trigger, told) == (None, None, [])


def arm(**properties: object) -> str:
    rule = {
        "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
        "kind": "Scheduled",
        "properties": {
            "displayName": "From ARM", "severity": "High", "queryFrequency": "PT1H",
            "queryPeriod": "P1D", "triggerOperator": "GreaterThan", "triggerThreshold": 0,
            "query": "DeviceProcessEvents\n| where Nothing > 1", "suppressionDuration": "PT5H",
            "suppressionEnabled": False, "techniques": ["T1059"], "customDetails": None,
            "templateVersion": "1.2.0", **properties,
        },
    }  # fmt: skip
    return json.dumps({"$schema": "x", "resources": [{"type": "other"}, rule]}, indent="\t")


def test_rules_of_a_template_are_read(tmp_path: Path) -> None:
    (found,), told = read(tmp_path, arm(), "rules.json")
    assert (found.title, found.severity, found.version) == ("From ARM", Severity.HIGH, "1.2.0")
    assert found.schedule == Schedule(dt.timedelta(days=1), dt.timedelta(hours=1), is_bound=True)
    assert found.trigger == Trigger("gt", 0)
    assert ["VD341" in line for line in told] == [True]
    with Workspace() as workspace:
        (verdict,) = check_queries([found], workspace)
    page = found.queries[0].page
    assert page.at(verdict.problems[0].span) == "Nothing"


@pytest.mark.parametrize("key", ["template", "mainTemplate"])
def test_rules_of_a_template_in_a_template_are_read(tmp_path: Path, key: str) -> None:
    inner = json.loads(arm().replace("/providers/alertRules", "/AlertRuleTemplates"))
    outer = {"resources": [{"type": "contentTemplates", "properties": {key: inner}}]}
    (found,), _ = read(tmp_path, json.dumps(outer), "mainTemplate.json")
    assert found.title == "From ARM"


def test_other_json_is_no_detection(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    loaded = load([tmp_path])
    assert loaded.detections == ()
    assert [p.problem.code for p in loaded.problems] == ["VD301"]


def test_strictly_a_mistake_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(RULE.replace("severity: Medium", "severity: Severe"))
    loaded = load([tmp_path])
    assert [p.problem.line for p in refused_by_vendor(loaded)] == [5]
    assert refused_by_vendor(load([])) == []


def test_mixed_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE)
    (tmp_path / "b.yml").write_text(
        "title: s\nlogsource: {product: windows, service: security}\n"
        "detection: {a: {EventID: 1}, condition: a}\n"
    )
    (tmp_path / "c.kql").write_text("DeviceProcessEvents | count")
    (tmp_path / "d.aql").write_text("SELECT * FROM events")
    (tmp_path / "e.yaml").write_text("services: {}\n")
    loaded = load([tmp_path])
    assert [d.form for d in loaded.detections] == ["analytics", "rule", "query", "query"]
    assert [p.problem.message for p in loaded.problems] == ["not read as detections: 1 .yaml"]
