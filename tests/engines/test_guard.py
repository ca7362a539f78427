"""What a user's SQL may say: lists of both, each refusal with what it must name."""

from __future__ import annotations

import duckdb
import pytest

from vedette.engines.base import Limits
from vedette.engines.duckdb.guard import allowed_functions, refusals
from vedette.engines.duckdb.session import DuckDBEngine

TABLES = {"process_event", "web_event"}

ALLOWED = """
SELECT * FROM process_event WHERE host = 'x' AND time > TIMESTAMP '2020-01-01' ORDER BY 1
select * from Process_Event as p join web_event w using (host)
WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT count(*) FROM b GROUP BY ALL
WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a WHERE x < 5) SELECT * FROM a
SELECT (SELECT max(time) FROM web_event), EXISTS (SELECT 1), host IN (SELECT 'a') FROM web_event
SELECT sum(1) OVER (PARTITION BY host ORDER BY time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
SELECT CASE WHEN host LIKE 'a%' THEN 1 END, CAST(1 AS VARCHAR), host[1:2] FROM process_event
SELECT list_transform([1, 2], lambda x: x + 1), {'a': 1}.a, regexp_extract('b', 'a'), now()
SELECT DISTINCT ON (host) * EXCLUDE (time) FROM process_event LIMIT 10
SELECT * FROM process_event USING SAMPLE 10%
SELECT unnest([1, 2]), * FROM range(3), generate_series(1, 2), unnest([1])
FROM process_event
VALUES (1)
SELECT text_of_real(0.1), INTERVAL 1 DAY, DATE '2020-01-01'
UNPIVOT process_event ON host INTO NAME n VALUE v
""".strip().splitlines()

REFUSED = [
    ("SELECT * FROM read_text('/etc/passwd')", "read_text"),
    ("SELECT * FROM read_csv('/etc/passwd')", "read_csv"),
    ("SELECT * FROM read_csv_auto('/etc/passwd')", "read_csv_auto"),
    ("SELECT * FROM read_parquet('/etc/passwd')", "read_parquet"),
    ("SELECT * FROM parquet_scan('/etc/passwd')", "parquet_scan"),
    ("SELECT * FROM parquet_metadata('/etc/passwd')", "parquet_metadata"),
    ("SELECT * FROM read_json('/etc/passwd')", "read_json"),
    ("SELECT * FROM read_ndjson_objects('/etc/passwd')", "read_ndjson_objects"),
    ("SELECT * FROM read_blob('/etc/passwd')", "read_blob"),
    ("SELECT * FROM sniff_csv('/etc/passwd')", "sniff_csv"),
    ("SELECT * FROM glob('/etc/*')", "glob"),
    ("SELECT * FROM '/etc/passwd'", "no table /etc/passwd"),
    ("SELECT * FROM 'file.parquet'", "no table file.parquet"),
    ("SELECT * FROM \"https://example.org/x.csv\"", "no table"),
    ("COPY process_event TO '/etc/x'", "only a SELECT"),
    ("COPY (SELECT 1) TO '/etc/x'", "only a SELECT"),
    ("ATTACH '/etc/x.db'", "only a SELECT"),
    ("DETACH memory", "only a SELECT"),
    ("USE memory", "only a SELECT"),
    ("INSTALL httpfs", "only a SELECT"),
    ("LOAD httpfs", "only a SELECT"),
    ("PRAGMA database_list", "only a SELECT"),
    ("SET threads = 1", "only a SELECT"),
    ("RESET threads", "only a SELECT"),
    ("SET VARIABLE x = 1", "only a SELECT"),
    ("SELECT getenv('HOME')", "getenv"),
    ("SELECT current_setting('threads')", "current_setting"),
    ("SELECT getvariable('x')", "getvariable"),
    ("SELECT * FROM duckdb_settings()", "duckdb_settings"),
    ("SELECT * FROM duckdb_secrets()", "duckdb_secrets"),
    ("SELECT * FROM which_secret('s3://x', 's3')", "which_secret"),
    ("SELECT * FROM duckdb_views", "no table duckdb_views"),
    ("SELECT * FROM pragma_version()", "pragma_version"),
    ("SELECT * FROM sqlite_master", "no table sqlite_master"),
    ("SELECT * FROM pg_class", "no table pg_class"),
    ("SELECT * FROM information_schema.tables", "schema"),
    ("SELECT * FROM memory.main.process_event", "schema"),
    ("SELECT main.abs(1)", "abs"),
    ("CREATE TABLE t (a INTEGER)", "only a SELECT"),
    ("CREATE MACRO f() AS 1", "only a SELECT"),
    ("CREATE SECRET s (TYPE s3)", "only a SELECT"),
    ("DROP VIEW process_event", "only a SELECT"),
    ("INSERT INTO process_event VALUES (1)", "only a SELECT"),
    ("UPDATE process_event SET host = 'x'", "only a SELECT"),
    ("DELETE FROM process_event", "only a SELECT"),
    ("EXPORT DATABASE '/etc/x'", "only a SELECT"),
    ("IMPORT DATABASE '/etc/x'", "only a SELECT"),
    ("CALL pragma_version()", "only a SELECT"),
    ("EXPLAIN SELECT 1", "only a SELECT"),
    ("PREPARE p AS SELECT 1", "only a SELECT"),
    ("EXECUTE p", "only a SELECT"),
    ("CHECKPOINT", "only a SELECT"),
    ("BEGIN", "only a SELECT"),
    ("SELECT 1; SELECT 2", "one SELECT"),
    ("SELECT 1; DROP VIEW process_event", "only a SELECT"),
    ("", "one SELECT"),
    ("SELECT * FROM query('SELECT 1')", "query"),
    ("SELECT * FROM query_table('process_event')", "query_table"),
    ("SELECT json_execute_serialized_sql('{}')", "json_execute_serialized_sql"),
    ("SELECT * FROM json_execute_serialized_sql('{}')", "json_execute_serialized_sql"),
    ("SELECT json_deserialize_sql('{}')", "json_deserialize_sql"),
    ("SELECT * FROM arrow_scan(1, 2, 3)", "arrow_scan"),
    ("SELECT * FROM pandas_scan(1)", "pandas_scan"),
    ("SELECT nextval('s')", "nextval"),
    ("SELECT setseed(0.5)", "setseed"),
    ("SELECT sleep_ms(1000000)", "sleep_ms"),
    ("SELECT write_log('x')", "write_log"),
    ("SELECT current_query()", "current_query"),
    ("DESCRIBE process_event", "DESCRIBE"),
    ("SHOW TABLES", "DESCRIBE or SHOW"),
    ("SUMMARIZE process_event", "DESCRIBE"),
    ("SELECT * FROM (DESCRIBE process_event)", "DESCRIBE"),
    ("SELECT $1", "PARAMETER"),
    ("SELECT ?", "PARAMETER"),
    ("SELECT * FROM process_event AT (VERSION => 3)", "AT"),
    ("SELECT host::main.secret FROM process_event", "schema"),
    ("SELECT 1 FROM process_event ORDER BY read_text('x')", "read_text"),
    ("SELECT count(*) FILTER (WHERE read_text('x') = 'a') FROM process_event", "read_text"),
    ("SELECT 1 QUALIFY row_number() OVER (PARTITION BY read_text('x')) = 1", "read_text"),
    ("SELECT list_transform([1], lambda x: read_text(x))", "read_text"),
    ("SELECT * FROM process_event, LATERAL (SELECT read_text(host))", "read_text"),
    ("SELECT * FROM range((SELECT count(*) FROM read_text('x')))", "read_text"),
    ("WITH a AS (SELECT * FROM read_text('x')) SELECT 1", "read_text"),
    ("WITH a AS (FROM sqlite_master), sqlite_master AS (SELECT 1) FROM a", "sqlite_master"),
    ("SELECT * FROM (WITH pg_class AS (SELECT 1) FROM pg_class) x, pg_class", "no table pg_class"),
    ("SELECT * FROM process_event LIMIT (SELECT read_text('x'))", "read_text"),
    ("PIVOT process_event ON host USING count(*)", "only a SELECT"),
]  # fmt: skip


