"""Windows events in every shape: nested, flat, bare; one a line, documents, arrays."""

import json
from typing import Any

import pytest

from vedette.logs import windows
from vedette.logs.columns import filled
from vedette.logs.mapping import fillers
from vedette.logs.times import iso_ticks

SYSMON = {
    "RuleName": "-",
    "UtcTime": "2026-03-01 10:00:00.123",
    "ProcessGuid": "{5AA13A44-B6FC-68FE-0802-000000004102}",
    "ProcessId": 2524,
    "Image": "C:\\Tools\\theHarvester.exe",
    "OriginalFileName": "-",
    "CommandLine": '"C:\\Tools\\theHarvester.exe" -d example.com',
    "CurrentDirectory": "C:\\Tools\\",
    "User": "EXAMPLE\\anna",
    "LogonId": "0x3e7",
    "IntegrityLevel": "High",
    "Hashes": "SHA1=AA,MD5=BB,SHA256=CC,IMPHASH=00000000000000000000000000000000",
    "ParentImage": "C:\\Windows\\System32\\cmd.exe",
    "ParentProcessId": "77",
    "ParentCommandLine": "cmd.exe",
    "ParentUser": "NT AUTHORITY\\SYSTEM",
}
PROCESS = {
    "process_path": "C:\\Tools\\theHarvester.exe",
    "process_name": "theHarvester.exe",
    "process_id": 2524,
    "process_guid": "{5AA13A44-B6FC-68FE-0802-000000004102}",
    "command_line": '"C:\\Tools\\theHarvester.exe" -d example.com',
    "current_directory": "C:\\Tools\\",
    "user": "anna",
    "user_domain": "EXAMPLE",
    "logon_id": 999,
    "integrity_level": "High",
    "md5": "BB",
    "sha1": "AA",
    "sha256": "CC",
    "parent_path": "C:\\Windows\\System32\\cmd.exe",
    "parent_name": "cmd.exe",
    "parent_id": 77,
    "parent_command_line": "cmd.exe",
    "parent_user": "SYSTEM",
    "parent_user_domain": "NT AUTHORITY",
    "action": "ProcessCreated",
    "event_code": 1,
    "channel": "Microsoft-Windows-Sysmon/Operational",
    "provider": "Microsoft-Windows-Sysmon",
    "time": iso_ticks("2026-03-01T10:00:00.123Z"),
    "log_format": "windows_json",
    "log_source_type": "Microsoft Windows Security Event Log",
}


def nested(code: int, data: dict[str, Any], provider: str = "Microsoft-Windows-Sysmon") -> Any:
    channel = f"{provider}/Operational" if "Sysmon" in provider else "Security"
    return {
        "Event": {
            "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
            "System": {
                "Provider": {"#attributes": {"Name": provider}},
                "EventID": code,
                "Level": 4,
                "Keywords": "0x8000000000000000",
                "TimeCreated": {"#attributes": {"SystemTime": "2026-03-01T10:00:01.5Z"}},
                "EventRecordID": 41,
                "Execution": {"#attributes": {"ProcessID": 8, "ThreadID": 9}},
                "Channel": channel,
                "Computer": "host1",
                "Security": {"#attributes": {"UserID": "S-1-5-18"}},
            },
            "EventData": data,
        }
    }


def flat(code: int, data: dict[str, Any], channel: str = "Security") -> dict[str, Any]:
    return {
        "EventID": code, "Channel": channel, "SourceName": "Microsoft-Windows-Security-Auditing",
        "Hostname": "host1", "@timestamp": "2026-03-01T10:00:01.500Z", "RecordNumber": 41,
        "EventTime": "2026-03-01 05:00:01", "Keywords": -9214364837600034816, "tags": ["a"],
        "EventType": "AUDIT_SUCCESS", "ExecutionProcessID": 8, **data,
    }  # fmt: skip


