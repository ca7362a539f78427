"""The quick way for the usual record gives what the way for any record gives."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.logs.mutations import SAMPLES
from tests.logs.test_columns import assert_filled_alike

from vedette.logs import table_lines, windows
from vedette.logs.base import Layout, Origin, Parsed, Piece, count_ignored
from vedette.logs.columnar import json_alike
from vedette.logs.columns import filled
from vedette.logs.readers.tabular import JsonLinesReader
from vedette.logs.windows import WindowsRows, _usual
from vedette.plan.types import Type

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 2**40, 2**63, 2**70, 1.5, "", "-", " x", "0x1f", "12", "%%1936",
    [1, "a"], {"a": 1}, {"#text": "4"}, {"#text": 7, "#attributes": {"Q": 1}}, {"#attributes": {}},
    {"#attributes": {"Name": None}}, "2026-02-20T01:02:03.1234567Z", "2026-02-30 01:02:03", "é",
]  # fmt: skip
NO_USUAL_LINES = [
    b"", b"  ", b"[]", b"7", b'{"Size": 1', b'{"Name": "\\ud800"}', b'\xff{"Size": 1}',
    b'{"Name": NaN}', b' {"Size": 1, "Size": 2}\r', b'{"Size": 1}{"Size": 2}', b'["Size"]',
]  # fmt: skip
EVENT = {
    "System": {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon", "Guid": "{1}"}},
        "EventID": 1, "Version": 5, "Level": 4, "Task": 1, "Opcode": 0,
        "Keywords": "0x8000000000000000", "EventRecordID": 16, "Correlation": None,
        "TimeCreated": {"#attributes": {"SystemTime": "2026-02-20T01:02:03.123456Z"}},
        "Execution": {"#attributes": {"ProcessID": 1924, "ThreadID": 2720}},
        "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "ws1.example.org",
        "Security": {"#attributes": {"UserID": "S-1-5-18"}},
    },
    "EventData": {
        "UtcTime": "2026-02-20 01:02:03.123", "ProcessId": 17, "Image": r"C:\\a\\cmd.exe",
        "User": r"EXAMPLE\\bob", "Hashes": "MD5=0A,SHA1=0B", "CommandLine": "-",
    },
}  # fmt: skip


def changed(value: Any, chance: random.Random, times: int) -> Any:
    """A copy in which some parts of objects are missing, odd, or in another order."""
    copy = deepcopy(value)
    for _ in range(times):
        inner = copy
        while isinstance(inner, dict) and inner:
            name = chance.choice(list(inner))
            if isinstance(inner[name], dict) and chance.random() < 0.8:
                inner = inner[name]
                continue
            way = chance.randrange(4)
            if way == 0:
                del inner[name]
            elif way == 1:
                inner[name] = inner.pop(name)
            else:
                inner[name] = deepcopy(chance.choice(ODD))
            break
    return copy


def test_system_parts_are_taken_apart_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    records = [changed({"Event": EVENT}, chance, chance.randrange(3)) for _ in range(3000)]

    def rows() -> list[tuple[Layout, list[Any]] | None]:
        maker = WindowsRows("evtx", "lineage", "a.evtx")
        made = [maker.row(record, "raw", number) for number, record in enumerate(records)]
        return [None if row is None else filled(row) for row in made]

    usual = sum(_usual(r["Event"]) is not None for r in records if isinstance(r.get("Event"), dict))
    assert 1000 < usual < 2900
    quick = rows()
    monkeypatch.setattr(windows, "_usual", lambda event: None)
    assert quick == rows()


@pytest.mark.parametrize("shape", ["nested", "flat"])
def test_odd_events_are_filled_alike(shape: str) -> None:
    chance = random.Random(shape)
    rows = WindowsRows("evtx", "lineage", "a.evtx")
    if shape == "nested":
        records: list[Any] = [{"Event": EVENT}]
    else:
        lines = (SAMPLES / "windows_json" / "lines.jsonl").read_bytes().splitlines()
        records = [orjson.loads(line) for line in lines if line.strip()]
    made = []
    for number in range(1500):
        record = changed(chance.choice(records), chance, chance.randrange(4))
        row = rows.row(record, json.dumps(record), number) if isinstance(record, dict) else None
        if row is not None:
            made.append(row)
    assert len(made) > 500
    assert_filled_alike(made)


TABLE = Layout(
    "Assets",
    {
        "Seen": Type.DATETIME, "Name": Type.STRING, "Size": Type.LONG, "Ratio": Type.REAL,
        "Flag": Type.BOOL, "Tags": Type.DYNAMIC, "Count": Type.INT, "Took": Type.TIMESPAN,
        "Timestamp": Type.DATETIME, "event_id": Type.STRING,
    },
    ("Seen", "Timestamp"),
)  # fmt: skip
USUAL: dict[str, list[Any]] = {
    "Seen": ["2026-02-20", "2026-02-20 01:02:03.5", None, ""], "Name": ["a", "", None, 5],
    "SEEN": ["2026-02-21T00:00:00Z"], "Size": [1, -5, None, 2**40], "Ratio": [1.5, None],
    "Flag": [True, None], "Tags": [7, "x", None, [1]], "Count": [1, None], "other": [1, "x"],
    "Timestamp": ["2026-02-20T01:02:03Z", None], "Took": ["5m"], "event_id": ["e", None],
    "size": [3, None], "seen": ["2026-01-01"],
}  # fmt: skip


def lines_of(shapes: list[list[str]], odd: float, chance: random.Random) -> list[bytes]:
    """Lines of records with the names of one of these shapes, some of their values *odd*."""
    return [
        json.dumps(
            {
                n: chance.choice(ODD if chance.random() < odd else USUAL[n])
                for n in chance.choice(shapes)
            }
        ).encode()
        for _ in range(4000)
    ]


def read_singly(lines: list[bytes], offset: int, origin: Origin) -> Parsed:
    """What is read of lines that are given alone, which go the way of one line."""
    parse = JsonLinesReader(TABLE).parser(origin)
    found = Parsed()
    for line in lines:
        one = parse(Piece(line, offset, 0, b""))
        found.unreadable += one.unreadable
        found.batches += one.batches
        count_ignored(found.ignored, one.ignored)
        offset += len(line) + 1
    return found


@pytest.mark.parametrize("by_form", [True, False])
@pytest.mark.parametrize("odd", [0.0, 0.02, 0.6])
def test_records_go_into_a_table_alike(
    odd: float, by_form: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    of_form = table_lines._of_form

    def counting(*arguments: Any, **named: Any) -> Any:
        nonlocal made
        parts, left = of_form(*arguments, **named)
        made += sum(len(part.numbers) for part in parts)
        return parts, left

    monkeypatch.setattr(json_alike, "are_better_parsed", lambda _: not by_form)
    monkeypatch.setattr(table_lines, "_of_form", counting)
    origin = Origin(str(tmp_path), "lineage")
    chance = random.Random(9)
    shapes = [chance.sample(list(USUAL), chance.randrange(1, 8)) for _ in range(40)]
    lines = lines_of(shapes, odd, chance)
    for line in NO_USUAL_LINES if odd else ():
        if not (by_form and b"\xff" in line):  # no text with such a line has forms
            lines.insert(chance.randrange(len(lines)), line)
    data = b"\n".join(lines)
    together = JsonLinesReader(TABLE).parser(origin)(Piece(data, 100, len(data), b""))
    assert not together.rows
    assert bool(made) == by_form
    singly = read_singly(lines, 100, origin)
    ((_, batch),) = together.batches
    rows = [row for _, one in singly.batches for row in one.to_pylist()]
    assert batch.to_pylist() == rows
    assert together.unreadable == singly.unreadable
    assert together.ignored == singly.ignored
    assert bool(singly.unreadable) == (odd > 0 or any(set(shape) == {"other"} for shape in shapes))
