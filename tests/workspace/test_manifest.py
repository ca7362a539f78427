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


def test_a_workspace_of_the_version_before_is_brought_to_this_one(folder: Path) -> None:
    Store(folder).close()
    connection = sqlite3.connect(folder / "manifest.sqlite")
    connection.executescript(
        "drop table replaced; drop table settings; drop table retention;"
        " alter table files drop column sorted;"
        " insert into files values ('T/2026-01-01/x.parquet', 'T', '2026-01-01', 3, 9, 1, 2);"
        " pragma user_version = 1;"
    )
    connection.close()
    stores = [Store(folder), Store(folder)]
    for store in stores:
        (file,) = store.files()
        assert (file.table, file.rows, bool(file.sorted)) == ("T", 3, False)
        assert store.retention() == {}
        store.close()


def test_how_a_source_grew_is_thinned_out(folder: Path) -> None:
    store = Store(folder)
    with store.writing():
        number, _ = store.add_source("", "access_log", b"opening", "a.log")
        for position in range(1, 2000):
            digest = str(position).encode()
            store.add_checkpoint(number, position, digest, position)
            store.add_content(digest, "", "a.log", position)
        store.commit([], [])
    (known,) = store.known_sources(b"opening", "", "", "access_log")
    positions = sorted(known.checkpoints)
    assert len(positions) < 50
    assert positions[-20:] == list(range(1980, 2000))
    assert {1, 3, 7, 15, 31, 63, 127, 255, 511, 1023} <= set(positions)
    known_contents = [p for p in range(1, 2000) if store.known_content(str(p).encode(), "")]
    assert known_contents == positions
    store.close()


def test_a_position_without_news_keeps_its_digest(folder: Path) -> None:
    store = Store(folder)
    with store.writing():
        number, _ = store.add_source("", "evtx", b"opening", "a.evtx")
        store.add_checkpoint(number, 7, b"digest", 7)
        store.add_checkpoint(number, 7, b"", 7)
        store.commit([], [])
    (known,) = store.known_sources(b"opening", "", "", "evtx")
    assert known.checkpoints == {7: (b"digest", 7)}
    store.close()


def test_settings_of_retention_are_kept(folder: Path) -> None:
    store = Store(folder)
    store.retain("", 90)
    store.retain("web_event", 7)
    store.retain("web_event", 8)
    store.close()
    store = Store(folder)
    assert store.retention() == {"": 90, "web_event": 8}
    store.retain("", None)
    assert store.retention() == {"web_event": 8}
    store.close()
