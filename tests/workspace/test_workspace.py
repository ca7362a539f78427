"""The Python API, as its users call it."""

import datetime as dt
import json
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

import vedette
from vedette import QueryError, Workspace
from vedette.workspace import Limits

PROCESSES = [
    {"at": "2026-01-01T08:00:00Z", "name": "curl", "arguments": {"depth": 1}, "took": "00:00:02"},
    {"at": "2026-01-01T09:00:00.1234567Z", "name": None, "arguments": None, "took": None},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of a table of our own."""
    file = tmp_path / "tools.jsonl"
    file.write_text("".join(json.dumps(p) + "\n" for p in PROCESSES))
    return file


def declared(path: Path | None = None) -> Workspace:
    """A workspace with the table Tools."""
    workspace = Workspace(path)
    columns = {"at": "datetime", "name": "string", "arguments": "dynamic", "took": "timespan"}
    workspace.declare("Tools", columns)
    return workspace


def test_a_declared_table_is_empty_and_has_its_columns() -> None:
    result = declared().query("Tools")
    assert result.rows() == []
    assert [(c.name, c.type) for c in result.columns] == [
        ("at", "datetime"), ("name", "string"), ("arguments", "dynamic"), ("took", "timespan"),
    ]  # fmt: skip


def test_values_are_pythons(log: Path) -> None:
    with declared() as workspace:
        report = workspace.ingest(log, table="Tools")
        assert (report.read, report.stored, report.quarantined, report.skipped) == (2, 2, 0, 0)
        first, second = workspace.query("Tools | sort by at asc").rows()
    assert first == (
        dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC), "curl", {"depth": 1}, dt.timedelta(seconds=2),
    )  # fmt: skip
    assert second[1:] == ("", None, None)
    assert second[0] == dt.datetime(2026, 1, 1, 9, 0, 0, 123456, tzinfo=dt.UTC)


def test_ticks_keep_the_seventh_digit(log: Path) -> None:
    with declared() as workspace:
        workspace.ingest(log, table="Tools")
        result = workspace.query("Tools | where isempty(name) | project at")
        (ticks,) = result.ticks(0)
    assert ticks is not None
    assert ticks % 10_000_000 == 1_234_567


def test_arrow_has_the_fields_own_types(log: Path) -> None:
    with declared() as workspace:
        workspace.ingest(log, table="Tools")
        table = workspace.query("Tools | project at, took, name").to_arrow()
    assert table.schema.names == ["at", "took", "name"]
    assert table.schema.field("at").type == pa.timestamp("us", "UTC")
    assert table.schema.field("took").type == pa.duration("us")


def test_columns_whose_names_differ_in_case_live_side_by_side() -> None:
    workspace = Workspace()
    workspace.declare("T", {"IPAddress": "string", "IpAddress": "string"})
    result = workspace.query("T | project IpAddress, IPAddress")
    assert [c.name for c in result.columns] == ["IpAddress", "IPAddress"]


def test_a_guid_is_a_uuid() -> None:
    text = "74be27de-1e4e-49d9-b579-fe0b331d3642"
    assert Workspace().query(f"print guid({text})").rows() == [(UUID(text),)]


def test_declaring_again_adds_columns() -> None:
    workspace = declared()
    workspace.declare("Tools", {"user": "string"})
    assert [c.name for c in workspace.query("Tools").columns][-1] == "user"


@pytest.mark.parametrize(
    ("columns", "message"),
    [({"at": "long"}, "at of Tools is datetime, not long"), ({"x": "strnig"}, "'string'")],
)
def test_a_declaration_that_cannot_stand_is_refused(columns: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declared().declare("Tools", columns)


def test_a_folder_keeps_tables_and_rows(tmp_path: Path, log: Path) -> None:
    folder = tmp_path / "workspace"
    with declared(folder) as workspace:
        workspace.ingest(log, table="Tools")
    with Workspace(folder) as again:
        assert again.query("Tools | count").rows() == [(2,)]
        assert again.ingest(log, table="Tools").skipped == 2
        (status,) = again.status()
    assert (status.name, status.rows) == ("Tools", 2)


def test_every_problem_of_a_text_is_told() -> None:
    text = "DeviceProcessEvents\n| where FileNam == 'x'\n| extend y = tolowr(FileName)"
    with pytest.raises(QueryError) as refused:
        Workspace().query(text)
    places = [(p.code, p.line, p.column) for p in refused.value.problems]
    assert places == [("KS142", 2, 9), ("KS211", 3, 14)]
    assert "FileName" in refused.value.problems[0].hint
    assert "tolower" in refused.value.problems[1].hint


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ValueError, match="no query language 'spl'; there are kql, aql, sigma, sql"):
        Workspace().query("x", language="spl")


def test_the_clock_is_the_callers_and_has_one_value() -> None:
    now = dt.datetime(2020, 2, 29, 12, tzinfo=dt.UTC)
    result = Workspace().query("print a = now(), b = ago(1d), c = now() == now()", now=now)
    assert result.rows() == [(now, now - dt.timedelta(days=1), True)]


def test_a_window_hides_what_lies_outside_it(log: Path) -> None:
    start, end = (dt.datetime(2026, 1, 1, hour, tzinfo=dt.UTC) for hour in (7, 8))
    with declared() as workspace:
        workspace.ingest(log, table="Tools")
        inside = workspace.query("Tools | project name", window=(start, end)).rows()
        after = workspace.query("Tools", window=(end, end)).rows()
    assert inside == [("curl",)]
    assert after == []


def test_a_query_that_takes_too_long_is_stopped() -> None:
    workspace = Workspace(limits=Limits(seconds=0.2))
    with pytest.raises(QueryError) as stopped:
        workspace.query(
            "SELECT count(*) FROM range(100000) a, range(100000) b, range(10) c", language="sql"
        )
    assert [p.kind for p in stopped.value.problems] == ["limit"]


def test_public_names() -> None:
    assert set(vedette.__all__) >= {"Problem", "QueryError", "Workspace"}


LINE = '203.0.113.9 - - [20/Nov/2026:08:00:00 +0000] "GET /vendors HTTP/1.1" 200 5 "-" "curl/8"\n'


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ('SELECT "SourceIP" FROM CommonSecurityLog', [("203.0.113.9",)]),
        ("SELECT sourceip, \"URL\" LIKE '%vendors%' FROM events", [("203.0.113.9", True)]),
        ("SELECT source_ip FROM web_event", [("203.0.113.9",)]),
        ("SELECT time FROM web_event", [(dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC),)]),
        ("SELECT count(*) FROM Mine", [(0,)]),
        ("SELECT csUserAgent FROM w3ciislog", []),  # which shows IIS alone
    ],
)
def test_sql_reads_platforms_stored_and_declared_tables(
    query: str, rows: list[object], tmp_path: Path
) -> None:
    (tmp_path / "access.log").write_text(LINE)
    with Workspace() as workspace:
        workspace.declare("Mine", {"x": "long"})
        workspace.ingest(tmp_path / "access.log")
        assert workspace.query(query, language="sql").rows() == rows


@pytest.mark.parametrize(
    "query",
    ["SELECT * FROM read_text('/etc/passwd')", "SELECT getenv('HOME')", "PRAGMA database_list",
     "COPY (SELECT 1) TO 'x'", "ATTACH 'x'", "SELECT 1; SELECT 2", "SELECT * FROM 'x.parquet'",
     "SELECT * FROM glob('*')", "DROP TABLE Tools", "SELECT * FROM NoSuchTable"],
)  # fmt: skip
def test_sql_reaches_nothing_but_tables(query: str) -> None:
    with pytest.raises(QueryError) as refused, declared() as workspace:
        workspace.query(query, language="sql")
    assert {p.kind for p in refused.value.problems} == {"unsupported"}
