"""The engine itself: takes plans and stored tables, gives statements and Arrow rows.

Every statement runs in a DuckDB of this process that reads the given directories only, loads no
extension and has its configuration locked. Memory and threads are settings of a whole DuckDB, so a
run with other limits than any before gets one of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from vedette.engines.base import Compiled, Limits, RunFailed, Stored
from vedette.engines.duckdb import macros, writing
from vedette.engines.duckdb.lowering import ABSENT, ROWS
from vedette.engines.duckdb.views import stored_view
from vedette.engines.select import statement
from vedette.engines.sql import Dialect
from vedette.plan.relations import Plan

DIALECT = Dialect(writing.identifier, writing.type_name, writing.literal, ROWS, ABSENT)

_SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
    "SET error_on_division_by_zero = false",
    "SET ieee_floating_point_ops = true",
    "SET preserve_insertion_order = true",
    "SET default_null_order = 'nulls_last'",
    "SET max_expression_depth = 20000",
    "SET temp_directory = ''",
    "SET TimeZone = 'UTC'",
)


class DuckDBEngine:
    """DuckDB in this process; safe to use from several threads, each run on a cursor of its own."""

    def __init__(self, directories: Sequence[Path] = ()) -> None:
        """Allow reading in these directories, and nothing else of the machine."""
        self._directories = tuple(str(Path(d).resolve()) for d in directories)
        self._tables: Mapping[str, Stored] = {}
        self._databases: dict[tuple[int | None, int | None], duckdb.DuckDBPyConnection] = {}
        self._lock = threading.Lock()

    def compile(self, plan: Plan) -> Compiled:
        """The statement for a plan; raises Unsupported."""
        return statement(plan, DIALECT)

    def attach(self, tables: Mapping[str, Stored]) -> None:
        """Make these stored tables, and no others, readable by their names.

        Files must lie in the allowed directories; a column that the files lack is null. Raises
        RunFailed where a file cannot be read.
        """
        with self._lock:
            for database in self._databases.values():
                _show(database, tables, self._tables)
            self._tables = dict(tables)

    def run(self, compiled: Compiled, limits: Limits) -> pa.Table:
        """The rows under their names, in the plan's types as ``writing`` says; raises RunFailed.

        A run that takes longer than ``limits.seconds`` is interrupted.
        """
        cursor = self._database(limits).cursor()
        late = threading.Event()

        def stop() -> None:
            late.set()
            cursor.interrupt()

        timer = threading.Timer(limits.seconds, stop) if limits.seconds is not None else None
        try:
            if timer is not None:
                timer.daemon = True
                timer.start()
            return _in_plan_types(_only_select(cursor, compiled.sql).to_arrow_table(), compiled)
        except duckdb.OutOfMemoryException as error:
            raise RunFailed(_first_line(error), "memory") from error
        except duckdb.InterruptException as error:
            if late.is_set():
                raise RunFailed(f"took longer than {limits.seconds:g} seconds", "time") from error
            raise KeyboardInterrupt from error
        except (duckdb.Error, pa.ArrowInvalid) as error:
            raise RunFailed(_first_line(error)) from error
        finally:
            if timer is not None:
                timer.cancel()
            cursor.close()

    def close(self) -> None:
        """Give back what the engine holds."""
        with self._lock:
            for database in self._databases.values():
                database.close()
            self._databases.clear()

    def _database(self, limits: Limits) -> duckdb.DuckDBPyConnection:
        key = (limits.memory_bytes, limits.threads)
        with self._lock:
            database = self._databases.get(key)
            if database is None:
                database = _open(self._directories, *key)
                _show(database, self._tables, {})
                self._databases[key] = database
            return database


def _only_select(cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    """The relation of the one SELECT that the text must be; nothing has run yet."""
    statements = cursor.extract_statements(sql)
    if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
        raise RunFailed("not one SELECT statement")
    return cursor.sql(statements[0])


def _in_plan_types(table: pa.Table, compiled: Compiled) -> pa.Table:
    """The table with the statement's columns only, each in the type that its plan type has."""
    arrays, names = [], []
    for index, (name, type) in enumerate(compiled.columns):
        column = table.column(index)
        wanted = writing.ARROW_TYPES[type]
        arrays.append(column if column.type == wanted else column.cast(wanted))
        names.append(name)
    if not names:
        return table.select([])
    return pa.Table.from_arrays(arrays, names=names)


def _open(
    directories: Sequence[str], memory_bytes: int | None, threads: int | None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB that reads the directories only; they must be allowed before access is shut."""
    database = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        database.execute(setting)
    if memory_bytes is not None:
        database.execute(f"SET memory_limit = '{memory_bytes} B'")
    if threads is not None:
        database.execute(f"SET threads = {threads}")
    for macro in macros.statements():
        database.execute(macro)
    allowed = ", ".join(writing.text_literal(d) for d in directories)
    database.execute(f"SET allowed_directories = [{allowed}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def _show(
    database: duckdb.DuckDBPyConnection, tables: Mapping[str, Stored], before: Mapping[str, Stored]
) -> None:
    try:
        for name in before.keys() - tables.keys():
            database.execute(f"DROP VIEW {writing.identifier(name)}")
        for name, stored in tables.items():
            if before.get(name) != stored:
                database.execute(stored_view(name, stored))
    except duckdb.Error as error:
        raise RunFailed(_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
