"""JSON lines read together give what each line by itself gives."""

import json
import random
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES, mutated
from tests.logs.test_two_ways import ODD, changed

from vedette.logs.base import Origin, Parsed, Piece
from vedette.logs.columnar import json_alike
from vedette.logs.columns import batches_of, batches_of_parts
from vedette.logs.json_values import parse_json
from vedette.logs.readers import json_lines
from vedette.logs.readers import lines as readers_of_lines
from vedette.logs.readers.cloudtrail import CLOUDTRAIL_READERS
from vedette.logs.readers.defender import DEFENDER, SENTINEL
from vedette.logs.readers.json_records import JsonLines
from vedette.logs.readers.lines import LinesReader
from vedette.logs.readers.m365 import M365_READERS
from vedette.logs.readers.suricata import SURICATA_READERS
from vedette.logs.readers.web_json import WebJsonReader
from vedette.logs.readers.zeek import ZeekReader

Rows = dict[str, list[dict[str, Any]]]
COPIES = 150


def sample(name: str) -> list[dict[str, Any]]:
    """The records of a sample, but for lines that are no JSON."""
    parsed = map(parse_json, (SAMPLES / name).read_bytes().splitlines())
    return [one[0] for one in parsed if not isinstance(one, str) and isinstance(one[0], dict)]


