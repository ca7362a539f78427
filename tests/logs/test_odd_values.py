"""JSON records whose fields hold what nobody writes: each is still a row, or told."""

import json
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs.base import Reader, Reading
from vedette.logs.columns import batches_of, filled
from vedette.logs.formats import reader_of
from vedette.logs.readers.lines import LinesReader
from vedette.logs.sources import Source, open_sources

FILES = [
    path
    for path in sorted(SAMPLES.glob("*/*"))
    if path.suffix in (".json", ".jsonl", ".log")
    and path.read_bytes().startswith(b'{"')
    and path.name != "delivered.json"
]
"""Samples with an object a line."""
ODD: list[Any] = [
    None, True, False, 0, -1, 2**63, 10**400, 1e308, -0.0, "", "-", " ", "1e999", "\ud800", "[]",
    "9" * 400, "::ffff:1.2.3.4", "://", "a:99999", [], [None], [[]], [{}], {}, {"a": None}, {"": 1},
    {"orig_h": []}, [1, "a", None, {"b": [2]}], "\u0000", "<a@b>, c@d, \"e\" <f@g", "1_000", "٣",
    "(" * 2000, "<" * 2000, ",@" * 500,
]  # fmt: skip


def read(path: Path) -> tuple[Reader, list[dict[str, Any]]]:
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    reader = reader_of(source)
    assert reader is not None
    lines = path.read_bytes().splitlines()
    return reader, [json.loads(line) for line in lines if b"\\x" not in line]


def changed(value: Any, numbers: random.Random) -> Any:
    """A record with about every tenth value, of any depth, replaced by an odd one."""
    if numbers.random() < 0.1:
        return numbers.choice(ODD)
    if isinstance(value, dict):
        return {name: changed(inner, numbers) for name, inner in value.items()}
    if isinstance(value, list):
        return [changed(inner, numbers) for inner in value]
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_record_with_odd_values_is_a_row_or_told(path: Path) -> None:
    reader, records = read(path)
    numbers = random.Random(path.name)
    made = []
    for _ in range(60):
        record = changed(numbers.choice(records), numbers)
        if isinstance(record, dict):
            made.append(json.dumps(record))
    data = ("\n".join(made) + "\n").encode()
    source = Source(path.name, path, len(data), lambda: BytesIO(data))
    chunks = list(reader.read(Reading(source, "lineage")))
    rows = [row for chunk in chunks for row in chunk.rows]
    if isinstance(reader, LinesReader):
        assert len(rows) + sum(len(chunk.unreadable) for chunk in chunks) == len(made)
    assert len(rows) > len(made) // 3
    one_by_one = [filled(row) for row in rows]
    assert len(one_by_one) == sum(batch.num_rows for _, batch in batches_of(rows))
