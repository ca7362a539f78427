"""Blocks of lines: long ones, open ones, damaged ones, in UTF-16, from the middle."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.logs import lines as lines_module
from vedette.logs.folders import Unread
from vedette.logs.lines import LineReader, opening_of, prefix_digests
from vedette.logs.sources import Source, open_sources
from vedette.logs.utf16 import utf16_of


def source_of(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    return source


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small blocks and a low limit, so that little data meets every border."""
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", 7)
    monkeypatch.setattr(lines_module, "MAX_RECORD_BYTES", 20)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40) | st.integers(0, 50).map(bytes), max_size=12), st.booleans())
def test_blocks_join_up_to_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ended: bool
) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    if not data.strip(b"\0") or data[:2] in (b"\x1f\x8b", b"PK", b"\xff\xfe", b"\xfe\xff"):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "BLOCK_BYTES", 7)
        patch.setattr(lines_module, "MAX_RECORD_BYTES", 20)
        reader = LineReader(source_of(tmp_path_factory.mktemp("lines") / "a", data))
        offset = 0
        for block in reader.blocks():
            assert block.offset >= offset
            assert data[offset : block.offset].strip(b"\0") == b""
            told = zip(data[block.offset :], block.text, strict=False)
            assert all(one == other or (one, other) == (0, 10) for one, other in told)
            assert block.ended is block.text.endswith(b"\n") or block.skipped is not None
            if block.skipped is None:
                assert block.end == block.offset + len(block.text)
            else:
                assert block.end - block.offset > 20
            offset = block.end
        assert data[offset:].strip(b"\0") == b""
        assert reader.content() == hashlib.sha256(data).digest()


@pytest.mark.usefixtures("small")
def test_a_line_over_the_limit_is_told_and_passed_over(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a", b"one\n" + b"x" * 50 + b"\ntwo\n")
    blocks = list(LineReader(source).blocks())
    (skipped,) = [b.skipped for b in blocks if b.skipped is not None]
    assert (skipped.offset, skipped.reason) == (4, "a line of 51 bytes; the limit is 20")
    assert b"".join(b.text for b in blocks) == b"one\ntwo\n"


def test_a_hundred_megabytes_in_one_line_take_little_memory(
    tmp_path: Path, read_bytes: Any
) -> None:
    import tracemalloc

    line = b'203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5\n'
    path = tmp_path / "big.log.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(line)
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + line)
    data = path.read_bytes()
    tracemalloc.start()
    read = read_bytes(data, "a.log")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read.rows) == 2
    assert read.reasons == ["a line of 100,000,001 bytes; the limit is 16,777,216"]
    assert peak < 80_000_000


def test_utf16_is_read_as_utf8(tmp_path: Path, read_bytes: Any) -> None:
    text = '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /ü HTTP/1.1" 200 5 "-" "🙂"\n'
    for encoding in ("utf-16", "utf-8-sig"):
        row = read_bytes(text.encode(encoding), "a.log").row()
        assert (row["url_path"], row["user_agent"]) == ("/ü", "🙂")
    read = read_bytes(text.encode("utf-16") + b"\x41", "a.log")
    assert len(read.rows) == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read_as_utf8(encoding: str, read_bytes: Any) -> None:
    text = '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /一 HTTP/1.1" 200 5 "-" "🙂"\n'
    read = read_bytes((text * 3).encode(encoding), "a.log")
    assert read.columns("user_agent") == ["🙂"] * 3
    assert read.columns("url") == ["/一"] * 3
    assert read.columns("log_offset") == [len(text.encode()) * n for n in range(3)]


@pytest.mark.parametrize(
    "head",
    [
        b"", b"\0", b"a\0", bytes(2000), b"ab\0\0" * 9, b"\0\x01" * 20, bytes(99) + b"line\n",
        b"a plain line\n", "一二三四五六七八九十".encode("utf-16-le"),
    ],
)  # fmt: skip
def test_what_is_no_utf16_without_a_mark(head: bytes) -> None:
    assert utf16_of(head) is None


