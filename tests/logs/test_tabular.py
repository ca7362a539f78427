"""CSV, JSON and Parquet into a given table."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.logs.base import Layout, event_layout
from vedette.logs.times import iso_ticks
from vedette.plan.types import Type

HOSTILE = 'x"; DROP TABLE files; --'
LAYOUT = Layout(
    "Table",
    {
        "at": Type.DATETIME, "b": Type.BOOL, "i": Type.INT, "l": Type.LONG, "r": Type.REAL,
        "d": Type.DECIMAL, "s": Type.STRING, "took": Type.TIMESPAN, "dyn": Type.DYNAMIC,
        "g": Type.GUID, "bin": Type.BINARY, HOSTILE: Type.STRING, "Same": Type.INT,
        "same": Type.INT, "event_id": Type.STRING,
    },
    ("at",),
)  # fmt: skip
AT = iso_ticks("2026-01-02T03:04:05.1234567Z")
RECORD = {
    "at": "2026-01-02T03:04:05.1234567Z", "b": True, "i": -5, "l": 2**40, "r": 1.5, "d": "1.50",
    "s": "Zürich", "took": "1.02:03:04.5", "dyn": {"a": [1, None]},
    "g": "74BE27DE-1E4E-49D9-B579-FE0B331D3642", "bin": "aGk=", HOSTILE: "<script>", "Same": 1,
    "same": 2,
}  # fmt: skip
ROW = {
    "at": AT, "b": True, "i": -5, "l": 2**40, "r": 1.5, "d": "1.50", "s": "Zürich",
    "took": 937_845_000_000, "dyn": '{"a":[1,null]}', "g": "74be27de-1e4e-49d9-b579-fe0b331d3642",
    "bin": b"hi", HOSTILE: "<script>", "Same": 1, "same": 2, "event_id": "lineage-0",
}  # fmt: skip


def test_json_lines(read_bytes: Any) -> None:
    read = read_bytes(json.dumps(RECORD) + "\n", layout=LAYOUT)
    assert (read.row(), read.format) == (ROW, "json_lines")


def test_a_json_array(read_bytes: Any) -> None:
    read = read_bytes(json.dumps([RECORD, {"i": 1}], indent=1), layout=LAYOUT)
    assert read.format == "json"
    assert read.columns("i") == [-5, 1]
    assert read.rows[0][1] == ROW | {"event_id": read.rows[0][1]["event_id"]}


def test_csv(read_bytes: Any) -> None:
    text = (
        'at,b,i,l,r,d,s,took,dyn,g,bin,"x""; DROP TABLE files; --",Same,same\r\n'
        "2026-01-02T03:04:05.1234567Z,true,-5,1099511627776,1.5,1.50,Zürich,1.02:03:04.5,"
        '"{""a"":[1,null]}",74BE27DE-1E4E-49D9-B579-FE0B331D3642,aGk=,<script>,1,2\r\n'
    )
    read = read_bytes(text, "a.csv", LAYOUT)
    expected = ROW | {"event_id": f"lineage-{text.encode().index(b'2026')}"}
    assert (read.row(), read.format) == (expected, "csv")


def test_parquet(tmp_path: Path, read_bytes: Any) -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    table = pa.table({
        "at": pa.array([moment, None], pa.timestamp("us", "UTC")),
        "AT2": pa.array([1, 2]),
        "i": pa.array([2**31, 7], pa.int64()),
        "took": pa.array([dt.timedelta(seconds=1), None]),
        "dyn": pa.array([{"a": 1}, {"a": 2}]),
        "d": pa.array(["1.5", "2"]).cast(pa.decimal128(10, 2)),
        "bin": pa.array([b"a", b"b"]),
    })  # fmt: skip
    path = tmp_path / "x.parquet"
    pq.write_table(table, path)
    read = read_bytes(path.read_bytes(), "a.parquet", LAYOUT)
    assert read.row() == {
        "i": 7, "dyn": '{"a":2}', "d": "2.00", "bin": b"b", "event_id": "lineage-1",
    }  # fmt: skip
    (piece,) = read.unreadable
    assert (piece.offset, "column i (int)" in piece.reason) == (0, True)
    assert read.ignored == {"AT2": 1}


@pytest.mark.parametrize(
    ("unit", "value", "ticks"),
    [("s", 1, 10_000_000), ("ms", 1, 10_000), ("us", 1, 10), ("ns", 150, 1)],
)
def test_moments_of_parquet_are_exact(
    unit: str, value: int, ticks: int, tmp_path: Path, read_bytes: Any
) -> None:
    column = pa.array([value], pa.int64()).cast(pa.timestamp(unit))
    pq.write_table(pa.table({"at": column}), tmp_path / "x.parquet")
    read = read_bytes((tmp_path / "x.parquet").read_bytes(), "a.parquet", LAYOUT)
    assert read.row()["at"] == 621_355_968_000_000_000 + ticks


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "yesterday"), ("at", 5), ("b", "maybe"), ("i", 2**31), ("i", 1.5), ("i", "1_0x"),
        ("l", 2**63), ("l", True), ("r", "high"), ("d", "one"), ("took", "soon"), ("g", "12"),
        ("bin", "%"), ("i", float("nan")), ("i", [1]),
    ],
)  # fmt: skip
def test_a_value_that_its_column_cannot_hold(column: str, value: object, read_bytes: Any) -> None:
    lines = [json.dumps({column: value, "s": "x"}), json.dumps({"s": "y"})]
    read = read_bytes("\n".join(lines) + "\n", layout=LAYOUT)
    assert read.columns("s") == ["y"]
    (reason,) = read.reasons
    assert reason.startswith(f"column {column} (")


@pytest.mark.parametrize(
    ("column", "value", "stored"),
    [
        ("i", "7", 7), ("i", 7.0, 7), ("i", "0x10", 16), ("i", "", None), ("i", None, None),
        ("s", "", ""), ("s", 7, "7"), ("s", True, "true"), ("s", {"a": 1}, '{"a":1}'),
        ("b", "FALSE", False), ("b", 1, True), ("r", "1e3", 1000.0), ("d", 1.5, "1.5"),
        ("took", "5m", 3_000_000_000), ("took", "-00:00:01", -10_000_000), ("at", "2026-01-02",
        iso_ticks("2026-01-02")), ("dyn", "text", '"text"'), ("dyn", '{"a": 1}', '{"a": 1}'),
        ("dyn", "123", '"123"'), ("dyn", 7, "7"), ("dyn", [1], "[1]"), ("dyn", "{a", '"{a"'),
    ],
)  # fmt: skip
def test_values_are_read_into_their_columns(
    column: str, value: object, stored: object, read_bytes: Any
) -> None:
    read = read_bytes(json.dumps({column: value, "Same": 1}) + "\n", layout=LAYOUT)
    assert read.row().get(column) == stored


def test_what_is_no_object_in_a_document_is_told(read_bytes: Any) -> None:
    read = read_bytes('[{"i": 1}, [{"i": 2}], {"i": 3}]', layout=LAYOUT)
    assert (read.columns("i"), read.reasons) == ([1, 3], ["no JSON object"])


def test_names_in_another_letter_case_and_names_that_are_not_there(read_bytes: Any) -> None:
    lines = [{"I": 1, "SAME": 2, "other": 3}, {"I": 5, "i": 4}, {"other": 1}, [1]]
    read = read_bytes("".join(json.dumps(r) + "\n" for r in lines), layout=LAYOUT)
    assert read.columns("i") == [1, 4]
    assert read.ignored == {"SAME": 1, "other": 2, "I": 1}
    assert read.reasons == ["no column of the table", "no JSON object"]


def test_csv_of_every_sort(read_bytes: Any) -> None:
    text = (
        "\ufeffs;i;none\n"
        "one;1;x\n"
        '"two\nlines; and ""quotes""";2;\n'
        "\n"
        "few;3\n"
        'stray "quote;4;\n'
        "five;5;y\n"
    )
    read = read_bytes(text, "a.csv", LAYOUT)
    assert read.columns("s") == ["one", 'two\nlines; and "quotes"', "five"]
    assert read.columns("i") == [1, 2, 5]
    assert read.reasons == [
        "2 values; the first line names 3 columns",
        "a quote that does not close",
    ]
    assert read.ignored == {"none": 3}
    encoded = text.encode()
    assert [encoded[int(i.split("-")[1]) :][:4] for i in read.columns("event_id")] == [
        b"one;", b'"two', b"five",
    ]  # fmt: skip


