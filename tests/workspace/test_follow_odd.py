"""Files that are followed and are odd: not given, with NULs, behind links."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.workspace.test_follow import follower, line, lines, looks, numbers

from vedette.workspace.manifest import Store


@pytest.mark.parametrize("before", [5, 2000])
def test_a_log_is_truncated_under_a_writer_that_does_not_append(
    before: int, store: Store, logs: Path
) -> None:
    path, following = logs / "x.log", follower(store, logs)
    with path.open("w") as writer:
        writer.write(lines(*range(before)))
        writer.flush()
        looks(following)
        shutil.copy(path, logs / "x.log.1")
        os.truncate(path, 0)
        writer.write(lines(before))
        writer.flush()
        looks(following)
        writer.write(lines(before + 1) + line(before + 2)[:30])
        writer.flush()
        looks(following)
        looks(follower(store, logs))
        writer.write(line(before + 2)[30:])
    assert path.read_bytes().startswith(b"\0")
    looks(following)
    looks(follower(store, logs))
    assert numbers(store) == list(range(before + 3))
    assert store.quarantine() == []


@pytest.mark.parametrize("nuls", [5, 17, 9000])
def test_a_line_behind_nuls_is_seen_before_its_end(nuls: int, store: Store, logs: Path) -> None:
    path, following = logs / "x.log", follower(store, logs)
    with path.open("ab") as writer:
        for text in (lines(*range(50)), "\0" * nuls + line(50)[:10], line(50)[10:] + lines(51, 52)):
            writer.write(text.encode())
            writer.flush()
            looks(following)
    assert numbers(store) == list(range(53))
    assert store.quarantine() == []


def test_a_log_whose_room_is_taken_ahead(store: Store, logs: Path) -> None:
    path, following, text = logs / "x.log", follower(store, logs, quiet=0), ""
    for number in range(4):
        text += line(number)
        path.write_bytes(text.encode().ljust(70_000 if number < 3 else 140_000, b"\0"))
        os.utime(path, (number + 1, number + 1))
        looks(following)
        if number == 1:
            following = follower(store, logs, quiet=0)
    assert numbers(store) == [0, 1, 2, 3]
    assert store.quarantine() == []


def test_what_the_system_does_not_give_is_told_once_and_read_when_it_does(
    store: Store, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_file, list_folder = Path.open, os.scandir
    closed = {logs / "x.log", logs / "inner"}

    def open_given(path: Path, *words: Any) -> Any:
        if path in closed:
            raise PermissionError(13, "Permission denied")
        return open_file(path, *words)

    def list_given(path: Any) -> Any:
        if Path(path) in closed:
            raise PermissionError(13, "Permission denied")
        return list_folder(path)

    monkeypatch.setattr(Path, "open", open_given)
    monkeypatch.setattr(Path, "iterdir", lambda path: (Path(e.path) for e in list_given(path)))
    monkeypatch.setattr(os, "scandir", list_given)
    (logs / "inner").mkdir()
    with open_file(logs / "x.log", "w") as file, open_file(logs / "inner" / "y.log", "w") as other:
        following = follower(store, logs)
        told = []
        for number in range(4):  # it is written to meanwhile
            file.write(line(number))
            file.flush()
            other.write(line(10 + number))
            other.flush()
            told += [one for look in [following.look()] if look is not None for one in look.files]
    assert sorted((Path(one.path).name, *one.reasons) for one in told) == [
        ("inner", "Permission denied"), ("x.log", "Permission denied"),
    ]  # fmt: skip
    assert store.quarantine_count() == 2
    closed.clear()
    assert looks(following) == 8
    assert numbers(store) == [0, 1, 2, 3, 10, 11, 12, 13]
    assert store.quarantine_count() == 2
    closed.add(logs / "x.log")
    append_to = open_file(logs / "x.log", "a")
    append_to.write(line(4))
    append_to.close()
    assert looks(following) == 0
    assert store.quarantine_count() == 3
    closed.clear()
    assert looks(following) == 1


@pytest.mark.parametrize("named", ["link", "folder of a link", "linked folder"])
def test_a_link_is_led_to_the_next_file(named: str, store: Store, logs: Path) -> None:
    first, second, link = logs / "real" / "1" / "x.log", logs / "real" / "2" / "x.log", logs / "now"
    followed = link
    for path in (first, second):
        path.parent.mkdir(parents=True)
    if named == "linked folder":
        old, new = first.parent, second.parent
    else:
        old, new = first, second
        link = logs / "links" / "now.log"
        link.parent.mkdir()
        followed = link if named == "link" else link.parent
    link.symlink_to(old)
    first.write_text(lines(0))
    following = follower(store, followed, quiet=0)
    looks(following)
    first.write_text(lines(0, 1))
    second.write_text(lines(10))
    link.unlink()
    link.symlink_to(new)
    looks(following, 1)
    with first.open("a") as file:
        file.write(lines(2))
    looks(following)
    assert numbers(store) == [0, 1, 2, 10]
    os.utime(first, (1, 1))
    looks(following)
    with first.open("a") as file:
        file.write(lines(3))
    with second.open("a") as file:
        file.write(lines(11))
    looks(following)
    assert numbers(store) == [0, 1, 2, 10, 11]


def test_the_file_behind_a_link_is_renamed(store: Store, logs: Path) -> None:
    (logs / "real").mkdir()
    path, link = logs / "real" / "x.log", logs / "now"
    link.symlink_to(path)
    path.write_text(lines(0))
    following = follower(store, link)
    looks(following)
    with path.open("a") as file:
        file.write(lines(1))
    path.rename(logs / "real" / "x.log.1")
    path.write_text(lines(10))
    looks(following)
    assert numbers(store) == [0, 1, 10]
