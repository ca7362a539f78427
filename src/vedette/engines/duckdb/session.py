"""The engine itself: takes plans and stored tables, gives statements and Arrow rows.

Every statement runs in a DuckDB of this process that reads the given directories only, loads no
extension and has its configuration locked. Memory and threads are settings of a whole DuckDB, so a
run with other limits than any before gets one of its own.
"""

from __future__ import annotations

import json
import re
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from vedette.engines.base import Compiled, Limits, RunFailed, Stored
from vedette.engines.duckdb import computed, guard, macros, writing
from vedette.engines.duckdb.lowering import ABSENT, ROWS
from vedette.engines.duckdb.lowering.elements import elements_of
from vedette.engines.duckdb.results import in_plan_types
from vedette.engines.duckdb.views import Names, shown_view
from vedette.engines.duckdb.watch import Deadline, Watch
from vedette.engines.select import statement
from vedette.engines.sql import Dialect, lower
from vedette.plan.expressions import Expression, fields_of
from vedette.plan.relations import Plan

# GLOBAL: a cursor has none of what was set for the connection that it was made from.
_SETTINGS = (
    "SET GLOBAL autoinstall_known_extensions = false",
    "SET GLOBAL autoload_known_extensions = false",
    "SET GLOBAL allow_community_extensions = false",
    "SET GLOBAL allow_persistent_secrets = false",
    "SET GLOBAL python_enable_replacements = false",
    "SET GLOBAL error_on_division_by_zero = false",
    "SET GLOBAL ieee_floating_point_ops = true",
    "SET GLOBAL preserve_insertion_order = true",
    "SET GLOBAL parquet_metadata_cache = true",  # over 60 files a small query takes 8 ms, not 15
    "SET GLOBAL default_null_order = 'nulls_last'",
    "SET GLOBAL temp_directory = ''",
    "SET GLOBAL TimeZone = 'UTC'",
    "SET GLOBAL errors_as_json = true",
)

_IN_PYTHON = re.compile(r"^Python exception occurred while executing the UDF: \w+: ")


@dataclass(frozen=True, slots=True)
class _Setup:
    """What one DuckDB is opened with; users' SQL gets one with tables in DuckDB's own types."""

    memory_bytes: int | None
    threads: int | None
    by_user: bool


