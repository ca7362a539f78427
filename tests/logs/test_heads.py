"""Sources whose first record is longer than what is usually looked at."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from vedette.logs import heads
from vedette.logs.formats import reader_of
from vedette.logs.sources import HEAD_BYTES, Source

LONG = "x" * 3 * HEAD_BYTES
MANY = [{f"field{n}": [n, {"deep": "y" * 9}]} for n in range(HEAD_BYTES // 16)]
TRAIL = {
    "eventVersion": "1.08", "eventID": "e", "eventTime": "2026-03-11T05:16:41Z",
    "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "requestParameters": MANY,
}  # fmt: skip
RULE = {
    "CreationTime": "2026-03-11T05:16:41", "Id": "i", "Operation": "New-InboxRule",
    "OrganizationId": "o", "RecordType": 1, "Workload": "Exchange", "UserId": "ann@example.org",
    "UserType": 2, "Parameters": MANY,
}  # fmt: skip
PROCESS = {
    "Timestamp": "2026-03-11T05:16:41Z", "DeviceName": "pc1", "ActionType": "ProcessCreated",
    "FileName": "a.exe", "ProcessId": 5, "ProcessCommandLine": LONG,
}  # fmt: skip
STATS = {
    "timestamp": "2026-03-11T05:16:41.000000+0000", "event_type": "stats",
    "stats": {f"counter{n}": {"value": n} for n in range(HEAD_BYTES // 8)},
}  # fmt: skip
CONNECTION = {
    "_path": "http", "ts": 1773206201.5, "uid": "C1", "id.orig_h": "192.0.2.1", "id.orig_p": 5,
    "id.resp_h": "198.51.100.2", "id.resp_p": 80, "uri": LONG,
}  # fmt: skip
EVENT = {"EventID": 4104, "Channel": "Microsoft-Windows-PowerShell/Operational", "Text": LONG}
RECORDS = {
    "cloudtrail": TRAIL, "m365_audit": RULE, "defender": PROCESS, "suricata": STATS,
    "zeek": CONNECTION, "windows_json": EVENT,
}  # fmt: skip
DOCUMENTS = ("cloudtrail", "m365_audit", "defender", "windows_json")


@pytest.mark.parametrize("name", RECORDS)
def test_a_long_first_line(name: str, read_bytes: Any) -> None:
    line = json.dumps(RECORDS[name])
    read = read_bytes(f"{line}\n{line}\n", "a.json")
    assert (read.format, len(read.rows), read.reasons) == (name, 2, [])
    assert read_bytes(line, "a.json").format == name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_long_first_record_of_a_document(name: str, read_bytes: Any) -> None:
    records = [RECORDS[name]] * 2
    texts = [
        json.dumps(records), json.dumps(records, indent=1),
        "\n".join(json.dumps(one, indent=1) for one in records),
        "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n",
    ]  # fmt: skip
    if name in ("cloudtrail", "defender"):
        texts += [json.dumps({"Records": records}), json.dumps({"Records": records}, indent=1)]
        texts.append('{"Records":[\n' + ",\n".join(map(json.dumps, records)) + "\n]}\n")
    for text in texts:
        read = read_bytes(text, "a.json")
        assert (read.format, len(read.rows), read.reasons) == (name, 2, [])


def test_a_long_first_row(read_bytes: Any) -> None:
    row = ",".join(map(str, PROCESS.values()))
    read = read_bytes(f"{','.join(PROCESS)}\n{row}\n{row}\n", "a.csv")
    assert (read.format, len(read.rows), read.reasons) == ("defender", 2, [])


def test_in_utf_16(read_bytes: Any) -> None:
    line = json.dumps(PROCESS)
    read = read_bytes(f"{line}\n{line}\n".encode("utf-16"), "a.json")
    assert (read.format, len(read.rows)) == ("defender", 2)


def test_no_more_is_read_than_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def read(data: bytes) -> str | None:
        source = Source("a", Path("a"), len(data), lambda: io.BytesIO(data))
        first = Source.first
        asked.clear()

        def counted(source: Source, count: int) -> bytes:
            asked.append(count)
            return first(source, count)

        with monkeypatch.context() as patched:
            patched.setattr(Source, "first", counted)
            reader = reader_of(source)
        return reader.name if reader else None

    usual, longer = HEAD_BYTES, heads._LONGER
    line = json.dumps(PROCESS | {"ProcessCommandLine": "x"}).encode() + b"\n"
    assert (read(line * 5000), asked) == ("defender", [usual])
    assert (read(b'{"a": 1}\n' * 50_000), asked) == (None, [usual])
    assert (read(b"a,b,c\n" + b"1,2,3\n" * 50_000), asked) == (None, [usual])
    assert (read(bytes(100_000)), asked) == (None, [usual])
    assert (read(b"a,b,c\n" + b"1" * 100_000), asked) == (None, [usual, longer])
    assert (read(json.dumps({"a": MANY}).encode()), asked) == (None, [usual, longer])
    assert (read(b'{"a": "' + b"x" * 100_000), asked) == (None, [usual, longer])
