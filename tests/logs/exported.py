"""Rows of platforms' tables as portals and APIs export them: takes a table, gives files."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vedette.plan.types import Type
from vedette.tables.catalog import builtin_table

Exported = Mapping[str, Any]

ACTIONS: Mapping[str, Sequence[str]] = {
    "DeviceProcessEvents": ["ProcessCreated"],
    "DeviceNetworkEvents": ["ConnectionSuccess", "InboundConnectionAccepted", "ConnectionFailed"],
    "DeviceFileEvents": ["FileCreated", "FileRenamed"],
    "DeviceRegistryEvents": ["RegistryValueSet", "RegistryKeyRenamed", "RegistryKeyCreated"],
    "DeviceLogonEvents": ["LogonSuccess", "LogonFailed"],
    "DeviceImageLoadEvents": ["ImageLoaded"],
    "DeviceEvents": ["DriverLoad", "AntivirusDetection", "PowerShellCommand"],
}
TEXTS = ("a", "-", 'it\'s "quoted", twice\nover', "Ärger", "C:\\Windows\\System32\\cmd.exe", "0")
_MADE: Mapping[Type, Callable[[random.Random], Any]] = {
    Type.STRING: lambda n: n.choice(TEXTS),
    Type.BOOL: lambda n: n.random() < 0.5,
    Type.INT: lambda n: n.randrange(60_000),
    Type.LONG: lambda n: n.randrange(2**53),
    Type.REAL: lambda n: n.randrange(1000) / 8,
    Type.DATETIME: lambda n: f"2026-03-11T05:16:{n.randrange(60):02}.{n.randrange(1, 10**7):07}Z",
    Type.DYNAMIC: lambda n: {"a": [1, None, n.choice(TEXTS)], "b": {"c": 0.5}, "n": n.randrange(9)},
    Type.GUID: lambda n: f"{n.randrange(16**8):08x}-0000-4000-8000-{n.randrange(16**12):012x}",
}


def columns_of(table: str) -> Mapping[str, Type]:
    found = builtin_table(table)
    assert found is not None
    return {name: type for name, type in found.columns.items() if not name.startswith("_")}


def rows_of(table: str, count: int) -> list[dict[str, Any]]:
    """Rows with a value in most columns, of every sort that a column's type has."""
    numbers = random.Random(table)
    rows = []
    for place in range(count):
        row = {
            column: _MADE[type](numbers)
            for column, type in columns_of(table).items()
            if numbers.random() < 0.8 or column in ("Timestamp", "TimeGenerated")
        }
        if table in ACTIONS:
            row["ActionType"] = ACTIONS[table][place % len(ACTIONS[table])]
        if "Type" in columns_of(table):
            row["Type"] = table
        rows.append(row)
    return rows


def as_csv(rows: Sequence[Exported], columns: Sequence[str]) -> bytes:
    """As a portal writes it: a mark, everything in quotes, booleans and JSON as text."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else json.dumps(value)


def as_answer(rows: Sequence[Exported], columns: Sequence[str]) -> bytes:
    """As the hunting API answers."""
    schema = [{"Name": column, "Type": "String"} for column in columns]
    results = [{c: _text_of_dynamic(row.get(c)) for c in columns} for row in rows]
    return json.dumps({"Stats": {}, "Schema": schema, "Results": results}, indent=1).encode()


def as_graph_answer(rows: Sequence[Exported], columns: Sequence[str]) -> bytes:
    """As Graph's hunting API answers: lower case outside, types beside, nulls left out."""
    schema = [{"name": column, "type": "String"} for column in columns]
    results = [
        {"Timestamp@odata.type": "#DateTimeOffset"}
        | {c: _text_of_dynamic(row[c]) for c in columns if c in row}
        for row in rows
    ]
    return json.dumps(
        {"@odata.context": "$metadata", "schema": schema, "results": results}
    ).encode()


def as_stream(rows: Sequence[Exported], table: str) -> bytes:
    """As the streaming API writes blobs: a row a line, its table around it."""
    lines = [
        json.dumps({
            "time": "2026-03-11T06:00:00.0000000Z", "tenantId": "t", "operationName": "Publish",
            "category": f"AdvancedHunting-{table}", "properties": row,
        })
        for row in rows
    ]  # fmt: skip
    return "\n".join(lines).encode() + b"\n"


def as_hub_message(rows: Sequence[Exported], table: str) -> bytes:
    """As an event hub delivers the same."""
    records = [json.loads(line) for line in as_stream(rows, table).splitlines()]
    return json.dumps({"records": records}).encode() + b"\n"


def as_lines(rows: Sequence[Exported], table: str) -> bytes:
    """As Log Analytics writes a table to storage."""
    return "\n".join(json.dumps({**row, "Type": table}) for row in rows).encode() + b"\n"


def _text_of_dynamic(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
