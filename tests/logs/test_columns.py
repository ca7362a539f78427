"""Rows filled together have what each filled by itself has."""

import itertools
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.logs.mutations import SAMPLES, mutated

from vedette.logs.base import Layout, Made, Reader, Reading, Row, event_layout
from vedette.logs.batches import Buffer, arrow_array, record_batch
from vedette.logs.columnar.iso_times import iso_column
from vedette.logs.columns import Field, Kind, batches_of, filled
from vedette.logs.conversions import moment, text, whole
from vedette.logs.formats import reader_of
from vedette.logs.mapping import Filler
from vedette.logs.sources import Source
from vedette.logs.times import day_of, iso_ticks
from vedette.plan.types import TICKS_PER_DAY

FILES = sorted(path for path in SAMPLES.glob("*/*") if path.is_file())
MUTATIONS = 4
LAYOUT = event_layout("process_event")


def source_of(name: str, data: bytes) -> Source:
    return Source(name, Path(name), len(data), lambda: BytesIO(data))


def rows_of(reader: Reader, name: str, data: bytes) -> list[Made]:
    chunks = reader.read(Reading(source_of(name, data), "lineage"))
    return [row for chunk in chunks for row in chunk.rows]


def assert_filled_alike(rows: list[Made]) -> None:
    together = {layout.table: batch.to_pylist() for layout, batch in batches_of(rows)}
    singly: dict[Layout, list[Row]] = {}
    for layout, row in map(filled, rows):
        singly.setdefault(layout, []).append(row)
    assert together == {
        layout.table: record_batch(layout, held).to_pylist() for layout, held in singly.items()
    }


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_samples_are_filled_alike(path: Path) -> None:
    data = path.read_bytes()
    reader = reader_of(source_of(path.name, data))
    assert reader is not None
    numbers = random.Random(path.name)
    rows = rows_of(reader, path.name, data)
    assert rows
    for _ in range(MUTATIONS):
        rows += rows_of(reader, path.name, mutated(data, numbers).data)
    # Few rows of a kind are filled singly: each comes often enough to be filled together.
    assert_filled_alike(rows * 9)


def filler(blank: dict[str, Any]) -> Filler:
    row = LAYOUT.empty_row()
    for column, value in blank.items():
        row[LAYOUT.index[column]] = value
    index = LAYOUT.index
    return Filler(
        LAYOUT, row,
        (("name", index["process_name"]), ("user", index["user"])),
        (("id", index["process_id"], whole), ("time", index["time"], moment)),
        ((index["command_line"], (("a", text), ("b", text))),),
    )  # fmt: skip


def test_constants_stay_where_a_record_has_nothing() -> None:
    kinds = [
        Kind(filler({"user": "standing", "host": f"h{n}", "process_id": 4}), (LAYOUT.index["raw"],))
        for n in range(3)
    ]
    records: list[dict[str, Any]] = [
        {"name": "x", "user": "-", "id": "7"}, {"name": ["list"], "id": "no"}, {"user": True},
        {"a": "", "b": 1}, {"a": "-", "b": None}, {"id": True, "name": 1, "time": "2026-01-01"},
        {}, {"id": 1, "name": 1.0}, {"name": "\ud800", "time": 5},
    ]  # fmt: skip
    chance = random.Random(4)
    rows = [
        chance.choice(kinds).late(chance.choice(records), chance.choice([None, "raw", b"raw"]))
        for _ in range(200)
    ]
    assert_filled_alike(rows)


def test_few_rows_of_their_own_beside_many_alike() -> None:
    place = LAYOUT.index["raw"]
    kind = Kind(filler({"host": "h\ud800", "user": "standing"}), (place,))
    made = [kind.late({"name": f"n{n}", "id": n}, f"raw {n}") for n in range(40)]
    for number in range(3, 40, 9):
        _, row = filled(kind.late({"name": None}, f"own {number}"))
        row[LAYOUT.index["parent_name"]] = "p" * 300
        made.insert(number, (LAYOUT, row))
    assert_filled_alike(made)


@pytest.mark.parametrize(
    "days", [[5], [5, 5, 6, 6, 7], [5, 6, 5, 6], [None, 5, 5, 5, None], [5] * 30 + [6], [6, 5, 5]]
)
def test_rows_wait_by_their_days(days: list[int | None]) -> None:
    rows = []
    for number, day in enumerate(days):
        row = LAYOUT.empty_row()
        row[LAYOUT.index["time"]] = None if day is None else day * TICKS_PER_DAY + number
        row[LAYOUT.index["raw"]] = str(number)
        rows.append(row)
    buffer = Buffer()
    buffer.add(LAYOUT, record_batch(LAYOUT, rows))
    assert buffer.size > 0
    found: dict[str, list[str]] = {}
    while (drained := buffer.drain_largest()) is not None:
        _, day_text, batches = drained
        found[day_text] = [raw for batch in batches for raw in batch.column("raw").to_pylist()]
    assert buffer.size == 0
    wanted: dict[str, list[str]] = {}
    for number, day in enumerate(days):
        wanted_day = day_of(None if day is None else day * TICKS_PER_DAY)
        wanted.setdefault(wanted_day, []).append(str(number))
    assert found == wanted


