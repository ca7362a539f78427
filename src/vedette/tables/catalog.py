"""Which tables there are: takes the declarative files beside it and a workspace's declarations.

Sentinel's tables are in ``known/sentinel.tsv`` (read by line, a table when it is first asked for),
event tables in ``events/*.toml``, and how events appear in platforms' tables in ``views/*.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from vedette.plan.meaning import names_in
from vedette.plan.types import Type, type_named
from vedette.syntax.problem import did_you_mean
from vedette.tables.schema import Platform, Table, ViewSource

_OWN = {
    Type.BOOL: "to_bool", Type.INT: "to_int", Type.LONG: "to_long", Type.REAL: "to_real",
    Type.DATETIME: "to_datetime", Type.TIMESPAN: "to_timespan", Type.GUID: "to_guid",
    Type.DECIMAL: "to_decimal", Type.STRING: "plain_text_of",
}  # fmt: skip
"""What makes a value of a column's type of what a record's own data have."""


_CAPITALS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]")


class SchemaError(ValueError):
    """A declaration that cannot stand: an unknown type, or another type for a known column."""


class Catalog:
    """The tables of one workspace: the built-in ones and those it declares."""

    def __init__(self) -> None:
        """Start with the built-in tables only."""
        self._declared: dict[str, Table] = {}
        self.version = 0  # counts declarations: what was worked out from older ones is void

    def table(self, name: str) -> Table | None:
        """The table of exactly this name, or None."""
        return self._declared.get(name) or builtin_table(name)

    def table_folded(self, name: str) -> Table | None:
        """The table of this name in any letter case, as AQL and SQL read names."""
        exact = self.table(name)
        if exact is not None:
            return exact
        lower = name.lower()
        return next((self.table(n) for n in self.names() if n.lower() == lower), None)

    def names(self) -> Iterator[str]:
        """The names of all tables."""
        yield from self._declared
        yield from (n for n in _builtin_names() if n not in self._declared)

    @property
    def declared(self) -> Mapping[str, Table]:
        """The tables that the workspace declared, or added columns to."""
        return self._declared

    def declare(self, name: str, columns: Mapping[str, str]) -> Table:
        """Add a table, or further columns to one that is there; raises SchemaError.

        *columns* maps names to KQL type names; another type for a known column is an error.
        """
        present = self.table(name)
        merged = dict(present.columns) if present else {}
        fold = present is not None and present.platform == "qradar"
        spelled = {c.lower(): c for c in merged} if fold else {}
        for column, type_name in columns.items():
            type = type_named(type_name)
            if type is None:
                hint = did_you_mean(type_name, Type) or f"types are {', '.join(Type)}"
                raise SchemaError(f"column {column} of {name}: no type '{type_name}'; {hint}")
            known = merged.get(spelled.get(column.lower(), column) if fold else column)
            if known is not None and known is not type:
                raise SchemaError(f"column {column} of {name} is {known}, not {type}")
            if known is None:
                merged[column] = type
        if not merged:
            raise SchemaError(f"table {name} needs at least one column")
        platform: Platform = present.platform if present else "user"
        table = Table(name, merged, platform, _time_column(merged, present))
        self._declared[name] = table
        self.version += 1
        return table

    def suggest(self, name: str) -> str:
        """A hint for a table name that is not there."""
        return did_you_mean(name, self.names())


def _time_column(columns: Mapping[str, Type], present: Table | None) -> str | None:
    if present is not None and present.time_column:
        return present.time_column
    moments = [c for c, t in columns.items() if t is Type.DATETIME]
    usual = [c for c in ("TimeGenerated", "Timestamp", "time") if c in moments]
    return (usual or moments or [None])[0]


def _folder(name: str) -> Traversable:
    return files("vedette.tables").joinpath(name)


@cache
def _sentinel_lines() -> dict[str, str]:
    text = _folder("known").joinpath("sentinel.tsv").read_text(encoding="utf-8")
    pairs = (line.split("\t", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: rest for name, rest in pairs}  # noqa: C416 - dict() of split lines is untyped


@cache
def _event_files() -> dict[str, Mapping[str, Type]]:
    groups: dict[str, dict[str, Type]] = {}
    tables: dict[str, dict[str, Type]] = {}
    grouped: dict[str, list[str]] = {}
    for file in sorted(_folder("events").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        columns = {c: Type(spec["type"]) for c, spec in data["columns"].items()}
        if "group" in data:
            groups[data["group"]] = columns
        else:
            tables[data["table"]] = columns
            grouped[data["table"]] = ["common", *data.get("groups", ())]
    return {
        name: {c: t for group in grouped[name] for c, t in groups[group].items()} | columns
        for name, columns in tables.items()
    }


@cache
def _view_files() -> dict[str, dict[str, Any]]:
    views: dict[str, dict[str, Any]] = {}
    for file in sorted(_folder("views").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            views.update(tomllib.loads(file.read_text(encoding="utf-8")))
    return views


@cache
def _builtin_names() -> tuple[str, ...]:
    qradar = [n for n, v in _view_files().items() if v.get("platform") == "qradar"]
    return (*_sentinel_lines(), *qradar, *_event_files())


def event_tables() -> Mapping[str, Mapping[str, Type]]:
    """The stored event tables, each with its columns and their types."""
    return _event_files()


@lru_cache(4096)  # logs name tables as they like
def builtin_table(name: str) -> Table | None:
    """The built-in table of exactly this name, or None."""
    if name in _event_files():
        return Table(name, _event_files()[name], "event", "time")
    line = _sentinel_lines().get(name)
    if line is not None:
        pairs = (column.rsplit(":", 1) for column in line.split("\t"))
        columns = {column: Type(type) for column, type in pairs}
        return Table(name, columns, "sentinel", _time_column(columns, None))
    view = _view_files().get(name)
    if view is not None and view.get("platform") == "qradar":
        columns = {column: Type(type) for column, type in view["fields"].items()}
        return Table(name, columns, "qradar", view["time_column"])
    return None


def view_names() -> tuple[str, ...]:
    """The platforms' tables that events fill."""
    return tuple(_view_files())


