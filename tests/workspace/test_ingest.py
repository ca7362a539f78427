"""Logs into a workspace: each record once, whatever comes again, grows, moves or is packed."""

import bz2
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.tables.catalog import Catalog
from vedette.workspace import ingest as ingest_module
from vedette.workspace.ingest import IngestReport, ingest
from vedette.workspace.manifest import Store

Ingest = Callable[..., IngestReport]


def line(number: int, day: int = 17) -> str:
    moment = f"{day}/May/2015:10:{number // 60 % 60:02}:{number % 60:02} +0000"
    return f'203.0.113.9 - - [{moment}] "GET /{number} HTTP/1.1" 200 5 "-" "agent"\n'


def log(numbers: range, day: int = 17) -> bytes:
    return "".join(line(n, day) for n in numbers).encode()


@pytest.fixture
def run(store: Store, logs: Path) -> Ingest:
    """Ingest a path; the sums of every report hold."""

    def run(
        path: Path = logs, table: str | None = None, **declared: dict[str, str]
    ) -> IngestReport:
        catalog = Catalog()
        for name, columns in declared.items():
            catalog.declare(name, columns)
        report = ingest(store, catalog, [path], table)
        assert report.read == report.stored + report.quarantined + report.skipped
        for file in report.files:
            assert file.read == file.stored + file.quarantined + file.skipped
        return report

    return run


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    stored = store.stored().get(table)
    if stored is None:
        return []
    found: list[dict[str, Any]] = []
    for file in stored.files:
        found += pq.read_table(file, partitioning=None).to_pylist()
    return found


def paths_of(store: Store) -> list[str]:
    return sorted(row["url"] for row in rows(store, "web_event"))


def expected(*numbers: int) -> list[str]:
    return sorted(f"/{n}" for n in numbers)


def totals(report: IngestReport) -> tuple[int, int, int, int]:
    return report.read, report.stored, report.quarantined, report.skipped


def test_rows_lie_by_table_and_day(store: Store, logs: Path, run: Ingest) -> None:
    (logs / "a.log").write_bytes(log(range(3), 17) + log(range(3, 5), 18))
    (logs / "b.log").write_bytes(line(9).replace("17/May", "99/May").encode())
    assert totals(run()) == (6, 6, 0, 0)
    assert store.days("web_event") == {"2015-05-17": 3, "2015-05-18": 2, "unknown": 1}
    assert store.counts() == {"web_event": 6}
    files = [Path(f) for f in store.stored()["web_event"].files]
    assert all(f.is_absolute() and f.suffix == ".parquet" for f in files)
    assert {f.parent.name for f in files} == {"2015-05-17", "2015-05-18", "unknown"}
    assert {f.parent.parent.name for f in files} == {"web_event"}
    span = store.time_span("web_event")
    assert span is not None
    assert span[1] - span[0] == (24 * 3600 + 4) * 10_000_000
    metadata = pq.read_metadata(files[0])
    assert metadata.row_group(0).column(0).compression in ("LZ4", "UNCOMPRESSED")
    schema = pq.read_schema(files[0])
    assert schema.field("time").type == pa.int64()
    assert schema.field("status").type == pa.int32()


def test_the_same_again_adds_nothing(store: Store, logs: Path, run: Ingest) -> None:
    (logs / "a.log").write_bytes(log(range(5)) + b"broken\n")
    assert totals(run()) == (6, 5, 1, 0)
    again = run()
    assert totals(again) == (6, 0, 0, 6)
    assert again.files[0].reasons == [f"already ingested as {logs / 'a.log'}"]
    assert paths_of(store) == expected(*range(5))
    assert len(store.quarantine()) == 1


def test_the_same_under_another_name_packed_or_inside_adds_nothing(
    store: Store, logs: Path, run: Ingest
) -> None:
    data = log(range(5))
    (logs / "a.log").write_bytes(data)
    (logs / "b.log").write_bytes(data)
    (logs / "c.log.gz").write_bytes(gzip.compress(data))
    with zipfile.ZipFile(logs / "d.zip", "w") as archive:
        archive.writestr("inside/e.log", data)
    assert totals(run()) == (20, 5, 0, 15)
    (logs / "f.log").write_bytes(data)
    assert totals(run()) == (25, 0, 0, 25)
    assert paths_of(store) == expected(*range(5))


def test_a_file_that_grew_adds_its_tail(store: Store, logs: Path, run: Ingest) -> None:
    path = logs / "a.log"
    for size in (3, 4, 10):
        path.write_bytes(log(range(size)))
        run()
    assert paths_of(store) == expected(*range(10))
    path.rename(logs / "a.log.1")
    (logs / "a.log.1").write_bytes(log(range(12)))
    path.write_bytes(log(range(50, 52)))
    assert totals(run()) == (14, 4, 0, 10)
    packed = gzip.compress(log(range(13)))
    (logs / "a.log.1").unlink()
    (logs / "a.log.2.gz").write_bytes(packed)
    run()
    assert paths_of(store) == expected(*range(13), 50, 51)


