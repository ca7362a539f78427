"""Records found inside what wraps them, in whatever pieces a document comes."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs import wrapped
from vedette.logs.columnar.brackets import whole_values
from vedette.logs.wrapped import RecordSplitter, first_records

TOKENS = [
    '{"a": 1}', '{"a": {"b": [1, {}]}}', '{"b": "}]{[\\\\\\""}', "[1, [2]]", "{}",
    '{"Records": [{}]}', '"Records"', "7", "{", "}", "[", "]", '"', "\\", '\\"', "x",
    '"clicks": [{"a": 1}]', "[{}]",
]  # fmt: skip
WEIGHTS = [9, 9, 9, 3, 3] + [0.3] * 13
INSIDE = frozenset({b'"Records"', b'"clicks"', b'"messages"'})


def split(text: bytes, size: int) -> tuple[list[tuple[str, Any]], list[str]]:
    splitter = RecordSplitter(INSIDE)
    records: list[tuple[str, Any]] = []
    reasons: list[str] = []

    def take(found: Any) -> None:
        for one in found:
            if isinstance(one, tuple):
                offset, record = one
                assert text[offset : offset + len(record)] == record
                records.append((splitter.name, json.loads(record)))
            else:
                reasons.append(one.reason)

    for start in range(0, len(text), size):
        take(splitter.feed(text[start : start + size]))
    take(splitter.finish())
    return records, reasons


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Records": [{"a": 1}, {"a": {"Records": 2}}]}',
         [("Records", 1), ("Records", {"Records": 2})]),
        ('{"Records": [{"a": 1}]}\n{"Records": [{"a": 2}]}', [("Records", 1), ("Records", 2)]),
        ('[{"a": 1}, {"a": "]}"}]', [("", 1), ("", "]}")]),
        ('{"a": 1} {"a": 2}', [("", 1), ("", 2)]),
        ('[{"Records": [{"a": 1}]}, {"a": 2}]', [("Records", 1), ("", 2)]),
        ('{"w": {"Records": [{"a": 0}]}, "messages": [{"a": 1}], "n": [[]], "clicks": [{"a": 2}]}',
         [("messages", 1), ("clicks", 2)]),
        ('{"a": {"Records": [1]}}', [("", {"Records": [1]})]),
        ('{"Records": []}', []),
        ('{"Records": "clicks", "clicks": [{"a": "Records"}]}', [("clicks", "Records")]),
    ],
)  # fmt: skip
def test_records_are_found(text: str, expected: list[tuple[str, Any]], size: int) -> None:
    records, reasons = split(text.encode(), size)
    assert [(name, record["a"]) for name, record in records] == expected
    assert reasons == []


def test_what_has_no_end_is_told() -> None:
    found = [("Records", {"a": 1})]
    assert split(b'{"Records": [{"a": 1}, {"a"', 5) == (found, ["the value has no end"])
    reasons = ["the document ends inside what wraps its records"]
    assert split(b'{"Records": [{"a": 1}, ', 5) == (found, reasons)
    assert split(b'what [{"a": 1}', 50) == ([("", {"a": 1})], ["no JSON object"])


def test_the_first_records_of_a_document() -> None:
    text = b'{"Records": [{"a": 1}, {"a": 2}, {"a": 3}, {"a"'
    assert first_records(text, INSIDE, 2) == [("Records", {"a": 1}), ("Records", {"a": 2})]


@pytest.mark.parametrize("size", [40, 1000])
def test_many_records_are_found_as_each_is(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(size)
    together = 0
    for _ in range(2000):
        tokens = chance.choices(TOKENS, WEIGHTS, k=chance.randrange(1, 40))
        around = chance.choice((("", ""), ("[", "]"), ('{"Records": [', "]}"), ('{"x": [', "]}")))
        text = around[0].join(("", ",".join(tokens) if chance.random() < 0.8 else "".join(tokens)))
        data = (text + around[1]).encode()
        monkeypatch.setattr(wrapped, "_MUCH", 1)
        together += len(whole_values(data, 0, in_array=False))
        many = pieces(data, size)
        monkeypatch.setattr(wrapped, "_MUCH", len(data) + 1)
        assert many == pieces(data, size), data
    assert together > 2000


def pieces(data: bytes, size: int) -> list[Any]:
    """All that a splitter finds, with the name of the array around each."""
    splitter = RecordSplitter(INSIDE)
    starts = range(0, len(data), size)
    found = [(one, splitter.name) for at in starts for one in splitter.feed(data[at : at + size])]
    return [*found, *splitter.finish()]


@given(st.text(alphabet='{}[]",:\\ aRecords', max_size=60), st.integers(1, 9))
def test_no_text_breaks_the_splitter(text: str, size: int) -> None:
    data = text.encode()
    splitter = RecordSplitter(INSIDE)
    for start in range(0, len(data), size):
        for one in splitter.feed(data[start : start + size]):
            if isinstance(one, tuple):
                assert data[one[0] : one[0] + len(one[1])] == one[1]
    assert all(one.reason for one in splitter.finish())
