"""Detections made ready for batch after batch of new events: takes detections, then rows of an
event table, gives which rows each detection asks for.

What was read and bound is kept in the object, and where a folder is given in a file of it, by what
it was made of. Such a file holds names, constants and numbers only: nothing in it is ever run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from vedette.detections.model import Detection, Loaded, Query
from vedette.engines.base import Stored, Unsupported
from vedette.hunt.evaluate import ELSEWHERE
from vedette.hunt.kept import digest_of, program, read_kept, write_kept
from vedette.hunt.one_pass.chunks import chunk_of
from vedette.hunt.one_pass.matching import match
from vedette.hunt.one_pass.program import Program
from vedette.hunt.one_pass.requirements import Text
from vedette.hunt.one_pass.riders import Alone, Riders
from vedette.plan.formula_json import NoFormula, read, written
from vedette.plan.formulas import Formula
from vedette.plan.passes.canonical_columns import CanonicalColumns
from vedette.plan.relations import Filter, Plan, Project, Relation, Scan, Union
from vedette.plan.types import ticks_of
from vedette.syntax import QueryError
from vedette.tables.catalog import event_tables
from vedette.workspace import Workspace
from vedette.workspace.collecting import without_collecting

_CLOCK = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_FORMAT = 1
_FEWEST = 1_000
"""Rows of a first batch from which it is learnt how often texts stand in events."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks of the events of some tables.

    ``is_answer`` says that nothing stands behind its filter: the events it asks for are its answer.
    ``alone`` says why it cannot be looked for among new events; it asks nothing then.
    """

    detection: Detection
    query: Query
    formulas: Mapping[str, Formula]
    is_answer: bool = False
    alone: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The rows of a batch, in order, that a query asks for."""

    asked: Asked
    rows: tuple[int, ...]