def test_an_old_copy_of_a_file_that_grew_adds_nothing(
    store: Store, logs: Path, run: Ingest
) -> None:
    (logs / "a.log").write_bytes(log(range(3)))
    run()
    (logs / "a.log").write_bytes(log(range(9)))
    run()
    (logs / "copy.log").write_bytes(log(range(3)))
    assert totals(run()) == (12, 0, 0, 12)


def test_a_copy_of_the_beginning_of_a_file_adds_nothing(
    store: Store, logs: Path, run: Ingest
) -> None:
    (logs / "a.log").write_bytes(log(range(9)))
    (logs / "b.log").write_bytes(log(range(4)) + line(4).encode()[:50])
    assert run().stored == 9
    assert store.quarantine() == []
    (logs / "b.log").write_bytes(log(range(12)))
    assert run().stored == 3
    (logs / "c.log").write_bytes(log(range(3)) + line(50).encode())
    assert run().stored == 4
    assert paths_of(store) == expected(*range(12), 0, 1, 2, 50)


def test_a_copy_of_the_beginning_counts_and_stays_known(
    store: Store, logs: Path, run: Ingest, tmp_path: Path
) -> None:
    (logs / "a.log").write_bytes(log(range(150)))
    assert run().stored == 150
    others = tmp_path / "others"
    others.mkdir()
    (others / "part.log").write_bytes(log(range(80)) + line(80).encode()[:50])
    report = run(others)
    assert totals(report) == (80, 0, 0, 80)
    assert report.files[0].reasons == [f"the beginning of {logs / 'a.log'}, which was read"]
    (logs / "a.log").rename(logs / "a.log.1")
    assert totals(run(others)) == (80, 0, 0, 80)
    assert paths_of(store) == expected(*range(150))


def test_files_that_share_their_beginning_are_two(store: Store, logs: Path, run: Ingest) -> None:
    (logs / "a.log").write_bytes(log(range(3)))
    (logs / "b.log").write_bytes(line(0).encode() + log(range(10, 13)))
    assert run().stored == 7
    (logs / "a.log").write_bytes(log(range(5)))
    (logs / "c.log").write_bytes(log(range(3)) + log(range(20, 22)))
    run()
    assert paths_of(store) == expected(0, 1, 2, 3, 4, 0, 10, 11, 12, 20, 21)
    identities = [row["event_id"] for row in rows(store, "web_event")]
    assert len(set(identities)) == len(identities)


def test_identities_do_not_depend_on_how_a_file_grew(
    tmp_path: Path, store: Store, logs: Path, run: Ingest
) -> None:
    for size in (1, 5, 20):
        (logs / "a.log").write_bytes(log(range(size)))
        run()
    whole = Store(tmp_path / "whole")
    ingest(whole, Catalog(), [logs])

    def identities(of: Store) -> dict[str, str]:
        return {row["url"]: row["event_id"] for row in rows(of, "web_event")}

    assert identities(whole) == identities(store)
    whole.close()


def test_a_line_that_is_still_being_written(store: Store, logs: Path, run: Ingest) -> None:
    path = logs / "a.log"
    whole = log(range(4))
    cut = len(log(range(2))) + 60
    path.write_bytes(whole[:cut])
    assert totals(run()) == (3, 2, 1, 0)
    assert "has no end yet" in store.quarantine()[0].reason
    path.write_bytes(whole)
    assert totals(run()) == (4, 2, 0, 2)
    assert totals(run()) == (4, 0, 0, 4)
    assert paths_of(store) == expected(*range(4))
    assert store.quarantine() == []


def test_a_last_line_without_end_counts_once(store: Store, logs: Path, run: Ingest) -> None:
    path = logs / "a.log"
    path.write_bytes(log(range(3)).rstrip(b"\n"))
    assert run().stored == 3
    path.write_bytes(log(range(5)))
    assert run().stored == 2
    path.write_bytes(log(range(5)).rstrip(b"\n") + b"x")
    assert paths_of(store) == expected(*range(5))


def test_the_rest_of_a_line_that_was_read_too_early_is_told(
    store: Store, logs: Path, run: Ingest
) -> None:
    path = logs / "a.jsonl"
    path.write_text('{"n": 1}\n{"n": 2}')
    run(table="T", T={"n": "int"})
    path.write_text('{"n": 1}\n{"n": 2} {"n": 3}\n{"n": 4}\n')
    report = run(table="T", T={"n": "int"})
    assert [row["n"] for row in rows(store, "T")] == [1, 2, 4]
    assert (report.stored, report.quarantined) == (1, 1)


def test_what_cannot_be_read_is_set_aside_with_its_place(
    store: Store, logs: Path, run: Ingest
) -> None:
    path = logs / "a.log"
    path.write_bytes(log(range(2)) + b"<script>alert(1)</script>\n" + log(range(2, 3)))
    run()
    (piece,) = store.quarantine(5)
    assert piece.file == str(path)
    assert piece.offset == len(log(range(2)))
    assert piece.reason == "not a line of an access log"
    assert piece.sample == b"<script>alert(1)</script>"
    assert store.quarantine_count() == 1


