"""A workspace's folder: what it remembers, who may write, what it throws away."""

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from vedette.logs.base import Unreadable
from vedette.workspace.manifest import ManifestError, Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


def test_declarations_are_kept(folder: Path) -> None:
    store = Store(folder)
    store.remember("T", {"a": "string", "b": "int"})
    store.remember("T", {"a": "string", "c": "datetime"})
    store.close()
    again = Store(folder)
    assert again.declared() == {"T": {"a": "string", "b": "int", "c": "datetime"}}
    assert again.stored() == {}
    assert (again.counts(), again.days("T"), again.time_span("T")) == ({}, {}, None)
    again.close()


def test_files_that_no_manifest_lists_are_removed(folder: Path) -> None:
    Store(folder).close()
    orphan = folder / "lake" / "T" / "2026-01-01" / "x.parquet"
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    Store(folder).close()
    assert not orphan.exists()


def test_files_in_flight_of_another_writer_stay(folder: Path) -> None:
    writer = Store(folder)
    with writer.writing():
        file = folder / "lake" / "T" / "2026-01-01" / "x.parquet"
        file.parent.mkdir(parents=True)
        file.touch()
        Store(folder).close()
        assert file.exists()
    writer.close()
    Store(folder).close()
    assert not file.exists()


def test_a_writer_waits_for_another_process(folder: Path) -> None:
    program = """
        import sys, time
        from pathlib import Path
        from vedette.workspace.manifest import Store
        store = Store(Path(sys.argv[1]))
        with store.writing():
            print("mine", flush=True)
            sys.stdin.read()
    """
    Store(folder).close()
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "mine\n"
        store = Store(folder)
        waited: list[int] = []

        def waiting() -> None:
            waited.append(1)
            assert other.stdin is not None
            other.stdin.close()

        with store.writing(waiting):
            assert waited
        store.close()


def test_a_batch_is_seen_by_others_when_it_is_committed(folder: Path) -> None:
    writer, reader = Store(folder), Store(folder)
    with writer.writing():
        writer.set_aside(None, "a.log", [Unreadable(1, "because", b"x")])
        assert reader.quarantine() == []
        writer.commit([], [])
        assert [q.reason for q in reader.quarantine()] == ["because"]
        writer.set_aside(None, "a.log", [Unreadable(2, "more", b"")])
    assert [q.reason for q in writer.quarantine()] == ["because"]
    with pytest.raises(KeyError), writer.writing():
        writer.set_aside(None, "a.log", [Unreadable(3, "lost", b"")])
        raise KeyError
    assert writer.quarantine_count() == 1
    writer.close()
    reader.close()


def test_a_workspace_of_a_newer_version_is_refused(folder: Path) -> None:
    Store(folder).close()
    connection = sqlite3.connect(folder / "manifest.sqlite")
    connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(ManifestError, match="newer version"):
        Store(folder)