def _own_columns(name: str, own: bool | str) -> dict[str, str]:
    table = builtin_table(name)
    if table is None:
        raise SchemaError(f"no table {name} is shown")
    columns = {}
    for column, type in table.columns.items():
        keys = f'"{own}", "{_small(column)}"' if isinstance(own, str) else f'"{column}"'
        value = f"value_at(event_data, {keys})"
        columns[column] = f"{_OWN[type]}({value})" if type in _OWN else value
    return columns


def _small(name: str) -> str:
    """The name with a small first letter, or first word where that is in capitals."""
    capitals = _CAPITALS.match(name)
    return name[: capitals.end()].lower() + name[capitals.end() :] if capitals else name


@cache
def view_sources(name: str) -> tuple[ViewSource, ...]:
    """How events fill the platform's table of this name; empty where none do.

    A shared column stands in each source whose event table has all that its notation reads. A
    source that is ``own`` holds rows of this very table: what no notation gives is read from
    ``event_data`` under the column's name, in the column's type. Where ``own`` names an object
    there, that object has the columns, with a small first letter (``ipAddress``).
    """
    view = _view_files().get(name, {})
    shared = {column: (names_in(n), n) for column, n in view.get("shared", {}).items()}
    sources = []
    for source in view.get("sources", ()):
        present = event_tables()[source["from"]].keys()
        columns = {column: n for column, (reads, n) in shared.items() if reads <= present}
        columns |= source.get("columns", {})
        if "own" in source:
            columns = _own_columns(name, source["own"]) | columns
        sources.append(
            ViewSource(source["from"], columns, source.get("where", ""), source.get("each", ""))
        )
    return tuple(sources)
