"""Hosts' and devices' logs (syslog, CEF, LEEF, auditd, Windows' text) in the platforms' tables."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.workspace import Workspace

SAMPLES = Path(__file__).parents[1] / "logs/samples"
FORMATS = ("syslog", "cef", "leef", "auditd", "windows_text", "windows_xml")


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The samples, read."""
    with Workspace() as made:
        report = made.ingest([SAMPLES / name for name in FORMATS])
        assert report.quarantined == 0
        yield made


TABLES: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        (
            "CommonSecurityLog | where DeviceVendor startswith 'Imperva' | project Activity,"
            " LogSeverity, DeviceAction, SourceIP, DestinationPort, RequestURL, RequestMethod,"
            " RequestClientApplication, SourceUserName, ReceiptTime, SentBytes, Message,"
            " DeviceCustomString1, DeviceCustomString1Label, Computer, AdditionalExtensions"
        ),
        [
            (
                "SQL injection | attempt", "High", "Block", "203.0.113.9", 443,
                "/login.php?id=1%27", "GET", "sqlmap/1.8 (https://sqlmap.example)",
                "EXAMPLE\\ann", "1795255200123", 20480, "first\nsecond", "Web Policy", "Policy",
                "waf1", "",
            ),
        ],
    ),
    (
        ("CommonSecurityLog | where DeviceProduct == 'Fortigate' | project AdditionalExtensions,"
        " ReceivedBytes, SentBytes, Protocol, ApplicationProtocol, DeviceEventClassID"),
        [("FTNTFGTsubtype=forward", 146668, 3652, "6", "HTTPS", "00013")],
    ),
    ("CommonSecurityLog | summarize count() by DeviceVendor", [
        ("Example", 3), ("F5", 1), ("Fortinet", 1), ("Imperva Inc.", 1),
    ]),
    (
        ("Syslog | where Computer == 'web1' and ProcessName == 'sshd'"
        " | project Facility, SeverityLevel, ProcessID, Message=substring(SyslogMessage, 0, 19)"),
        [
            ("", "", 1234, "Failed password for"),
            ("auth", "info", 12, "Accepted publickey "),
        ],
    ),
    (
        ("Syslog | where SyslogMessage has 'Linux-Sysmon' | extend e = parse_xml(SyslogMessage)"
        " | project ProcessName, ProcessID, tostring(e.Event.System.Channel)"),
        [("sysmon", 511, "Linux-Sysmon/Operational")],
    ),
    ("Syslog | count", [(20,)]),
    (
        ("LinuxAuditLog | where RecordType in ('EXECVE', 'SYSCALL') and SerialNumber == '456'"
        " | project RecordType, a0, a2, argc, exe, syscall, user, effective_user, pid, AuditID"),
        [
            ("EXECVE", "cat", "/etc/shadow", 3, "", "", "", "", None, "1795255200.123:456"),
            ("SYSCALL", "55d0", "55d2", None, "/usr/bin/cat", "execve", "ann", "root", 2211,
             "1795255200.123:456"),
        ],
    ),
    (
        ("DeviceProcessEvents | where ProcessCommandLine has_any ('shadow', 'whoami', 'net')"
        " | project DeviceName, FileName, ProcessCommandLine, AccountName, ProcessId"),
        [
            ("", "cat", "cat /tmp/a file /etc/shadow", "ann", 2211),
            ("web1", "whoami", "whoami --help && id", "ann", 2211),
            ("ws01.example.org", "cmd.exe", "cmd.exe /c whoami /all", "ann", 4242),
            ("ws01.example.org", "net.exe", "net user /domain & echo <x> ", "WS01$", 6700),
            ("ws01.example.org", "net.exe", "net user /domain & echo <x> <!-- no comment",
             "WS01$", 6700),
            ("ws01.example.org", "net.exe", "net user /domain & echo <x> caf\u00e9", "WS01$", 6700),
            ("ws01.example.org", "net.exe", "net user /domain & echo <x> ", "WS01$", 6700),
            ("ws03", "net.exe", "net  user /domain", "ann", 6700),
        ],
    ),
    (
        "DeviceNetworkEvents | project ActionType, RemoteIP, RemotePort, InitiatingProcessFileName",
        [("ConnectionAttempt", "198.51.100.7", 443, "curl")],
    ),
    (
        ("DeviceLogonEvents | where InitiatingProcessFileName == 'sshd'"
        " | project ActionType, AccountName, RemoteIP"),
        [("LogonSuccess", "ann", "192.0.2.4")],
    ),
    ("DeviceFileEvents | project ActionType, FolderPath", [("FileDeleted", "/var/log/wtmp")]),
    # Sysmon for Linux is in none of Windows' tables.
    ("union WindowsEvent, Event | where Computer == 'web1' | count", [(0,)]),
    (
        "SecurityEvent | summarize count() by EventID",
        [(4624, 1), (4688, 5), (4776, 1)],
    ),
    ("W3CIISLog | count", [(0,)]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), TABLES)
