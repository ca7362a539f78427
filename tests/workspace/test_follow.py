"""Files that grow, rotate and appear: each record is there once, whatever happens to its file."""

import gzip
import os
import random
import shutil
import threading
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from vedette.logs.sources import Source
from vedette.tables.catalog import Catalog
from vedette.workspace import follow as follow_module
from vedette.workspace.follow import Follower, follow
from vedette.workspace.ingest import ingest
from vedette.workspace.manifest import Store


def line(number: int) -> str:
    moment = f"17/May/2015:10:{number // 60 % 60:02}:{number % 60:02} +0000"
    return f'203.0.113.9 - - [{moment}] "GET /{number} HTTP/1.1" 200 5 "-" "agent"\n'


def lines(*numbers: int) -> str:
    return "".join(map(line, numbers))


def follower(store: Store, *paths: Path, quiet: float = 1000) -> Follower:
    return Follower(store, Catalog(), paths, interval=0, quiet=quiet)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def numbers(store: Store) -> list[int]:
    """The requests that are stored, all of them, however often."""
    stored = store.stored().get("web_event")
    found = [
        path
        for file in (stored.files if stored else ())
        for path in pq.ParquetFile(file).read(["url"])[0].to_pylist()
    ]
    return sorted(int(path.removeprefix("/")) for path in found)


def looks(following: Follower, times: int = 3) -> int:
    """Look some times, so that what waits for a second look is read; records stored."""
    reports = [following.look() for _ in range(times)]
    return sum(report.stored for report in reports if report is not None)


def test_a_file_grows_and_new_ones_appear(store: Store, logs: Path) -> None:
    following = follower(store, logs)
    assert following.look() is None
    append(logs / "a.log", lines(0, 1))
    assert looks(following) == 2
    append(logs / "a.log", lines(2))
    (logs / "new").mkdir()
    append(logs / "new" / "b.log", lines(100))
    assert looks(following) == 2
    assert looks(following) == 0
    assert numbers(store) == [0, 1, 2, 100]
    assert store.quarantine() == []


def test_nothing_is_opened_while_nothing_changes(
    store: Store, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(logs / "a.log", lines(0, 1))
    append(logs / "b.log", lines(2).rstrip("\n"))
    (logs / "c.log.gz").write_bytes(gzip.compress(lines(3).encode()))
    (logs / "notes.md").write_text("# notes\n")
    following = follower(store, logs, logs / "a.log")
    looks(following, 4)
    for path in logs.iterdir():  # not written just before the look
        os.utime(path, (1, 1))
    looks(following)

    def refuse(*_: object) -> None:
        raise AssertionError("a file was opened, or the right to write taken")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Store, "writing", refuse)
    assert looks(following, 3) == 0