def test_files_that_are_no_logs_are_skipped_with_a_reason(
    store: Store, logs: Path, run: Ingest
) -> None:
    (logs / "README.md").write_text("# words\n")
    (logs / "status.json").write_text('{"version": 6, "pid": 1}\n')
    (logs / "table.csv").write_text("a,b\n1,2\n")
    (logs / "empty.log").touch()
    (logs / "old.log").write_bytes(log(range(3)).replace(b"\n", b"\r"))
    (logs / "access.log.bz2").write_bytes(bz2.compress(log(range(3))))
    (logs / "access.log.xz").write_bytes(lzma.compress(log(range(3))))
    (logs / "loop").symlink_to(logs)
    report = run()
    assert totals(report) == (0, 0, 0, 0)
    assert report.skipped_files == 8
    reasons = {Path(f.path).name: f.reasons for f in report.files}
    assert reasons == {
        "README.md": ["not a log of a known format"],
        "status.json": ["JSON of no known shape: declare a table and pass its name"],
        "table.csv": ["CSV and Parquet need a table: declare it and pass its name"],
        "empty.log": ["empty"],
        "old.log": ["its lines end in carriage returns alone: make line feeds of them"],
        "access.log.bz2": ["packed by bzip2, which is not opened: unpack it first"],
        "access.log.xz": ["packed by xz, which is not opened: unpack it first"],
        "loop": ["a link to a folder above it"],
    }
    assert store.stored() == {}


def test_hostile_names_of_tables_and_columns(store: Store, logs: Path, run: Ingest) -> None:
    table, column = '../../x"; DROP TABLE files; --', 'c"); DROP TABLE files; --'
    (logs / "a.jsonl").write_text(json.dumps({column: "<script>"}) + "\n")
    run(table=table, **{table: {column: "string"}})
    assert [row[column] for row in rows(store, table)] == ["<script>"]
    (file,) = store.stored()[table].files
    assert store.lake in Path(file).parents
    assert str(store.stored()[table].columns[column]) == "string"
    for name in (".", ".."):
        run(table=name, **{name: {column: "string"}})
        assert store.lake in Path(store.stored()[name].files[0]).resolve().parents


def test_a_table_is_a_target_of_its_own(store: Store, logs: Path, run: Ingest) -> None:
    (logs / "a.jsonl").write_text('{"n": 1}\n')
    for table in ("A", "B", "A"):
        run(table=table, A={"n": "int"}, B={"n": "int"})
    assert store.counts() == {"A": 1, "B": 1}


def test_what_a_table_is_not_made_of(store: Store, logs: Path, run: Ingest) -> None:
    (logs / "a.jsonl").write_text('{"n": 1, "more": 2}\n{"n": "x"}\n')
    (logs / "b.log").write_bytes(log(range(1)))
    (logs / "c.bin").write_bytes(b"n,\rm\r\x00\n")
    report = run(table="A", A={"n": "int"})
    assert totals(report) == (2, 1, 1, 0)
    assert report.files[0].reasons == ["column n (int): 'x' is no int", "ignored columns: more (1)"]
    for file in report.files[1:]:
        assert file.reasons == ["no CSV, JSON or Parquet with a column of the table A"]
    with pytest.raises(ValueError, match="no table 'AA': declare it first"):
        run(table="AA", A={"n": "int"})


def test_much_is_made_visible_in_batches(
    store: Store, logs: Path, run: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "BUFFER_BYTES", 100_000)
    monkeypatch.setattr(ingest_module, "BATCH_BYTES", 3_000_000)
    commits: list[int] = []
    commit = Store.commit

    def counted(self: Store, *arguments: Any) -> None:
        commits.append(1)
        commit(self, *arguments)

    monkeypatch.setattr(Store, "commit", counted)
    (logs / "a.log").write_bytes(b"".join(log(range(20_000), day) for day in (1, 2, 3)))
    assert run().stored == 60_000
    assert len(commits) > 2
    assert store.counts() == {"web_event": 60_000}
    assert len({row["event_id"] for row in rows(store, "web_event")}) == 60_000


def test_progress_goes_up_to_all_bytes(store: Store, logs: Path) -> None:
    (logs / "a.log").write_bytes(log(range(50_000)))
    (logs / "b.log.gz").write_bytes(gzip.compress(log(range(50_000, 90_000))))
    with zipfile.ZipFile(logs / "c.zip", "w") as archive:
        archive.writestr("x.log", log(range(90_000, 90_010)))
    seen: list[tuple[int, int, str]] = []
    ingest(store, Catalog(), [logs], progress=lambda *told: seen.append(told))
    done = [d for d, _, _ in seen]
    assert done == sorted(done)
    assert len(set(done)) > 4
    assert seen[-1][0] == seen[-1][1] == sum(f.stat().st_size for f in logs.iterdir())
    assert str(logs / "c.zip!x.log") in {name for _, _, name in seen}


def test_a_workspace_inside_the_logs_is_left_out(logs: Path) -> None:
    (logs / "a.log").write_bytes(log(range(2)))
    inside = Store(logs / "workspace")
    ingest(inside, Catalog(), [logs])
    report = ingest(inside, Catalog(), [logs])
    assert [f.reasons for f in report.files][-1] == ["the workspace's own folder"]
    inside.close()
