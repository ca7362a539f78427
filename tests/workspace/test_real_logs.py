"""Real logs, counted against what other readers of their formats count.

OTRF's data sets are many; of them a sample is read, or all where VEDETTE_WHOLE_LOGS is set.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from evtx import PyEvtxParser

from vedette.tables.catalog import Catalog
from vedette.workspace.ingest import FileReport, IngestReport, ingest
from vedette.workspace.manifest import Store

pytestmark = pytest.mark.shared("data")
SAMPLE_BYTES = 1_500_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "workspace")
    yield opened
    opened.close()


def read(store: Store, path: Path) -> IngestReport:
    report = ingest(store, Catalog(), [path])
    assert report.read == report.stored + report.quarantined + report.skipped
    assert sum(store.counts().values()) == report.stored
    return report


def by_name(report: IngestReport, ending: str) -> dict[str, FileReport]:
    found = {f.path.split("!", 1)[1]: f for f in report.files if f.path.endswith(ending)}
    assert found
    return found


@pytest.mark.parametrize("archive", ["evtx-attack-samples.zip", "sigma-regression.zip"])
def test_every_evtx_record_is_stored_or_set_aside(archive: str, store: Store, shared: Path) -> None:
    report = read(store, shared / "data" / archive)
    files = by_name(report, ".evtx")
    with zipfile.ZipFile(shared / "data" / archive) as members:
        for name, file in files.items():
            records = PyEvtxParser(io.BytesIO(members.read(name))).records_json()
            count = sum(1 for _ in records)
            held = file.skipped if "already ingested" in " ".join(file.reasons) else 0
            assert file.stored + file.quarantined + held == count, name
    assert sum(f.stored for f in files.values()) > 100


def test_regression_events_are_the_same_from_evtx_and_json(store: Store, shared: Path) -> None:
    report = read(store, shared / "data" / "sigma-regression.zip")
    evtx, json = by_name(report, ".evtx"), by_name(report, ".json")
    assert {f.format for f in evtx.values()} == {"evtx"}
    assert {f.format for f in json.values()} == {"windows_json"}
    counts = {name.removesuffix(".evtx"): f.read for name, f in evtx.items()}
    assert counts == {name.removesuffix(".json"): f.read for name, f in json.items()}
    rules = by_name(report, ".yml")
    assert all(f.reasons == ["not a log of a known format"] for f in rules.values())


def test_every_line_of_a_web_log_is_a_request(store: Store, shared: Path) -> None:
    path = shared / "data" / "apache-access-2015.log.gz"
    report = read(store, path)
    with gzip.open(path) as lines:
        assert report.stored == sum(1 for _ in lines) == 10_000
    assert store.counts() == {"web_event": 10_000}
    assert "unknown" not in store.days("web_event")


def test_status_records_of_nginx_are_kept(store: Store, shared: Path) -> None:
    (file,) = read(store, shared / "data" / "nginx-access-json.log.gz").files
    assert (file.format, file.stored, file.quarantined) == ("web_json", 500, 0)
    assert store.counts() == {"device_event": 500}


def test_every_mail_file_is_a_mail(store: Store, shared: Path) -> None:
    report = read(store, shared / "data" / "spamassassin-mail.zip")
    found = {(f.format, f.stored) for f in by_name(report, ".txt").values()}
    assert found == {("mail", 1), ("mbox", 1)}
    assert {f.format for f in by_name(report, ".json").values()} == {""}
    assert store.counts() == {"mail_event": len(by_name(report, ".txt"))}


def test_every_line_of_security_data_sets_is_an_event(
    tmp_path: Path, store: Store, shared: Path
) -> None:
    whole = shared / "data" / "otrf-security-datasets.zip"
    with zipfile.ZipFile(whole) as archive:
        sets = sorted(archive.infolist(), key=lambda member: member.file_size)
        limit = None if os.environ.get("VEDETTE_WHOLE_LOGS") else SAMPLE_BYTES
        taken: list[zipfile.ZipInfo] = []
        for member in sets:
            if limit is None or sum(m.file_size for m in taken) < limit:
                taken.append(member)
                (tmp_path / "sets").mkdir(exist_ok=True)
                (tmp_path / "sets" / member.filename).write_bytes(archive.read(member))
    report = read(store, tmp_path / "sets")
    assert len(taken) > 10
    lines = 0
    for path in (tmp_path / "sets").iterdir():
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if "__MACOSX" not in member.filename:
                    lines += sum(bool(line.strip()) for line in archive.open(member))
    assert (report.stored, report.quarantined, report.skipped) == (lines, 0, 0)