NGINX = {
    "time_iso8601": "2026-02-20T01:02:03+01:00", "remote_addr": "192.0.2.1", "remote_user": "-",
    "request": "GET /a?b=c HTTP/1.1", "status": 200, "body_bytes_sent": "17",
    "request_time": 0.25, "http_referer": "-", "http_user_agent": "curl/8.1",
    "http_host": "www.example.org:8443", "request_length": "310",
}  # fmt: skip
AUDITED = {
    "CreationTime": "2026-02-20T01:02:03", "Id": "a", "Operation": "FileAccessed", "RecordType": 6,
    "UserType": 0, "Workload": "SharePoint", "ClientIP": "192.0.2.1", "UserId": "ann@example.org",
    "ObjectId": "https://x.example/a", "SourceFileName": "a.docx",
}  # fmt: skip
CALLED = {
    "eventVersion": "1.08", "eventTime": "2026-02-20T01:02:03Z", "eventSource": "s3.amazonaws.com",
    "userIdentity": {"type": "IAMUser", "userName": "ann", "sessionContext": {"a": {"b": 1}}},
    "eventName": "GetObject", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.1",
    "requestParameters": {"bucketName": "b", "key": "k"}, "responseElements": None, "eventID": "e",
    "eventType": "AwsApiCall", "resources": [{"ARN": "a"}], "readOnly": True,
}  # fmt: skip
CONNECTED = {
    "ts": 1771549323.125, "uid": "C1", "id.orig_h": "192.0.2.1", "id.orig_p": 40000,
    "id.resp_h": "198.51.100.1", "id.resp_p": 443, "proto": "tcp", "service": "ssl",
    "duration": 2.5, "orig_bytes": 17, "resp_bytes": 300, "conn_state": "SF", "orig_pkts": 9,
}  # fmt: skip
SCOPED = {
    "ts": 1771549323125.0, "uid": "C1", "id_orig_h": "192.0.2.1", "id_orig_p": 40000,
    "id_resp_h": "198.51.100.1", "proto": "udp", "duration": 2.5, "conn_state": "SF",
}  # fmt: skip
NESTED = {
    "ts": 1771549323.5, "id": {"orig_h": "192.0.2.1", "resp_p": 80}, "trans_depth": 1,
    "host": "www.example.org", "uri": "/a?b", "status_code": 200, "resp_mime_types": ["a/b"],
    "user_agent": "curl", "_path": "http", "id.orig_p": 5,
}  # fmt: skip
ALERTED = {
    "timestamp": "2026-02-20T01:02:03.125000+0000", "flow_id": 1, "event_type": "alert",
    "src_ip": "198.51.100.7", "src_port": 80, "dest_ip": "192.0.2.10", "dest_port": 50000,
    "proto": "TCP", "direction": "to_client", "alert": {"signature_id": 1, "signature": "a"},
    "http": {"hostname": "www.example.org", "url": "/a"}, "app_proto": "http",
    "flow": {"src_ip": "192.0.2.10", "bytes_toserver": 489, "bytes_toclient": 1000489},
}  # fmt: skip
STARTED = {
    "Timestamp": "2026-02-20T01:02:03.125000+00:00", "DeviceName": "pc.example.org",
    "ActionType": "ProcessCreated", "FileName": "cmd.exe", "FolderPath": "C:\\Windows\\cmd.exe",
    "ProcessId": 4711, "ProcessCommandLine": "cmd /c whoami", "AccountName": "ann", "ReportId": 7,
    "ProcessCreationTime": "2026-02-20T01:02:03Z", "AdditionalFields": None, "Own": "x",
}  # fmt: skip
SET = {
    "TimeGenerated": "2026-02-20T01:02:03.1234567Z", "Timestamp": None, "DeviceName": "pc",
    "ActionType": "RegistryValueSet", "RegistryKey": "HKEY_LOCAL_MACHINE\\SOFTWARE\\A",
    "RegistryValueName": "b", "PreviousRegistryKey": "", "IsInitiatingProcessRemoteSession": False,
    "InitiatingProcessId": "", "Type": "DeviceRegistryEvents", "_ResourceId": "",
}  # fmt: skip
LOADED = {
    "Timestamp@odata.type": "#DateTimeOffset", "Timestamp": "2026-02-20T01:02:03Z",
    "DeviceName": "pc", "ActionType": "DriverLoad", "AdditionalFields": '{"PipeName": "\\\\p"}',
    "InitiatingProcessFileName": "System", "LocalIP": "::ffff:192.0.2.1", "LocalPort": 445,
    "Type": "DeviceEvents", "filename": "a.sys", "AppGuardContainerId": "",
}  # fmt: skip
INVENTORY = {
    "TimeGenerated": "2026-02-20T01:02:03.5Z", "DeviceName": "pc", "OSPlatform": "Linux",
    "LoggedOnUsers": [{"UserName": "ann"}], "IsAzureADJoined": None, "ReportId": 7, "Own": 1,
    "Type": "DeviceInfo", "OSBuild": "",
}  # fmt: skip
MOMENTS: list[Any] = [
    "2026-02-20T01:02:03Z", "2026-02-20T01:02:03.1000000Z", "2026-02-20 01:02:03.25", "x", "", None,
    "2026-02-20T01:02:03.12+02:00", "2026-02-30T01:02:03Z", "2026-02-20", 5, "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00", " 2026-02-20T01:02:03Z", "2026-02-20T01:02:03.12345678Z", ["x"],
]  # fmt: skip
COLUMNS: dict[str, list[Any]] = {
    **dict.fromkeys(("Timestamp", "TimeGenerated", "ProcessCreationTime"), MOMENTS),
    "ProcessId": ["7", "0x1F", "x", None, "", 1.0, 1.5, 2**63, 2**64, True, -(2**63), "1_0"],
    "AdditionalFields": [
        {"PipeName": "p", "DesiredAccess": 5, "Command": None}, {"TaskName": ["t"]}, "{}", "[1]",
        "{", "a", "", 5, [1, 2], True, {"a": {"b": None}}, {}, '{"ServiceName": "s"}',
    ],
    "FileName": [5, True, ["a"], {"a": 1}, "", "-", 2**64, 0.5, "\ud800"], "Own": ["", 5, {}, None],
    "ActionType": ["", None, 5, "ConnectionSuccess", "RegistryKeyRenamed", "PowerShellCommand"],
    "PreviousRegistryKey": ["HKEY_USERS\\S-1", None, 5, "HKEY_USERSX"], "RegistryKey": ["", None],
    "IsInitiatingProcessRemoteSession": ["true", 1, 0, "x", None], "LocalPort": ["-", 70_000],
    "Type": [None, "", "DeviceFileEvents", "AdvancedHunting-DeviceEvents", 4, "Heartbeat", "x"],
    "LoggedOnUsers": ["[]", "a", None, {"a": 1}], "IsAzureADJoined": ["true", True, 3, ""],
    "category": ["AdvancedHunting-DeviceInfo", "DeviceEvents", None, 5, "AdvancedHunting-X"],
    "properties": [None, [], {}, {"Timestamp": None}, "x"],
}  # fmt: skip
SECONDS: list[Any] = [
    1771549323, 1771549323.1234567, 0.5, 1e-7, -1.0, 1e10, 1e300, "2026-02-20T01:02:03Z", "x", None,
    True, "1771549323.5", "2026-02-20T01:02:03.1+02:00",
]  # fmt: skip
CASES: list[tuple[LinesReader, str, list[dict[str, Any]], dict[str, list[Any]]]] = [
    (
        WebJsonReader(), "access.json",
        [NGINX, {**NGINX, "request_uri": "/x", "args": "?y"}, *sample("web_json/nginx.json"),
         *sample("web_json/caddy.json"), *sample("web_json/traefik.json"),
         *sample("web_json/apache.json"), *sample("web_json/status.json")],
        {
            "request": [
                "GET /b HTTP/2.0", "GET  /two  HTTP/1.1", "POST http://h.example/p?q HTTP/1.1",
                "CONNECT h.example:443 HTTP/1.1", "/bare", "-", "", "\\x16\\x03",
                "OPTIONS * HTTP/1.1", "GET /é?ü HTTP/1.1", "G3T /a HTTP/1.1", "GET /a b HTTP/1.1",
                "x" * 50 + " /a HTTP/1.1", "GET / HTTP/9.9", " / HTTP/1.1", "GET /", "GET a", 5,
                None,
            ],
            "http_host": ["-", "[2001:db8::1]:80", "h", None, 7],
            "time_iso8601": [
                "2026-02-20T01:02:03Z", "2026-02-20T01:02:03.125+01:00", "0001-01-01T00:00:00Z",
                "20/Feb/2026:01:02:03 +0000", "1771549323.5", 1771549323, 1771549323.25, "-", None,
                "2026-02-30T01:02:03+00:00", "0001-01-01T00:00:00+01:00", "[2026-02-20 01:02:03]",
            ],
            "remote_addr": ["-", "", None, "::ffff:192.0.2.9"],
            "status": ["404", "-", "", None, 99],
            "request_time": [0.0005, 0.0015, -1.0, 1e12, 1e300, "0.25", 3, None],
            "args": ["-", "z", None], "request_uri": ["/y?z", "", None, "http://h/"],
        },
    ),
    (
        ZeekReader(), "conn.log",
        [CONNECTED, {**CONNECTED, "_path": "conn"}, *sample("zeek/streamed.json")],
        {
            "ts": SECONDS, "duration": SECONDS, "_path": ["", None, 5, "dns", "conn", {"a": 1}],
            "proto": ["6", "UDP", 17, "-", ""], "service": [None, "", "ssl,http"],
            "id.orig_p": ["-", 65_536, -1, 2**63, 1.5],
        },
    ),
    (
        ZeekReader(), "conn.json", [CONNECTED, {**CONNECTED, "_path": "conn"}],
        {"ts": [1e10, 7e9, -1.0, 0.5], "duration": [1e300, 1e10, -1.0, 0.5]},
    ),
    (
        ZeekReader(), "export.json",
        [SCOPED, SCOPED, {**SCOPED, "id.orig_h": "192.0.2.3"},
         {**SCOPED, "id": {"resp_h": "192.0.2.4"}}],
        {
            "ts": [*SECONDS, 1771549323125, 1771549323125.0, 99999999999, 1e11, 10**15],
            "id_orig_h": [None, {"a": 1}, 5], "uid": ['"id_orig_h":', {"id_orig_h": 1}],
            "duration": SECONDS,
        },
    ),
    (
        ZeekReader(), "stream.json",
        [NESTED, {**NESTED, "id": {"orig_h": "192.0.2.2", "orig_p": 7}}, CONNECTED],
        {
            "id": [None, "a", {"resp_h": "x"}, {"orig_h": {"a": 1}}], "host": ["", "-", None, 4],
            "uri": ["http://h/p?q", "h:443", "-", "*", "", "/é"], "_path": ["", "ssl", 1],
            "resp_mime_types": [[], ["", "b/c"], "x/y", None], "status_code": ["200", None, -1],
        },
    ),
    (
        SURICATA_READERS[0], "eve.json",
        [*sample("suricata/eve.json"), ALERTED, {**ALERTED, "event_type": "fileinfo"}],
        {
            "flow": [None, {}, {"src_ip": "198.51.100.7", "bytes_toserver": 5}, {"src_ip": 5},
                     {"src_ip": "192.0.2.10", "src_port": 80}],
            "direction": ["to_client", "to_server", None, 5], "src_ip": [
                "192.0.2.10", None, 5, "2001:0db8:0000:0000:0000:0000:0000:0001", "a:b",
                "::ffff:c000:0201",
            ],
            "timestamp": ["2026-02-20T01:02:03.123456+0200", "2026-02-20T01:02:03Z", "x", None, 5],
            "event_type": ["", None, "dns", "x", 4], "src_port": [53, "53", -1, None],
            "dns": [None, {}, {"rrname": "a", "grouped": {"A": ["192.0.2.1", 5], "MX": "m"}},
                    {"type": "answer", "rrname": "b", "answers": {"rdata": "c"}}, "dns"],
            "http": [{"hostname": "h", "url": "/x?y", "status": "404"}, {"url": 5}, None, {}],
            "dest_ip": ["::ffff:192.0.2.4", "-", None, "FE80:0000::1%eth0"],
            "alert": [{"severity": 1}, [1], None],
        },
    ),
    (
        next(r for r in CLOUDTRAIL_READERS if isinstance(r, LinesReader)), "trail.json",
        [CALLED, {**CALLED, "userIdentity": {"type": "Root"}}, *sample("cloudtrail/lines.jsonl"),
         *sample("cloudtrail/bridge.jsonl")],
        {
            "userIdentity": [None, "ann", {}, {"userName": {"x": 1}}, {"userName": ["a"]}],
            "eventTime": ["2026-02-20T01:02:03+01:00", "", None, 5], "eventID": [7, None, ""],
            "readOnly": ["true", 1, None], "sourceIPAddress": ["AWS Internal", "-", 4, None],
        },
    ),
    (
        next(r for r in M365_READERS if isinstance(r, JsonLines) and r.name == "m365_audit"),
        "audit.json",
        [AUDITED, {**AUDITED, "AuditData": json.dumps(AUDITED)},
         {**AUDITED, "Operation": "UserLoggedIn", "UserAgent": "a", "LogonError": "b",
          "ExtendedProperties": [{"Name": "UserAgent", "Value": "c"}], "DeviceProperties": []},
         *sample("m365_audit/api.jsonl")],
        {
            "RecordType": [8, "15", "Sway", 999, 1.5, None, True, 2**64, [6], {"x": 7}, {}],
            "UserType": [2, "x", {"a": 1}], "AuditData": [{"x": 7}, {}, 5, None],
            "CreationTime": ["2026-02-20T01:02:03.5", "no", None, 1], "ClientIP": ["[::1]:80", ""],
            "ObjectId": ["", "-", {"a": 1}, None], "Workload": [None, "Exchange", 3],
            "ExtendedProperties": [
                [{"Name": "UserAgent", "Value": "-"}, {"Name": "UserAgent", "Value": 5}], [], "x",
                [{"Name": "UserAgent"}, 5], None, {"UserAgent": "d"},
            ],
            "LogonError": ["", None, 0],
            "DeviceProperties": [[{"Name": "SessionId", "Value": "e"}], None, {"a": 1}, 5],
        },
    ),
    (
        JsonLines(DEFENDER), "process.json",
        [STARTED, {**STARTED, "Type": "DeviceProcessEvents"}, {**STARTED, "processid": 5},
         {"category": "AdvancedHunting-DeviceProcessEvents", "time": "x", "properties": STARTED}],
        COLUMNS,
    ),
    (JsonLines(DEFENDER), "device.json", [SET, LOADED, INVENTORY], COLUMNS),
    (
        JsonLines(SENTINEL), "sentinel.json",
        [*sample("sentinel/security.jsonl"), {**INVENTORY, "Type": "Heartbeat"}],
        {**COLUMNS, "EventID": ["4624", "x", None, 2**31, 1.5], "LogonType": ["3", "", None]},
    ),
]  # fmt: skip
IDS = [f"{reader.name}/{name}" for reader, name, *_ in CASES]


