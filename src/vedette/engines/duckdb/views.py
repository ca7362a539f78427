"""Stored tables as views: takes Parquet files and the columns they may have, gives queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from vedette.engines.base import Compiled, RunFailed, Stored
from vedette.engines.duckdb.writing import TYPE_NAMES, identifier, text_literal
from vedette.plan.types import UNIX_EPOCH_TICKS, Type

_AS_STORED: dict[Type, frozenset[pa.DataType]] = {
    Type.BOOL: frozenset({pa.bool_()}),
    Type.INT: frozenset({pa.int32()}),
    Type.LONG: frozenset({pa.int64()}),
    Type.REAL: frozenset({pa.float64()}),
    Type.STRING: frozenset({pa.string(), pa.large_string()}),
    Type.DYNAMIC: frozenset({pa.string(), pa.large_string()}),
    Type.DATETIME: frozenset({pa.int64()}),
    Type.TIMESPAN: frozenset({pa.int64()}),
    Type.BINARY: frozenset({pa.binary(), pa.large_binary()}),
}
"""What a Parquet column of each type may be without a cast; decimals and guids are text there."""

_SHOWN = {
    Type.DATETIME: f"make_timestamp({{}} // 10 - {UNIX_EPOCH_TICKS // 10})",
    Type.TIMESPAN: "to_microseconds({} // 10)",
    Type.DYNAMIC: "CAST(unmarked({}) AS JSON)",
}
"""How a user's SQL sees what is stored in another way."""


@lru_cache(maxsize=100_000)
def _columns_of(file: str) -> tuple[tuple[str, pa.DataType], ...]:
    """The columns of a Parquet file, which is written once and never changed."""
    try:
        schema = pq.read_schema(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise RunFailed(f"cannot read {file}: {error}") from error
    return tuple(zip(schema.names, schema.types, strict=True))


def distinct_names(names: Iterable[str]) -> dict[str, str]:
    """Each name as DuckDB can tell it from the others: it does not see a difference of case."""
    spelled: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        spelling, count = name, 1
        while spelling.casefold() in taken:
            count += 1
            spelling = f"{name}#{count}"
        taken.add(spelling.casefold())
        spelled[name] = spelling
    return spelled


class Names:
    """The stored tables, and how DuckDB knows them and their columns."""

    def __init__(self, tables: Mapping[str, Stored]) -> None:
        """Give every table, and every column of one, a name of its own."""
        self._stored = dict(tables)
        self._tables = distinct_names(tables)
        self._columns = {name: distinct_names(s.columns) for name, s in tables.items()}

    def table(self, name: str) -> str:
        """The quoted name of a table's view."""
        return identifier(self._tables.get(name, name))

    def column(self, table: str, name: str) -> str:
        """The quoted name of a column of a table's view."""
        return identifier(self._columns.get(table, {}).get(name, name))

    def rows(self, name: str) -> str:
        """A table's rows as a query of their own, in the plan's types."""
        return f"({_query(self._stored[name], self._columns[name], by_user=False)})"

    def readable(self) -> Collection[str]:
        """The unquoted names that a user's SQL may name."""
        return self._tables.values()

    def views(self, by_user: bool) -> dict[str, str]:
        """The query of each view by its quoted name; raises RunFailed for an unreadable file.

        A view for users' SQL shows times as DuckDB's own types and dynamic values as JSON.
        """
        return {
            self.table(name): _query(stored, self._columns[name], by_user)
            for name, stored in self._stored.items()
        }


def shown_view(compiled: Compiled) -> str:
    """The query of a view that shows a compiled plan to users' SQL under its columns' names."""
    names = distinct_names(name for name, _ in compiled.columns)
    places = [f"x{i}" for i in range(len(compiled.columns))]
    items = [
        _item(place, type, name, names, by_user=True)
        for place, (name, type) in zip(places, compiled.columns, strict=True)
    ]
    return f"SELECT {', '.join(items)} FROM ({compiled.sql}) AS t({', '.join(places)})"


def _query(stored: Stored, names: Mapping[str, str], by_user: bool) -> str:
    """The rows of a stored table: one SELECT for all files that have the same columns."""
    layouts: dict[tuple[tuple[str, pa.DataType], ...], list[str]] = {}
    for file in stored.files:
        layouts.setdefault(_columns_of(file), []).append(file)
    if not layouts:
        items = (_item(f"CAST(NULL AS {TYPE_NAMES[t]})", t, n, names, by_user)
                 for n, t in stored.columns.items())  # fmt: skip
        return f"SELECT {', '.join(items)} WHERE false"
    selects = []
    for layout, files in layouts.items():
        present = {name: (f"x{i}", type) for i, (name, type) in enumerate(layout)}
        values = ((n, t, _value(present.get(n), t)) for n, t in stored.columns.items())
        items = (_item(value, t, n, names, by_user) for n, t, value in values)
        listed = ", ".join(map(text_literal, files))
        # Columns are named by place: DuckDB would give those that differ in case other names.
        columns = ", ".join(f"x{i}" for i in range(len(layout)))
        selects.append(f"SELECT {', '.join(items)} FROM read_parquet([{listed}]) AS t({columns})")
    return " UNION ALL ".join(selects)


def _value(found: tuple[str, pa.DataType] | None, type: Type) -> str:
    if found is None:
        return f"CAST(NULL AS {TYPE_NAMES[type]})"
    place, stored = found
    as_is = stored in _AS_STORED.get(type, frozenset())
    return place if as_is else f"CAST({place} AS {TYPE_NAMES[type]})"


def _item(value: str, type: Type, name: str, names: Mapping[str, str], by_user: bool) -> str:
    shown = _SHOWN.get(type, "{}").format(value) if by_user else value
    return f"{shown} AS {identifier(names[name])}"