@pytest.mark.parametrize("text", ALLOWED)
def test_what_only_reads_and_computes_is_allowed(text: str) -> None:
    assert refusals(text, TABLES) == []


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_everything_else_is_refused(text: str, told: str) -> None:
    assert told in " | ".join(refusal.message for refusal in refusals(text, TABLES))


def test_a_refusal_points_to_its_place_in_characters() -> None:
    text = "SELECT 'é👍', read_blob('x') FROM nowhere"
    first, second = refusals(text, TABLES)
    assert text[first.offset : first.offset + first.length] == "read_blob('x')"
    assert text[second.offset : second.offset + second.length] == "nowhere"


def test_a_syntax_error_points_to_its_place() -> None:
    (refusal,) = refusals("SELECT 1 FRM x y z", TABLES)
    assert "syntax error" in refusal.message
    assert refusal.offset == 13


def test_near_names_are_suggested() -> None:
    (refusal,) = refusals("SELECT * FROM process_events", TABLES)
    assert "process_event" in refusal.hint


def test_every_allowed_function_is_there() -> None:
    with duckdb.connect() as plain:
        there = plain.execute("SELECT DISTINCT lower(function_name) FROM duckdb_functions()")
        known = {name for (name,) in there.fetchall()}
    keywords = {"coalesce", "unnest", "current_date", "current_timestamp"}
    windows = {"cume_dist", "dense_rank", "fill", "first_value", "lag", "last_value", "lead"}
    windows |= {"nth_value", "ntile", "percent_rank", "rank", "rank_dense", "row_number"}
    engine = DuckDBEngine()
    with engine._database(Limits(), by_user=True) as ours:
        macros = ours.execute("SELECT function_name FROM duckdb_functions() WHERE NOT internal")
        known |= {name for (name,) in macros.fetchall()}
    assert allowed_functions() - known - keywords - windows == set()
