"""Objects found in documents, in whatever pieces these come."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.logs.json_documents import first_value
from vedette.logs.json_values import json_text, parse_json
from vedette.logs.wrapped import RecordSplitter

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)


def split(text: bytes, size: int) -> tuple[list[tuple[int, bytes]], list[str]]:
    splitter = RecordSplitter()
    found: list[Any] = []
    for start in range(0, len(text), size):
        found += splitter.feed(text[start : start + size])
    found += splitter.finish()
    values = [f for f in found if isinstance(f, tuple)]
    return values, [f.reason for f in found if not isinstance(f, tuple)]


@given(st.lists(OBJECTS, max_size=5), st.integers(1, 40), st.sampled_from(["array", "\n", " ", ""]))
def test_objects_are_found_whatever_the_pieces(objects: list[Any], size: int, between: str) -> None:
    if between == "array":
        text = json.dumps(objects, ensure_ascii=False).encode("utf-8", "surrogatepass")
    else:
        text = between.join(json.dumps(o) for o in objects).encode()
    values, reasons = split(text, size)
    assert [json.loads(value) for _, value in values] == objects
    assert all(text[offset : offset + len(value)] == value for offset, value in values)
    assert reasons == []


@given(st.binary(max_size=80), st.integers(1, 9))
def test_no_bytes_break_the_splitter(text: bytes, size: int) -> None:
    values, _ = split(text, size)
    assert all(text[offset : offset + len(value)] == value for offset, value in values)


def test_what_lies_between_and_what_does_not_end_is_told() -> None:
    values, reasons = split(b'garbage {"a": 1} more [{"b": 2}, {"c": "unclosed', 1000)
    assert [value for _, value in values] == [b'{"a": 1}', b'{"b": 2}']
    assert reasons == ["no JSON object", "no JSON object", "the value has no end"]


def test_lines_that_only_the_standard_library_reads() -> None:
    assert parse_json(b' {"a": 1}\r') == ({"a": 1}, b'{"a": 1}')
    assert parse_json(b'{"a": "\\ud800"}') == ({"a": "\ud800"}, '{"a": "\\ud800"}')
    assert parse_json(b'{"a": "caf\xe9"}') == ({"a": "café"}, '{"a": "café"}')
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == ({"a": 1}, '{"a": 1}')
    assert isinstance(parse_json(b"{"), str)
    assert isinstance(parse_json(b"[" * 100_000), str)


def test_the_first_value() -> None:
    assert first_value(b'[{"a": 1}, {"a"') == {"a": 1}
    assert first_value(b'{"a": ') is None


@pytest.mark.parametrize("depth", [10, 300, 1000])
def test_values_are_written_however_deep_they_nest(depth: int) -> None:
    value: Any = ["é\ud800", 2**70, None, {}, -1.5]
    for number in range(depth):
        value = [number, value, True] if number % 2 else {"a": value, 'b"': [], "c": "d"}
    found = json_text(value)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    finally:
        sys.setrecursionlimit(limit)
    assert found == written.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("name", ["Message", "Channel", "Image", "Hostname", "tags"])
def test_an_event_with_a_deep_value_is_stored(name: str, read_bytes: Any) -> None:
    line = json.dumps({"EventID": 1, "Channel": "a", "Image": "x"})
    deep = f'{line[:-1]},"{name}":{"[" * 1000}{"]" * 1000}}}'
    read = read_bytes(f"{line}\n{deep}\n" * 10, "e.json")
    assert (len(read.rows), read.unreadable) == (20, [])
