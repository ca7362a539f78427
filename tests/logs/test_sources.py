"""Where bytes come from: folders, links, archives inside each other, damaged and hostile ones."""

import gzip
import io
import os
import random
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.logs import sources
from vedette.logs.folders import Unread, walk
from vedette.logs.formats import reader_of, unknown
from vedette.logs.sources import Overgrown, Source, open_sources


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def contents(path: Path) -> dict[str, bytes | str]:
    """Each source's bytes, and each reason, by name behind the path's."""
    found: dict[str, bytes | str] = {}
    for source in open_sources(path):
        name = source.name.removeprefix(str(path))
        if isinstance(source, Unread):
            found[name] = source.reason
        else:
            with source.open() as stream:
                found[name] = stream.read()
    return found


def test_folders_are_walked_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/x.log", "a/z.log", "a/y/k.log", "c.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "empty.log").touch()
    found = list(walk([tmp_path]))
    paths = [f.relative_to(tmp_path).as_posix() for f in found if isinstance(f, Path)]
    assert paths == ["a/y/k.log", "a/z.log", "b/x.log", "c.log"]
    assert [f.reason for f in found if isinstance(f, Unread)] == ["empty"]


def test_loops_pipes_and_dead_links_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.log").write_text("x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "to_x").symlink_to(tmp_path / "a" / "x.log")
    os.mkfifo(tmp_path / "pipe")
    found = list(walk([tmp_path]))
    assert [f.name for f in found if isinstance(f, Path)] == ["x.log", "to_x"]
    reasons = {Path(f.name).name: f.reason for f in found if isinstance(f, Unread)}
    assert reasons["up"] == "a link to a folder above it"
    assert reasons["pipe"] == "not a regular file"
    assert reasons["dead"] == "No such file or directory"
    assert "symbolic links" in reasons["self"]


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        list(walk([tmp_path / "nothing"]))


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    path.write_text("x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (unread,) = open_sources(path)
    assert unread == Unread(str(path), "Permission denied", True, path)


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.log").write_text("x")
    look = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    closed = tmp_path / "closed"
    refused = Unread(str(closed), "Permission denied", True, closed)
    assert list(walk([tmp_path])) == [tmp_path / "a.log", refused]


def test_a_path_that_may_not_be_looked_for_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    path = tmp_path / "closed" / "a.log"
    assert list(walk([path])) == [Unread(str(path), "Permission denied", True, path)]


def test_archives_inside_each_other(tmp_path: Path) -> None:
    inner = zipped({"deep/a.log": b"A", "b.log.gz": gzip.compress(b"B"), "none": b""})
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped({"inner.zip": inner, "c.log": b"C", "dir/": b"", "\x1b[2J": b"D"}))
    assert contents(path) == {
        "!inner.zip!deep/a.log": b"A", "!inner.zip!b.log.gz": b"B", "!inner.zip!none": "empty",
        "!c.log": b"C", "!\x1b[2J": b"D",
    }  # fmt: skip


