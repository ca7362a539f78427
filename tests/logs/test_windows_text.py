"""Windows events as text say what the same events say in XML and JSON, as far as the text goes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from vedette.logs.windows_text import message_fields

SYSMON = {
    "RuleName": "-", "UtcTime": "2026-11-21 10:00:00.123",
    "ProcessGuid": "{01234567-89ab-cdef-0123-456789abcdef}", "ProcessId": "4242",
    "Image": "C:\\Windows\\System32\\cmd.exe", "FileVersion": "10.0", "Description": "Command",
    "Product": "Windows", "Company": "Microsoft", "OriginalFileName": "Cmd.Exe",
    "CommandLine": "cmd.exe /c whoami /all", "CurrentDirectory": "C:\\Users\\ann\\",
    "User": "EXAMPLE\\ann", "LogonGuid": "{01234567-89ab-cdef-0123-456789abcde0}",
    "LogonId": "0x3E7", "TerminalSessionId": "1", "IntegrityLevel": "High",
    "Hashes": "MD5=0123456789ABCDEF0123456789ABCDEF",
    "ParentProcessGuid": "{01234567-89ab-cdef-0123-456789abcde1}", "ParentProcessId": "4100",
    "ParentImage": "C:\\Windows\\explorer.exe", "ParentCommandLine": "C:\\Windows\\Explorer.EXE",
    "ParentUser": "EXAMPLE\\ann",
}  # fmt: skip
CREATED = {
    "SubjectUserSid": "S-1-5-18", "SubjectUserName": "WS01$", "SubjectDomainName": "EXAMPLE",
    "SubjectLogonId": "0x3e7", "TargetUserSid": "S-1-0-0", "TargetUserName": "-",
    "TargetDomainName": "-", "TargetLogonId": "0x0", "NewProcessId": "0x1a2c",
    "NewProcessName": "C:\\Windows\\System32\\net.exe", "TokenElevationType": "%%1936",
    "MandatoryLabel": "S-1-16-12288", "ProcessId": "0x9c4",
    "ParentProcessName": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "net  user /domain",
}  # fmt: skip
CREATED_TEXT = (
    "A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tSYSTEM\r\n"
    "\tAccount Name:\t\tWS01$\r\n\tAccount Domain:\t\tEXAMPLE\r\n\tLogon ID:\t\t0x3e7\r\n\r\n"
    "Target Subject:\r\n\tSecurity ID:\t\tNULL SID\r\n\tAccount Name:\t\t-\r\n"
    "\tAccount Domain:\t\t-\r\n\tLogon ID:\t\t0x0\r\n\r\nProcess Information:\r\n"
    "\tNew Process ID:\t\t0x1a2c\r\n\tNew Process Name:\tC:\\Windows\\System32\\net.exe\r\n"
    "\tToken Elevation Type:\tTokenElevationTypeDefault (1)\r\n"
    "\tMandatory Label:\t\tMandatory Label\\High Mandatory Level\r\n"
    "\tCreator Process ID:\t0x9c4\r\n\tCreator Process Name:\tC:\\Windows\\System32\\cmd.exe\r\n"
    "\tProcess Command Line:\tnet  user /domain\r\n\r\nToken Elevation Type indicates the type."
)
OURS = frozenset(("event_id", "log_format", "log_file", "log_offset", "raw", "event_data"))


def wincollect(channel: str, provider: str, code: int, level: str, text: str) -> str:
    pairs = {
        "AgentDevice": "WindowsLog", "AgentLogFile": channel, "PluginVersion": "7.3",
        "Source": provider, "Computer": "ws01.example.org", "User": "", "EventID": str(code),
        "EventType": "8" if channel == "Security" else "4", "RecordNumber": "77",
        "TimeGenerated": "1795255200", "Level": level, "Message": text,
    }  # fmt: skip
    return "<13>Nov 21 10:00:00 192.0.2.20 " + "\t".join(f"{k}={v}" for k, v in pairs.items())


def nested(
    channel: str, provider: str, code: int, level: int, keywords: str | None, text: str,
    data: Mapping[str, str],
) -> str:  # fmt: skip
    system = {
        "Provider": {"#attributes": {"Name": provider}}, "EventID": code, "Level": level,
        "Channel": channel, "Computer": "ws01.example.org", "EventRecordID": 77,
        "TimeCreated": {"#attributes": {"SystemTime": "2026-11-21T10:00:00Z"}},
    } | ({"Keywords": keywords} if keywords else {})  # fmt: skip
    event = {"System": system, "EventData": data, "RenderingInfo": {"Message": text}}
    return json.dumps({"Event": event})


def columns(row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if column not in OURS}


def test_sysmons_process_creation_has_the_columns_of_the_event(read_bytes: Any) -> None:
    text = "Process Create: " + " ".join(f"{k}: {v}" for k, v in SYSMON.items())
    where = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", 1)
    found = read_bytes(wincollect(*where, "Informational", text) + "\n")
    event = read_bytes(nested(*where, 4, None, text, SYSMON) + "\n", "a.json")
    assert found.rows[0][0] == event.rows[0][0] == "process_event"
    assert columns(found.row()) == columns(event.row())
    assert json.loads(found.row()["event_data"]) == SYSMON


@pytest.mark.parametrize(
    ("channel", "pairs", "keywords", "level"),
    [
        ("Security", "Level=Log Always\tKeywords=Audit Success", "0x8020000000000000", 0),
        ("Security", "Level=Log Always\tKeywords=Audit Failure", "0x8010000000000000", 0),
        ("Security", "Level=Immer protokollieren\tKeywords=x", "0x8020000000000000", 0),
        ("Security", "Keywords=0x8020000000000001", "0x8020000000000001", 0),
        ("Security", "Keywords=", "0x8020000000000000", 0),
        ("System", "Level=Verbose\tKeywords=Classic", "0x80000000000000", 5),
        ("System", "Level=Log Always\tKeywords=SQM", None, 0),
        ("System", "Level=3", None, 3),
    ],
)
def test_wincollects_words_are_the_events_numbers(
    channel: str, pairs: str, keywords: str | None, level: int, read_bytes: Any
) -> None:
    line = wincollect(channel, "X", 1, "", "x").replace("Level=\t", pairs + "\t")
    for written in (line, line.replace("\t", " ").replace("User= ", "")):
        row = read_bytes(written + "\n").row()
        assert (row.get("keywords"), row["level"]) == (keywords, level)


@pytest.mark.parametrize("flat", [False, True])
def test_4688_has_the_columns_of_the_event(flat: bool, read_bytes: Any) -> None:
    text = " ".join(CREATED_TEXT.replace("net  user", "net user").split()) if flat else CREATED_TEXT
    data = CREATED | ({"CommandLine": "net user /domain"} if flat else {})
    where = ("Security", "Microsoft-Windows-Security-Auditing", 4688)
    # A line can hold the text's line ends as rsyslog's numbers only.
    line = wincollect(*where, "", text).replace("\r\n", "#015#012") + "#015"
    found = read_bytes(line.replace("\t", "#011") + "\n")
    assert columns(read_bytes(line + "\n").row()) == columns(found.row())
    event = read_bytes(nested(*where, 0, "0x8020000000000000", text, data) + "\n", "a.json")
    assert columns(found.row()) == columns(event.row())
    assert json.loads(found.row()["event_data"]) == data


def test_snare(read_bytes: Any) -> None:
    text = " ".join(CREATED_TEXT.split()).replace("net user", "net  user")
    parts = [
        "ws01", "MSWinEventLog", "1", "Security", "77", "Sat Nov 21 10:00:00 2026", "4688",
        "Microsoft-Windows-Security-Auditing", "WS01$", "N/A", "Success Audit",
        "ws01.example.org", "Process Creation", "", text, "12",
    ]  # fmt: skip
    where = ("Security", "Microsoft-Windows-Security-Auditing", 4688)
    for line in (
        "\t".join(parts),
        "<14>Nov 21 10:00:00 " + " ".join(parts[:2]) + "\t" + "\t".join(parts[2:]),
    ):
        found = read_bytes(line + "\n")
        assert found.format == "windows_text"
        event = read_bytes(nested(*where, 0, "0x8020000000000000", text, CREATED) + "\n", "a.json")
        assert columns(found.row()) == columns(event.row())


def test_a_logon_tells_the_two_accounts_apart() -> None:
    text = (
        "An account was successfully logged on. Subject: Security ID: S-1-5-18 Account Name: DC1$ "
        "Account Domain: EX Logon ID: 0x3E7 Logon Type: 3 New Logon: Security ID: EX\\bob "
        "Account Name: bob Account Domain: EX Logon ID: 0x1A Network Information: "
        "Workstation Name: Source Network Address: 192.0.2.12 Source Port: 50123 "
        "Detailed Authentication Information: Logon Process: NtLmSsp "
        "Key Length: 128 This event is generated when a logon is created."
    )
    fields = message_fields("Microsoft-Windows-Security-Auditing", 4624, text)
    assert fields == {
        "SubjectUserSid": "S-1-5-18", "SubjectUserName": "DC1$", "SubjectDomainName": "EX",
        "SubjectLogonId": "0x3E7", "LogonType": "3", "TargetUserName": "bob",
        "TargetDomainName": "EX", "TargetLogonId": "0x1A", "WorkstationName": "",
        "IpAddress": "192.0.2.12", "IpPort": "50123", "LogonProcessName": "NtLmSsp",
        "KeyLength": "128",
    }  # fmt: skip


def test_an_event_whose_text_is_not_known_keeps_the_text(read_bytes: Any) -> None:
    line = wincollect("System", "Service Control Manager", 7036, "Information", "It is running.")
    row = read_bytes(line + "\n").row()
    assert (row["event_code"], row["message"], row["level"]) == (7036, "It is running.", 4)
    assert "event_data" not in row
    assert message_fields("Microsoft-Windows-Security-Auditing", 4624, "no labels") == {}


def test_lines_without_an_event_are_told(read_bytes: Any) -> None:
    good = wincollect("System", "X", 1, "", "x")
    lines = [
        good,
        "<13>Nov 21 10:00:00 h AgentDevice=WindowsLog\tMessage=x",
        "h\tMSWinEventLog\t1\tx",
    ]
    read = read_bytes("\n".join(lines) + "\n")
    assert len(read.rows) == 1
    assert read.reasons == [
        "a line of WinCollect without an EventID",
        "a line of Snare has at least eleven parts behind MSWinEventLog",
    ]