def expect(row: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {name: row.get(name) for name in expected} == expected


def test_a_nested_event(read_bytes: Any) -> None:
    read = read_bytes(json.dumps(nested(1, SYSMON), indent=2), "e.json")
    assert [table for table, _ in read.rows] == ["process_event"]
    row = read.row()
    expect(row, PROCESS)
    expect(row, {
        "level": 4, "keywords": "0x8000000000000000", "record_number": 41,
        "logging_process_id": 8, "logging_user_sid": "S-1-5-18", "host": "host1",
    })  # fmt: skip
    assert "imphash" not in row
    assert "original_file_name" not in row
    assert json.loads(row["event_data"]) == SYSMON
    assert json.loads(row["raw"]) == nested(1, SYSMON)


def test_a_bare_sysmon_event(read_bytes: Any) -> None:
    read = read_bytes(json.dumps({"EventID": 1, **SYSMON}) + "\n", "e.jsonl")
    expect(read.row(), PROCESS)
    expect(read.row(), {"log_offset": 0, "event_id": "lineage-0"})


def test_a_flat_event_is_told_from_its_forwarders_fields(read_bytes: Any) -> None:
    data = {"SubjectUserName": "anna", "SubjectDomainName": "EXAMPLE", "ObjectName": "C:\\x"}
    row = read_bytes(json.dumps(flat(4663, data)) + "\n", "e.json").row()
    expect(row, {"event_code": 4663, "host": "host1", "record_number": 41, "user": "anna",
                 "keywords": "0x8020000000000000", "object_name": "C:\\x",
                 "time": iso_ticks("2026-03-01T10:00:01.5Z")})  # fmt: skip
    assert json.loads(row["event_data"]) == data


def test_4688(read_bytes: Any) -> None:
    data = {
        "SubjectUserSid": "S-1-5-21-1", "SubjectUserName": "anna", "SubjectDomainName": "EXAMPLE",
        "SubjectLogonId": "0x10", "NewProcessId": "0x1fb8", "ProcessId": "0x1754",
        "NewProcessName": "C:\\Windows\\System32\\whoami.exe", "TokenElevationType": "%%1937",
        "CommandLine": "whoami /user", "TargetUserName": "-", "TargetUserSid": "S-1-0-0",
        "TargetLogonId": "0x0", "ParentProcessName": "C:\\cmd.exe",
        "MandatoryLabel": "S-1-16-12288",
    }  # fmt: skip
    row = read_bytes(json.dumps(flat(4688, data, "security")) + "\n", "e.json").row()
    expect(row, {
        "process_path": "C:\\Windows\\System32\\whoami.exe", "process_name": "whoami.exe",
        "process_id": 0x1FB8, "parent_id": 0x1754, "parent_path": "C:\\cmd.exe",
        "parent_user": "anna", "command_line": "whoami /user", "integrity_level": "High",
        "token_elevation": "TokenElevationTypeFull", "logon_id": 16, "target_user": None,
        "target_user_sid": None, "channel": "security", "action": "ProcessCreated",
    })  # fmt: skip


CONNECTION = {
    "UtcTime": "2026-03-01 10:00:00.123", "Image": "C:\\a.exe", "Protocol": "tcp",
    "SourceIp": "192.0.2.1", "SourcePort": "50000", "SourceHostname": "-",
    "DestinationIp": "198.51.100.2", "DestinationPort": "443", "DestinationHostname": "d.example",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "data", "table", "expected"),
    [
        (3, CONNECTION | {"Initiated": "true"}, "network_event",
         {"action": "ConnectionSuccess", "initiated": True, "remote_ip": "198.51.100.2",
          "remote_port": 443, "remote_host": "d.example", "local_ip": "192.0.2.1",
          "source_ip": "192.0.2.1", "destination_ip": "198.51.100.2", "source_host": None}),
        (3, CONNECTION | {"Initiated": "false"}, "network_event",
         {"action": "InboundConnectionAccepted", "initiated": False, "remote_ip": "192.0.2.1",
          "remote_port": 50000, "local_ip": "198.51.100.2", "local_port": 443}),
        (11, {"Image": "/usr/bin/bash", "TargetFilename": "/tmp/a/draft.txt",
              "CreationUtcTime": "2026-03-01 10:00:00.000"}, "file_event",
         {"action": "FileCreated", "file_name": "draft.txt", "file_path": "/tmp/a/draft.txt",
          "process_name": "bash", "file_created": iso_ticks("2026-03-01T10:00:00Z")}),
        (23, {"Image": "C:\\a.exe", "TargetFilename": "C:\\b.exe", "Hashes": "MD5=AB",
              "IsExecutable": True}, "file_event",
         {"action": "FileDeleted", "md5": "AB", "is_executable": True}),
        (22, {"Image": "C:\\a.exe", "QueryName": "crt.sh", "QueryStatus": "0",
              "QueryResults": "::ffff:192.0.2.1;"}, "dns_event",
         {"action": "DnsQuery", "query_name": "crt.sh", "query_status": 0}),
        (12, {"EventType": "CreateKey", "Image": "C:\\a.exe", "TargetObject": "HKLM\\A\\B"},
         "registry_event",
         {"action": "RegistryKeyCreated", "registry_key": "HKLM\\A\\B",
          "registry_value_name": None}),
        (12, {"EventType": "DeleteValue", "Image": "C:\\a.exe", "TargetObject": "HKLM\\A\\B"},
         "registry_event",
         {"action": "RegistryValueDeleted", "registry_key": "HKLM\\A",
          "registry_value_name": "B"}),
        (13, {"EventType": "SetValue", "Image": "C:\\a.exe", "TargetObject": "HKLM\\A\\B",
              "Details": "DWORD (0x00000001)"}, "registry_event",
         {"action": "RegistryValueSet", "registry_value_data": "DWORD (0x00000001)"}),
        (10, {"SourceImage": "C:\\a.exe", "TargetImage": "C:\\Windows\\lsass.exe",
              "SourceProcessGUID": "5AA13A44-B6FC-68FE-0802-000000004102",
              "GrantedAccess": "0x1010"}, "windows_event",
         {"process_name": "a.exe", "target_process_name": "lsass.exe", "granted_access": "0x1010",
          "process_guid": "{5AA13A44-B6FC-68FE-0802-000000004102}"}),
        (255, {"ID": "x"}, "windows_event", {"action": None, "event_code": 255}),
    ],
)  # fmt: skip
def test_sysmon_events_by_their_kind(
    code: int, data: dict[str, Any], table: str, expected: dict[str, Any], read_bytes: Any
) -> None:
    read = read_bytes(json.dumps(nested(code, data)), "e.json")
    assert read.rows[0][0] == table
    expect(read.row(), expected)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"EventID": {"#attributes": {"Qualifiers": 16384}, "#text": 104}}, {"event_code": 104}),
        ({"EventData": None, "UserData": {"LogFileCleared": {
            "#attributes": {"xmlns": "x"}, "SubjectUserName": "admin"}}},
         {"user": "admin", "event_data": '{"SubjectUserName":"admin"}'}),
        ({"EventData": {"Data": {"#text": ["NTDS", "3392"]}, "Binary": None}},
         {"event_data": '{"Data":["NTDS","3392"],"Binary":""}'}),
        ({"EventData": {"#attributes": {"Name": "x"}, "Binary": None}},
         {"event_data": '{"Binary":""}'}),
        ({"EventData": {"Data": {"@Name": "Param", "#text": "5"}, "Binary": None}},
         {"event_data": '{"Binary":"","Param":"5"}'}),
        ({"EventData": {"Data": [{"@Name": "Param"}, {"#text": "5"}]}},
         {"event_data": '{"Data":[{"@Name":"Param"},{"#text":"5"}]}'}),
        ({"EventData": [{"@Name": "Param", "#text": "5"}]}, {"event_data": '{"Param":"5"}'}),
        ({"EventData": ["5", "x"]}, {"event_data": '{"Data":["5","x"]}'}),
        ({"EventData": []}, {"event_data": None}),
        ({"EventData": {"Data": "5", "Binary": None}},
         {"event_data": '{"Data":"5","Binary":null}'}),
        ({"EventData": None}, {"event_data": None}),
    ],
)  # fmt: skip
def test_oddities_of_nested_events(
    event: dict[str, Any], expected: dict[str, Any], read_bytes: Any
) -> None:
    record = nested(1, {}, "Microsoft-Windows-Eventlog")
    record["Event"]["System"] |= {k: v for k, v in event.items() if k == "EventID"}
    record["Event"] |= {k: v for k, v in event.items() if k != "EventID"}
    expect(read_bytes(json.dumps(record), "e.json").row(), expected)


