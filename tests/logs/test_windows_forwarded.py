"""Windows events as Wazuh, Elasticsearch and fluent-bit have them."""

import json
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.times import iso_ticks

WAZUH = (SAMPLES / "windows_json/wazuh.jsonl").read_text()
ALERTS: list[dict[str, Any]] = list(map(json.loads, WAZUH.splitlines()))
STARTED: dict[str, Any] = {
    "time": iso_ticks("2026-11-21T10:00:00.123Z"), "host": "WS1.example.org", "event_code": 1,
    "provider": "Microsoft-Windows-Sysmon", "record_number": 77, "event_version": 5,
    "logging_process_id": 2000, "message": "Process Create:\r\nUtcTime: x",
    "process_path": "C:\\Windows\\System32\\cmd.exe", "process_id": 5096,
    "command_line": '"C:\\Windows\\System32\\cmd.exe" /c dir', "user": "ann", "user_domain": "EX",
}  # fmt: skip
CREATED = [
    "S-1-5-18", "WS1$", "EX", "0x3e7", "0x1498", "C:\\Windows\\System32\\cmd.exe", "%%1936",
    "0x114", "cmd /c x", "S-1-0-0", "-", "-", "0x0", "C:\\Windows\\explorer.exe", "S-1-16-12288",
]  # fmt: skip
FAILED = [
    "S-1-0-0", "-", "-", "0x0", "S-1-0-0", "bob", "EX", "0xc000006d", "%%2313", "0xc000006a", "3",
    "NtLmSsp", "NTLM", "WS9", "-", "-", "0", "0x0", "-", "192.0.2.77", "50000",
]  # fmt: skip
CONNECTED = [
    "-", "2026-11-21 10:00:00.123", "{A}", 5, "C:\\a.exe", "EX\\ann", "tcp", True, False,
    "192.0.2.7", "-", 50000, "-", False, "198.51.100.7", "-", 443, "https",
]  # fmt: skip


def inserted(code: int, values: Any, **others: Any) -> dict[str, Any]:
    """A record of fluent-bit's."""
    is_sysmon = code < 256
    return {
        "ProviderName": f"Microsoft-Windows-{'Sysmon' if is_sysmon else 'Security-Auditing'}",
        "Qualifiers": "", "EventID": code, "Version": 2, "Level": 0, "EventRecordID": 5,
        "TimeCreated": "2026-11-21 11:00:00 +0100", "ProcessID": 4, "ThreadID": 88,
        "Channel": "Security", "Computer": "WS1", "Message": "m", "StringInserts": values, **others,
    }  # fmt: skip


def test_wazuhs_records_are_the_events_they_hold(read_bytes: Any) -> None:
    read = read_bytes(WAZUH, "alerts.json")
    assert (read.format, read.reasons) == ("windows_json", [])
    tables = [table for table, _ in read.rows]
    assert tables == ["process_event", "windows_event", "windows_event"]
    first = read.rows[0][1]
    assert {name: first.get(name) for name in STARTED} == STARTED
    assert read.rows[1][1]["user"] == "ann"
    assert [json.loads(data) for data in read.columns("event_data")] == [
        {
            "UtcTime": "2026-11-21 10:00:00.123", "ProcessId": "5096",
            "Image": "C:\\Windows\\System32\\cmd.exe", "User": "EX\\ann",
            "CommandLine": '"C:\\Windows\\System32\\cmd.exe" /c dir',
            "Hashes": "MD5=2E5A8590CF6848968FC23DE3FA1E25F1",
        },
        {"SubjectUserSid": "S-1-5-21-1", "SubjectUserName": "ann"},
        {"param1": "Spooler", "param2": "running"},
    ]  # fmt: skip
    assert read.columns("raw") == WAZUH.splitlines()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("C:\\Windows\\a.exe", "C:\\Windows\\a.exe"),
        ("C:\\\\Windows\\\\a.exe", "C:\\Windows\\a.exe"),
        ("\\\\\\\\srv\\\\new", "\\\\srv\\new"),
        ("\\\\srv\\share", "\\\\srv\\share"),
        ("\\\\srv\\netlogon", "\\\\srv\\netlogon"),
        ("\\\\srv", "\\\\srv"),
        ('say \\"hi\\" C:\\\\a', 'say "hi" C:\\a'),
        ('say "hi" C:\\\\a', 'say "hi" C:\\\\a'),
        ("one\\r\\ntwo C:\\\\a\n", "one\r\ntwo C:\\a\n"),
        ("a\\nb", "a\\nb"),
        ("plain", "plain"),
        (5, 5),
    ],
)
def test_values_that_wazuh_escaped_twice(written: Any, read: Any, read_bytes: Any) -> None:
    record = json.loads(json.dumps(ALERTS[0]))
    record["data"]["win"]["eventdata"] = {"image": written}
    row = read_bytes(json.dumps(record) + "\n").row()
    assert json.loads(row["event_data"]) == {"Image": read}


