"""EVTX files, whole, cut, damaged and grown. EVTX cannot be made here: real files are used."""

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from vedette.logs.readers import evtx
from vedette.logs.times import iso_ticks
from vedette.tables.catalog import Catalog
from vedette.workspace.ingest import ingest
from vedette.workspace.manifest import Store

pytestmark = pytest.mark.shared("data")
MEMBER = "AutomatedTestingTools/PanacheSysmon_vs_AtomicRedTeam01.evtx"
RECORDS = 565


@pytest.fixture(scope="module")
def whole(shared: Path) -> bytes:
    with zipfile.ZipFile(shared / "data" / "evtx-attack-samples.zip") as archive:
        return archive.read(MEMBER)


def test_records_become_rows(whole: bytes, read_bytes: Any) -> None:
    read = read_bytes(whole, "a.evtx")
    assert (len(read.rows), read.unreadable, read.format) == (RECORDS, [], "evtx")
    assert len(set(read.columns("event_id"))) == RECORDS
    assert read.columns("log_offset") == list(range(1, RECORDS + 1))
    _, row = next(pair for pair in read.rows if pair[0] == "process_event")
    assert row["log_format"] == "evtx"
    assert row["raw"].startswith('{"Event":{')
    assert row["process_guid"].startswith("{")


def test_every_record_has_its_time(whole: bytes, read_bytes: Any) -> None:
    every = read_bytes(whole, "a.evtx").columns("time")
    assert None not in every
    year = iso_ticks("2019-01-01")
    assert year is not None
    assert all(ticks > year for ticks in every)


def test_a_cut_file_keeps_its_records_and_says_so(whole: bytes, read_bytes: Any) -> None:
    read = read_bytes(whole[:300_001], "a.evtx")
    assert 100 < len(read.rows) < RECORDS
    assert read.reasons == ["the file ends early: 300,001 of 987,136 bytes"]


def test_a_damaged_chunk_costs_its_own_records_only(whole: bytes, read_bytes: Any) -> None:
    damaged = bytearray(whole)
    damaged[70_000:71_000] = b"\xff" * 1000
    read = read_bytes(bytes(damaged), "a.evtx")
    assert 400 < len(read.rows) < RECORDS
    (reason,) = read.reasons
    assert reason.startswith("the parser cannot read it: Failed to parse chunk")


@pytest.mark.parametrize("seed", range(6))
def test_pieces_hold_what_the_whole_holds(
    seed: int, whole: bytes, read_bytes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    damaged = bytearray(whole)
    for _ in range(seed):
        place = chance.randrange(4096, len(damaged))
        damaged[place] = chance.randrange(256)
    data = bytes(damaged[: chance.randrange(500_000, len(damaged)) if seed % 2 else None])
    monkeypatch.setattr(evtx, "PIECE_CHUNKS", 1000)
    together = read_bytes(data, "a.evtx")
    monkeypatch.setattr(evtx, "PIECE_CHUNKS", 2)
    apart = read_bytes(data, "a.evtx")
    assert apart.rows == together.rows
    assert apart.reasons == together.reasons
    assert apart.position == together.position
    start = together.rows[len(together.rows) // 2][1]["log_offset"]
    tail = read_bytes(data, "a.evtx", start=start)
    assert tail.rows == together.rows[len(together.rows) // 2 + 1 :]


def test_numbers_that_do_not_rise_are_told_apart(
    whole: bytes, read_bytes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubled = whole + whole[4096:]
    monkeypatch.setattr(evtx, "PIECE_CHUNKS", 1000)
    together = read_bytes(doubled, "a.evtx")
    monkeypatch.setattr(evtx, "PIECE_CHUNKS", 3)
    apart = read_bytes(doubled, "a.evtx")
    assert len(set(together.columns("event_id"))) == 2 * RECORDS

    def by_place(read: Any) -> list[Any]:
        return sorted(read.rows, key=lambda row: (row[1]["log_offset"], row[1]["event_id"]))

    assert by_place(apart) == by_place(together)


def test_a_file_of_the_header_only_is_told(read_bytes: Any) -> None:
    read = read_bytes(b"ElfFile\x00" + b"\0" * 100, "a.evtx")
    assert read.rows == []
    assert read.reasons[0].startswith("not readable as EVTX")


def test_a_log_that_grew_adds_its_tail(whole: bytes, tmp_path: Path) -> None:
    log = tmp_path / "System.evtx"
    store = Store(tmp_path / "workspace")
    log.write_bytes(whole[: 4096 + 5 * 65_536])
    first = ingest(store, Catalog(), [log])
    log.write_bytes(whole)
    second = ingest(store, Catalog(), [log])
    assert 100 < first.stored < RECORDS
    assert second.stored == RECORDS - first.stored
    assert second.skipped == first.stored
    assert sum(store.counts().values()) == RECORDS
    assert ingest(store, Catalog(), [log]).stored == 0
    store.close()
