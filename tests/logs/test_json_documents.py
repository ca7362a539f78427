"""Records of JSON documents read together give what each by itself gives."""

import random
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.logs.mutations import mutated
from tests.logs.test_json_lines import CASES, lines_of, rows_of

from vedette.logs.base import Parsed, Reading
from vedette.logs.columnar import json_alike
from vedette.logs.json_documents import first_line_values
from vedette.logs.readers import json_lines
from vedette.logs.readers.json_records import JsonLines, JsonRecords
from vedette.logs.sources import Source

FORMATS = [
    (reader._format, records, values)
    for reader, _, records, values in CASES
    if isinstance(reader, JsonLines)
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


def documents(lines: bytes) -> list[bytes]:
    """Records in an array, inside what wraps them, and behind each other."""
    records = [line for line in lines.split(b"\n") if line.strip()]
    return [
        b"[" + b",\n ".join(records) + b"]",
        b'{"before": [1, {"a": "b"}], "Records": [' + b",".join(records) + b'], "behind": {}}',
        lines,
    ]


@pytest.mark.parametrize("odd", [0.0, 0.05, 0.6])
@pytest.mark.parametrize(("format", "records", "values"), FORMATS, ids=IDS)
def test_documents_are_read_alike(
    format: Any, records: list[dict[str, Any]], values: dict[str, list[Any]], odd: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    chance = random.Random(f"{format.name} {odd}")
    for document in documents(lines_of(records, values, odd, chance)):
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
