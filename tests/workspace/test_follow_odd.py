"""Files that are followed and are odd: not given, with NULs, behind links."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.workspace.test_follow import follower, line, lines, looks, numbers

from vedette.workspace.manifest import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "workspace")
    yield opened
    opened.close()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


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