def rows_of(parsed: Parsed) -> tuple[Rows, list[tuple[int, str, bytes]], dict[str, int]]:
    """The rows of each table in the order of their offsets, what could not be read, and columns."""
    batches = (*parsed.batches, *batches_of(parsed.rows))
    rows: Rows = {}
    for layout, batch in batches:
        rows.setdefault(layout.table, []).extend(batch.to_pylist())
    for each in rows.values():
        each.sort(key=lambda row: row["log_offset"] if "log_offset" in row else row["event_id"])
    unreadable = [(one.offset, one.reason, one.sample) for one in parsed.unreadable]
    return rows, unreadable, parsed.ignored


def both(
    reader: LinesReader, name: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, Any]:
    """How many rows were made together at least; what is found so, which the other ways equal.

    Lines are read by their forms, parsed and read together, and one by one.
    """
    piece = Piece(data, 1000, 1000 + len(data), b"")
    origin = Origin(name, "lineage", data[:4096])
    monkeypatch.setattr(json_lines, "MANY_BYTES", 0)
    counts = [0]

    def counted(parts: Any) -> Any:
        parts = list(parts)
        counts[-1] += sum(len(part.numbers) for part in parts)
        return batches_of_parts(parts)

    each = readers_of_lines.rows_of_lines

    def counting(*arguments: Any) -> Any:
        made = each(*arguments)
        counts[-1] -= len(made[0])
        return made

    monkeypatch.setattr(readers_of_lines, "batches_of_parts", counted)
    monkeypatch.setattr(json_lines, "rows_of_lines", counting)
    monkeypatch.setattr(json_alike, "are_better_parsed", lambda _: False)
    found = rows_of(reader.parser(origin)(piece))
    counts.append(0)
    monkeypatch.setattr(json_alike, "are_better_parsed", lambda _: True)
    assert found == rows_of(reader.parser(origin)(piece))
    monkeypatch.setattr(json_lines, "MANY_BYTES", len(data) + 1)
    assert found == rows_of(reader.parser(origin)(piece))
    return min(counts), found