class DuckDBEngine:
    """DuckDB in this process; safe to use from several threads, each run on a cursor of its own."""

    def __init__(self, directories: Sequence[Path] = ()) -> None:
        """Allow reading in these directories, and nothing else of the machine."""
        self._directories = tuple(str(Path(d).resolve()) for d in directories)
        self._names = Names({})
        self._shown: dict[str, str] = {}
        self._databases: dict[_Setup, duckdb.DuckDBPyConnection] = {}
        self._registered: dict[_Setup, set[str]] = {}
        # DuckDB complains at the end of a process about functions that are still registered.
        weakref.finalize(self, _close_all, self._databases)
        self._lock = threading.Lock()
        self._watch = Watch()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duckdb")

    @property
    def directories(self) -> tuple[Path, ...]:
        """The directories that may be read."""
        return tuple(map(Path, self._directories))

    def compile(self, plan: Plan) -> Compiled:
        """The statement for a plan; raises Unsupported."""
        return statement(plan, _dialect(self._names.table, self._names))

    def compile_sql(self, text: str) -> Compiled:
        """A user's own SELECT over the attached tables; raises SqlRefused.

        In it datetimes are TIMESTAMPs in UTC, timespans INTERVALs and dynamic values JSON; results
        come back in the plan's types, lists and structs as dynamic values.
        """
        found = guard.refusals(text, {*self._names.readable(), *self._shown})
        if found:
            raise guard.SqlRefused(found)
        cursor = self._database(Limits(), by_user=True).cursor()
        try:
            relation = _only_select(cursor, text)
            types = [writing.plan_type(str(t)) for t in relation.types]
            return Compiled(text, tuple(zip(relation.columns, types, strict=True)), by_user=True)
        except duckdb.Error as error:
            raise guard.SqlRefused([_mistake(cursor, text, error)]) from error
        finally:
            cursor.close()

    def attach(self, tables: Mapping[str, Stored]) -> None:
        """Make these stored tables, and no others, readable by their names.

        Files must lie in the allowed directories; a column that the files lack is null. Raises
        RunFailed where a file cannot be read.
        """
        self._replace_views(Names(tables), {})

    def show(self, plans: Mapping[str, Plan]) -> None:
        """Let users' SQL read what these plans over attached tables give, under these names.

        A name goes before an attached table's. What is attached next ends it.
        """
        dialect = _dialect(self._names.rows, self._names)
        shown = {name: shown_view(statement(plan, dialect)) for name, plan in plans.items()}
        self._replace_views(self._names, shown)

    def _replace_views(self, names: Names, shown: Mapping[str, str]) -> None:
        with self._lock:
            for key, database in self._databases.items():
                before = _views(self._names, self._shown, key.by_user)
                after = _views(names, shown, key.by_user)
                self._register(key, database, *after.values())
                _show(database, after, before)
            self._names, self._shown = names, dict(shown)

    def run(self, compiled: Compiled, limits: Limits) -> pa.Table:
        """The rows under their names, in the plan's types as ``writing`` says; raises RunFailed.

        A run that takes longer than ``limits.seconds`` is interrupted.
        """
        cursor = self._database(limits, compiled.by_user, compiled.sql).cursor()
        deadline = Deadline(cursor.interrupt)
        try:
            with self._watch.limit(limits.seconds, deadline):
                table = self._interruptible(cursor, compiled.sql)
            return in_plan_types(table, compiled)
        except (duckdb.Error, pa.ArrowInvalid, RuntimeError) as error:
            if deadline.passed:
                raise RunFailed(f"took longer than {limits.seconds:g} seconds", "time") from error
            limit = "memory" if isinstance(error, duckdb.OutOfMemoryException) else None
            raise RunFailed(_reason(error)[0].split("\n", 1)[0], limit) from error
        finally:
            cursor.close()

    def evaluate(
        self, expressions: Sequence[Expression], rows: pa.Table, limits: Limits
    ) -> pa.Table:
        """What expressions over the rows' columns are of each row: a column an expression.

        Their fields have the columns' names and types. Raises Unsupported and RunFailed.
        """
        names = {f: writing.identifier(f.name) for e in expressions for f in fields_of(e)}
        dialect = _dialect(self._names.table, self._names)
        asked = (lower(e, names, dialect) for e in expressions)
        items = ", ".join(f"{sql} AS v{place}" for place, sql in enumerate(asked))
        sql = f"SELECT {items} FROM given_rows"
        cursor = self._database(limits, sql=sql).cursor()
        deadline = Deadline(cursor.interrupt)
        try:
            cursor.register("given_rows", rows)
            with self._watch.limit(limits.seconds, deadline):
                return self._interruptible(cursor, sql)
        except (duckdb.Error, RuntimeError) as error:
            raise RunFailed(_reason(error)[0].split("\n", 1)[0]) from error
        finally:
            cursor.close()

    def _interruptible(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
        """The rows; in the main thread a keyboard interrupt, or what a signal raises, ends the run.

        DuckDB looks for signals while a statement is executed, but not while its rows become Arrow:
        so the work is done by another thread, and the main one waits where signals reach it.
        """
        if threading.current_thread() is not threading.main_thread():
            return _only_select(cursor, sql).to_arrow_table()
        run = self._worker.submit(lambda: _only_select(cursor, sql).to_arrow_table())
        try:
            return run.result()
        except BaseException:
            while not run.done():  # an interrupt before the run has begun is lost
                cursor.interrupt()
                wait([run], timeout=0.05)
            raise

    def close(self) -> None:
        """Give back what the engine holds."""
        self._worker.shutdown()
        with self._lock:
            _close_all(self._databases)
            self._registered.clear()

    def _database(
        self, limits: Limits, by_user: bool = False, sql: str = ""
    ) -> duckdb.DuckDBPyConnection:
        """The DuckDB for these limits, with the macros and Python functions that a statement calls.

        Users' SQL may call any macro, however it spells its name.
        """
        key = _Setup(limits.memory_bytes, limits.threads, by_user)
        with self._lock:
            database = self._databases.get(key)
            if database is None:
                views = _views(self._names, self._shown, by_user)  # first, for it may fail
                database = _open(self._directories, key)
                self._databases[key] = database
                self._register(key, database, *views.values(), *macros.MACROS if by_user else ())
                _show(database, views, {})
            if not by_user:
                self._register(key, database, sql)
            return database

    def _register(self, key: _Setup, database: duckdb.DuckDBPyConnection, *texts: str) -> None:
        known = self._registered.setdefault(key, set())
        needed = macros.called(*texts)
        bodies = [statement for name, statement in needed.items() if name not in known]
        new = {name for text in (*texts, *bodies) for name in computed.called(text)}
        new -= {name.removeprefix("py_") for name in known}
        computed.register(database, new)
        for body in bodies:
            database.execute(body)
        known |= {f"py_{name}" for name in new} | needed.keys()


def _close_all(databases: dict[_Setup, duckdb.DuckDBPyConnection]) -> None:
    for database in databases.values():
        database.close()
    databases.clear()


def _dialect(table: Callable[[str], str], names: Names) -> Dialect:
    spelled = (table, names.column, writing.type_name, writing.literal)
    return Dialect(*spelled, ROWS, ABSENT, elements_of)


def _views(names: Names, shown: Mapping[str, str], by_user: bool) -> dict[str, str]:
    """The query of each view by its quoted name; only users' SQL sees what is shown."""
    views = names.views(by_user)
    if not by_user:
        return views
    hidden = {writing.identifier(name).casefold() for name in shown}
    kept = {name: query for name, query in views.items() if name.casefold() not in hidden}
    return kept | {writing.identifier(name): query for name, query in shown.items()}


def _only_select(cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    """The relation of the one SELECT that the text must be; nothing has run yet."""
    statements = cursor.extract_statements(sql)
    if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
        raise RunFailed("not one SELECT statement")
    return cursor.sql(statements[0])


def _mistake(cursor: duckdb.DuckDBPyConnection, text: str, error: duckdb.Error) -> guard.Refusal:
    """What DuckDB finds wrong with a SELECT, and where: only its EXPLAIN tells the place."""
    explain = "EXPLAIN "
    try:
        cursor.execute(explain + text)
    except duckdb.Error as placed:
        message, byte = _reason(placed)
        start = guard.characters(text, max(0, byte - len(explain)))
        return guard.Refusal(message.replace("\n", "; "), start)
    return guard.Refusal(_reason(error)[0], 0)


def _open(directories: Sequence[str], setup: _Setup) -> duckdb.DuckDBPyConnection:
    """A DuckDB that reads the directories only; they must be allowed before access is shut."""
    database = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        database.execute(setting)
    if setup.memory_bytes is not None:
        database.execute(f"SET memory_limit = '{setup.memory_bytes} B'")
    if setup.threads is not None:
        database.execute(f"SET threads = {setup.threads}")
    if not setup.by_user:  # a plan's depth is bounded by what writes it
        database.execute("SET GLOBAL max_expression_depth = 10000")
    allowed = ", ".join(writing.text_literal(d) for d in directories)
    database.execute(f"SET allowed_directories = [{allowed}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def _show(
    database: duckdb.DuckDBPyConnection, views: Mapping[str, str], before: Mapping[str, str]
) -> None:
    """Make views by their quoted names, in place of those that were there before."""
    try:
        for name in before.keys() - views.keys():
            database.execute(f"DROP VIEW {name}")
        for name, query in views.items():
            if before.get(name) != query:
                database.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
    except duckdb.Error as error:
        raise RunFailed(_reason(error)[0]) from error


def _reason(error: BaseException) -> tuple[str, int]:
    """DuckDB's message, and the byte of the statement that it points to, 0 where to none."""
    text = str(error)
    start = text.find("{")
    if start >= 0:
        try:
            told = json.loads(text[start:])
        except ValueError:
            return text.strip().split("\n", 1)[0], 0
        message = _IN_PYTHON.sub("", str(told.get("exception_message", text)))
        return message, int(told.get("position", 0))
    return text.strip().split("\n", 1)[0], 0
