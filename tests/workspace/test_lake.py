"""How rows lie in Parquet: read back the same by Arrow and DuckDB, coded where values repeat."""

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.workspace.lake import write_table


def rows(count: int) -> pa.Table:
    """Columns of all types: rising, repeating, all different, long, mostly and wholly null."""
    chance = random.Random(count)
    return pa.table(
        {
            "time": pa.array([n // 3 * 10_000_000 for n in range(count)], pa.int64()),
            "event_id": [f"lineage-{n * 97}" for n in range(count)],
            "log_offset": pa.array([n * 97 for n in range(count)], pa.int64()),
            "host": [f"host{n % 5}" for n in range(count)],
            "url": [f"/{chance.random()}" for n in range(count)],
            "status": pa.array([chance.choice((200, 404)) for n in range(count)], pa.int32()),
            "bytes_sent": pa.array([chance.getrandbits(60) for n in range(count)], pa.int64()),
            "raw": [f"{n} é" * 50 for n in range(count)],
            "rare": [None if n % 500 else f"{n}" for n in range(count)],
            "share": [chance.random() for n in range(count)],
            "flag": [n % 2 == 0 for n in range(count)],
            "blob": [b"\xff%d" % n for n in range(count)],
            "nothing": pa.nulls(count, pa.string()),
        }
    )


@pytest.mark.parametrize("count", [1, 16, 1023, 1024, 5000, 130_000])
def test_rows_are_read_back_as_they_were(count: int, tmp_path: Path) -> None:
    table = rows(count)
    file = write_table(tmp_path, "web_event", ("time",), "2026-01-01", table)
    path = tmp_path / file.path
    assert pq.ParquetFile(path).read().equals(table)
    columns = [column.to_pylist() for column in table.columns]
    query = f"select * from read_parquet('{path}') order by log_offset"
    assert duckdb.connect().execute(query).fetchall() == list(zip(*columns, strict=True))
    assert (file.rows, file.earliest, file.latest) == (count, 0, (count - 1) // 3 * 10_000_000)


def test_only_what_repeats_has_a_dictionary_and_what_is_long_no_range(tmp_path: Path) -> None:
    file = write_table(tmp_path, "web_event", ("time",), "2026-01-01", rows(5000))
    group = pq.read_metadata(tmp_path / file.path).row_group(0)
    columns = {column.path_in_schema: column for column in map(group.column, range(13))}
    coded = {name for name, column in columns.items() if "RLE_DICTIONARY" in column.encodings}
    assert coded == {"time", "host", "status"}
    ranged = {name for name, column in columns.items() if column.is_stats_set}
    assert ranged == set(columns) - {"raw", "nothing"}


def test_a_small_file_says_at_least_which_times_it_holds(tmp_path: Path) -> None:
    file = write_table(tmp_path, "web_event", ("time",), "2026-01-01", rows(16))
    group = pq.read_metadata(tmp_path / file.path).row_group(0)
    assert [group.column(n).is_stats_set for n in range(4)] == [True, False, False, False]