def test_platforms_tables(workspace: Workspace, query: str, rows: list[tuple[Any, ...]]) -> None:
    assert sorted(workspace.query(query, "kql").rows(), key=repr) == sorted(rows, key=repr)


# Events without a moment are in no window of QRadar's.
SEARCHES: list[tuple[str, list[tuple[Any, ...]]]] = [
    (
        ("SELECT LOGSOURCETYPENAME(devicetype) AS t, COUNT(*) AS n FROM events"
        " WHERE devicetype NOT IN (11, 12) GROUP BY devicetype"),
        [
            ("Cisco Adaptive Security Appliance (ASA)", 2.0), ("Cisco IOS", 6.0),
            ("F5 Networks BIG-IP ASM", 1.0), ("Fortinet FortiGate Security Gateway", 1.0),
            ("Imperva SecureSphere", 1.0), ("Universal CEF", 1.0), ("Universal LEEF", 5.0),
        ],
    ),
    (
        ("SELECT qideventid, qideventcategory, \"User Agent\" FROM events WHERE devicetype = 212"
        " AND URL IS NOT NULL"),
        [("REQUEST", "web", "curl/8.0")],
    ),
    # What is told of an audit event, not its records again.
    (
        ("SELECT \"Process Name\", Command, username FROM events WHERE devicetype = 11"
        " AND Command ILIKE '%shadow%'"),
        [("cat", "cat /tmp/a file /etc/shadow", "ann")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rows"), SEARCHES)
def test_qradars_tables(workspace: Workspace, query: str, rows: list[tuple[Any, ...]]) -> None:
    answer = workspace.query(f"{query} START '2000-01-01 00:00' STOP '2030-01-01 00:00'", "aql")
    assert sorted(answer.rows(), key=repr) == sorted(rows, key=repr)


@pytest.mark.parametrize(("written", "moment"), [
    ("start=1700000000", "2023-11-14T22:13:20Z"),
    ("start=1700000000123", "2023-11-14T22:13:20.123Z"),
    ("start=1700000000123456", "2023-11-14T22:13:20.123456Z"),
    ("start=1700000000123456789", "2023-11-14T22:13:20.123456Z"),
    ("start=Nov 14 2023 22:13:20", "2023-11-14T22:13:20Z"),
    ("start=Nov  4 2023 22:13:20.5 UTC", "2023-11-04T22:13:20.5Z"),
    ("start=Nov 14 2023 22:13:20 GMT+02:00", "2023-11-14T20:13:20Z"),
    ("dtz=+02:00 start=Nov 14 2023 22:13:20", "2023-11-14T20:13:20Z"),
    ("dtz=+02:00 start=Nov 14 2023 22:13:20 UTC", "2023-11-14T22:13:20Z"),
    ("dtz=+02:00 start=2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z"),
    ("start=14 Nov 2023 22:13:20 GMT", "2023-11-14T22:13:20Z"),
    ("start=Nov 14 2023 22:13:20 XYZ", None),
    ("start=Nov 14 22:13:20", None),
    ("start=17000000001", None),
    ("msg=none", None),
])  # fmt: skip
def test_when_a_common_security_log_begins(
    written: str, moment: str | None, tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_text(f"CEF:0|Example|Sensor|1|7|name|5|{written}\n")
    with Workspace() as made:
        made.ingest([tmp_path / "a.log"])
        found = made.query("CommonSecurityLog | project StartTime").rows()
    assert found == [(dt.datetime.fromisoformat(moment) if moment else None,)]
