"""The page about logs names every format and every event table."""

import runpy
from pathlib import Path

from vedette.logs.format_names import FORMATS
from vedette.logs.formats import READERS
from vedette.logs.readers import tabular
from vedette.tables.catalog import event_tables


def test_the_page_names_every_format_and_table(root: Path) -> None:
    page = (root / "docs/logs.md").read_text(encoding="utf-8")
    tables = (
        tabular.CsvReader,
        tabular.JsonLinesReader,
        tabular.JsonRowsReader,
        tabular.ParquetReader,
    )
    formats = {reader.name for reader in READERS} | {reader.name for reader in tables}
    assert {name for name in formats | set(event_tables()) if f"`{name}`" not in page} == set()
    assert formats == set(FORMATS)


def test_the_page_of_tables_and_columns_is_current(root: Path) -> None:
    made = runpy.run_path(str(root / "tools/log_tables.py"))["page"]()
    written = (root / "docs/log-tables.md").read_text(encoding="utf-8")
    assert made == written, "run make log-tables"
