"""Records found inside what wraps them, in whatever pieces a document comes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.wrapped import RecordSplitter, first_records

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


@given(st.text(alphabet='{}[]",:\\ aRecords', max_size=60), st.integers(1, 9))
def test_no_text_breaks_the_splitter(text: str, size: int) -> None:
    data = text.encode()
    splitter = RecordSplitter(INSIDE)
    for start in range(0, len(data), size):
        for one in splitter.feed(data[start : start + size]):
            if isinstance(one, tuple):
                assert data[one[0] : one[0] + len(one[1])] == one[1]
    assert all(one.reason for one in splitter.finish())
