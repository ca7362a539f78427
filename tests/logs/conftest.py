"""What tests of readers share: bytes in, rows and reasons out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from vedette.logs.base import Layout, Reader, Reading, Unreadable, count_ignored
from vedette.logs.columns import filled
from vedette.logs.formats import reader_of, table_reader_of
from vedette.logs.sources import Source, open_sources
from vedette.plan.types import Type


@dataclass
class Read:
    """The rows of a source as dictionaries of what is not null, by their tables, and the rest."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    format: str = ""
    position: int = 0

    @property
    def reasons(self) -> list[str]:
        return [u.reason for u in self.unreadable]

    def row(self) -> dict[str, Any]:
        """The only row."""
        ((_, row),) = self.rows
        return row

    def columns(self, name: str) -> list[Any]:
        return [row.get(name) for _, row in self.rows]


def read_source(source: Source, reader: Reader, start: int = 0) -> Read:
    """Everything that a reader makes of a source."""
    read = Read(format=reader.name)
    chunks = list(reader.read(Reading(source, "lineage", start)))
    assert chunks[-1].content is not None
    for chunk in chunks:
        for layout, row in map(filled, chunk.rows):
            read.rows.append((layout.table, _filled(layout, row)))
        for layout, batch in chunk.batches:
            rows = ({k: v for k, v in row.items() if v is not None} for row in batch.to_pylist())
            read.rows += [(layout.table, row) for row in rows]
        read.unreadable += chunk.unreadable
        count_ignored(read.ignored, chunk.ignored)
        read.position = chunk.position
    return read


def _filled(layout: Layout, row: list[Any]) -> dict[str, Any]:
    kinds = layout.columns
    pairs = zip(kinds, row, strict=True)
    filled = {column: value for column, value in pairs if value is not None}
    texts = (Type.STRING, Type.DYNAMIC)
    return {
        column: value.decode() if isinstance(value, bytes) and kinds[column] in texts else value
        for column, value in filled.items()
    }


ReadBytes = Callable[..., Read]


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadBytes:
    """Read bytes as a file of a name, into a table's layout where one is given."""

    def read(
        data: bytes | str, name: str = "a.log", layout: Layout | None = None, start: int = 0
    ) -> Read:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        (source,) = open_sources(path)
        assert isinstance(source, Source)
        reader = reader_of(source) if layout is None else table_reader_of(source, layout)
        assert reader is not None, "no reader knows it"
        return read_source(source, reader, start)

    return read
