"""Asking Sigma over a few events that were read as logs: each is named by its host."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.workspace import Workspace

SYSMON = {
    "SourceName": "Microsoft-Windows-Sysmon",
    "Channel": "Microsoft-Windows-Sysmon/Operational",
}
SECURITY = {"SourceName": "Microsoft-Windows-Security-Auditing", "Channel": "Security"}
LINUX = {"SourceName": "Linux-Sysmon", "Channel": "Linux-Sysmon/Operational"}
TIME = "2026-11-21 10:00:00.000"

EVENTS: dict[str, dict[str, Any]] = {
    "cmd": SYSMON | {
        "EventID": 1, "Image": "C:\\Windows\\System32\\cmd.exe", "ProcessId": 4321,
        "CommandLine": "cmd.exe /c whoami /all > C:\\out*.txt", "User": "NT AUTHORITY\\SYSTEM",
        "ParentImage": "C:\\Windows\\explorer.exe", "ParentUser": "nt authority\\system",
        "IntegrityLevel": "System", "Hashes": "MD5=AB12,SHA256=CD34", "LogonId": "0x3e7",
        "Company": "Microsoft Corporation", "FileVersion": "10.0",
    },
    "ps": SYSMON | {
        "EventID": 1, "Image": "C:\\Temp\\PowerShell.exe", "ProcessId": "99",
        "CommandLine": "powershell –enc aHR0cDovL3g= wget 100%_done", "User": "CORP\\Ada",
        "ParentImage": "-", "ParentUser": "-", "Company": "", "FileVersion": "9",
    },
    "bare": SYSMON | {"EventID": 1, "Image": "C:\\Windows\\System32\\svchost.exe", "Company": None},
    "audit": SECURITY | {
        "EventID": 4688, "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
        "NewProcessId": "0x1f4", "CurrentDirectory": "inf",
        "CommandLine": "line one\nline two", "SubjectUserName": "bob", "SubjectDomainName": "CORP",
        "MandatoryLabel": "S-1-16-12288",
    },
    "logon": SECURITY | {"EventID": 4625, "TargetUserName": "eve", "Status": "0xc000006d"},
    "value": SECURITY | {
        "EventID": 4657, "ObjectName": "\\REGISTRY\\MACHINE\\Run", "NewValue": "x",
    },
    "linux": LINUX | {"EventID": 1, "Image": "/usr/bin/cmd.exe", "CommandLine": "cmd.exe /c id"},
    "v4": SYSMON | {
        "EventID": 3, "Image": "C:\\a.exe", "Initiated": "true", "DestinationIp": "10.1.2.3",
        "DestinationPort": "443", "SourcePort": "50000", "Protocol": "tcp",
    },
    "v6": SYSMON | {
        "EventID": 3, "Image": "C:\\b.exe", "Initiated": "false", "DestinationIp": "fe80::1",
        "DestinationPort": "80", "SourcePort": "80", "Protocol": "udp",
    },
    "made": SYSMON | {"EventID": 11, "Image": "C:\\a.exe", "TargetFilename": "C:\\x\\y.ps1"},
    "gone": SYSMON | {"EventID": 23, "Image": "C:\\a.exe", "TargetFilename": "C:\\A.EXE"},
    "set": SYSMON | {
        "EventID": 13, "EventType": "SetValue", "TargetObject": "HKLM\\Run\\x",
        "Details": "DWORD 0",
    },
    "asked": SYSMON | {"EventID": 22, "Image": "C:\\a.exe", "QueryName": "pastebin.com"},
    "load": SYSMON | {"EventID": 7, "Image": "C:\\a.exe", "ImageLoaded": "C:\\amsi.dll"},
    "script": {
        "SourceName": "Microsoft-Windows-PowerShell", "EventID": 4104,
        "Channel": "Microsoft-Windows-PowerShell/Operational", "ScriptBlockText": "Invoke-Mimikatz",
    },
    "start": {
        "SourceName": "PowerShell", "EventID": 400, "Channel": "Windows PowerShell",
        "Data": ["Available", "HostApplication=C:\\ps.exe \"-v 2\""],
    },
}  # fmt: skip
WEB = (
    '10.0.0.9 - bob [21/Nov/2026:10:00:00 +0000] "GET /a/b.php?id=1%20or HTTP/1.1"'
    ' 200 5 "-" "curl/8"\n'
    '10.0.0.8 - - [21/Nov/2026:10:00:01 +0000] "POST /login HTTP/1.1" 500 5 "http://x/" "-"\n'
)
TRAIL = {
    "product": "aws", "service": "cloudtrail", "host": "trail",
    "event_data": {
        "eventName": "DeleteTrail", "userIdentity": {"type": "Root"}, "status.code": 7,
        "requestParameters": {"names": ["one", "two"]},
    },
}  # fmt: skip


class Ask:
    """A workspace with the events; a rule's answer is the hosts of those that match."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self.folder = folder

    def hosts(self, detection: str, source: str = "category: process_creation") -> list[str]:
        """The names of the events that a rule matches; *source* lies under Windows."""
        result = self.workspace.query(rule(detection, f"product: windows, {source}"), "sigma")
        place = [c.name for c in result.columns].index("host")
        return sorted(row[place] for row in result.rows())


def rule(detection: str, source: str) -> str:
    """A rule's text; a detection without a condition is one selection."""
    if "condition:" not in detection:
        detection = f"{{selection: {{{detection}}}, condition: selection}}"
    return f"title: a rule\nlogsource: {{{source}}}\ndetection: {detection}\n"


def line(name: str, event: dict[str, Any]) -> str:
    """An event as a line of JSON."""
    return json.dumps({"Hostname": name, "UtcTime": TIME, "TimeCreated": TIME} | event)


@pytest.fixture(scope="session")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The events, read."""
    folder = tmp_path_factory.mktemp("logs")
    lines = [line(name, event) for name, event in EVENTS.items()]
    (folder / "windows.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "access.log").write_text(WEB, encoding="utf-8")
    (folder / "trail.json").write_text(json.dumps(TRAIL) + "\n", encoding="utf-8")
    with Workspace(folder / "workspace") as workspace:
        report = workspace.ingest([folder / "windows.json", folder / "access.log"])
        assert (report.stored, report.quarantined) == (len(EVENTS) + 2, 0)
        workspace.ingest(folder / "trail.json", table="other_event")
        yield Ask(workspace, folder / "workspace")