def test_a_file_is_not_read_again_from_its_beginning(
    store: Store, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = logs / "a.log"
    append(path, lines(*range(5000)))
    following = follower(store, path)
    assert looks(following) == 5000
    from vedette.logs import lines as module

    offsets: list[int] = []
    read = module._read

    def noted(stream: object, offset: int) -> object:
        offsets.append(offset)
        return read(stream, offset)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_read", noted)
    before = path.stat().st_size
    append(path, lines(5000))
    assert looks(following) == 1
    assert offsets
    assert min(offsets) == before


def test_a_log_is_renamed_and_packed(store: Store, logs: Path) -> None:
    path, following = logs / "x.log", follower(store, logs)
    append(path, lines(0, 1))
    looks(following)
    append(path, lines(2))  # not seen before the file is renamed
    path.rename(logs / "x.log.1")
    append(path, lines(10))
    assert looks(following) == 2
    append(logs / "x.log.1", lines(3))  # written by who has not reopened it yet
    looks(following)
    append(logs / "x.log.1", lines(4))  # only the packed file will show it
    (logs / "x.log.2.gz").write_bytes(gzip.compress((logs / "x.log.1").read_bytes()))
    (logs / "x.log.1").unlink()
    append(path, lines(11))
    looks(following)
    with zipfile.ZipFile(logs / "x.zip", "w") as archive:
        archive.write(path, "x.log")
    looks(following)
    assert numbers(store) == [0, 1, 2, 3, 4, 10, 11]
    assert store.quarantine() == []


@pytest.mark.parametrize("grown", [0, 1])
def test_a_log_is_renamed_while_it_is_read(grown: int, store: Store, logs: Path) -> None:
    path = logs / "x.log"
    swaps = [10, 20, 30]

    class Swapping(Follower):
        """The file is another one as soon as it was opened."""

        def prepare(self, source: Source) -> None:
            if swaps:
                start = swaps.pop(0)
                append(path, lines(start + 9))
                path.rename(logs / f"x.log.{start}")
                append(path, lines(*range(start, start + 5)))
            super().prepare(source)

    append(path, lines(*range(3)))
    if grown:
        looks(follower(store, logs))
        append(path, lines(3))
    following = Swapping(store, Catalog(), [logs], interval=0, quiet=1000)
    looks(following, 6)
    written = [*range(3 + grown), *range(10, 15), *range(20, 25), *range(30, 35), 19, 29, 39]
    assert numbers(store) == sorted(written)
    assert store.quarantine() == []
    assert ingest(store, Catalog(), [logs]).stored == 0


def test_a_named_file_is_found_where_it_was_rotated_to(store: Store, logs: Path) -> None:
    path, following = logs / "x.log", follower(store, logs / "x.log")
    append(logs / "x.log.1", lines(90, 91))  # older, and not asked for
    append(logs / "y.log", lines(95))
    append(path, lines(0))
    looks(following)
    append(path, lines(1))
    path.rename(logs / "x-20260101.log")
    looks(following)
    append(logs / "x-20260101.log", lines(2))
    append(path, lines(10))
    looks(following)
    assert numbers(store) == [0, 1, 2, 10]
    again = follower(store, path)
    append(logs / "x-20260101.log", lines(3))
    looks(again)
    assert numbers(store) == [0, 1, 2, 3, 10]


def test_a_log_is_copied_and_truncated(store: Store, logs: Path) -> None:
    path, copy, following = logs / "x.log", logs / "x.log.1", follower(store, logs)
    append(path, lines(*range(50)))
    looks(following)
    whole = path.read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 3, len(whole)):
        copy.write_bytes(whole[:cut])  # it is still being copied
        looks(following)
    append(path, lines(50))  # after the last look, before the copy ends
    shutil.copyfile(path, copy)
    os.truncate(path, 0)
    append(path, lines(*range(100, 160)))  # longer than before, at once
    looks(following)
    append(path, lines(160))
    looks(following)
    assert numbers(store) == [*range(51), *range(100, 161)]
    assert store.quarantine() == []


def test_a_log_that_begins_anew_with_the_same_lines(store: Store, logs: Path) -> None:
    path, following = logs / "x.log", follower(store, logs)
    for round in range(3):  # by truncation, seen empty
        append(path, lines(0, 1))
        looks(following)
        append(path, lines(2 + round))
        looks(following)
        os.truncate(path, 0)
        looks(following)
    assert numbers(store) == sorted([*[0, 1] * 3, 2, 3, 4])
    for round in range(3):  # by renaming
        append(path, lines(0))
        looks(following)
        append(path, lines(20 + round))
        looks(following)
        path.rename(logs / f"x.log.{round}")
    assert numbers(store) == sorted([*[0, 1] * 3, 2, 3, 4, *[0] * 3, 20, 21, 22])


def test_a_file_that_is_written_again_as_a_whole(store: Store, logs: Path) -> None:
    path, following = logs / "x.log", follower(store, logs)
    for count in (30, 30, 31, 40):
        os.truncate(path, 0) if path.exists() else path.touch()
        looks(following)
        append(path, lines(*range(count)))
        looks(following)
    path.rename(logs / "x.log.1")
    shutil.copyfile(logs / "x.log.1", path)
    append(path, lines(40))
    looks(following)
    assert numbers(store) == list(range(41))


