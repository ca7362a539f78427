"""Exports of Defender's and Sentinel's tables, and the same values back from the same table."""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.logs.exported import (
    as_answer,
    as_csv,
    as_graph_answer,
    as_hub_message,
    as_lines,
    as_stream,
    columns_of,
    rows_of,
)
from tests.logs.mutations import SAMPLES

from vedette.logs.export_tables import EVENT_TABLES, HUNTING_TABLES, NoTable, table_of_columns
from vedette.logs.times import iso_ticks
from vedette.plan.types import Type
from vedette.workspace import Workspace

TABLES = sorted(
    EVENT_TABLES
    | {"EmailUrlInfo", "EmailAttachmentInfo", "AlertInfo", "AlertEvidence", "DeviceInfo"}
)
SOME_TABLES = ["DeviceProcessEvents", "DeviceEvents", "EmailEvents", "EmailUrlInfo"]
SENTINEL_TABLES = ["SecurityEvent", "AWSCloudTrail", "SigninLogs", "OfficeActivity", "Heartbeat"]
ENDS = "Timestamp DeviceName LocalIP LocalPort RemoteIP RemotePort"
EMPTY: dict[Type, Any] = {Type.STRING: ""}


def shown(tmp_path: Path, files: dict[str, bytes]) -> dict[str, list[dict[str, Any]]]:
    """The tables' rows after their exports were read; datetimes as ticks."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for table, data in files.items():
        (folder / table).write_bytes(data)
    with Workspace(tmp_path / "workspace") as workspace:
        for report in workspace.ingest(folder).files:
            assert report.reasons == []
            is_defender = Path(report.path).name in HUNTING_TABLES
            assert report.format == ("defender" if is_defender else "sentinel")
        return {table: _rows(workspace.query(table)) for table in files}


def _rows(result: Any) -> list[dict[str, Any]]:
    names = [column.name for column in result.columns]
    rows = [dict(zip(names, row, strict=True)) for row in result.rows()]
    for place, column in enumerate(result.columns):
        if column.type == Type.DATETIME:
            for row, ticks in zip(rows, result.ticks(place), strict=True):
                row[column.name] = ticks
    return rows


def expected(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of an exported row."""
    values: dict[str, Any] = {}
    for column, type in columns_of(table).items():
        value = row.get(column)
        if type is Type.DATETIME and value is not None:
            value = iso_ticks(value)
        elif type is Type.GUID and value is not None:
            value = uuid.UUID(value)
        values[column] = EMPTY.get(type) if value is None else value
    if "Type" in values:
        values["Type"] = table
    return values


def compare(
    table: str, exported: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]
) -> None:
    assert len(found) == len(exported)
    wanted = sorted((expected(table, row) for row in exported), key=str)
    got = sorted(({c: r[c] for c in columns_of(table)} for r in found), key=str)
    for want, have in zip(wanted, got, strict=True):
        assert have == want


