"""Events are found through ASIM's functions, by each of their names and by their parameters."""

import datetime as dt
import json
import zipfile
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette import Workspace
from vedette.kql.saved.library import shipped

SYSMON = "Microsoft-Windows-Sysmon"
SECURITY = "Microsoft-Windows-Security-Auditing"
BEFORE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

EVENTS: list[tuple[int, str, dict[str, Any]]] = [
    (1, SYSMON, {
        "ProcessId": 21, "ProcessGuid": "{aa-1}", "Image": "C:\\Tools\\nmap.exe",
        "CommandLine": "nmap.exe -sS 198.51.100.7", "User": "CORP\\ann", "ParentUser": "CORP\\bo",
        "ParentImage": "C:\\Windows\\cmd.exe", "ParentProcessId": 20,
        "Hashes": "MD5=0123456789ABCDEF0123456789ABCDEF",
    }),
    (22, SYSMON, {
        "Image": "C:\\Tools\\nmap.exe", "QueryName": "evil.example", "QueryStatus": "9003",
        "QueryResults": "-", "ProcessId": 21, "User": "CORP\\ann",
    }),
    (22, SYSMON, {
        "Image": "C:\\Tools\\nmap.exe", "QueryName": "good.example", "QueryStatus": "0",
        "QueryResults": "::ffff:203.0.113.9;", "ProcessId": 21,
    }),
    (3, SYSMON, {
        "Image": "C:\\Tools\\nmap.exe", "Initiated": "true", "SourceIp": "10.0.0.5",
        "SourcePort": "50000", "DestinationIp": "198.51.100.7", "DestinationPort": "443",
        "DestinationHostname": "target.example", "Protocol": "tcp", "User": "CORP\\ann",
    }),
    (3, SYSMON, {
        "Image": "C:\\srv.exe", "Initiated": "false", "SourceIp": "203.0.113.1",
        "SourcePort": "50001", "DestinationIp": "10.0.0.5", "DestinationPort": "80",
        "Protocol": "tcp", "User": "CORP\\svc",
    }),
    (11, SYSMON, {"Image": "C:\\Tools\\nmap.exe", "TargetFilename": "C:\\Temp\\scan.xml"}),
    (2, SYSMON, {"Image": "C:\\Tools\\nmap.exe", "TargetFilename": "C:\\Temp\\scan.xml"}),
    (13, SYSMON, {
        "EventType": "SetValue", "Image": "C:\\a.exe", "Details": "C:\\a.exe",
        "TargetObject": "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater",
    }),
    (14, SYSMON, {
        "EventType": "RenameKey", "Image": "C:\\a.exe",
        "TargetObject": "HKU\\S-1-5-21\\Old", "NewName": "HKU\\S-1-5-21\\New",
    }),
    (4625, SECURITY, {
        "TargetUserName": "ann", "TargetDomainName": "CORP", "LogonType": "3",
        "IpAddress": "192.0.2.44", "IpPort": "50002", "SubStatus": "0xC000006A",
        "Status": "0xC000006D", "WorkstationName": "KIOSK",
    }),
    (4634, SECURITY, {"TargetUserName": "bo", "TargetDomainName": "CORP", "LogonType": "2"}),
]  # fmt: skip
ACCESS = (
    '203.0.113.5 - bo [01/Mar/2026:10:00:00 +0000] "GET /login?u=1 HTTP/1.1" 404 12 "-" "curl/8"\n'
    '203.0.113.6 - - [01/Mar/2026:10:00:00 +0000] "POST /login HTTP/1.1" 200 30 "-" "Mozilla"\n'
)
EVERY = {
    "Dns": 2, "NetworkSession": 2, "WebSession": 2, "ProcessEvent": 1, "ProcessCreate": 1,
    "ProcessTerminate": 0, "FileEvent": 1, "RegistryEvent": 2, "Authentication": 2,
}  # fmt: skip
OLDER = {"imProcess": 1, "imRegistry": 2, "_Im_Process": 1, "ASimRegistry": 2}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace of a few events of each kind that ASIM has a schema of."""
    folder = tmp_path_factory.mktemp("logs")
    lines: list[dict[str, Any]] = []
    for code, provider, data in EVENTS:
        channel = "Security" if provider == SECURITY else f"{SYSMON}/Operational"
        system = {
            "Provider": {"#attributes": {"Name": provider}}, "EventID": code, "Channel": channel,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-03-01T10:00:01.5Z"}},
            "EventRecordID": len(lines), "Computer": "pc1.corp.example",
        }  # fmt: skip
        lines.append({"Event": {"System": system, "EventData": data}})
    (folder / "events.json").write_text(json.dumps(lines))
    (folder / "access.log").write_text(ACCESS)
    with Workspace() as opened:
        opened.ingest([folder])
        yield opened


def names() -> list[tuple[str, int]]:
    made = [
        (f"{before}{schema}", count)
        for schema, count in EVERY.items()
        for before in ("_Im_", "_ASim_", "im", "ASim")
    ]
    return [*made, *OLDER.items()]


def test_every_shipped_function_is_looked_at() -> None:
    assert set(shipped()) == {name for name, _ in names()}


@pytest.mark.parametrize(("name", "count"), names())
def test_a_function_gives_the_events_of_its_schema(
    workspace: Workspace, name: str, count: int
) -> None:
    assert workspace.query(f"{name} | count", now=BEFORE).rows() == [(count,)]


def cases() -> list[tuple[str, list[tuple[object, ...]]]]:
    """The queries of ``asim.txt`` and the rows written below each."""
    made: list[tuple[str, list[tuple[object, ...]]]] = []
    for line in (Path(__file__).parent / "asim.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            made[-1][1].append(literal_eval(line.strip()))
        elif line and not line.startswith("#"):
            made.append((line, []))
    return made


@pytest.mark.parametrize(("query", "rows"), cases())
def test_parameters_and_columns_are_asims(
    workspace: Workspace, query: str, rows: list[tuple[object, ...]]
) -> None:
    assert workspace.query(query, now=BEFORE).rows() == rows


def test_a_declared_table_goes_before_a_shipped_function() -> None:
    with Workspace() as workspace:
        workspace.declare("imDns", {"Mine": "string"})
        assert [c.name for c in workspace.query("imDns").columns] == ["Mine"]


@pytest.mark.shared("data")
def test_recorded_attacks_are_found_through_asim(shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared / "data" / "evtx-attack-samples.zip") as archive:
        wanted = "AutomatedTestingTools/PanacheSysmon_vs_AtomicRedTeam01.evtx"
        archive.extract(wanted, tmp_path)
    with Workspace() as workspace:
        workspace.ingest([tmp_path])
        stored = {s.name: s.rows for s in workspace.status()}
        assert workspace.query("imProcess | count").rows() == [(stored["process_event"],)]
        atomics = "imFileEvent | where Process endswith 'powershell.exe' | count"
        assert workspace.query(atomics).rows()[0][0] > 0
        services = "imRegistry(registrykey_has_any = dynamic(['Services']))"
        assert "services.exe" in str(workspace.query(f"{services} | distinct Process").rows())
