"""Every format holds every value exactly, and a table never lets a log drive the terminal."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from uuid import UUID

import pytest

from vedette.cli.exits import USAGE, CommandError
from vedette.cli.output import (
    FORMATS,
    cell_text,
    datetime_text,
    json_value,
    timespan_text,
    visible,
    write_rows,
)
from vedette.plan.types import TICKS_PER_SECOND, UNIX_EPOCH_TICKS, timespan_ticks

NOON = dt.datetime(2026, 1, 31, 12, 0, tzinfo=dt.UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(columns: list[str], rows: list[tuple[object, ...]], output_format: str) -> str:
    stream = io.StringIO(newline="")
    assert write_rows(columns, rows, output_format, stream) == len(rows)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "plain", "cell"),
    [
        (None, None, ""),
        ("", "", ""),
        ("text", "text", "text"),
        (True, True, "true"),
        (7, 7, "7"),
        (2**70, 2**70, "1180591620717411303424"),
        (1.5, 1.5, "1.5"),
        (float("nan"), "NaN", "NaN"),
        (float("inf"), "Infinity", "Infinity"),
        (float("-inf"), "-Infinity", "-Infinity"),
        (NOON, "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        (NOON.replace(tzinfo=None), "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        (
            NOON.replace(microsecond=120, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2026-01-31T10:00:00.00012Z",
            "2026-01-31T10:00:00.00012Z",
        ),
        (dt.timedelta(), "00:00:00", "00:00:00"),
        (
            dt.timedelta(days=1, hours=2, milliseconds=5),
            "1.02:00:00.0050000",
            "1.02:00:00.0050000",
        ),
        (dt.timedelta(seconds=-90), "-00:01:30", "-00:01:30"),
        (dt.date(2026, 1, 31), "2026-01-31", "2026-01-31"),
        (Decimal("0.10"), "0.10", "0.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001", str(UUID(int=1))),
        (b"\x00\xff", "00ff", "00ff"),
        ({"a": [1, None, NOON]}, {"a": [1, None, "2026-01-31T12:00:00Z"]}, None),
        (["é", float("nan")], ["é", "NaN"], '["é","NaN"]'),
    ],
)
def test_a_value_in_json_and_in_a_cell(value: object, plain: object, cell: str | None) -> None:
    assert json_value(value) == plain
    expected = cell if cell is not None else '{"a":[1,null,"2026-01-31T12:00:00Z"]}'
    assert cell_text(value) == expected


def test_a_value_of_no_known_type_is_refused() -> None:
    with pytest.raises(TypeError, match="type object"):
        json_value(object())


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        (0, "0001-01-01T00:00:00Z"),
        (UNIX_EPOCH_TICKS + 1, "1970-01-01T00:00:00.0000001Z"),
        (UNIX_EPOCH_TICKS + TICKS_PER_SECOND // 2, "1970-01-01T00:00:00.5Z"),
        (3_155_378_975_999_999_999, "9999-12-31T23:59:59.9999999Z"),
    ],
)
def test_datetimes_keep_all_seven_digits(ticks: int, text: str) -> None:
    assert datetime_text(ticks) == text


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        (1, "00:00:00.0000001"),
        (-1, "-00:00:00.0000001"),
        (timespan_ticks(dt.timedelta(days=-3, hours=-1)), "-3.01:00:00"),
        (timespan_ticks(dt.timedelta(hours=23, minutes=59, seconds=59)), "23:59:59"),
    ],
)
def test_timespans_are_written_as_kusto_does(ticks: int, text: str) -> None:
    assert timespan_text(ticks) == text


def test_json_is_one_array_of_objects() -> None:
    text = written(["Time", "Bag"], [(NOON, {"k": "ü"}), (None, [1])], "json")
    assert json.loads(text) == [
        {"Time": "2026-01-31T12:00:00Z", "Bag": {"k": "ü"}},
        {"Time": None, "Bag": [1]},
    ]
    assert "ü" in text
    assert json.loads(written(["Time"], [], "json")) == []


def test_jsonl_is_one_object_a_line() -> None:
    text = written(["a", "b"], [(1, "x\ny"), (2, None)], "jsonl")
    assert text == '{"a":1,"b":"x\\ny"}\n{"a":2,"b":null}\n'


def test_csv_survives_commas_quotes_and_line_ends() -> None:
    awkward = ["plain", 'with "quotes", commas', "two\nlines", "carriage\rreturn", '{"a":1}']
    text = written(["value"], [(value,) for value in awkward], "csv")
    assert [row[0] for row in csv.reader(io.StringIO(text, newline=""))] == ["value", *awkward]


@pytest.mark.parametrize("output_format", ["json", "jsonl"])
def test_json_refuses_two_columns_of_one_name(output_format: str) -> None:
    with pytest.raises(CommandError, match="two columns are named 'user'") as refused:
        written(["user", "host", "user"], [(1, 2, 3)], output_format)
    assert refused.value.code == USAGE
    assert written(["user", "user"], [("a", "b")], "csv") == "user,user\r\na,b\r\n"


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_row_of_the_wrong_width_is_an_error(output_format: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        written(["a", "b"], [(1,)], output_format)


def test_a_piped_table_is_aligned_and_plain() -> None:
    text = written(["Account", "Count"], [("root", 12), ("日本", None), ("a", 3)], "table")
    assert text.splitlines() == [
        "Account  Count",
        "-------  -----",
        "root        12",
        "日本",
        "a            3",
    ]


def test_a_table_on_a_terminal_is_framed_and_holds_the_cells() -> None:
    stream = Terminal()
    write_rows(["Account"], [("[bold]root[/bold]",)], "table", stream)
    assert "[bold]root[/bold]" in stream.getvalue()
    assert len(stream.getvalue().splitlines()) > 3


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["piped", "terminal"])
def test_a_table_shows_what_a_terminal_would_obey(stream: io.StringIO) -> None:
    write_rows(["x\x1b[2J"], [("\x1b]0;owned\x07 \u202egpj.exe",)], "table", stream)
    assert "\x1b]0;" not in stream.getvalue()
    assert "\u202e" not in stream.getvalue()
    assert "\\x1b]0;owned\\x07 \\u202egpj.exe" in stream.getvalue()


def test_visible_leaves_ordinary_text_alone() -> None:
    assert visible("naïve 日本 ok") == "naïve 日本 ok"
    assert visible("a\tb\nc") == "a\\tb\\nc"