SHAPES = {
    "answer": lambda table, rows: as_answer(rows, list(columns_of(table))),
    "graph": lambda table, rows: as_graph_answer(rows, list(columns_of(table))),
    "stream": lambda table, rows: as_stream(rows, table),
    "hub": lambda table, rows: as_hub_message(rows, table),
    "lines": lambda table, rows: as_lines(rows, table),
    "csv": lambda table, rows: as_csv(rows, list(columns_of(table))),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_exported_comes_back(shape: str, tmp_path: Path) -> None:
    tables = {"csv": [*TABLES, *SENTINEL_TABLES], "stream": TABLES}.get(shape, SOME_TABLES)
    if shape == "lines":
        tables = [*tables, *SENTINEL_TABLES[:2]]
    exported = {table: rows_of(table, 6) for table in tables}
    files = {table: SHAPES[shape](table, rows) for table, rows in exported.items()}
    found = shown(tmp_path, files)
    for table, rows in exported.items():
        compare(table, rows, found[table])


@pytest.mark.parametrize(
    ("columns", "action", "table"),
    [
        (
            "Timestamp DeviceName FileName ProcessCommandLine",
            "ProcessCreated",
            "DeviceProcessEvents",
        ),
        (
            "Timestamp DeviceName FileName ProcessCommandLine ActionType",
            "DriverLoad",
            "DeviceEvents",
        ),
        ("Timestamp DeviceName RemoteIP RemotePort LocalIP Protocol", None, "DeviceNetworkEvents"),
        ("TimeGenerated NetworkMessageId Url UrlDomain UrlLocation", None, "EmailUrlInfo"),
        ("Timestamp NetworkMessageId Subject DeliveryAction extra", None, "EmailEvents"),
        ("Timestamp AccountUpn Url ActionType IsClickedThrough", "ClickAllowed", "UrlClickEvents"),
        (f"{ENDS} ActionType", "SslConnectionInspected", "DeviceNetworkEvents"),
        (f"{ENDS} ActionType", "InboundInternetScanInspected", "DeviceNetworkEvents"),
        (f"{ENDS} ActionType", "FirewallOutboundConnectionBlocked", "DeviceEvents"),
        (f"{ENDS} ActionType", "OpenProcessApiCall", "DeviceEvents"),
    ],
)
def test_a_few_columns_tell_the_table(columns: str, action: str | None, table: str) -> None:
    assert table_of_columns(columns.split(), action) == table


@pytest.mark.parametrize(
    ("columns", "action", "why"),
    [
        ("Timestamp DeviceName FileName ProcessCommandLine", None, "export ActionType too"),
        ("Timestamp count_ dcount_DeviceId max_x", None, "too few of its columns"),
        ("DeviceName FileName ProcessCommandLine SHA256", None, "no Timestamp"),
        ("time host user message", None, "no Timestamp"),
        (
            "Timestamp LastSeenTime DeviceId DeviceName OSPlatform",
            None,
            "InfoGathering is not known",
        ),
        (f"{ENDS} ActionType", "SomethingNew", "than the action SomethingNew"),
        ("Timestamp DeviceName ActionType AccountName", "LogonSuccess", "IdentityLogonEvents"),
        ("Timestamp ActionType ReportId AdditionalFields", "FileModified", "CloudAppEvents"),
    ],
)
def test_what_no_table_or_several_have_is_refused(
    columns: str, action: str | None, why: str
) -> None:
    with pytest.raises(NoTable, match=why):
        table_of_columns(columns.split(), action)


RUN = {
    "Timestamp": "2026-03-11T05:16:41Z", "DeviceName": "pc1", "ActionType": "ProcessCreated",
    "FileName": "a.exe", "ProcessId": 1, "ProcessCommandLine": "a",
}  # fmt: skip
CUSTOM = {**RUN, "Type": "Runs_CL", "TimeGenerated": "2026-03-11T05:16:41Z"}


def test_a_table_of_another_name_is_none_of_those_with_its_columns(read_bytes: Any) -> None:
    named = {**RUN, "Type": "DeviceProcessEvents"}
    read = read_bytes("".join(json.dumps(r) + "\n" for r in (named, CUSTOM, named)), "a.json")
    assert read.format == "defender"
    assert [table for table, _ in read.rows] == ["process_event"] * 2
    assert read.reasons == ["its table Runs_CL is not known: use --table"]
    said = {"category": "AdvancedHunting-DeviceTvmInfoGathering", "properties": {
        "Timestamp": "2026-03-11T05:16:41Z", "DeviceId": "d", "DeviceName": "a", "OSPlatform": "b",
    }}  # fmt: skip
    read = read_bytes(json.dumps(said) + "\n", "a.json")
    assert (read.rows, read.reasons) == (
        [], ["its table DeviceTvmInfoGathering is not known: use --table"],
    )  # fmt: skip


@pytest.mark.parametrize("is_csv", [True, False])
def test_a_custom_table_is_not_read(is_csv: bool, tmp_path: Path) -> None:
    file = tmp_path / "a"
    lines = [",".join(CUSTOM), ",".join(map(str, CUSTOM.values()))]
    file.write_text("\n".join(lines if is_csv else [json.dumps(CUSTOM)]) + "\n")
    with Workspace(tmp_path / "workspace") as workspace:
        (report,) = workspace.ingest(file).files
    assert report.stored == 0
    assert not is_csv or report.reasons == ["its table Runs_CL is not known: use --table"]


@pytest.mark.parametrize(
    ("action", "initiated"),
    [
        ("ConnectionSuccess", True), ("InboundConnectionAccepted", False),
        ("InboundInternetScanInspected", False), ("ListeningConnectionCreated", None),
        ("ConnectionFound", None), ("DnsConnectionInspected", None),
    ],
)  # fmt: skip
def test_who_opened_a_connection(action: str, initiated: bool | None, read_bytes: Any) -> None:
    row = {
        "Timestamp": "2026-03-11T05:16:41Z", "DeviceName": "pc1", "ActionType": action,
        "RemoteIP": "198.51.100.1", "RemotePort": 443, "LocalIP": "192.0.2.1", "LocalPort": 3389,
    }  # fmt: skip
    found = read_bytes(json.dumps(row) + "\n", "a.json").row()
    assert found.get("initiated") is initiated
    assert found["source_ip"] == ("198.51.100.1" if initiated is False else "192.0.2.1")


def test_an_empty_text_and_no_value_are_told_apart_where_the_language_can(tmp_path: Path) -> None:
    line = (
        b'{"time":"2026-03-11T06:00:00Z","category":"AdvancedHunting-DeviceProcessEvents",'
        b'"properties":{"Timestamp":"2026-03-11T05:16:41.1234567Z","DeviceId":"","FileName":"",'
        b'"ProcessId":null,"AdditionalFields":"","ActionType":"ProcessCreated"}}\n'
    )
    ((row,),) = shown(tmp_path, {"DeviceProcessEvents": line}).values()
    assert (row["DeviceId"], row["FileName"], row["AccountUpn"]) == ("", "", "")
    assert (row["ProcessId"], row["AdditionalFields"]) == (None, None)
    assert row["Timestamp"] == row["TimeGenerated"] == iso_ticks("2026-03-11T05:16:41.1234567Z")


def test_a_value_of_another_type_is_told_with_its_column(read_bytes: Any) -> None:
    read = read_bytes(
        b"Timestamp,DeviceName,ActionType,FileName,ProcessId\n"
        b"2026-03-11T05:16:41Z,a,ProcessCreated,x.exe,12\n"
        b"2026-03-11T05:16:41Z,a,ProcessCreated,x.exe,twelve\n"
        b"yesterday,a,ProcessCreated,x.exe,1\n",
        "a.csv",
    )
    assert read.columns("process_id") == [12]
    assert read.reasons == [
        "column ProcessId (long): 'twelve' is no long",
        "column Timestamp: 'yesterday' is no moment",
    ]


def test_events_are_found_as_events(read_bytes: Any) -> None:
    columns = columns_of("DeviceRegistryEvents")
    key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"
    short = key.replace("HKEY_LOCAL_MACHINE", "HKLM")
    row = {
        "Timestamp": "2026-03-11T05:16:41Z", "ActionType": "RegistryValueSet", "RegistryKey": key,
        "RegistryValueName": "Updater", "RegistryValueData": "a.exe", "DeviceName": "pc1",
        "InitiatingProcessFileName": "reg.exe", "ReportId": 7,
    }  # fmt: skip
    found = read_bytes(as_csv([row], list(columns)), "a.csv").row()
    assert found["target_object"] == short + "\\Updater"
    assert found["registry_key"] == short
    assert (found["process_name"], found["host"], found["record_number"]) == ("reg.exe", "pc1", 7)
    assert found["device_product"] == "Microsoft Defender for Endpoint"


def test_a_table_that_cannot_be_told_is_named_in_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"Timestamp,DeviceName,FileName,ProcessCommandLine\r\n2026-03-11,a,b,c\r\n")
    with Workspace(tmp_path / "workspace") as workspace:
        (report,) = workspace.ingest(file).files
    assert report.stored == 0
    assert "DeviceProcessEvents, DeviceEvents: export ActionType" in report.reasons[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_exports_in_other_encodings(encoding: str, read_bytes: Any) -> None:
    text = (SAMPLES / "defender" / "portal.csv").read_text("utf-8-sig")
    read = read_bytes(text.encode(encoding), "portal.csv")
    assert (read.format, len(read.rows)) == ("defender", len(read_bytes(text, "portal.csv").rows))


def test_times_as_a_portal_writes_them(read_bytes: Any) -> None:
    head = '"TimeGenerated [UTC]",DeviceName,ActionType,FileName,"ProcessCreationTime [UTC]"\n'
    lines = [
        '"3/5/2026, 9:00:21.543 PM",a,ProcessCreated,x,"3/25/2026, 12:00:00.000 AM"',
        '"3/4/2026, 9:00:21 PM",a,ProcessCreated,x,',
    ]
    read = read_bytes(head + "\n".join(lines) + "\n", "a.csv")
    times = [iso_ticks("2026-03-05T21:00:21.543Z"), iso_ticks("2026-03-04T21:00:21Z")]
    assert read.columns("time") == times
    assert '"ProcessCreationTime":"2026-03-25T00:00:00Z"' in read.columns("event_data")[0]


@pytest.mark.parametrize(
    ("zone", "time"), [("UTC+02:00", "2026-03-05T07:00:21Z"), ("Local Time", None)]
)
def test_the_zone_in_a_header(zone: str, time: str | None, read_bytes: Any) -> None:
    text = f'"TimeGenerated [{zone}]",DeviceName,ActionType,FileName,ProcessId\n'
    read = read_bytes(text + '"05.03.2026, 09:00:21",a,ProcessCreated,x,1\n', "a.csv")
    if time is not None:
        assert read.row()["time"] == iso_ticks(time)
    else:
        assert "in the time zone 'Local Time'" in read.reasons[0]
