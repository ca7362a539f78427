"""Asking AQL over a few stored events: the whole way from text to rows, without reading logs."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.aql import Mappings, bind
from vedette.engines.base import Limits, Stored
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan.check import check
from vedette.plan.passes.prune_columns import prune_columns
from vedette.plan.types import Type, ticks_of
from vedette.syntax import Findings, QueryError, Source
from vedette.tables.catalog import Catalog, event_tables
from vedette.tables.views import expand_views

NOW = dt.datetime(2026, 11, 21, 12, 0, 0, tzinfo=dt.UTC)
WINDOWS = "Microsoft Windows Security Event Log"
SYSMON = {"log_source_type": WINDOWS, "provider": "Microsoft-Windows-Sysmon", "event_code": 1}
ARROW = {
    Type.BOOL: pa.bool_(),
    Type.INT: pa.int32(),
    Type.LONG: pa.int64(),
    Type.DATETIME: pa.int64(),
}


@dataclass(frozen=True)
class Answer:
    """The rows of a query, their columns' names and types, and the names of its repairs."""

    columns: list[str]
    types: list[Type]
    rows: list[tuple[Any, ...]]
    repairs: list[str]
    advice: list[str]

    @property
    def only(self) -> Any:
        """The value of the one column of the one row."""
        ((value,),) = self.rows
        return value


class Ask:
    """A few stored events, and the clock at NOW."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog = Catalog()
        self.engine = DuckDBEngine((folder,))
        self.stored: dict[str, Stored] = {}

    def store(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Keep rows of an event table; a row's ``ago`` is its age in seconds (default a minute)."""
        columns = event_tables()[table]
        filled = []
        for row in rows:
            at = ticks_of(NOW - dt.timedelta(seconds=row.get("ago", 60)))
            filled.append({"time": at, "raw": "", **{k: v for k, v in row.items() if k != "ago"}})
        unknown = {name for row in filled for name in row} - set(columns)
        assert not unknown
        schema = pa.schema([(c, ARROW.get(t, pa.string())) for c, t in columns.items()])
        file = self.folder / f"{table}-{len(self.stored)}.parquet"
        pq.write_table(pa.Table.from_pylist(filled, schema=schema), file)
        self.stored[table] = Stored((str(file),), columns)
        self.engine.attach(self.stored)

    def __call__(
        self, text: str, *, strict: bool = False, mappings: Mappings | None = None
    ) -> Answer:
        """Run a query; problems are raised."""
        findings = Findings(Source(text), strict)
        now = ticks_of(NOW)
        plan = bind(findings.source, self.catalog, now, findings, mappings or Mappings())
        check(plan)
        plan = prune_columns(expand_views(prune_columns(plan), self.catalog, self.stored))
        check(plan)
        compiled = self.engine.compile(plan)
        table = self.engine.run(compiled, Limits(threads=1))
        rows = list(zip(*(c.to_pylist() for c in table.columns), strict=True))
        return Answer(
            [name for name, _ in compiled.columns],
            [kind for _, kind in compiled.columns],
            rows,
            [repair.name for repair in findings.repairs],
            [problem.code for problem in findings.problems],
        )


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return an empty store to put events into and to ask."""
    return Ask(tmp_path)


@pytest.fixture(scope="module")
def one_event(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a store with one process event, shared by a module's tests."""
    ask = Ask(tmp_path_factory.mktemp("one"))
    ask.store("process_event", {**SYSMON, "process_path": r"C:\Windows\System32\cmd.exe"})
    return ask


@pytest.fixture
def refusal() -> Callable[..., list[tuple[str, str]]]:
    """Return a way to get the codes and messages that a query is refused with."""

    def codes(text: str, strict: bool = False) -> list[tuple[str, str]]:
        findings = Findings(Source(text), strict)
        with pytest.raises(QueryError):
            bind(findings.source, Catalog(), ticks_of(NOW), findings)
        return [(p.code, p.message) for p in findings.ordered() if p.severity == "error"]

    return codes