STARTED = {"UtcTime": "2026-03-01 10:00:00.123", "ProcessId": "2524", "CommandLine": "whoami <x>"}
ELEMENTS = [{"@Name": name, "#text": value} for name, value in STARTED.items()]
IN_XML = "".join(
    f"<Data Name='{name}'>{value.replace('<', '&lt;')}</Data>" for name, value in STARTED.items()
)
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
BEAT = {"event_id": "1", "channel": CHANNEL, "provider_name": "Microsoft-Windows-Sysmon"}
TIME = "2026-03-01T10:00:01.5Z"
EVTXECMD = {
    "EventId": 1, "Channel": CHANNEL, "Provider": "Microsoft-Windows-Sysmon", "Computer": "host1",
    "ProcessId": 8, "ThreadId": 9, "EventRecordId": "41", "RecordNumber": 2, "ChunkNumber": 0,
    "TimeCreated": "2026-03-01T10:00:01.5000000+00:00", "PayloadData1": "ProcessID: 2524",
}  # fmt: skip


@pytest.mark.parametrize(
    "record",
    [
        EVTXECMD | {"Payload": json.dumps({"EventData": {"Data": ELEMENTS}})},
        {"@timestamp": TIME, "host": {"name": "other"}, "winlog": {
            **BEAT, "computer_name": "host1", "record_id": 41, "event_data": STARTED,
            "process": {"pid": 8, "thread": {"id": 9}}, "keywords": ["x"], "task": "Process",
        }},
        {"@timestamp": TIME, "winlog.computer_name": "host1", "winlog.record_id": 41,
         "winlog.process.pid": 8, "winlog.process.thread.id": 9,
         **{f"winlog.{name}": value for name, value in BEAT.items()},
         **{f"winlog.event_data.{name}": value for name, value in STARTED.items()}},
        {"@timestamp": TIME, "computer_name": "host1", "log_name": CHANNEL, "event_id": 1,
         "source_name": "Microsoft-Windows-Sysmon", "record_number": "41", "process_id": 8,
         "thread_id": 9, "event_data": STARTED},
        {"source": "Microsoft-Windows-Sysmon", "channel": CHANNEL, "computer": "host1",
         "event_id": 1, "levelText": "Information", "timeCreated": TIME, "eventRecordID": 41,
         "execution": {"processId": 8, "threadId": 9}, "event_data": IN_XML},
        {"EventID": 1, "Channel": CHANNEL, "Computer": "host1", "EventRecordId": "41",
         "SystemProcessId": 8, "SystemThreadId": 9, "TenantId": "t", "TimeGenerated": TIME,
         "EventData": STARTED},
        {"EventID": 1, "Channel": CHANNEL, "Computer": "host1", "EventRecordId": "41",
         "SystemProcessId": 8, "SystemThreadId": 9, "TimeGenerated": TIME,
         "EventData": f'<DataItem a="b"><EventData xmlns="x">{IN_XML}</EventData></DataItem>'},
        {"Event": {
            "System": {
                "EventID": {"#text": "1"}, "Channel": CHANNEL, "Computer": "host1",
                "EventRecordID": "41", "Execution": {"@ProcessID": "8", "@ThreadID": "9"},
                "TimeCreated": {"@SystemTime": TIME},
            },
            "EventData": {"@xmlns": "x", "Data": ELEMENTS},
        }},
        {"Event": {
            "System": {
                "Provider_attributes": {"Name": "Microsoft-Windows-Sysmon"}, "EventID": 1,
                "EventID_attributes": {"Qualifiers": 0}, "Channel": CHANNEL, "Computer": "host1",
                "EventRecordID": 41, "TimeCreated_attributes": {"SystemTime": TIME},
                "Execution_attributes": {"ProcessID": 8, "ThreadID": 9}, "TimeCreated": None,
            },
            "EventData": STARTED,
        }},
    ],
    ids=[
        "EvtxECmd", "Winlogbeat", "dotted", "Winlogbeat 6", "Promtail", "Sentinel",
        "Sentinel in XML", "elements", "attributes apart",
    ],
)  # fmt: skip
def test_fields_below_a_name(record: dict[str, Any], read_bytes: Any) -> None:
    row = read_bytes(json.dumps(record) + "\n", "e.json").row()
    expect(row, {
        "event_code": 1, "channel": CHANNEL, "provider": "Microsoft-Windows-Sysmon",
        "host": "host1", "record_number": 41, "logging_process_id": 8, "logging_thread_id": 9,
        "time": iso_ticks("2026-03-01T10:00:00.123Z"), "process_id": 2524,
        "command_line": "whoami <x>",
    })  # fmt: skip
    assert json.loads(row["event_data"]) == STARTED
    assert json.loads(row["raw"]) == record