REQUEST = '203.0.113.{} - - [17/May/2015:10:05:03 +0000] "GET /{} HTTP/1.1" 200 5 "-" "agent"\n'


@pytest.mark.parametrize("nuls", [1, 16, 17, 3000, 70_000, 5_000_000])
@pytest.mark.parametrize("lines", [3, 700])
def test_nuls_before_a_line_are_left_out(nuls: int, lines: int, read_bytes: Any) -> None:
    some = [REQUEST.format(n % 250, n) for n in range(2 * lines)]
    hole = bytes(nuls)
    data = hole + "".join(some[:lines]).encode() + hole + "".join(some[lines:]).encode() + hole
    read = read_bytes(data, "a.log")
    assert read.columns("source_ip") == [f"203.0.113.{n % 250}" for n in range(2 * lines)]
    assert read.columns("raw") == [line.rstrip() for line in some]
    assert read.columns("log_offset") == [data.index(line.encode()) for line in some]
    assert read.reasons == []
    assert read.position == len(data) - nuls
    packed = read_bytes(gzip.compress(data), "a.log.gz")
    assert packed.columns("raw") == read.columns("raw")


def test_nuls_before_records_of_several_lines(read_bytes: Any) -> None:
    text = "Received,SenderAddress,RecipientAddress,Subject,Status\n"
    text += '2026-11-16T10:00:00Z,a@example.org,b@example.org,"two\nlines",Delivered\n'
    plain, behind = read_bytes(text, "a.csv"), read_bytes(bytes(100) + text.encode(), "b.csv")
    assert behind.format == plain.format
    assert behind.columns("subject") == plain.columns("subject") == ["two\nlines"]


def test_a_carriage_return_within_a_line(read_bytes: Any) -> None:
    read = read_bytes("<13>May 17 10:05:03 host app: one\rtwo", "a.log")
    assert [row["message"] for _, row in read.rows] == ["one\rtwo"]


def test_nothing_but_nuls(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(bytes(3_000_000))
    assert list(open_sources(path)) == [Unread(str(path), "nothing but NULs")]


def test_a_truncated_gzip_keeps_what_was_read(read_bytes: Any) -> None:
    line = '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /{} HTTP/1.1" 200 5 "-" "agent"\n'
    whole = "".join(line.format(n * 7919) for n in range(30_000)).encode()
    packed = gzip.compress(whole)
    read = read_bytes(packed[: len(packed) // 2], "a.log.gz")
    assert 10_000 < len(read.rows) < 20_000
    assert read.reasons[-1].startswith("the source ends early or is damaged")
    assert whole.startswith("\n".join(read.columns("raw")).encode())
    assert read.position == sum(len(raw.encode()) + 1 for raw in read.columns("raw"))


def test_the_digest_at_every_line_is_that_of_the_prefix(tmp_path: Path) -> None:
    data = b"".join(b"line %d\n" % n for n in range(1000))
    source = source_of(tmp_path / "a", data)
    positions = [n for n in range(len(data) + 1) if data[n - 1 : n] == b"\n"]
    content, digests = prefix_digests(source, [*positions, len(data) + 1])
    assert content == hashlib.sha256(data).digest()
    assert digests == {p: hashlib.sha256(data[:p]).digest() for p in positions}
    assert opening_of(source) == b"line 0\n"


def test_reading_goes_on_from_the_middle(tmp_path: Path) -> None:
    data = b"one\ntwo\nthree"
    source = source_of(tmp_path / "a", data)
    reader = LineReader(source, 4)
    assert [b.text for b in reader.blocks()] == [b"two\n", b"three"]
    assert reader.begins_inside_line is False
    assert reader.content() == hashlib.sha256(data).digest()
    inside = LineReader(source, 5)
    assert next(inside.blocks()).text == b"wo\n"
    assert inside.begins_inside_line is True
