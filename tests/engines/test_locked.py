"""The locked session: what gets past the guard ends here, and what users' SQL sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.engines.base import Compiled, Limits, RunFailed, Stored
from vedette.engines.duckdb.guard import SqlRefused
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan.types import UNIX_EPOCH_TICKS, Type


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    ticks = [UNIX_EPOCH_TICKS + 15_778_368_000_000_000 + i for i in (0, 10_000_005)]
    columns = {
        "time": pa.array(ticks, pa.int64()),
        "host": ["a", "b"],
        "took": pa.array([5, None], pa.int64()),
        "extra": ['{"a": [1, 2.0]}', None],
    }
    pq.write_table(pa.table(columns), folder / "p.parquet")
    (folder.parent / "secret.csv").write_text("secret\n")
    return folder


@pytest.fixture(scope="module")
def locked(lake: Path) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(directories=(lake,))
    engine.attach({"process_event": Stored((str(lake / "p.parquet"),), STORED)})
    yield engine
    engine.close()


STORED = {
    "time": Type.DATETIME, "host": Type.STRING, "took": Type.TIMESPAN, "extra": Type.DYNAMIC,
    "absent": Type.REAL,
}  # fmt: skip

ESCAPES = [
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM '{lake}/../secret.csv'",
    "SELECT * FROM glob('{lake}/../*')",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT getenv('HOME')",
    "SELECT * FROM secrets",
    "COPY (SELECT 1) TO '{lake}/out.csv'",
    "COPY (SELECT 1) TO '{secret}'",
    "ATTACH '{lake}/new.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET threads = 1",
    "SET enable_external_access = true",
    "SET GLOBAL allowed_directories = ['/']",
    "RESET lock_configuration",
    "CREATE TABLE t AS SELECT 1",
    "DROP VIEW process_event",
    "INSERT INTO process_event VALUES (1)",
    "EXPORT DATABASE '{lake}/out'",
    "CALL pragma_version()",
    "EXECUTE x",
    "SELECT 1; DROP VIEW process_event",
    "SELECT 1; SELECT 2",
]


@pytest.mark.parametrize("by_user", [False, True])
@pytest.mark.parametrize("text", ESCAPES)
def test_the_session_refuses_what_gets_past_the_guard(
    text: str, by_user: bool, locked: DuckDBEngine, lake: Path
) -> None:
    sql = text.replace("{secret}", str(lake.parent / "secret.csv")).replace("{lake}", str(lake))
    with pytest.raises(RunFailed):
        locked.run(Compiled(sql, (("x", Type.STRING),), by_user), Limits(seconds=30))
    assert sorted(p.name for p in lake.iterdir()) == ["p.parquet"]


def test_a_variable_of_the_program_is_no_table(locked: DuckDBEngine) -> None:
    hidden = pa.table({"x": ["secret"]})
    with pytest.raises(RunFailed, match="hidden"):
        locked.run(Compiled("SELECT * FROM hidden", (("x", Type.STRING),)), Limits())
    assert hidden.num_rows == 1


@pytest.mark.parametrize(
    "setting",
    [
        ("enable_external_access", "false"), ("lock_configuration", "true"),
        ("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"), ("python_enable_replacements", "false"),
        ("allow_persistent_secrets", "false"), ("temp_directory", ""),
    ],
)  # fmt: skip
def test_every_cursor_is_locked(setting: tuple[str, str], locked: DuckDBEngine) -> None:
    name, value = setting
    cursor = locked._database(Limits()).cursor()
    found = cursor.execute("SELECT value FROM duckdb_settings() WHERE name = ?", [name]).fetchall()
    assert found == [(value,)]


def test_a_users_sql_sees_duckdbs_types_and_gives_the_plans(locked: DuckDBEngine) -> None:
    text = (
        "SELECT time, time::DATE AS day, took, extra, extra->'a' AS a, host, [1, NULL] AS list,"
        " {'x': 1.5::DOUBLE} AS struct, sum(1) AS sum, 1.5 AS decimal, NULL AS nothing, absent,"
        " TIMESTAMPTZ '2020-01-01 00:00:00+00' AS zoned"
        " FROM process_event WHERE time >= TIMESTAMP '2020-01-01' AND time < now()"
        " GROUP BY ALL ORDER BY time"
    )
    compiled = locked.compile_sql(text)
    assert dict(compiled.columns) == {
        "time": Type.DATETIME, "day": Type.DATETIME, "took": Type.TIMESPAN, "extra": Type.DYNAMIC,
        "a": Type.DYNAMIC, "host": Type.STRING, "list": Type.DYNAMIC, "struct": Type.DYNAMIC,
        "sum": Type.LONG, "decimal": Type.DECIMAL, "nothing": Type.STRING, "absent": Type.REAL,
        "zoned": Type.DATETIME,
    }  # fmt: skip
    first, second = locked.run(compiled, Limits(seconds=30)).to_pylist()
    start = UNIX_EPOCH_TICKS + 15_778_368_000_000_000
    assert (first["time"], first["day"], first["zoned"]) == (start, start, start)
    assert second["time"] == start + 10_000_000  # microseconds: the last digit is cut
    assert (first["took"], second["took"]) == (0, None)
    assert (first["extra"], first["a"], second["extra"]) == ('{"a": [1, 2.0]}', "[1,2.0]", None)
    assert (first["list"], first["struct"], first["sum"]) == ("[1, null]", '{"x": 1.5}', 1)


def test_a_mistake_in_a_users_sql_is_told_with_its_place(locked: DuckDBEngine) -> None:
    text = "SELECT 'é', hst FROM process_event"
    with pytest.raises(SqlRefused) as caught:
        locked.compile_sql(text)
    (refusal,) = caught.value.refusals
    assert "hst" in refusal.message
    assert text[refusal.offset :].startswith("hst")


def test_a_sum_that_no_long_holds_fails(locked: DuckDBEngine) -> None:
    compiled = locked.compile_sql("SELECT sum(9223372036854775807) AS s FROM range(3)")
    with pytest.raises(RunFailed):
        locked.run(compiled, Limits(seconds=30))