PLAIN = {"EventID": 4688, "Channel": "Security", "CommandLine": "x"}
BESIDE: list[dict[str, Any]] = [
    {"user_data": None}, {"event_data": {}}, {"winlog": {"api": "x"}}, {"EventData": {"a": "1"}},
    {"EventData": "<EventData><Data Name='a'>1</Data></EventData>"}, {"EventData": "<Data"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (EVTXECMD | {"Payload": '{"EventData":null}'},
         {"process_id": None, "logging_process_id": 8, "event_data": None,
          "time": iso_ticks(TIME)}),
        (EVTXECMD, {"process_id": None, "logging_process_id": 8, "record_number": 41}),
        ({"winlog": {**BEAT, "event_id": 1102, "channel": "Security",
                     "provider_name": "Microsoft-Windows-Eventlog",
                     "user_data": {"SubjectUserName": "anna"}}, "message": "m"},
         {"user": "anna", "message": "m"}),
        ({"EventID": 104, "Channel": "System", "UserData": {"LogFileCleared_attributes": {"a": 1},
                                                            "LogFileCleared": {"Channel": "x"}}},
         {"event_data": '{"Channel":"x"}'}),
        ({"EventID": 4103, "Channel": "Microsoft-Windows-PowerShell/Operational",
          "Payload": "CommandInvocation(x)"}, {"event_data": '{"Payload":"CommandInvocation(x)"}'}),
        ({"EventID": 4688, "Channel": "Security", "CommandLine": "x",
          "EventData": "<EventData><Data Name='CommandLine'>x</Data></EventData>", "Account": "a"},
         {"command_line": "x", "event_data":
          '{"Account":"a","CommandLine":"x","EventData":'
          '"<EventData><Data Name=\'CommandLine\'>x</Data></EventData>"}'}),
        ({"EventID": 4688, "Channel": "Security", "TenantId": "t",
          "EventData": [{"Name": "CommandLine", "#text": "x"}]}, {"command_line": "x"}),
        ({"EventID": 4688, "Channel": "Security", "CommandLine": "x", "EventData": ""},
         {"command_line": "x"}),
        ({"EventID": 1, "Channel": CHANNEL, "TenantId": "t", "EventData": "a b"},
         {"event_code": 1, "event_data": '{"Data":"a b"}'}),
        # A flat record's own fields stay, whatever nests beside them.
        *((PLAIN | nested, {"command_line": "x"}) for nested in BESIDE),
    ],
)  # fmt: skip
def test_oddities_of_fields_below_a_name(
    record: dict[str, Any], expected: dict[str, Any], read_bytes: Any
) -> None:
    expect(read_bytes(json.dumps(record) + "\n", "e.json").row(), expected)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("Payload", EVTXECMD | {"Payload": '{"EventData":{"Data":[{"@Na'}),
        ("Payload", EVTXECMD | {"Payload": '{"EventData":"x"}'}),
        ("event_data", {"event_id": 1, "channel": CHANNEL, "event_data": "<Data Name='a'>x"}),
        ("event_data", {"event_id": 1, "channel": CHANNEL, "event_data": ["x"]}),
        ("winlog.event_data", {"winlog": BEAT | {"event_data": 5}}),
    ],
)
def test_fields_that_are_not_readable_are_told(
    name: str, record: dict[str, Any], read_bytes: Any
) -> None:
    good = json.dumps({"EventID": 1, **SYSMON})
    read = read_bytes(f"{good}\n{json.dumps(record)}\n", "e.json")
    assert read.reasons == [f"the event's data under {name} is not readable"]
    assert len(read.rows) == 1


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"EventTime": "2026-03-01T10:00:01.123456+00:00"}, "2026-03-01T10:00:01.123456Z"),
        ({"EventTime": "2026-03-01 11:00:01 +0100"}, "2026-03-01T10:00:01Z"),
        ({"TimeGenerated": "2026-03-01T10:00:01Z"}, "2026-03-01T10:00:01Z"),
        ({"EventTime": "2026-03-01 05:00:01"}, "2026-03-01T10:59:00Z"),
        ({"EventTime": "2026-03-01"}, "2026-03-01T10:59:00Z"),
        ({"EventTime": None}, "2026-03-01T10:59:00Z"),
    ],
)
def test_the_event_s_own_time_counts_where_it_has_a_zone(
    times: dict[str, Any], expected: str, read_bytes: Any
) -> None:
    record = flat(4663, {}) | {"@timestamp": "2026-03-01T10:59:00.000Z"}
    del record["EventTime"]
    lines = [json.dumps(record | times), json.dumps(record)] * 20
    read = read_bytes("\n".join(lines) + "\n", "e.json")
    assert read.columns("time") == [iso_ticks(expected), iso_ticks("2026-03-01T10:59:00Z")] * 20