def test_rows_keep_their_order() -> None:
    kinds = [Kind(filler({"action": str(n)}), (LAYOUT.index["log_offset"],)) for n in range(2)]
    other = Kind(filler({}), (LAYOUT.index["log_offset"], LAYOUT.index["raw"]))
    rows = [
        other.late({}, n, "r") if n % 5 == 0 else kinds[n % 2].late({"name": str(n)}, n)
        for n in range(100)
    ]
    rows.insert(50, (LAYOUT, LAYOUT.empty_row()))
    ((_, batch),) = batches_of(rows)
    offsets = batch.column("log_offset").to_pylist()
    assert offsets == [*range(50), None, *range(50, 100)]


@pytest.mark.parametrize(
    "values",
    [
        [1, True, 0, False, 1.0, None], ["1", "-", "", None, "0x1f"], [None, None], [],
        [[1], {"a": 1}, None, "x"], [True, False], [-0.0, 0.0, 2**70],
    ],
)  # fmt: skip
def test_distinct_values_are_converted_once_and_alike(values: list[Any]) -> None:
    for convert in (text, whole, moment):
        expected = [None if value is None else convert(value) for value in values]
        made, may_lack = Field(values).converted(convert)
        found = list(made)
        assert may_lack or None not in found
        assert found == expected
        assert list(map(type, found)) == list(map(type, expected))


@pytest.mark.parametrize(
    "values",
    [
        [b"a", b"", "é".encode()] * 5, [None, b"a", None, b"", b"bc"] * 7, [b"a", "b", None, "é"],
        ["a", b"b"], [None, "a\ud800", b"b"], ["a" * 300, None, "", "b"], ["é" * 300, "b", None],
        ["a" * 300, b"b", "é"], ["a" * 300, "a\ud800"], [b"a", None, "b" * 300, "\ud800"],
    ],
)  # fmt: skip
def test_texts_may_be_bytes(values: list[Any]) -> None:
    expected = [v.decode() if isinstance(v, bytes) else v for v in values]
    found = arrow_array(values, pa.string())
    found.validate(full=True)
    assert found.to_pylist() == [v and v.replace("\ud800", "?") for v in expected]


def test_moments_are_read_alike() -> None:
    forms = [
        "2026-03-11T05:16:41Z", "2026-03-11 05:16:41", "2026-03-11 05:16:41.1234567Z",
        "2026-03-11T05:16:41.123456", "2026-02-30 05:16:41", "2026-03-11T24:00:00Z",
        "2026-03-11T05:16:60.5Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z",
        "2026-03-11T05:16:41+01:00", "2026-03-11T05:16:41.1+0100", "2026-03-11", "", "no",
        "2026-03-11T05:16:41.ZZZ", "2026-03-11T05:16:41ZZ", "٢٠٢٦-03-11T05:16:41Z",
    ]  # fmt: skip
    chance = random.Random(2)
    for form in forms:
        values: list[Any] = [form] * 90
        for _ in range(60):
            changed = list(form)
            if changed:
                changed[chance.randrange(len(changed))] = chance.choice("0123459 TZ:.-+é")
            values.append("".join(changed))
        values += [None, 5, b"2026-03-11"]
        expected = [iso_ticks(value) if isinstance(value, str) else None for value in values]
        assert iso_column(values) == expected


def test_moments_of_one_form_are_read_alike() -> None:
    chance = random.Random(3)
    for digits, between, end in itertools.product(range(9), " T", ("", "Z")):
        values = []
        for _ in range(120):
            parts = [chance.randrange(n) for n in (9998, 12, 28, 24, 60, 60)]
            year, month, day, hour, minute, second = parts
            if digits % 2:  # all on one day
                year, month, day = 2024, 1, 28
            fraction = f".{chance.randrange(10**digits):0{digits}}" if digits else ""
            values.append(
                f"{year + 1:04}-{month + 1:02}-{day + 1:02}{between}"
                f"{hour:02}:{minute:02}:{second:02}{fraction}{end}"
            )
        assert iso_column(values) == list(map(iso_ticks, values))
        odd = [values[0][:5] + "13" + values[0][7:], "2023-02-29" + values[0][10:]]
        for one in odd:
            assert iso_column([*values, one]) == list(map(iso_ticks, [*values, one]))
