"""A workspace: takes logs and queries, gives results.

The one seam between what is stored and what asks; everything above sees only this.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import pyarrow as pa

from vedette.engines.base import Compiled, Limits, RunFailed, Stored, Unsupported
from vedette.plan.expressions import Expression, Fields
from vedette.plan.passes.bound_time import bound_time
from vedette.plan.passes.filter_first import filter_first
from vedette.plan.passes.fuse_text_tests import fuse_text_tests
from vedette.plan.passes.prune_columns import prune_columns
from vedette.plan.passes.trace_events import trace_events
from vedette.plan.relations import Plan, Scan
from vedette.plan.types import Type, ticks_of
from vedette.plan.value_text import read_json
from vedette.syntax import NOWHERE, Findings, Problem, QueryError, Source, Span
from vedette.tables.catalog import Catalog, view_names
from vedette.tables.views import expand_views, fields_after
from vedette.workspace.beside import Beside, WithBeside
from vedette.workspace.cache import Compilations, Question
from vedette.workspace.collecting import without_collecting
from vedette.workspace.languages import LANGUAGES, Setting
from vedette.workspace.outside import reader_of
from vedette.workspace.result import Compilation, Result
from vedette.workspace.upkeep import WithUpkeep

if TYPE_CHECKING:
    from vedette.aql.properties import Mappings
    from vedette.engines.duckdb.session import DuckDBEngine
    from vedette.kql import Given
    from vedette.workspace.events import Event, Volume
    from vedette.workspace.manifest import Store

DEFAULT_LIMITS = Limits(seconds=300, memory_bytes=4 * 1024**3)
"""What a query may take where nobody says otherwise; threads are as many as there are cores."""

Window = tuple[dt.datetime, dt.datetime]


class Workspace(WithBeside, WithUpkeep):
    """Tables of logs and the queries over them, in memory or in a folder.

    Without *path* nothing outlives the object: what is ingested lies in a temporary folder that
    goes with it. *limits* bound every query's seconds, memory and threads. *mappings* say what
    names stand for that a stock QRadar lacks; a folder's own are in its ``mappings.toml``, a table
    of the keys that ``Mappings.of`` takes. *allow* lists what ``externaldata`` may read: folders,
    files, and ``address=file`` for a copy of what lies at an address; nothing is fetched.
    *functions* are files and folders of saved KQL functions, beside those in a folder's own
    ``functions``; *geo* is a MaxMind file that says where addresses are (else ``geo.mmdb``).
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        limits: Limits | None = None,
        mappings: Mappings | None = None,
        allow: Iterable[str | Path] = (),
        functions: Iterable[str | Path] = (),
        geo: str | Path | None = None,
    ) -> None:
        """Open the workspace of the folder *path*, made if it is absent.

        Raises StorageError where it cannot be made, ManifestError (both RuntimeErrors) for one that
        is damaged or of a newer version, ValueError for mappings that cannot be read.
        """
        self.limits = limits or DEFAULT_LIMITS
        self._outside = reader_of(allow)
        self.mappings = mappings or _mappings_of(path)
        self.catalog = Catalog()
        self._path = Path(path) if path is not None else None
        self._beside = Beside(self._path, functions, geo)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._store: Store | None = None
        self._engine: DuckDBEngine | None = None
        self._shown_to_sql: DuckDBEngine | None = None
        self._compilations = Compilations()
        self._stored: Mapping[str, Stored] = {}
        if self._path is not None:
            for table, columns in self.store.declared().items():
                self.catalog.declare(table, columns)
            self._stored = self.store.stored()

    @property
    def store(self) -> Store:
        """The folder's lake and manifest, opened when first needed."""
        from vedette.workspace.manifest import Store

        if self._store is None:
            if self._path is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="vedette-")
                self._store = Store(Path(self._temporary.name))
            else:
                self._store = Store(self._path)
        return self._store

    # --- tables and logs ----------------------------------------------------------------------

    def declare(self, table: str, columns: Mapping[str, str]) -> None:
        """Add an empty table, or further columns to one that is there.

        *columns* maps names to KQL type names. Raises SchemaError (a ValueError) for an unknown
        type and for another type of a column that is there.
        """
        declared = self.catalog.declare(table, columns)
        self._shown_to_sql = None
        if self._path is not None:
            self.store.remember(table, {c: str(t) for c, t in declared.columns.items()})

    def allow(self, places: Iterable[str | Path]) -> None:
        """Let ``externaldata`` read these places from now on, and no others."""
        self._outside = reader_of(places)
        self._compilations.clear()

    # --- queries ------------------------------------------------------------------------------

    def query(
        self,
        text: str,
        language: str = "kql",
        now: dt.datetime | None = None,
        strict: bool = False,
        *,
        name: str = "query",
        output: str | None = None,
        window: Window | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Result:
        """Run a query and give its rows.

        *now* is the query's clock (a naive datetime is read as UTC), *strict* refuses what the
        vendor refuses, *output* names a KQL ``let`` table whose rows are wanted, *window* hides
        events outside ``start < time <= end``, *parameters* are values of KQL's query parameters by
        name, as Python has them or as text, or of a Sigma rule's placeholders: a value or a list.
        Raises QueryError with every problem of the text.
        """
        compilation = self.compile(
            text, language, now, strict, name=name, output=output, window=window,
            parameters=parameters,
        )  # fmt: skip
        return Result(compilation, self._run(compilation.compiled, Source(text, name)))

    def compile(
        self,
        text: str,
        language: str = "kql",
        now: dt.datetime | None = None,
        strict: bool = False,
        *,
        name: str = "query",
        output: str | None = None,
        window: Window | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Compilation:
        """Read and bind a query without running it; arguments and errors as for :meth:`query`."""
        if language == "sql":
            return self._compile_sql(text, name)
        ticks = (ticks_of(window[0]), ticks_of(window[1])) if window else None
        values = repr(sorted((parameters or {}).items()))
        version = self.catalog.version
        question = Question(text, language, strict, output, ticks, version, values)
        clock = ticks_of(now) if now is not None else None
        known = self._compilations.find(question, clock)
        if known is not None:
            return known
        findings = Findings(Source(text, name), strict)
        with without_collecting():
            plan = self._bind(text, language, now, findings, output, window, parameters)
            compilation = self._lower(plan, findings, window)
        self._compilations.keep(question, clock, compilation)
        return compilation

    def plan(
        self,
        text: str,
        language: str,
        now: dt.datetime,
        strict: bool = False,
        *,
        name: str = "query",
    ) -> Plan:
        """What a query means, over the catalogue's tables; arguments and errors as for compile."""
        return self._bind(text, language, now, Findings(Source(text, name), strict), None)

    def trace(
        self, compilation: Compilation, source: Source, window: Window | None, most: int = 10_000
    ) -> tuple[Result, list[list[str]]]:
        """The rows of a compiled query as seen in *window*, and each row's event identities.

        *compilation* comes from :meth:`compile`; at most *most* identities are kept of the events
        that an aggregate folds into one row.
        """
        if compilation.plan is None:
            raise ValueError("SQL is not traced")
        plan = self.stored_plan(compilation.plan, window)
        fields = fields_after(plan)
        plan, traces = trace_events(plan, self._identity, fields, most)
        compiled = self.engine.compile(plan)
        table = self._run(compiled, source)
        width = len(compilation.columns)
        events = [table.column(width + i).to_pylist() for i in range(len(traces))]
        kinds = [f.type for f in traces]
        identities = [_flat(row, kinds) for row in zip(*events, strict=True)] if events else []
        rows = table.select(range(width)) if traces else table
        return Result(compilation, rows), identities or [[] for _ in range(table.num_rows)]

    def _bind(
        self,
        text: str,
        language: str,
        now: dt.datetime | None,
        findings: Findings,
        output: str | None,
        window: Window | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Plan:
        if language not in LANGUAGES:
            known = ", ".join([*LANGUAGES, "sql"])
            raise ValueError(f"no query language '{language}'; there are {known}")
        clock = ticks_of(now or dt.datetime.now(dt.UTC))
        try:
            given = self._given(window, parameters) if language == "kql" else None
            beside = self._beside.for_rules(parameters) if language == "sigma" else None
            mappings = self._beside.mappings(self.mappings) if language == "aql" else None
        except ValueError as unreadable:  # a file of saved functions, values of placeholders
            findings.add("VD002", "source", str(unreadable), NOWHERE)
            raise QueryError(findings.ordered(), findings.source) from unreadable
        setting = Setting(self.catalog, clock, output, mappings, given, beside)
        try:
            plan = LANGUAGES[language](findings.source, setting, findings)
        except Unsupported as lack:  # of rows that the query's columns hang on
            _refuse(lack, findings)
        findings.raise_errors()
        return plan

    def _given(self, window: Window | None, parameters: Mapping[str, Any] | None) -> Given:
        from vedette.kql import Given

        def look(plan: Plan) -> list[tuple[Any, ...]]:
            compiled = self.engine.compile(self.stored_plan(prune_columns(plan), window))
            rows = self._run(compiled, Source("", "columns"))
            return Result(Compilation(compiled, (), (), plan), rows).rows()

        return Given(
            holds=lambda table: bool(self.stored_behind(table)),
            parameters=parameters or {},
            outside=self._outside,
            look=look,
            functions=self._beside.functions,
            watchlist=self._beside.watchlists.find,
            aliases=self._beside.watchlists.aliases,
            places=lambda: self._beside.places,
        )

    def _lower(self, plan: Plan, findings: Findings, window: Window | None) -> Compilation:
        stored = self.stored_plan(plan, window)
        try:
            compiled = self.engine.compile(stored)
        except Unsupported as lack:
            _refuse(lack, findings)
        return Compilation(compiled, findings.ordered(), tuple(findings.repairs), plan, stored)

    def _compile_sql(self, text: str, name: str) -> Compilation:
        from vedette.engines.duckdb.guard import SqlRefused

        findings = Findings(Source(text, name))
        try:
            self._show_tables()
            return Compilation(self.engine.compile_sql(text), (), (), None)
        except SqlRefused as refused:
            for refusal in refused.refusals:
                span = Span(refusal.offset, min(len(text), refusal.offset + refusal.length))
                findings.add("VD030", "unsupported", refusal.message, span, hint=refusal.hint)
            findings.raise_errors()
            raise

    def _show_tables(self) -> None:
        """Let users' SQL read platforms' and declared tables, not only those that are stored."""
        if self._shown_to_sql is self.engine:
            return
        names = {n for n in view_names() if self.stored_behind(n)} | set(self.catalog.declared)
        plans = {}
        for name in sorted(names):
            table = self.catalog.table(name)
            if table is not None:
                fields = Fields()
                made = tuple(fields.new(column, type) for column, type in table.columns.items())
                scan = Scan(name, made, tuple(table.columns))
                plans[name] = expand_views(Plan(scan), self.catalog, self._stored)
        self.engine.show(plans)
        self._shown_to_sql = self.engine

    def stored_plan(
        self, plan: Plan, window: Window | None = None, stored: Container[str] | None = None
    ) -> Plan:
        """A plan over the catalogue's tables as one over stored tables, as it is carried out.

        *window* hides events outside ``start < time <= end``; *stored* names the tables that have
        rows, where these are not the workspace's own.
        """
        if window is not None:
            after, until = (ticks_of(moment) for moment in window)
            plan = bound_time(plan, self._time_column, fields_after(plan), after, until)
        has_rows = self._stored if stored is None else stored
        over = prune_columns(expand_views(prune_columns(plan), self.catalog, has_rows))
        return filter_first(fuse_text_tests(over))

    def _time_column(self, table: str) -> str | None:
        known = self.catalog.table(table)
        return known.time_column if known else None

    def _identity(self, table: str) -> str | None:
        stored = self._stored.get(table)
        return "event_id" if stored is not None and "event_id" in stored.columns else None

    def _run(self, compiled: Compiled, source: Source) -> pa.Table:
        try:
            return self.engine.run(compiled, self.limits)
        except RunFailed as failure:
            message = str(failure)
            hint = f"raise the {failure.limit} limit, or narrow the query" if failure.limit else ""
            code = "VD021" if failure.limit else "VD020"
            problem = Problem(code, "limit", "error", message, NOWHERE, 1, 1, hint=hint)
            raise QueryError([problem], source) from failure

    # --- events -------------------------------------------------------------------------------

    def run_plan(self, plan: Plan, name: str = "plan") -> Result:
        """The rows of a plan that code has built over the catalogue's tables."""
        compiled = self.engine.compile(self.stored_plan(plan, None))
        return Result(Compilation(compiled, (), (), plan), self._run(compiled, Source("", name)))

    def stored_behind(self, table: str) -> tuple[str, ...]:
        """The stored tables whose rows a platform's table, or a stored one, can show."""
        from vedette.workspace.events import stored_behind

        return stored_behind(self, table, self.stored)

    def volume(self, table: str, size: dt.timedelta) -> tuple[Volume, ...]:
        """How many rows of *table* there are in each *size* of time, oldest first."""
        from vedette.workspace.events import volume

        return volume(self, table, size)

    def event_times(
        self, identities: Iterable[str], tables: Iterable[str]
    ) -> dict[str, dt.datetime]:
        """When the events of these identities, stored in *tables*, happened."""
        from vedette.workspace.events import event_times

        return event_times(self, identities, tables)

    def events(self, identities: Iterable[str], tables: Iterable[str]) -> list[Event]:
        """The events of these identities that are stored in *tables*, oldest first."""
        from vedette.workspace.events import events

        return events(self, identities, tables)

    # --- what lies below ----------------------------------------------------------------------

    @property
    def stored(self) -> Mapping[str, Stored]:
        """The tables that have rows, by name."""
        return self._stored

    @property
    def engine(self) -> DuckDBEngine:
        """The engine over what is stored now."""
        from vedette.engines.duckdb.session import DuckDBEngine

        if self._engine is None:
            has_store = self._store is not None or self._path is not None
            self._engine = DuckDBEngine(directories=(self.store.lake,) if has_store else ())
            if has_store:
                self._stored = self.store.stored()
                self._engine.attach(self._stored)
                self._compilations.clear()
        return self._engine

    def _attach(self) -> None:
        """Show queries what is stored now; a new engine reads it when it is first used."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._compilations.clear()
        self._stored = self.store.stored()

    def evaluate(self, expressions: Sequence[Expression], rows: pa.Table) -> pa.Table:
        """What expressions over some rows' columns are of each row: a column an expression."""
        return self.engine.evaluate(expressions, rows, self.limits)

    def close(self) -> None:
        """Give back files and memory; a workspace without a folder is gone then."""
        if self._engine is not None:
            self._engine.close()
        if self._store is not None:
            self._store.close()
        if self._temporary is not None:
            self._temporary.cleanup()
        self._engine = self._store = self._temporary = None

    def __enter__(self) -> Self:
        """The workspace itself, closed behind the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the workspace."""
        self.close()


def _refuse(lack: Unsupported, findings: Findings) -> NoReturn:
    """Raise, at its place, what the engine cannot carry out."""
    findings.add("VD010", "unsupported", str(lack), lack.span, reason=lack.reason)
    raise QueryError(findings.ordered(), findings.source) from lack


def _mappings_of(folder: str | Path | None) -> Mappings | None:
    """What a folder adds to the mappings of AQL's names; None where it has nothing of the kind."""
    if folder is None or not any(
        (Path(folder) / n).exists() for n in ("mappings.toml", "properties.toml", "reference")
    ):
        return None
    from vedette.aql.properties import Mappings

    return Mappings.of_folder(Path(folder))


def _flat(row: Sequence[Any], kinds: Sequence[Type]) -> list[str]:
    """Each identity once, in order of appearance, out of strings and (nested) JSON arrays."""
    found: dict[str, None] = {}
    pending: list[Any] = [
        read_json(value) if kind is Type.DYNAMIC else value
        for value, kind in zip(row, kinds, strict=True)
        if value is not None
    ]
    while pending:
        value = pending.pop(0)
        if isinstance(value, list):
            pending[:0] = value
        elif isinstance(value, str) and value[:1] == "[":
            pending[:0] = read_json(value)
        elif value is not None:
            found[str(value)] = None
    return list(found)
