"""Datetimes as 64-bit ticks, TIMESTAMP and TIMESTAMP_NS: takes a folder, prints exactness and cost.

Rows are sorted by time over 30 days, in Parquet files as the lake writes them (row groups of
122,880 rows, zstd).
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from measure import by_operation, connection, costs, holds, ratios, say, table
from vedette.plan.types import MAX_TICKS, UNIX_EPOCH_TICKS

ROWS = 2_000_000
CANDIDATES = ("ticks", "TIMESTAMP", "TIMESTAMP_NS")
_BASELINE = "TIMESTAMP"
_START = UNIX_EPOCH_TICKS + 1_780_272_000 * 10_000_000  # 2026-06-01
_GAP = 12_960_000  # ticks between rows on average: 30 days over 2 million rows
_END = _START + ROWS * _GAP
_TEN_MINUTES, _DAY, _HOUR = 6_000_000_000, 864_000_000_000, 36_000_000_000
_TO_MICROSECONDS = f"make_timestamp({{}} // 10 - {UNIX_EPOCH_TICKS // 10})"
_TO_NANOSECONDS = f"make_timestamp_ns(({{}} - {UNIX_EPOCH_TICKS}) * 100)"
_EXACT = "2026-06-01 12:34:56.1234567"
_EXACT_TICKS = _START + 12 * _HOUR + 34 * 600_000_000 + 56 * 10_000_000 + 1_234_567


def run(folder: Path) -> None:
    """Print the tables of this part."""
    database = connection()
    say("\n## datetime")
    say(table("Exactness", ("", *CANDIDATES), _exactness(database)))
    _write(database, folder)
    rows = by_operation(
        CANDIDATES,
        {
            name: lambda sqls=sqls: ratios(  # type: ignore[misc]
                costs(database, sqls, turns=5), _BASELINE
            )
            for name, sqls in _operations(folder).items()
        },
    )
    heads = (f"CPU time, {ROWS:,} rows", *CANDIDATES)
    say(table("Cost, TIMESTAMP written by hand = 1", heads, rows))
    say(
        table(
            "Row groups and bytes",
            ("", *CANDIDATES, "ticks, column converted"),
            _sizes(database, folder),
        )
    )


def _exactness(database: duckdb.DuckDBPyConnection) -> list[list[str]]:
    last = MAX_TICKS
    digits = [
        holds(database, f"SELECT text_of_datetime({_EXACT_TICKS})", f"{_EXACT.replace(' ', 'T')}Z"),
        holds(database, f"SELECT CAST(TIMESTAMP '{_EXACT}' AS VARCHAR)", _EXACT),
        holds(database, f"SELECT CAST(TIMESTAMP_NS '{_EXACT}' AS VARCHAR)", _EXACT),
    ]
    year_1 = [
        holds(database, "SELECT text_of_datetime(0)", "0001-01-01T00:00:00.0000000Z"),
        holds(database, "SELECT CAST(TIMESTAMP '0001-01-01' AS VARCHAR)", "0001-01-01 00:00:00"),
        holds(database, "SELECT CAST(TIMESTAMP_NS '0001-01-01' AS VARCHAR)", "0001-01-01 00:00:00"),
    ]
    text = "9999-12-31 23:59:59.9999999"
    year_9999 = [
        holds(database, f"SELECT text_of_datetime({last})", text.replace(" ", "T") + "Z"),
        holds(database, f"SELECT CAST(TIMESTAMP '{text}' AS VARCHAR)", text),
        holds(database, f"SELECT CAST(TIMESTAMP_NS '{text}' AS VARCHAR)", text),
    ]
    before = "2026-05-31 12:34:56.1234567"
    a_day_less = [
        holds(
            database,
            f"SELECT text_of_datetime({_EXACT_TICKS} - {_DAY})",
            before.replace(" ", "T") + "Z",
        ),
        *(
            holds(database, f"SELECT CAST({t} '{_EXACT}' - INTERVAL 1 DAY AS VARCHAR)", before)
            for t in CANDIDATES[1:]
        ),
    ]
    difference = [
        holds(database, f"SELECT {_EXACT_TICKS} - {_START}", _EXACT_TICKS - _START),
        *(
            holds(
                database,
                f"SELECT CAST({t} '{_EXACT}' - {t} '2026-06-01' AS VARCHAR)",
                "12:34:56.1234567",
            )
            for t in CANDIDATES[1:]
        ),
    ]
    return [
        ["seven digits", *digits],
        ["the first moment of the year 1", *year_1],
        ["the last tick of the year 9999", *year_9999],
        ["minus a day", *a_day_less],
        ["the difference of two", *difference],
    ]


def _file(folder: Path, candidate: str) -> str:
    return str(folder / f"{candidate}.parquet")


def _write(database: duckdb.DuckDBPyConnection, folder: Path) -> None:
    database.execute("SELECT setseed(0.5)")
    database.execute(
        f"CREATE TABLE rows AS SELECT t, row_number() OVER (ORDER BY t) AS v FROM (SELECT"
        f" CAST({_START} + i * {_GAP} + CAST(random() * {_GAP} AS BIGINT) AS BIGINT) AS t"
        f" FROM range({ROWS}) AS r(i)) ORDER BY t"
    )
    stored = {
        "ticks": "t",
        "TIMESTAMP": _TO_MICROSECONDS.format("t"),
        "TIMESTAMP_NS": _TO_NANOSECONDS.format("t"),
    }
    for candidate, value in stored.items():
        database.execute(
            f"COPY (SELECT {value} AS t, v FROM rows ORDER BY v) TO '{_file(folder, candidate)}'"
            " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )
    database.execute("DROP TABLE rows")


def _threshold(candidate: str, ticks: int) -> str:
    if candidate == "ticks":
        return str(ticks)
    form = _TO_MICROSECONDS if candidate == "TIMESTAMP" else _TO_NANOSECONDS
    return form.format(ticks)


def _operations(folder: Path) -> dict[str, dict[str, str]]:
    """By operation, the statement of each candidate; all of one row answer the same."""
    ticks, micro, nano = (f"FROM '{_file(folder, c)}'" for c in CANDIDATES)
    froms = dict(zip(CANDIDATES, (ticks, micro, nano), strict=True))

    def ago(span: int) -> dict[str, str]:
        return {
            c: f"SELECT sum(v) {f} WHERE t > {_threshold(c, _END - span)}" for c, f in froms.items()
        }

    nanoseconds = "(epoch_ns(t) // {0} * {0})"
    strftime = "sum(length(strftime(t, '%Y-%m-%dT%H:%M:%S.%f') || '0Z'))"
    return {
        "`t > ago(1h)`": ago(_HOUR),
        "`t > ago(1d)`": ago(_DAY),
        "`t > ago(30d)`": ago(30 * _DAY),
        "count by `bin(t, 10m)`": {
            "ticks": f"SELECT count(*) FROM (SELECT t // {_TEN_MINUTES} * {_TEN_MINUTES} AS b,"
            f" count(*) {ticks} GROUP BY b)",
            "TIMESTAMP": "SELECT count(*) FROM (SELECT time_bucket(INTERVAL 10 MINUTE, t) AS b,"
            f" count(*) {micro} GROUP BY b)",
            "TIMESTAMP_NS": "SELECT count(*) FROM (SELECT"
            f" {nanoseconds.format(_TEN_MINUTES * 100)} AS b, count(*) {nano} GROUP BY b)",
        },
        "count by `startofday(t)`": {
            "ticks": f"SELECT count(*) FROM (SELECT t // {_DAY} * {_DAY} AS b, count(*) {ticks}"
            " GROUP BY b)",
            "TIMESTAMP": "SELECT count(*) FROM (SELECT date_trunc('day', t) AS b, count(*)"
            f" {micro} GROUP BY b)",
            "TIMESTAMP_NS": "SELECT count(*) FROM (SELECT"
            f" {nanoseconds.format(_DAY * 100)} AS b, count(*) {nano} GROUP BY b)",
        },
        "`startofmonth(t)`": {
            "ticks": "SELECT count(DISTINCT epoch_us(date_trunc('month',"
            f" {_TO_MICROSECONDS.format('t')})) * 10 + {UNIX_EPOCH_TICKS}) {ticks}",
            "TIMESTAMP": f"SELECT count(DISTINCT date_trunc('month', t)) {micro}",
            "TIMESTAMP_NS": f"SELECT count(DISTINCT date_trunc('month', t)) {nano}",
        },
        "`hourofday(t)`": {
            "ticks": f"SELECT sum(CAST(t // {_HOUR} % 24 AS INTEGER)) {ticks}",
            "TIMESTAMP": f"SELECT sum(extract(hour FROM t)) {micro}",
            "TIMESTAMP_NS": f"SELECT sum(extract(hour FROM t)) {nano}",
        },
        "`tostring(t)`": {
            "ticks": f"SELECT sum(length(text_of_datetime(t))) {ticks}",
            "TIMESTAMP": f"SELECT {strftime} {micro}",
            "TIMESTAMP_NS": "SELECT sum(length(left(strftime(t, '%Y-%m-%dT%H:%M:%S.%n'), 27)"
            f" || 'Z')) {nano}",
        },
        "the same, six digits by `strftime`": {
            "ticks": f"SELECT sum(length(strftime({_TO_MICROSECONDS.format('t')},"
            f" '%Y-%m-%dT%H:%M:%S.%f') || CAST(t % 10 AS VARCHAR) || 'Z')) {ticks}",
            "TIMESTAMP": f"SELECT {strftime} {micro}",
        },
    }


def _sizes(database: duckdb.DuckDBPyConnection, folder: Path) -> list[list[str]]:
    rows = []
    for span, ticks in {"1h": _HOUR, "1d": _DAY}.items():
        scanned = [
            _row_groups(
                database,
                f"SELECT sum(v) FROM '{_file(folder, c)}' WHERE t > {_threshold(c, _END - ticks)}",
            )
            for c in CANDIDATES
        ]
        moment = _TO_MICROSECONDS.format(_END - ticks)
        converted = _row_groups(
            database,
            f"SELECT sum(v) FROM '{_file(folder, 'ticks')}'"
            f" WHERE {_TO_MICROSECONDS.format('t')} > {moment}",
        )
        rows.append([f"row groups read for `t > ago({span})`", *scanned, converted])
    sizes = [_column_bytes(database, _file(folder, c)) / ROWS for c in CANDIDATES]
    rows.append(["bytes a row in Parquet", *(f"{size:.2f}" for size in sizes), ""])
    return rows


def _row_groups(database: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The row groups that a scan read, of all, as DuckDB's profile counts them."""
    row = database.execute(f"EXPLAIN (ANALYZE, FORMAT json) {sql}").fetchone()
    if row is None:
        raise RuntimeError("no profile")
    query = json.loads(row[1])["query"]
    return f"{query['total_row_groups_scanned']} of {query['total_row_groups_to_scan']}"


def _column_bytes(database: duckdb.DuckDBPyConnection, file: str) -> int:
    row = database.execute(
        "SELECT sum(total_compressed_size) FROM parquet_metadata(?) WHERE path_in_schema = 't'",
        [file],
    ).fetchone()
    if row is None:
        raise RuntimeError("no metadata")
    return int(row[0])