def test_the_numbers_that_evtx_dump_writes_are_passed_over(read_bytes: Any) -> None:
    event = json.dumps(nested(1, SYSMON), indent=2)
    read = read_bytes(f"Record 1\n{event}\nRecord 22\n{event}\nRecord x\n{event}\n", "e.json")
    assert len(read.rows) == 3
    assert [(u.reason, u.sample) for u in read.unreadable] == [("no JSON object", b"Record x")]
    line = json.dumps(nested(1, SYSMON))
    assert read_bytes(f"Record 1\n{line}\nRecord 2\n{line}\n", "e.json").reasons == []


def test_documents_lines_and_arrays_give_the_same_events(read_bytes: Any) -> None:
    events = [nested(1, SYSMON | {"ProcessId": number}) for number in range(3)]
    texts = [
        "\n".join(json.dumps(e) for e in events),
        "\n".join(json.dumps(e, indent=1) for e in events),
        json.dumps(events),
        "[\n" + ",\n".join(json.dumps(e) for e in events) + "\n]\n",
        "[" + "\n,".join(json.dumps(e) for e in events) + "]",
        "\ufeff" + json.dumps(events, indent=1),
    ]
    for text in texts:
        read = read_bytes(text, "e.json")
        assert read.columns("process_id") == [0, 1, 2]
        assert read.unreadable == []
        encoded = text.encode()
        begins = [encoded[offset:].startswith(b"{") for offset in read.columns("log_offset")]
        assert begins == [True] * 3 or text.startswith("\ufeff")
        assert len({*read.columns("event_id")}) == 3


