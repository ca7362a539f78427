"""Records of event logs at once give what each by itself gives."""

import random
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.logs.mutations import mutated

from vedette.logs.base import Made, Reading, Unreadable
from vedette.logs.columnar import event_logs
from vedette.logs.columnar.event_logs import ManyRecords, Written
from vedette.logs.columns import batches_of, batches_of_parts, parts_of
from vedette.logs.readers import evtx
from vedette.logs.sources import Source
from vedette.logs.windows import WindowsRows

SECURITY, SYSMON = "Microsoft-Windows-Security-Auditing", "Microsoft-Windows-Sysmon"
CHANNELS = {SECURITY: "Security", SYSMON: f"{SYSMON}/Operational", "Other": "Application"}
FIELDS: dict[tuple[str, int], dict[str, list[Any]]] = {
    (SYSMON, 1): {
        "UtcTime": ["2026-02-20 01:02:03.{n}00", "2026-02-20 01:02:03", "", "no"],
        "ProcessGuid": ["365ABB72-2550-5C91-0000-00108FE4CF0{n}", "{365A}", ""],
        "ProcessId": [17, 0, 2**31, -1, 2**63 - 1], "Image": ["C:\\a\\{n}.exe", "-", "", "x/é"],
        "CommandLine": ['"a" {n}', "snö 雪\U0001f600", "tab\t\x01\x1b\x7f", "C:\\users\\u{n}"],
        "User": ["EXAMPLE\\ann", "ann", "-"], "TerminalSessionId": [1, 2**31, -(2**31)],
        "Hashes": ["MD5=0A{n},SHA1=0B", "SHA256=00", "", "no"],
    },
    (SYSMON, 3): {
        "UtcTime": ["2026-02-20 01:02:03.000"], "Initiated": [True, False],
        "SourceIp": ["192.0.2.{n}", "::ffff:192.0.2.1", "fe80:0:0:0:0:0:0:{n}"],
        "SourcePort": [443, 0, 65_536, -1],
        "DestinationPort": ["53", "-", "65536"], "Protocol": ["tcp", "6", ""],
    },
    (SYSMON, 7): {"UtcTime": ["2026-02-20 01:02:03.1"], "Signed": ["true", "x"], "Image": ["a{n}"]},
    (SECURITY, 4624): {
        "SubjectUserName": ["ann{n}", "-", ""], "TargetUserName": ["bob", "-"],
        "LogonType": [2, 3, 10, 5], "IpAddress": ["192.0.2.1", "-"], "IpPort": ["0", "49152", 7],
        "SubjectLogonId": ["0x3e7", "0x{n}", "no"], "WorkstationName": ["w{n}", None],
    },
    ("Other", 7): {"param1": ["a{n}", "é"], "flag": [True, False], "count": [1, 2, -5]},
    ("Other", 9): {"Image": ["a{n}", "b"], "UtcTime": ["2026-02-20 01:02:03"], "User": ["ann"]},
    (SYSMON, 22): {"Image": ["a{n}", "b"], "UtcTime": ["2026-02-20 01:02:03"], "User": ["bob"]},
    (SECURITY, 4688): {"Image": ["a"], "UtcTime": ["2026-02-20 01:02:03"], "User": ["-", "x"]},
    ("Other", 8): {"param1": [None, None, "late"], "count": [0]},
}  # fmt: skip
ODD: list[Any] = [
    None, True, 1, -5, 2**63, 2**64, 2**70, 1.5, -0.0, 1e300, "", "-", "é", [1, "a"], [], {"a": 1},
    {"#text": "4"}, {"#attributes": {"Q": 1}}, {"#text": ["a"], "#attributes": {}}, "0x1f", [[[]]],
]  # fmt: skip
CORRELATIONS = [
    "null", "null", "null", '{"#attributes":{"ActivityID":"4AA5EAE3-4F33-0000-501D-A64A334FD601"}}',
    '{"#attributes":{"ActivityID":"4A","RelatedActivityID":"4B"}}', '{"#attributes":{"Odd":"}}"}}',
]  # fmt: skip
EXECUTIONS = [
    "", "", "", ',"ProcessorID":1,"KernelTime":61,"UserTime":180', ',"ProcessID":99', ',"Odd":"x"',
]  # fmt: skip
BEHIND = ["", "", "", "", "", ',"RenderingInfo":{"Message":"m"}', ',"EventData":{"a":"b"}']


def as_the_library_writes(value: Any) -> str:
    """Compact JSON whose control characters have capital digits."""
    text = orjson.dumps(value).decode() if value not in (2**64, 2**70) else str(value)
    return text.replace("\\u001b", "\\u001B")


def fields_of(chance: random.Random, options: dict[str, list[Any]], odd: float) -> str:
    """EventData by chance: some in another order, with names or values that others lack."""
    members = []
    for name, values in options.items():
        value = values[0] if chance.random() < 0.7 else chance.choice(values)
        if isinstance(value, str):
            value = value.replace("{n}", str(chance.randrange(8)))
        members.append((name, chance.choice(ODD) if chance.random() < odd / 8 else value))
    if chance.random() < odd:
        way = chance.randrange(5)
        if way == 0:
            chance.shuffle(members)
        elif way == 1:
            members.pop()
        elif way == 2:
            members.append(
                chance.choice([("more", "x"), ("#attributes", {"Name": "a"}), members[0]])
            )
        elif way == 3:
            return chance.choice(["null", "{}", "[]", '"text"', '{"a":"b"', "{}{}"])
        else:
            members = [("é", "\ud83d\ude00"[:0] + "a"), ('k"', 1)]
    written = (f"{as_the_library_writes(n)}:{as_the_library_writes(v)}" for n, v in members)
    return "{" + ",".join(written) + "}"


