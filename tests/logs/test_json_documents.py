"""Records of JSON documents read together give what each by itself gives."""

import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.logs.mutations import mutated
from tests.logs.test_json_lines import CASES, lines_of, rows_of

from vedette.logs.base import Parsed, Reading
from vedette.logs.columnar import json_alike
from vedette.logs.formats import READERS, reader_of
from vedette.logs.json_documents import first_line_values
from vedette.logs.readers import json_lines
from vedette.logs.readers.json_records import JsonRecords
from vedette.logs.sources import Source, open_sources

DOCUMENTS = {reader.name: reader._format for reader in READERS if isinstance(reader, JsonRecords)}
FORMATS = [
    (DOCUMENTS[reader.name], records, values)
    for reader, _, records, values in CASES
    if reader.name in DOCUMENTS
]
IDS = [format.name for format, *_ in FORMATS]


def read(format: Any, data: bytes) -> tuple[bool, Any]:
    """Whether records were read together, and all that was found."""
    source = Source("a.json", Path("a.json"), len(data), lambda: BytesIO(data))
    chunks = list(JsonRecords(format).read(Reading(source, "lineage")))
    whole = Parsed()
    for chunk in chunks:
        whole.rows += chunk.rows
        whole.batches += chunk.batches
        whole.unreadable += chunk.unreadable
    return bool(whole.batches), (rows_of(whole), [(c.position, c.digest) for c in chunks])


def documents(lines: bytes, is_wrapped: bool) -> list[bytes]:
    """Records in an array, inside what wraps them, and behind each other."""
    records = [line for line in lines.split(b"\n") if line.strip()]
    wrapped = [
        b'{"before": [1, {"a": "b"}], "Records": [' + b",".join(records) + b'], "behind": {}}'
    ]
    return [b"[" + b",\n ".join(records) + b"]", *(wrapped if is_wrapped else ()), lines]


@pytest.mark.parametrize("odd", [0.0, 0.05, 0.6])
@pytest.mark.parametrize(("format", "records", "values"), FORMATS, ids=IDS)
def test_documents_are_read_alike(
    format: Any, records: list[dict[str, Any]], values: dict[str, list[Any]], odd: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    chance = random.Random(f"{format.name} {odd}")
    is_wrapped = bool(format.inside)
    for document in documents(lines_of(records, values, odd, chance), is_wrapped):
        damaged = mutated(document, chance).data if odd else document
        with monkeypatch.context() as patched:
            patched.setattr(json_alike, "are_better_parsed", lambda _: False)
            together, found = read(format, damaged)
            assert together or odd > 0.1
            patched.setattr(json_alike, "are_better_parsed", lambda _: True)
            assert read(format, damaged)[1] == found
            patched.setattr(json_lines, "FEWEST", len(document))
            singly, same = read(format, damaged)
            assert not singly
            assert found == same


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"a": 1}\n\n {}\r\n5\n{"b": {"c": 2}}\n{"d"', [{"a": 1}, {}, {"b": {"c": 2}}]),
        (b'"c": 1}\n{"a": 1}\n{"cut": \n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        (b'{"a": 1},\n{"b": 2}\n', []),
        (b'{"a": 1}\n, {"b": 2}\n', []),
        (b'[\n{"a": 1}\n]\n', []),
        (b'[{"a": 1},\n{"b": 2}]\n', []),
        (b'{"count": 1, "value":[\n{"a": 1}\n]}\n', []),
        (b'{"schema": [{"a": 1}],\n"results": [\n{"a": 1}\n]}\n', []),
        (b'{\n"a": 1\n}\n{"b": 2}\n', []),
    ],
)
def test_lines_of_a_document_are_no_values_by_themselves(text: bytes, found: list[Any]) -> None:
    assert first_line_values(text) == found


REQUEST = {
    "time_iso8601": "2026-11-21T10:00:00+00:00", "remote_addr": "192.0.2.7",
    "request": "GET /a HTTP/1.1", "status": "200", "body_bytes_sent": "5",
}  # fmt: skip
ALERT = {"timestamp": "2026-11-21T10:00:00Z", "event_type": "alert", "src_ip": "192.0.2.7"}
CONNECTION = {"ts": 1795255200.0, "uid": "C1", "id.orig_h": "192.0.2.7", "conn_state": "SF"}
REPORTED = {"ts": 1795255200.0, "level": "Reporter::INFO", "message": "a"}
FIRST_ROWS = [
    ("web_json", REQUEST, "a.json"), ("suricata", ALERT, "a.json"), ("zeek", CONNECTION, "a.json"),
    ("zeek", REPORTED, "reporter.json"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "record", "name"), FIRST_ROWS, ids=lambda one: str(one)[:20])
@pytest.mark.parametrize(
    "written",
    [
        lambda one: f"[\n{one},\n{one},\n{one}\n]\n",
        lambda one: f"[{one},\n{one},\n{one}]",
        lambda one: f"[\n{one}\n,{one}\n,{one}\n]",
        lambda one: f"{one},\n{one},\n{one}\n",
        lambda one: json.dumps([json.loads(one)] * 3, indent=2),
    ],
)
def test_records_of_logs_of_lines_are_read_in_arrays_too(
    format: str, record: dict[str, Any], name: str, written: Any, read_bytes: Any
) -> None:
    line = json.dumps(record)
    (alone,) = read_bytes(f"{line}\n", name).rows
    read = read_bytes(written(line), name)
    assert (read.format, read.reasons, len(read.rows)) == (format, [], 3)
    told = ("event_id", "log_offset", "raw")
    for table, row in read.rows:
        assert table == alone[0]
        same = {column: value for column, value in row.items() if column not in told}
        assert same == {column: value for column, value in alone[1].items() if column not in told}


@pytest.mark.parametrize(("format", "record", "name"), FIRST_ROWS, ids=lambda one: str(one)[:20])
@pytest.mark.parametrize("end", ["}", "]}}", '"a":1},', "true}", "  }", "[info] began", "began ["])
def test_a_log_that_begins_otherwise_is_read_from_its_first_record_on(
    format: str, record: dict[str, Any], name: str, end: str, read_bytes: Any
) -> None:
    line = json.dumps(record)
    read = read_bytes(f"{end}\n{line}\n{line}\n", name)
    assert (read.format, len(read.rows), len(read.unreadable)) == (format, 2, 1)


def test_other_records_with_a_moment_are_not_taken_for_zeeks(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(f"[\n{json.dumps(REPORTED)},\n{json.dumps(REPORTED)}\n]\n")
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    assert reader_of(source) is None