def test_values_of_wrong_types_become_null_and_stay_in_raw(read_bytes: Any) -> None:
    data = {"ProcessId": "many", "Image": ["a"], "LogonId": 2**70, "User": 7, "Hashes": 1.5}
    row = read_bytes(json.dumps({"EventID": 1, "UtcTime": "no", **data}) + "\n", "e.json").row()
    expect(row, {"process_id": None, "process_path": '["a"]', "logon_id": None, "user": "7",
                 "md5": None, "time": None})  # fmt: skip
    assert '"many"' in row["raw"]


def test_what_is_kept_of_many_kinds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MAX_KEPT", 10)
    rows = windows.WindowsRows("windows_json", "lineage", "e.json")
    for number in range(100):
        made = rows.row({"EventID": 1, "Image": "a", "Hostname": f"h{number}"}, "", number)
        other = rows.row({"EventID": 1, "Image": "a", f"field{number}": 1}, "", number)
        assert made is not None
        assert other is not None
        layout, row = filled(made)
        assert row[layout.index["host"]] == f"h{number}"
    assert len(rows._shapes) <= 10


def test_what_is_no_event_is_told(read_bytes: Any) -> None:
    good = json.dumps({"EventID": 1, **SYSMON})
    deep = "[" * 100_000
    lines = [good, "{broken", '{"a": 1}', "7", deep, '{"EventID": 1, "Image": "\\ud800"}']
    read = read_bytes("\n".join(lines) + "\n", "e.json")
    assert len(read.rows) == 2
    assert [u.offset for u in read.unreadable] == [
        len("\n".join(lines[:n])) + 1 for n in (1, 2, 3, 4)
    ]
    assert "no EventID" in read.reasons[1]
    assert read.columns("process_path")[1] == "\ud800"


def test_every_mapping_names_columns_and_conversions_that_are_there() -> None:
    made = [filler for _, filler in fillers()]
    assert len(made) > 50
    assert {filler.layout.table for filler in made} >= {
        "process_event", "network_event", "file_event", "dns_event", "registry_event",
        "windows_event",
    }  # fmt: skip


def test_a_field_without_a_name_is_the_events_own(read_bytes: Any) -> None:
    records = [
        {"EventID": 4688, "Channel": "Security", "": "2026-01-01T00:00:00Z", "NewProcessName": "a"},
        {"Event": {"System": {"EventID": 4688, "Channel": "Security"}, "EventData": {"": "x"}}},
    ]
    read = read_bytes("".join(json.dumps(record) + "\n" for record in records))
    assert (read.reasons, read.columns("time")) == ([], [None, None])
    assert [json.loads(data)[""] for data in read.columns("event_data")] == [
        "2026-01-01T00:00:00Z", "x",
    ]  # fmt: skip