def test_gzip_in_several_members_is_one_source(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert contents(path) == {"": b"one\ntwo\n"}


def test_archives_too_deep_are_told(tmp_path: Path) -> None:
    data = b"x"
    for _ in range(sources.MAX_DEPTH + 1):
        data = gzip.compress(data)
    path = tmp_path / "a.gz"
    path.write_bytes(data)
    ((_, reason),) = contents(path).items()
    assert reason == f"more than {sources.MAX_DEPTH} archives inside each other"


def test_an_archive_that_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FREE_EXPANSION_BYTES", 2_000_000)
    monkeypatch.setattr(sources, "MAX_EXPANSION", 10)
    path = tmp_path / "bomb.zip"
    bomb = zipped({"zeros": b"0" * 10_000_000, "more": b"late"})
    path.write_bytes(zipped({"a.log": b"fine", "b.zip": bomb, "c.log": b"late", "d.log": b"late"}))
    found = {}
    for source in open_sources(path):
        name = source.name.removeprefix(str(path))
        if isinstance(source, Unread):
            found[name] = source
            assert source.quarantined
        elif name == "!b.zip!zeros":
            with source.open() as stream, pytest.raises(Overgrown, match="2,000,000 bytes"):
                while stream.read1(4096):
                    pass
        else:
            with source.open() as stream:
                assert stream.read() == b"fine"
    assert set(found) == {"!b.zip", ""}
    assert "unpacks to too much" in found[""].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 no archive", "a damaged archive: File is not a zip file"),
        (zipped({"a": b"x" * 1000})[:-30], "a damaged archive: File is not a zip file"),
        (b"\x1f\x8b no gzip", "a damaged archive: Unknown compression method"),
    ],
    ids=["no zip", "a cut zip", "no gzip"],  # a zip holds the time, and each worker makes its own
)
def test_damaged_archives_are_told(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    (unread,) = open_sources(path)
    assert isinstance(unread, Unread)
    assert (unread.reason, unread.quarantined) == (reason, True)


def test_encrypted_members_are_told(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"x", "b": b"y"}))
    start = data.index(b"PK\x01\x02")
    data[start + 8] |= 1  # the flag in the central directory
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert contents(path) == {"!a": "encrypted", "!b": b"y"}
    assert [s.quarantined for s in open_sources(path) if isinstance(s, Unread)] == [True]


def tarred(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return out.getvalue()


def test_tars_behind_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tarred({"a": b"1"}) + tarred({"b": b"2"}))
    assert contents(path) == {"!a": b"1", "!b": b"2"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zipped({"t": data})])
def test_members_of_a_tar(
    form: int, pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_SPOOL_IN_MEMORY", 1000)
    long = "/".join(["folder" * 4] * 6) + "/caf\u00e9.log"
    inner = {"a.log": b"A" * 512, "b.log.gz": gzip.compress(b"B" * 5000), long: b"C" * 70_000}
    path = tmp_path / "a.tar"
    path.write_bytes(pack(tarred({**inner, "d.zip": zipped({"e": b"E"}), "none": b""}, form)))
    under = "!t" if pack(b"").startswith(b"PK") else ""
    assert contents(path) == {
        f"{under}!a.log": b"A" * 512, f"{under}!b.log.gz": b"B" * 5000,
        f"{under}!{long}": b"C" * 70_000, f"{under}!d.zip!e": b"E", f"{under}!none": "empty",
    }  # fmt: skip


def test_what_is_no_file_in_a_tar_is_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("a.log", tarfile.REGTYPE), ("folder", tarfile.DIRTYPE), ("link", tarfile.SYMTYPE),
            ("same", tarfile.LNKTYPE), ("disk", tarfile.BLKTYPE), ("pipe", tarfile.FIFOTYPE),
            ("holes", tarfile.GNUTYPE_SPARSE),
        ):  # fmt: skip
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, "a.log"
            header.size = 1 if name == "a.log" else 0
            archive.addfile(header, io.BytesIO(b"A"))
    path = tmp_path / "a.tar"
    path.write_bytes(out.getvalue())
    assert contents(path) == {
        "!a.log": b"A", "!link": "not a regular file", "!same": "not a regular file",
        "!disk": "not a regular file", "!pipe": "not a regular file", "!holes": "empty",
    }  # fmt: skip
    path.write_bytes(tarred({}))
    assert contents(path) == {"": "nothing but NULs"}


def test_archives_without_files_are_told(tmp_path: Path) -> None:
    path, folder = tmp_path / "a", tarfile.TarInfo("folder")
    folder.type = tarfile.DIRTYPE
    for data in (zipped({}), zipped({"folder/": b""}), folder.tobuf() + bytes(1024)):
        path.write_bytes(data)
        assert list(open_sources(path)) == [Unread(str(path), "an archive without files")]