def test_a_last_line_waits_for_its_end(store: Store, logs: Path) -> None:
    path = logs / "a.log"
    following = follower(store, logs)
    text = lines(0) + line(1)[:70]
    append(path, text)
    assert looks(following) == 1
    append(path, lines(0, 1)[len(text) :])
    assert looks(following) == 1
    append(path, line(2).rstrip("\n"))
    assert looks(following) == 0
    assert store.quarantine() == []
    os.utime(path, (1, 1))
    impatient = follower(store, logs, quiet=0)
    assert looks(impatient, 5) == 1
    append(path, "\n" + line(3))
    assert looks(impatient) == 1
    assert numbers(store) == [0, 1, 2, 3]
    assert ingest(store, Catalog(), [logs]).stored == 0


def test_what_follow_left_is_read_by_an_ingest(store: Store, logs: Path) -> None:
    append(logs / "a.log", lines(0) + line(1).rstrip("\n"))
    assert looks(follower(store, logs)) == 1
    assert ingest(store, Catalog(), [logs]).stored == 1
    assert numbers(store) == [0, 1]


def test_a_file_that_is_a_whole_is_read_when_it_is_complete(store: Store, logs: Path) -> None:
    following = follower(store, logs)
    mail = "From: a@b.example\nTo: c@d.example\nSubject: s\nDate: 1 Jan 2020 00:00 +0000\n\n"
    packed = gzip.compress(lines(*range(200)).encode())
    for cut in range(1, 5):
        (logs / "one.eml").write_text(mail + "body\n" * cut)
        (logs / "x.log.gz").write_bytes(packed[: len(packed) * cut // 4])
        assert following.look() is None
    assert looks(following) == 201
    assert store.counts() == {"mail_event": 1, "web_event": 200}
    assert store.quarantine() == []


@pytest.mark.shared("data/evtx-attack-samples.zip")
def test_an_event_log_that_never_rests_is_read_all_the_same(
    store: Store, logs: Path, shared: Path
) -> None:
    with zipfile.ZipFile(shared / "data" / "evtx-attack-samples.zip") as archive:
        events = [member for member in archive.infolist() if member.filename.endswith(".evtx")]
        (logs / "a.evtx").write_bytes(archive.read(min(events, key=lambda m: m.file_size)))
    following = Follower(store, Catalog(), [logs], interval=0.001)
    report = None
    for moment in range(1, 100_000):  # it is read when it was waited for, however many looks
        os.utime(logs / "a.evtx", (moment, moment))
        report = following.look()
        if report is not None:
            break
    assert report is not None
    assert report.stored == sum(store.counts().values()) > 0


def test_files_arrive_late_and_out_of_order(store: Store, logs: Path) -> None:
    following = follower(store, logs)
    append(logs / "x.log", lines(30, 31))
    looks(following)
    (logs / "x.log.2.gz").write_bytes(gzip.compress(lines(10, 11).encode()))
    looks(following)
    append(logs / "x.log.1", lines(20, 21))
    os.utime(logs / "x.log.1", (1, 1))
    append(logs / "x.log", lines(5))
    looks(following)
    assert numbers(store) == [5, 10, 11, 20, 21, 30, 31]


def test_follow_goes_on_after_a_stop(store: Store, logs: Path) -> None:
    path = logs / "x.log"
    for start in range(0, 12, 4):
        following = follower(store, logs)
        append(path, lines(start, start + 1))
        looks(following)
        append(path, lines(start + 2))
        path.rename(logs / f"x.log.{start}")
        append(path, lines(start + 3))
    looks(follower(store, logs))
    assert numbers(store) == list(range(12))


def test_files_that_are_no_logs_are_told_of_once(store: Store, logs: Path) -> None:
    following = follower(store, logs)
    (logs / "notes.md").write_text("# notes\n")
    reports = [report for _ in range(4) if (report := following.look()) is not None]
    assert [[file.reasons for file in report.files] for report in reports] == [
        [["not a log of a known format"]]
    ]


def test_much_is_read_in_several_looks(
    store: Store, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_module, "PASS_FILES", 2)
    for n in range(5):
        append(logs / f"{n}.log", lines(n))
        os.utime(logs / f"{n}.log", (n, n))
    following = follower(store, logs)
    stored = []
    while following.look() is not None:
        stored.append(len(numbers(store)))
    assert stored == [2, 4, 5]


def test_a_stop_ends_at_a_border_and_what_was_read_stays(
    store: Store, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        append(logs / f"{n}.log", lines(*range(n * 20_000, (n + 1) * 20_000)))
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    stopped = Follower(store, Catalog(), [logs], interval=0, stop=stop)
    report = stopped.look()
    assert report is not None
    assert 0 < report.stored == len(numbers(store)) < 60_000
    looks(follower(store, logs))
    assert numbers(store) == list(range(60_000))


def test_many_small_files_are_merged_meanwhile(store: Store, logs: Path) -> None:
    following = follower(store, logs)
    merged = 0
    for n in range(40):
        append(logs / "x.log", lines(n))
        report = following.look()
        assert report is not None
        merged += sum(one.files for one in report.compacted)
    assert merged >= 32
    assert len(store.stored()["web_event"].files) < 20
    assert numbers(store) == list(range(40))


def test_reports_come_as_an_iterator(store: Store, logs: Path) -> None:
    stop = threading.Event()
    append(logs / "x.log", lines(0))
    stored = []
    for report in follow(store, Catalog(), [logs], interval=0.01, stop=stop):
        stored.append(report.stored)
        append(logs / "x.log", lines(len(stored)))
        if len(stored) == 3:
            stop.set()
    assert stored == [1, 1, 1]
    assert numbers(store) == [0, 1, 2]


def rotate(chance: random.Random, folder: Path) -> None:
    """Rename or copy and truncate a log, and pack what was rotated before."""
    path = folder / "x.log"
    if not path.exists():
        return
    for old in folder.glob("x.log.*[0-9]"):
        if chance.random() < 0.5:
            (folder / f"{old.name}.gz").write_bytes(gzip.compress(old.read_bytes()))
            old.unlink()
    rotated = folder / f"x.log.{chance.randrange(10**9)}"
    if chance.random() < 0.5:
        path.rename(rotated)
    else:
        shutil.copyfile(path, rotated)
        os.truncate(path, 0)


@pytest.mark.parametrize("seed", range(8))
def test_any_rotation_at_any_time(seed: int, store: Store, logs: Path) -> None:
    chance = random.Random(seed)
    following = follower(store, logs if seed % 2 else logs / "x.log")
    text, written = "", 0
    for _ in range(60):
        step = chance.random()
        if step < 0.5:  # a writer's buffer ends anywhere in a line
            while len(text) < 5000:
                text += line(written)
                written += 1
            size = chance.randrange(1, 600)
            append(logs / "x.log", text[:size])
            text = text[size:]
        elif step < 0.65:
            if text:  # a logger ends its line before it is rotated
                cut = text.index("\n") + 1
                append(logs / "x.log", text[:cut])
                text = text[cut:]
            if seed % 2 == 0:
                following.look()  # of a named file, what is packed at once is not seen
            rotate(chance, logs)
        elif step < 0.7:
            following = follower(store, logs if seed % 2 else logs / "x.log")
        else:
            following.look()
    append(logs / "x.log", text)
    looks(following, 4)
    assert numbers(store) == list(range(written))
    assert store.quarantine() == []
    assert ingest(store, Catalog(), [logs]).stored == 0
