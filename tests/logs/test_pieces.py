"""A piece read by itself, by whoever, holds what it holds among the others."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.logs.mutations import SAMPLES

from vedette.logs import lines
from vedette.logs.base import PieceReader, Reading
from vedette.logs.columns import filled
from vedette.logs.formats import reader_of
from vedette.logs.sources import Source

FILES = sorted(path for path in SAMPLES.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_pieces_need_no_others(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()
    source = Source(path.name, path, len(data), lambda: BytesIO(data))
    reader = reader_of(source)
    assert reader is not None
    if not isinstance(reader, PieceReader):
        return
    reading = Reading(source, "lineage")
    together: list[Any] = [filled(row)[1] for chunk in reader.read(reading) for row in chunk.rows]
    monkeypatch.setattr(lines, "BLOCK_BYTES", 400)
    apart: list[Any] = [
        filled(row)[1]
        for piece in reader.pieces(reading)
        for row in reader.parser(reading.origin)(piece).rows
    ]
    assert together
    assert apart == together