def read_of(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """What each member gives before its damage, and all damage."""
    found: dict[str, bytes] = {}
    damage = []
    for source in open_sources(path):
        if isinstance(source, Unread):
            if source.quarantined:
                damage.append(source.reason)
            continue
        name = source.name.removeprefix(str(path))
        found[name] = b""
        try:
            with source.open() as stream:
                while block := stream.read1(100):
                    found[name] += block
        except (*sources.DAMAGE, Overgrown) as error:
            damage.append(str(error))
    return found, damage


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_damaged_tar_gives_what_comes_before(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path, whole = tmp_path / "a.tar", bytearray(tarred({"a": b"A" * 3000, "b": b"B", "c": b"C"}))
    path.write_bytes(pack(bytes(whole[:2000])))
    damage = ["it ends inside a member", "a damaged archive: unexpected end of data"]
    assert read_of(path) == ({"!a": b"A" * (2000 - 512)}, damage)
    place = whole.index(b"b\0")
    whole[place] = ord("x")
    path.write_bytes(pack(bytes(whole)))
    assert read_of(path) == ({"!a": b"A" * 3000}, ["a damaged archive: bad checksum"])


def test_a_cut_packed_tar_gives_what_comes_before(tmp_path: Path) -> None:
    path, some = tmp_path / "a.tgz", random.Random(1).randbytes(300_000)
    packed = gzip.compress(tarred({"a": b"A", "b": some, "c": b"C"}))
    path.write_bytes(packed[:200_000])
    found, damage = read_of(path)
    assert found["!a"] == b"A"
    assert 150_000 < len(found["!b"]) < 200_000
    assert some.startswith(found["!b"])
    assert len(damage) == 2
    assert "end-of-stream" in damage[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_headers_of_a_tar_that_lie(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    for size in (-1024, -512, 0, 10**15):
        header = tarfile.TarInfo("a")
        header.pax_headers = {"size": str(size), "GNU.sparse.major": "x"}
        path.write_bytes(pack(header.tobuf(tarfile.PAX_FORMAT) + bytes(2048)))
        found, damage = read_of(path)
        assert found.get("!a", b"").strip(b"\0") == b""
        assert damage or not size
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 10**11
    path.write_bytes(pack(long.tobuf(tarfile.GNU_FORMAT) + bytes(2048)))
    assert read_of(path) == ({}, ["a damaged archive: a header of 100,000,000,000 bytes"])
    global_header = tarfile.TarInfo.create_pax_global_header({"comment": "x"})
    path.write_bytes(pack(global_header * 3000))
    assert read_of(path)[0] == {}


def test_a_tar_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "FREE_EXPANSION_BYTES", 2_000_000)
    monkeypatch.setattr(sources, "MAX_EXPANSION", 10)
    path = tmp_path / "bomb.tgz"
    path.write_bytes(gzip.compress(tarred({"a": b"fine", "b": b"0" * 10_000_000, "c": b"late"})))
    found, damage = read_of(path)
    assert found["!a"] == b"fine"
    assert set(found) == {"!a", "!b"}
    assert len(found["!b"]) <= 2_000_000
    assert "2,000,000 bytes" in damage[0]


def test_a_local_file_of_a_member_is_gone_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a": b"some bytes"}))
    found = open_sources(path)
    source = next(found)
    assert isinstance(source, Source)
    local = source.local()
    assert local.read_bytes() == b"some bytes"
    source.close()
    assert not local.exists()
    assert path.exists()


def test_names_that_no_text_can_hold(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.log"))
    path.write_bytes(b"x")
    (source,) = open_sources(path)
    assert source.name.endswith("/caf\\xe9.log")


EVENT = '{"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": "a.exe"}'
CALL = '{"eventVersion": "1.08", "eventID": "a", "eventTime": "2026-11-21", "eventType": "a"}'
MESSAGE = "From: ann@example.org\nTo: bob@example.org\nSubject: hello\n\nhi\n"


@pytest.mark.parametrize("nuls", [1, 17, 9000, 1024 * 1024 + 1])
@pytest.mark.parametrize(
    ("format", "text", "rows"),
    [
        ("windows_json", f"[\n{EVENT},\n{EVENT}\n]\n", 2),
        ("cloudtrail", f'{{"Records": [{CALL}, {CALL}]}}', 2),
        ("mail", MESSAGE, 1),
    ],
)
def test_what_stands_behind_nuls_is_read(
    nuls: int, format: str, text: str, rows: int, read_bytes: Any
) -> None:
    alone, read = read_bytes(text), read_bytes(b"\0" * nuls + text.encode())
    assert (read.format, read.reasons, len(read.rows)) == (format, [], rows)
    assert read.columns("raw") == alone.columns("raw")
    if format != "mail":
        assert read.columns("log_offset") == [nuls + at for at in alone.columns("log_offset")]
        assert read_bytes(text.encode() + b"\0" * nuls).reasons == []


@pytest.mark.parametrize("begin", [b"ElfFile\0", b"PK\x03\x04", b"\x1f\x8b\x08"])
def test_what_cannot_be_read_behind_nuls_says_so(begin: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    path.write_bytes(b"\0" * 4096 + begin + b"\1" * 4096)
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    assert reader_of(source) is None
    assert unknown(source) == "4,096 NULs stand before what it holds: remove them"


@pytest.mark.parametrize("form", ["gnu", "posix"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.skipif(shutil.which("tar") is None, reason="needs tar")
def test_sparse_files_of_a_tar(
    form: str, pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_SPOOL_IN_MEMORY", 1000)
    logs = tmp_path / "logs"
    logs.mkdir()
    sparse = {"one": [(0, b"a\n"), (1 << 20, b"b\n")], "end": [(1 << 20, b"c\n")]}
    sparse["many"] = [(n << 17, f"{n}\n".encode()) for n in range(60)]
    expected: dict[str, bytes | str] = {"!z.log": b"behind\n"}
    for name, pieces in sparse.items():
        with (logs / name).open("wb") as file:
            for offset, text in pieces:
                file.seek(offset)
                file.write(text)
            file.truncate(8 << 20)
        expected[f"!{name}"] = (logs / name).read_bytes()
    (logs / "z.log").write_bytes(b"behind\n")
    tar = tmp_path / "a.tar"
    command = ["tar", f"--format={form}", "--sparse", "-C", str(logs), "-cf", str(tar)]
    subprocess.run([*command, *sparse, "z.log"], check=True)
    assert tar.stat().st_size < 2 << 20
    tar.write_bytes(pack(tar.read_bytes()))
    assert contents(tar) == expected


NO_MAP = "a map of a sparse file that is none"


def sparse_tar(pieces: str, size: int) -> bytes:
    """A tar with a sparse file, whose map is written as in GNU's first form for POSIX."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        header = tarfile.TarInfo("a")
        header.size = 4
        header.pax_headers = {"GNU.sparse.map": pieces, "GNU.sparse.size": str(size)}
        archive.addfile(header, io.BytesIO(b"abc\n"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("pieces", "size", "found"),
    [
        ("0,4", 4, b"abc\n"), ("2,4,9,0", 9, b"\0\0abc\n\0\0\0"), ("0,0", 3, "nothing but NULs"),
        ("4,2,0,2", 9, NO_MAP), ("0,4", 2, NO_MAP), ("-4,4", 9, NO_MAP), ("0,-1", 9, NO_MAP),
    ],
)  # fmt: skip
def test_maps_of_sparse_files(pieces: str, size: int, found: bytes | str, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(sparse_tar(pieces, size) + tarred({"b": b"next"}))
    read = contents(path)
    assert (read["!a"], read["!b"]) == (found, b"next")


def test_a_sparse_file_counts_with_its_holes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FREE_EXPANSION_BYTES", 1 << 20)
    path = tmp_path / "a.tar"
    path.write_bytes(sparse_tar("0,4", 1 << 60))
    with pytest.raises(Overgrown):
        contents(path)
