"""Damaged logs never end a run, and cost no record but the damaged one."""

import os
import random
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from tests.logs.mutations import SAMPLES, kept, mutated, raws, rows_of

from vedette.logs.base import Reader, Reading
from vedette.logs.formats import READERS, reader_of, unknown
from vedette.logs.readers.evtx import EvtxReader
from vedette.logs.readers.lines import LinesReader
from vedette.logs.sources import Source, open_sources

FILES = sorted(path for path in SAMPLES.glob("*/*") if path.is_file())
OF_LINES = [
    path for path in FILES if b"\n" in (text := path.read_bytes().strip()) and b"\r" not in text
]
"""Samples of two lines and more that end in line feeds."""
MOST = int(os.environ.get("VEDETTE_MUTATIONS", "200"))
HIDDEN = frozenset({"evtx"})
"""Formats whose samples are not ours to keep: see below."""


def reader_for(path: Path) -> tuple[Reader, bytes]:
    (source,) = open_sources(path)
    assert isinstance(source, Source)
    reader = reader_of(source)
    assert reader is not None, f"no reader knows {path.name}"
    assert reader.name == path.parent.name
    return reader, path.read_bytes()


def test_every_format_has_a_sample() -> None:
    assert {r.name for r in READERS} - {f.parent.name for f in FILES} == HIDDEN


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_damaged_log_costs_the_damaged_record_only(path: Path) -> None:
    reader, data = reader_for(path)
    records = raws(rows_of(data, path.name, reader))
    assert records, "a sample without records shows nothing"
    siblings = sum(f.parent == path.parent for f in FILES)
    numbers = random.Random(f"{path.parent.name}/{path.name}")
    for _ in range(-(-MOST // siblings)):
        mutation = mutated(data, numbers)
        found = raws(rows_of(mutation.data, path.name, reader))
        if isinstance(reader, LinesReader):
            missing = Counter(kept(data, mutation, records)) - found
            assert not missing, f"lost by a change at {mutation.start}: {list(missing)[:2]}"


@pytest.mark.shared("data")
def test_a_damaged_evtx_file_never_ends_a_run(shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared / "data/evtx-attack-samples.zip") as archive:
        smallest = min(
            (i for i in archive.infolist() if i.filename.endswith(".evtx")),
            key=lambda i: i.file_size,
        )
        data = archive.read(smallest)
    numbers = random.Random("evtx")
    path = tmp_path / "damaged.evtx"
    rows = 0
    for _ in range(MOST // 4):
        path.write_bytes(mutated(data, numbers).data)
        for source in open_sources(path):
            if isinstance(source, Source):
                chunks = list(EvtxReader().read(Reading(source, "lineage")))
                assert chunks[-1].content is not None
                rows += sum(len(chunk.rows) for chunk in chunks)
    assert rows


@pytest.mark.parametrize("path", OF_LINES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_lines_that_end_in_carriage_returns_alone_are_read_or_told(
    path: Path, tmp_path: Path
) -> None:
    data = path.read_bytes()
    changed = tmp_path / path.name
    changed.write_bytes(data.replace(b"\n", b"\r"))
    (source,) = open_sources(changed)
    assert isinstance(source, Source)
    reader = reader_of(source)
    if reader is None:
        told = "its lines end in carriage returns alone: make line feeds of them"
        assert unknown(source) == told
    else:
        before = raws(rows_of(data, path.name, reader_for(path)[0]))
        assert raws(rows_of(changed.read_bytes(), path.name, reader)).total() == before.total()