def test_a_quote_that_never_closes_costs_its_line_only(read_bytes: Any) -> None:
    lines = ["s,i", '"open,1', *(f"row{n},{n}" for n in range(50_000))]
    read = read_bytes("\n".join(lines) + "\n", "a.csv", LAYOUT)
    assert len(read.rows) == 50_000
    assert read.reasons == ["a quote that does not close"]


def test_an_event_table_gets_what_the_source_knows(read_bytes: Any) -> None:
    record = {"time": "2026-01-02T00:00:00Z", "process_name": "curl", "host": "h"}
    row = read_bytes(json.dumps(record) + "\n", layout=event_layout("process_event")).row()
    assert row["event_id"] == "lineage-0"
    assert row["log_format"] == "json_lines"
    assert json.loads(row["raw"]) == record


@pytest.mark.parametrize("count", [1, 10, 40])
@pytest.mark.parametrize("text", ["a", "a\\\\b"])
def test_a_line_is_kept_without_what_is_around_it(text: str, count: int, read_bytes: Any) -> None:
    line = f'{{"query_name":"{text}"}}'
    read = read_bytes(f" {line} \r\n" * count, layout=event_layout("dns_event"))
    assert read.columns("raw") == [line] * count


def test_the_two_names_of_a_moment_stand_for_each_other(read_bytes: Any) -> None:
    layout = Layout(
        "T",
        {"TimeGenerated": Type.DATETIME, "Timestamp": Type.DATETIME},
        ("TimeGenerated", "Timestamp"),
    )
    row = read_bytes('{"Timestamp": "2026-01-02"}\n', layout=layout).row()
    assert row == dict.fromkeys(("TimeGenerated", "Timestamp"), iso_ticks("2026-01-02"))


def test_a_broken_parquet_file_is_told(read_bytes: Any) -> None:
    read = read_bytes(b"PAR1" + b"\0" * 100, "a.parquet", LAYOUT)
    assert read.rows == []
    assert read.reasons[0].startswith("not readable as Parquet")
