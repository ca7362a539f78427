"""Exports of tables and records of clouds as ASIM, AQL and Sigma see them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.logs.exported import as_stream

from vedette.workspace import Workspace

SAMPLES = Path(__file__).parent / "samples"
WHEN = {"Timestamp": "2026-03-11T05:16:41.1234567Z", "DeviceName": "pc1"}
EVENTS: dict[str, dict[str, Any]] = {
    "DeviceProcessEvents": {
        "ActionType": "ProcessCreated", "FileName": "certutil.exe", "ProcessId": 7,
        "FolderPath": "C:\\Windows\\System32\\certutil.exe", "AccountName": "ann",
        "ProcessCommandLine": "certutil.exe -urlcache http://a.example/x",
        "InitiatingProcessFolderPath": "C:\\Windows\\System32\\cmd.exe",
    },
    "DeviceImageLoadEvents": {
        "ActionType": "ImageLoaded", "FileName": "amsi.dll", "FolderPath": "C:\\Temp\\amsi.dll",
    },
    "DeviceEvents": {
        "ActionType": "NamedPipeEvent", "AdditionalFields": '{"PipeName": "\\\\evil"}',
        "InitiatingProcessFileName": "a.exe",
    },
    "DeviceFileEvents": {
        "ActionType": "FileCreated", "FileName": "x.hta", "FolderPath": "C:\\Temp\\x.hta",
    },
    "DeviceRegistryEvents": {
        "ActionType": "RegistryValueSet", "RegistryValueName": "Updater",
        "RegistryKey": "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
        "RegistryValueData": "a.exe",
    },
    "DeviceNetworkEvents": {
        "ActionType": "ConnectionSuccess", "RemoteIP": "203.0.113.7", "RemotePort": 443,
        "RemoteUrl": "https://a.example/x", "LocalIP": "192.0.2.5",
    },
    "DeviceLogonEvents": {
        "ActionType": "LogonFailed", "AccountName": "ann", "AccountDomain": "corp",
        "RemoteIP": "192.0.2.9", "Protocol": "NTLM", "FailureReason": "InvalidUserNameOrPassword",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A row of each of Defender's tables, and the samples of clouds."""
    folder = tmp_path_factory.mktemp("others")
    logs = folder / "logs"
    logs.mkdir()
    for table, row in EVENTS.items():
        (logs / table).write_bytes(as_stream([row | WHEN], table))
    for name in ("cloudtrail/lines.jsonl", "entra/diagnostic.jsonl", "m365_audit/api.jsonl"):
        (logs / name.replace("/", "-")).write_bytes((SAMPLES / name).read_bytes())
    with Workspace(folder / "workspace") as made:
        made.ingest(logs)
        yield made


SIGMA = [
    (
        "category: process_creation",
        "Image|endswith: \\certutil.exe, ParentImage|endswith: cmd.exe",
        1,
    ),
    ("category: process_creation", "CommandLine|contains: urlcache", 1),
    ("category: image_load", "ImageLoaded|endswith: \\amsi.dll", 1),
    ("category: file_event", "TargetFilename|endswith: .hta", 1),
    ("category: registry_set", "TargetObject|contains: \\CurrentVersion\\Run\\Updater", 1),
    ("category: network_connection", "DestinationHostname: a.example, DestinationPort: 443", 1),
    ("category: pipe_created", "PipeName|endswith: evil", 1),
    ("service: security", "EventID: 4688", 0),
]


@pytest.mark.parametrize(("source", "selection", "count"), SIGMA)
def test_sigma_sees_exported_events(
    workspace: Workspace, source: str, selection: str, count: int
) -> None:
    rule = (
        f"title: a rule\nlogsource: {{product: windows, {source}}}\n"
        f"detection: {{selection: {{{selection}}}, condition: selection}}\n"
    )
    assert len(workspace.query(rule, "sigma")) == count


KQL = [
    (("_Im_Authentication(eventresult='Failure') | summarize Count = count() by EventProduct,"
     " TargetUsername, TargetUsernameType, EventResultDetails | sort by EventProduct asc"),
     [("M365 Defender for Endpoint", "corp\\ann", "Windows", "Other", 1),
      ("Microsoft Entra ID", "ann@example.org", "UPN", "No such user or password", 3)]),
    (("ASimAuditEventLogs | summarize Count = count() by EventProduct, EventType, EventResult,"
     " Object | where Object in ('eve0', 'ann\\\\rule') | sort by EventProduct asc"),
     [("AWS CloudTrail", "Create", "Success", "eve0", 1),
      ("Microsoft 365", "Create", "Success", "ann\\rule", 4)]),
    ("_Im_ProcessCreate | project EventProduct, TargetProcessName, TargetUsername, DvcOs",
     [("M365 Defender for Endpoint", "C:\\Windows\\System32\\certutil.exe", "ann", "")]),
    ("_Im_NetworkSession | project EventProduct, DstIpAddr, NetworkDirection",
     [("M365 Defender for Endpoint", "203.0.113.7", "Outbound")]),
    ("WindowsEvent | count", [(0,)]),
    ("SecurityEvent | count", [(0,)]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), KQL)
def test_asim_sees_exported_events(workspace: Workspace, query: str, expected: list[Any]) -> None:
    assert workspace.query(query).rows() == expected


AQL = [
    (("SELECT username, sourceip FROM events WHERE LOGSOURCETYPENAME(devicetype) ="
     " 'Amazon AWS CloudTrail' LIMIT 1 START '2026-03-01 00:00' STOP '2026-04-01 00:00'"),
     [("ann", "192.0.2.1")]),
    (("SELECT devicetype, COUNT(*) AS c FROM events GROUP BY devicetype ORDER BY devicetype"
     " START '2026-03-01 00:00' STOP '2026-04-01 00:00'"),
     [(347, 4), (397, 4), (433, 7), (445, 3)]),
    (("SELECT \"Process CommandLine\" FROM events WHERE \"Process Name\" = 'certutil.exe'"
     " START '2026-03-01 00:00' STOP '2026-04-01 00:00'"),
     [("certutil.exe -urlcache http://a.example/x",)]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), AQL)
def test_aql_sees_exported_events(workspace: Workspace, query: str, expected: list[Any]) -> None:
    found = workspace.query(query, "aql").rows()
    assert [tuple(json.loads(json.dumps(row))) for row in found] == expected