def a_record(chance: random.Random, number: int, odd: float) -> str:
    """The JSON of a record as the library writes it, of some odd ones perhaps."""
    (provider, code), options = chance.choice(list(FIELDS.items()))
    is_odd = chance.random() < odd
    time = chance.choice(
        ["2026-02-20T01:02:03.123456Z", "no", ""] if is_odd else ["2026-02-20T01:02:03.123456Z"]
    )
    written = chance.choice(["007", "-1", str(2**63), '"7"', "1.0"]) if is_odd else str(number)
    correlation = chance.choice(CORRELATIONS if is_odd else CORRELATIONS[:5])
    execution = chance.choice(EXECUTIONS if is_odd else EXECUTIONS[:4])
    security = chance.choice(["null", '{"#attributes":{"UserID":"S-1-5-18"}}'])
    channel = "null" if is_odd else f'"{CHANNELS[provider]}"'
    name = "UserData" if is_odd and chance.random() < 0.3 else "EventData"
    behind = chance.choice(BEHIND) if is_odd else ""
    return (
        '{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":'
        f'"{provider}","Guid":"g"}}}},"EventID":{code},"Version":{chance.randrange(2)},"Level":4,'
        '"Task":1,"Opcode":0,"Keywords":"0x8000000000000000","TimeCreated":{"#attributes":'
        f'{{"SystemTime":"{time}"}}}},"EventRecordID":{written},"Correlation":{correlation},'
        f'"Execution":{{"#attributes":{{"ProcessID":{chance.randrange(9999)},"ThreadID":4{execution}'
        f'}}}},"Channel":{channel},"Computer":"ws{chance.randrange(4)}","Security":{security}}},'
        f'"{name}":{fields_of(chance, options, odd)}{behind}}}}}'
    )  # fmt: skip


def both(records: Sequence[Written]) -> tuple[int, int]:
    """How many records were taken at once and one by one, after proving that both are the same."""
    rows = WindowsRows("evtx", "lineage", "a.evtx")
    singly: dict[int, Made] = {}
    for place, record in enumerate(records):
        made = evtx._row(record, rows)
        if not isinstance(made, Unreadable):
            singly[place] = made
    expected = batches_of_parts(parts_of(list(singly.values()), list(singly)))
    many = ManyRecords(WindowsRows("evtx", "lineage", "a.evtx"))
    parts, left = many.parts(many.gathered(iter(records)))
    left = [place for place in left if place in singly]
    found = batches_of_parts([*parts, *parts_of([singly[place] for place in left], left)])
    known = {layout.table: batch for layout, batch in expected}
    assert {layout.table for layout, _ in found} == set(known)
    for layout, batch in found:
        batch.validate(full=True)
        for row, one in zip(batch.to_pylist(), known[layout.table].to_pylist(), strict=True):
            assert row == one
    return sum(len(part.numbers) for part in parts), len(left)


@pytest.mark.parametrize("odd", [0.0, 0.002, 0.05, 0.5])
@pytest.mark.parametrize("fewest", [1, 40])
def test_records_at_once_are_those_one_by_one(
    odd: float, fewest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_logs, "FEWEST", fewest)
    chance = random.Random(f"{odd}")
    many = 0
    for _ in range(6):
        records: list[Written] = []
        for number in range(250):
            place = f"{number}.{number + 3}" if chance.random() < 0.02 else ""
            stamp = chance.choice(["2026-02-20 01:02:03.1234567", "2026-02-20 01:02:03", None])
            raw = a_record(chance, number, odd).encode()
            records.append((raw, number, place, stamp))
        many += both(records)[0]
    if odd < 0.05:
        assert many > 500


def what_is_read(
    data: bytes, large: int, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[dict[str, list[dict[str, Any]]], list[Unreadable], tuple[int, bytes] | None]]:
    """The rows of each piece of a file by their tables, what is unreadable, how far it is read."""
    monkeypatch.setattr(evtx, "LARGE", large)
    reading = Reading(Source("a.evtx", Path("a.evtx"), len(data), lambda: BytesIO(data)), "lineage")
    parse = evtx.EvtxReader().parser(reading.origin)
    read = []
    for piece in evtx.EvtxReader().pieces(reading):
        parsed = parse(piece)
        batches = [*batches_of(parsed.rows), *parsed.batches]
        tables = {layout.table: batch.to_pylist() for layout, batch in batches}
        read.append((tables, parsed.unreadable, parsed.reached))
    return read


@pytest.mark.shared("data")
def test_files_are_read_alike_damaged_ones_too(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_logs, "FEWEST", 1)
    chance = random.Random("files")
    with zipfile.ZipFile(shared / "data" / "evtx-attack-samples.zip") as archive:
        logs = [one for one in archive.infolist() if one.filename.endswith(".evtx")]
        for one in chance.sample(logs, 12):
            data = archive.read(one)
            for damaged in (data, *(mutated(data, chance).data for _ in range(3))):
                singly = what_is_read(damaged, 2**62, monkeypatch)
                assert what_is_read(damaged, 0, monkeypatch) == singly
