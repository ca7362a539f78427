"""A followed file goes on where its last reading ended, as long as it is still the same."""

import hashlib
from pathlib import Path

import pytest

from vedette.logs import lines as lines_module
from vedette.logs.lines import LineReader, prefix_digests
from vedette.logs.live import Live
from vedette.logs.sources import Source, open_sources


def source_of(path: Path, live: Live) -> Source:
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    source.live = live
    return source


def read(path: Path, live: Live, start: int = 0) -> tuple[bytes, bytes, bytes]:
    reader = LineReader(source_of(path, live), start)
    text = b"".join(block.text for block in reader.blocks())
    return text, reader.digest(), reader.content()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@pytest.mark.parametrize("size", [3, 600, 5000, 100_000])
def test_it_goes_on_without_reading_what_was_hashed(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, live = tmp_path / "a.log", Live()
    first = b"".join(b"%07d\n" % n for n in range(size // 8 + 1))
    path.write_bytes(first + b"open")
    assert read(path, live) == (first, sha(first), sha(first))
    assert (live.position, live.held_back) == (len(first), 4)
    path.write_bytes(first + b"opened\n")
    offsets: list[int] = []
    read_block = lines_module._read

    def noted(stream: object, offset: int) -> object:
        offsets.append(offset)
        return read_block(stream, offset)  # type: ignore[arg-type]

    monkeypatch.setattr(lines_module, "_read", noted)
    content, digests = prefix_digests(source_of(path, live), [1, len(first)])
    assert (content, dict(digests)) == (sha(first + b"opened\n"), {len(first): sha(first)})
    text, digest, _ = read(path, live, len(first))
    assert (text, digest) == (b"opened\n", sha(first + b"opened\n"))
    assert min(offsets) == len(first)


def test_a_file_that_is_another_now_is_read_from_its_beginning(tmp_path: Path) -> None:
    path, live = tmp_path / "a.log", Live()
    first = b"".join(b"%07d\n" % n for n in range(1000))
    path.write_bytes(first)
    read(path, live)
    begun_anew = b"".join(b"%07d\n" % n for n in range(5000, 7000))
    same_beginning = first[:4000] + begun_anew
    for changed in (begun_anew, same_beginning, b"x" + first[1:], first[:-8]):
        path.write_bytes(changed)
        content, digests = prefix_digests(source_of(path, live), [len(first)])
        assert content == sha(changed)
        assert digests.get(len(first)) != sha(first)


def test_a_last_line_is_told_once_the_file_does_not_grow(tmp_path: Path) -> None:
    path, live = tmp_path / "a.log", Live(growing=False)
    path.write_bytes(b"one\ntwo")
    assert read(path, live)[0] == b"one\ntwo"
    assert live.held_back == 0


def test_text_that_is_changed_while_it_is_read_is_not_passed_over(tmp_path: Path) -> None:
    path, live = tmp_path / "a.log", Live()
    path.write_bytes("one\ntwo\n".encode("utf-16"))
    assert read(path, live)[0] == b"\xef\xbb\xbfone\ntwo\n"
    assert live.position == 0
