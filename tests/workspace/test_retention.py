"""What is old is deleted, by day and by row, and is not read again."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from vedette.tables.catalog import Catalog
from vedette.workspace.compaction import compact
from vedette.workspace.ingest import ingest
from vedette.workspace.manifest import Store
from vedette.workspace.retention import drop, drop_expired


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "workspace")
    yield opened
    opened.close()


def line(moment: dt.datetime) -> str:
    return (
        f'192.0.2.1 - - [{moment:%d/%b/%Y:%H:%M:%S} +0000] "GET /{moment:%d-%H} HTTP/1.1" 200 5\n'
    )


def utc(day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


@pytest.fixture
def log(tmp_path: Path, store: Store) -> Path:
    """Three days of a request an hour, one line without a time, and mail of a fourth day."""
    path = tmp_path / "a.log"
    hours = [utc(day, hour) for day in (1, 2, 3) for hour in range(24)]
    odd = line(utc(1)).replace("01/Mar", "99/Mar").replace("/01-00", "/odd")
    path.write_text("".join(map(line, hours)) + odd)
    mail = tmp_path / "one.eml"
    mail.write_text("From: a@b.example\nSubject: s\nDate: 2 Mar 2026 10:00 +0000\n\n")
    ingest(store, Catalog(), [path, mail])
    return path


def paths(store: Store) -> list[str]:
    stored = store.stored()
    files = stored["web_event"].files if "web_event" in stored else ()
    return sorted(
        path for file in files for path in pq.ParquetFile(file).read(["url"])[0].to_pylist()
    )


def expected(*days: int, since: int = 0) -> list[str]:
    first = days[0] if days else 0
    hours = [(d, h) for d in days for h in range(24) if d != first or h >= since]
    return sorted([*(f"/{d:02}-{h:02}" for d, h in hours), "/odd"])


def test_days_go_whole_and_rows_within_a_day(store: Store, log: Path) -> None:
    (web, mail) = sorted(drop(store, utc(2, 13)), key=lambda d: d.table, reverse=True)
    assert (web.table, web.rows, web.files) == ("web_event", 24 + 13, 2)
    assert (mail.table, mail.rows, mail.files) == ("mail_event", 1, 1)
    assert web.bytes > 0
    assert paths(store) == expected(2, 3, since=13)
    assert store.counts() == {"web_event": 11 + 24 + 1}
    assert drop(store, utc(2, 13)) == []


def test_the_moment_itself_stays(store: Store, log: Path) -> None:
    drop(store, utc(3), "web_event")
    assert paths(store) == expected(3)
    assert store.counts()["mail_event"] == 1


def test_a_dry_run_changes_nothing(store: Store, log: Path) -> None:
    before = store.files()
    told = drop(store, utc(2, 13), dry_run=True)
    assert store.files() == before
    assert [(d.table, d.rows) for d in told] == [
        (d.table, d.rows) for d in drop(store, utc(2, 13))
    ]  # fmt: skip


def test_what_is_dropped_is_not_read_again(store: Store, log: Path) -> None:
    drop(store, utc(4))
    assert paths(store) == ["/odd"]
    assert ingest(store, Catalog(), [log]).stored == 0
    with log.open("a") as file:
        file.write(line(utc(1, 5)))
    assert ingest(store, Catalog(), [log]).stored == 1
    assert paths(store) == ["/01-05", "/odd"]


def test_dropped_and_compacted_files_go_from_the_disk(store: Store, log: Path) -> None:
    drop(store, utc(2, 13))
    compact(store)
    store.stored()
    store.remove_replaced()
    listed = {store.lake / file.path for file in store.files()}
    assert set(store.lake.rglob("*.parquet")) == listed


def test_a_table_without_rows_is_refused(store: Store, log: Path) -> None:
    with pytest.raises(ValueError, match="no rows are stored in a table 'dns_event'"):
        drop(store, utc(2), "dns_event")


def test_tables_of_ones_own_are_dropped_by_their_time(store: Store, tmp_path: Path) -> None:
    columns = {"seen": "datetime", "name": "string"}
    catalog = Catalog()
    catalog.declare("Assets", columns)
    store.remember("Assets", columns)
    catalog.declare("Names", {"name": "string"})
    store.remember("Names", {"name": "string"})
    path = tmp_path / "assets.csv"
    path.write_text("seen,name\n2026-03-01T00:00:00Z,a\n2026-03-01T12:00:00Z,b\n,c\n")
    ingest(store, catalog, [path], "Assets")
    ingest(store, catalog, [path], "Names")
    (dropped,) = drop(store, utc(1, 6))
    assert (dropped.table, dropped.rows) == ("Assets", 1)
    assert store.counts() == {"Assets": 2, "Names": 3}


def test_a_retention_setting_keeps_whole_days(store: Store, log: Path) -> None:
    assert drop_expired(store, utc(20)) == []
    store.retain("", 2)
    store.retain("mail_event", 30)
    assert store.retention() == {"": 2, "mail_event": 30}
    assert drop_expired(store, utc(3, 23)) == []
    (dropped,) = drop_expired(store, utc(4, 1))
    assert (dropped.table, dropped.rows) == ("web_event", 24)
    assert paths(store) == expected(2, 3)
    store.retain("", None)
    assert drop_expired(store, utc(30)) == []
    assert store.retention() == {"mail_event": 30}