def lines_of(
    records: list[dict[str, Any]], values: dict[str, list[Any]], odd: float, chance: random.Random
) -> bytes:
    """Lines of records, some with other values or none, some written with blanks."""
    lines = []
    for number in range(COPIES * len(records)):
        record: Any = dict(records[number % len(records)])
        for name in record:
            if name in values and chance.random() < odd:
                record[name] = chance.choice(values[name])
        if chance.random() < odd / 4:
            record = changed(record, chance, 2)
        if chance.random() < odd / 8:
            record[chance.choice(list(record) or ["x"])] = chance.choice(ODD)
        separators = (",", ":") if chance.random() < 0.5 else None
        line = json.dumps(record, separators=separators, ensure_ascii=chance.random() < 0.5)
        lines.append(line + chance.choice(("", "", " ", "\r")))
    return "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"


@pytest.mark.parametrize("odd", [0.0, 0.05, 0.6])
@pytest.mark.parametrize(("reader", "name", "records", "values"), CASES, ids=IDS)
def test_lines_are_read_alike(
    reader: LinesReader, name: str, records: list[dict[str, Any]], values: dict[str, list[Any]],
    odd: float, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    chance = random.Random(f"{reader.name} {odd}")
    data = lines_of(records, values, odd, chance)
    together, (rows, *_) = both(reader, name, data, monkeypatch)
    assert sum(map(len, rows.values())) > COPIES
    assert together > COPIES / 2


@pytest.mark.parametrize(("reader", "name", "records", "values"), CASES, ids=IDS)
def test_damaged_lines_are_read_alike(
    reader: LinesReader, name: str, records: list[dict[str, Any]], values: dict[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    chance = random.Random(reader.name)
    data = lines_of(records, values, 0.02, chance)
    for _ in range(12):
        both(reader, name, mutated(data, chance).data, monkeypatch)


def test_records_that_lack_columns_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    records = []
    for _ in range(600):
        whole = chance.choice((SET, LOADED, {**STARTED, "Type": "DeviceProcessEvents"}))
        record = {n: v for n, v in whole.items() if n == "Type" or chance.random() < 0.7}
        if chance.random() < 0.1:
            record = dict(chance.sample(list(record.items()), len(record)))
        records.append(record)
    records += [{**LOADED}] * 200
    data = "\n".join(map(json.dumps, records)).encode()
    together, _ = both(JsonLines(DEFENDER), "varied.json", data, monkeypatch)
    assert together > 500


def test_rows_without_a_value_or_of_no_table_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"category": "AdvancedHunting-DeviceProcessEvents", "time": "x"}
    records = [
        {**said, "properties": STARTED}, {**said, "properties": {}},
        {"Type": "DeviceProcessEvents", "TimeGenerated": None, "FileName": None},
        {**STARTED, "Type": "Runs_CL"},
    ]  # fmt: skip
    data = "\n".join(map(json.dumps, records * COPIES)).encode()
    together, (rows, unreadable, _) = both(JsonLines(DEFENDER), "a.json", data, monkeypatch)
    assert together == len(rows["process_event"]) == COPIES
    assert [reason for _, reason, _ in unreadable[:3]] == [
        "no column has a value", "no column has a value",
        "its table Runs_CL is not known: use --table",
    ]  # fmt: skip