def test_other_alerts_of_wazuh_say_why_they_are_none(read_bytes: Any) -> None:
    other = {**ALERTS[0], "data": {"srcip": "192.0.2.9"}}
    read = read_bytes(f"{json.dumps(ALERTS[0])}\n{json.dumps(other)}\n")
    assert read.reasons == [
        "a record of Wazuh without a Windows event: only what lies in data.win is read"
    ]


FLAT = {"EventID": 4688, "Channel": "Security", "NewProcessName": "C:\\a.exe"}
BEAT = {"winlog": {
    "channel": "Security", "event_id": "4688", "event_data": {"NewProcessName": "C:\\a.exe"},
}}  # fmt: skip


@pytest.mark.parametrize("document", [FLAT, BEAT, {"Event": {
    "System": {"EventID": 4688, "Channel": "Security"},
    "EventData": {"NewProcessName": "C:\\a.exe"},
}}])  # fmt: skip
@pytest.mark.parametrize(
    "written",
    [
        lambda hits: "".join(f"{json.dumps(hit)}\n" for hit in hits),
        lambda hits: json.dumps(hits, indent=2),
        lambda hits: json.dumps({"took": 1, "hits": {"total": 2, "hits": hits}}),
        lambda hits: json.dumps(
            {"hits": {"hits": hits, "total": {"value": 2}}, "a": [{}]}, indent=1
        ),
        lambda hits: "\n".join(json.dumps({"hits": {"hits": [hit]}}) for hit in hits),
    ],
)
def test_results_of_elasticsearch(document: dict[str, Any], written: Any, read_bytes: Any) -> None:
    hit = {"_index": "a", "_id": "1", "_source": document, "sort": [1]}
    read = read_bytes(written([hit, hit]), "a.json")
    assert (read.format, read.reasons) == ("windows_json", [])
    assert read.columns("process_path") == ["C:\\a.exe"] * 2


def test_an_array_named_hits_is_a_records_own(read_bytes: Any) -> None:
    record = {**FLAT, "hits": [{"EventID": 1}], "more": {"hits": [{"a": 1}]}}
    read = read_bytes(json.dumps([record, record]), "a.json")
    assert (read.reasons, read.columns("event_code")) == ([], [4688, 4688])


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (inserted(4688, CREATED), {
            "time": iso_ticks("2026-11-21T10:00:00Z"), "host": "WS1", "record_number": 5,
            "process_path": "C:\\Windows\\System32\\cmd.exe", "process_id": 0x1498,
            "command_line": "cmd /c x", "parent_path": "C:\\Windows\\explorer.exe", "user": "WS1$",
        }),
        (inserted(4688, CREATED[:9]), {"command_line": "cmd /c x", "parent_path": None}),
        (inserted(4625, FAILED, SourceName="Microsoft-Windows-Security-Auditing", RecordNumber=7,
                  ProviderName=None, EventRecordID=None, EventType="FailureAudit"),
         {"source_ip": "192.0.2.77", "target_user": "bob", "logon_type": 3, "record_number": 7}),
        (inserted(3, CONNECTED), {
            "source_ip": "192.0.2.7", "destination_port": 443, "process_path": "C:\\a.exe",
        }),
    ],
)  # fmt: skip
def test_values_whose_names_are_certain(
    record: dict[str, Any], expected: dict[str, Any], read_bytes: Any
) -> None:
    row = read_bytes(json.dumps(record) + "\n").row()
    assert {name: row.get(name) for name in expected} == expected
    assert "StringInserts" not in json.loads(row["event_data"])


@pytest.mark.parametrize(
    "record",
    [
        inserted(4688, [*CREATED, "one more"]),
        inserted(4688, ["WS1$", *CREATED[1:]]),
        inserted(3, ["-", "now", *CONNECTED[2:]]),
        inserted(7036, ["Spooler", "running"]),
        inserted(4688, "text"),
    ],
)
def test_values_whose_names_are_not_certain_stay(record: dict[str, Any], read_bytes: Any) -> None:
    row = read_bytes(json.dumps(record) + "\n").row()
    assert json.loads(row["event_data"])["StringInserts"] == record["StringInserts"]
    assert row.get("process_path") is None