class PreparedDetections:
    """Detections that are read once and looked for in any number of batches."""

    def __init__(
        self,
        detections: Loaded | Iterable[Detection],
        workspace: Workspace | None = None,
        cache: Path | None = None,
    ) -> None:
        """Read the detections, or what the folder *cache* keeps of them.

        *workspace* says what there is beside the queries' texts: declared tables, watchlists,
        mappings. With one, nothing is kept in files.
        """
        given = detections.detections if isinstance(detections, Loaded) else tuple(detections)
        self._workspace = workspace or Workspace()
        self._own = workspace is None
        self._stored = {name: Stored((), columns) for name, columns in event_tables().items()}
        self._columns = {n: CanonicalColumns(s.columns) for n, s in self._stored.items()}
        queries = [(d, q) for d in given for q in d.queries]
        folder = cache if workspace is None else None
        self._file = folder / f"{_key(queries)}.json" if folder is not None else None
        self._reader = Riders(self._stored)
        with without_collecting():
            kept = self._read(queries)
            self.asked: tuple[Asked, ...] = kept or tuple(self._bound(d, q) for d, q in queries)
        self._programs: dict[str, tuple[Program, list[Asked]]] = {}
        for table, stored in self._stored.items():
            asking = [one for one in self.asked if table in one.formulas]
            if asking:
                formulas = [one.formulas[table] for one in asking]
                self._programs[table] = Program(stored.columns, formulas), asking
        self._read_shares()
        if kept is None:
            self._write()

    def match(self, table: str, rows: pa.Table | pa.RecordBatch) -> list[Match]:
        """What each query asks for among some rows of an event table; those that ask none are left
        out.

        Columns have the table's names and types; absent ones are null.
        """
        if table not in self._programs:
            return []
        program, asking = self._programs[table]
        batch = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
        chunk = chunk_of(batch, program.read, program.coded, program.memories)
        if not program.has_learnt and batch.num_rows >= _FEWEST:
            program.learn(chunk)
            self._write()
        found = match(program, chunk, self._workspace.evaluate)
        broken = set(program.failing)
        if broken:
            names = ", ".join(asking[n].detection.title for n in sorted(broken))
            raise ValueError(f"the engine fails at a test of these detections: {names}")
        return [Match(asking[n], tuple(found[n].tolist())) for n in sorted(found)]

    def close(self) -> None:
        """Give back the engine that was opened for what only it can test."""
        if self._own:
            self._workspace.close()

    def __enter__(self) -> Self:
        """The detections, closed behind the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    # --- reading ------------------------------------------------------------------------------

    def _bound(self, detection: Detection, query: Query) -> Asked:
        def plan(clock: dt.datetime) -> Plan:
            name = query.page.name
            bound = self._workspace.plan(query.text, query.language, clock, name=name)
            return self._workspace.stored_plan(bound, stored=self._stored)

        try:
            first = plan(_CLOCK)
            plans = [(ticks_of(_CLOCK), first)]
            if not first.timeless:
                clocks = [_CLOCK + away for away in ELSEWHERE]
                plans += [(ticks_of(clock), plan(clock)) for clock in clocks]
            rider = self._reader.rider(plans)
            self._workspace.engine.compile(first)
        except Alone as why:
            return Asked(detection, query, {}, alone=str(why))
        except QueryError as error:
            return Asked(detection, query, {}, alone=error.problems[0].message)
        except Unsupported as lack:
            return Asked(detection, query, {}, alone=str(lack))
        is_answer = first.timeless and _is_filter(first.root)
        return Asked(detection, query, rider.asks, is_answer)

    # --- what is kept in a file ---------------------------------------------------------------

    def _read(self, queries: Sequence[tuple[Detection, Query]]) -> tuple[Asked, ...] | None:
        kept = self._kept()
        if kept is None:
            return None
        found: list[Asked] = []
        try:
            for (detection, query), one in zip(queries, kept["asked"], strict=True):
                formulas = {
                    str(table): read(formula, self._columns[table].field)
                    for table, formula in one["formulas"].items()
                }
                parts = (bool(one["is_answer"]), str(one["alone"]))
                found.append(Asked(detection, query, formulas, *parts))
        except (NoFormula, KeyError, TypeError, ValueError, AttributeError):
            return None
        return tuple(found)

    def _kept(self) -> dict[str, Any] | None:
        return None if self._file is None else read_kept(self._file)

    def _read_shares(self) -> None:
        shares = (self._kept() or {}).get("shares")
        if not isinstance(shares, dict):
            return
        for table, listed in shares.items():
            if table in self._programs and isinstance(listed, list):
                program = self._programs[table][0]
                with suppress(TypeError, ValueError):
                    program.know({Text(str(c), str(t), bool(j)): float(s) for c, t, j, s in listed})

    def _write(self) -> None:
        """Keep what was read."""
        if self._file is None:
            return
        asked = [
            {
                "formulas": {table: written(f) for table, f in one.formulas.items()},
                "is_answer": one.is_answer,
                "alone": one.alone,
            }
            for one in self.asked
        ]
        shares = {table: list(_shares(p)) for table, (p, _) in self._programs.items()}
        write_kept(self._file, {"asked": asked, "shares": shares})


def _shares(program: Program) -> Iterator[tuple[str, str, bool, float]]:
    for thing, share in program.shares.items():
        if isinstance(thing, Text):
            yield thing.column, thing.literal, thing.in_json, share


def _is_filter(root: Relation) -> bool:
    """Whether a plan does no more than choose events and what to show of them."""
    match root:
        case Scan():
            return True
        case Filter() | Project():
            return _is_filter(root.input)
        case Union():
            return all(map(_is_filter, root.inputs))
    return False


def _key(queries: Sequence[tuple[Detection, Query]]) -> str:
    """What the meaning of the queries hangs on, as a name for a file."""
    tables = {name: [f"{c} {t}" for c, t in cs.items()] for name, cs in event_tables().items()}
    return digest_of(_FORMAT, program(), tables, [(q.language, q.text) for _, q in queries])
