"""What Sigma's rules ask, kept from hunt to hunt: takes a rule's text, gives what it asked before.

Only rules that say all by themselves are kept: without a clock, without problems or repairs to
tell, in a workspace where nothing beside changes them. A file is for this program and the tables
that are stored; in it an entry hangs on a rule's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedette.detections.model import Query
from vedette.engines.base import Stored
from vedette.hunt.kept import digest_of, program, read_kept, write_kept
from vedette.hunt.one_pass.answers import Answer
from vedette.hunt.one_pass.riders import Rider
from vedette.plan.formula_json import NoFormula, read, written
from vedette.plan.passes.canonical_columns import CanonicalColumns
from vedette.workspace import Workspace

_FORMAT = 2
_MOST = 20_000
"""How many rules a file keeps."""


@dataclass(frozen=True, slots=True)
class KnownRule:
    """A rule that was read before: the tables that it names, and what it asks of stored ones."""

    tables: tuple[str, ...]
    rider: Rider


class KnownRules:
    """The rules that a folder keeps, read when the first one is asked for."""

    def __init__(self, folder: Path | None, workspace: Workspace, strict: bool) -> None:
        """Keep nothing where there is no folder, or where more than its text makes a rule."""
        self._strict = strict
        self._stored: Mapping[str, Stored] = workspace.stored
        self._columns = {n: CanonicalColumns(s.columns) for n, s in self._stored.items()}
        self._file: Path | None = None
        self._entries: dict[str, Any] = {}
        self._new: dict[str, Any] = {}
        if folder is not None and not workspace.changes_rules:
            tables = [[n, [*map(str, s.columns.items())]] for n, s in self._stored.items()]
            name = digest_of(_FORMAT, program(), sorted(tables))
            self._file = folder / f"rules-{name}.json"
            entries = (read_kept(self._file) or {}).get("rules")
            self._entries = entries if isinstance(entries, dict) else {}

    def find(self, query: Query) -> KnownRule | None:
        """What is kept of a rule."""
        entry = self._entries.get(self._key(query)) if query.language == "sigma" else None
        if entry is None:
            return None
        try:
            asks = {
                str(table): read(formula, self._columns[table].field)
                for table, formula in entry["asks"].items()
            }
            columns = {str(t): tuple(map(str, cs)) for t, cs in entry["columns"].items()}
            answer = _answer(entry["answer"])
            shown = {c for _, c in answer.columns} if answer else set[str]()
            if any(not self._stored[t].columns.keys() >= {*columns[t], *shown} for t in asks):
                return None
            rider = Rider(None, asks, columns, bool(entry["is_silent"]), answer)
            return KnownRule(tuple(map(str, entry["tables"])), rider)
        except (NoFormula, KeyError, TypeError, ValueError, AttributeError):
            return None

    def keep(self, query: Query, tables: tuple[str, ...], rider: Rider) -> None:
        """Keep what was found out about a rule."""
        if self._file is not None and query.language == "sigma":
            answer = rider.answer
            self._new[self._key(query)] = {
                "tables": tables,
                "asks": {table: written(formula) for table, formula in rider.asks.items()},
                "columns": rider.columns,
                "is_silent": rider.is_silent,
                "answer": answer and [answer.table, answer.columns],
            }

    def write(self) -> None:
        """Write what is new to the file."""
        if self._file is not None and self._new:
            every = {**self._entries, **self._new}
            write_kept(self._file, {"rules": dict([*every.items()][-_MOST:])})

    def _key(self, query: Query) -> str:
        return digest_of(query.language, query.text, self._strict)


def _answer(kept: Any) -> Answer | None:
    if kept is None:
        return None
    table, columns = kept
    return Answer(str(table), tuple((str(name), str(column)) for name, column in columns))
