"""A hunt's queries in one pass: takes queries that are ready, gives what became of each.

What all of them ask of an event is looked for together. What is found is the answer of a query that
does no more than choose events; others then run over the events that they ask for. What cannot be
looked for so runs alone, over everything, and says why.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from vedette.hunt.ahead import ReadAhead
from vedette.hunt.chosen import Chosen
from vedette.hunt.one_pass.ride import Passed, ride
from vedette.hunt.one_pass.ride import Tell as TellPass
from vedette.hunt.one_pass.riders import IDENTITY, Alone, Rider, Riders
from vedette.hunt.outcome import Run
from vedette.syntax import QueryError
from vedette.workspace import Workspace
from vedette.workspace.events import moment_column
from vedette.workspace.narrowed import narrowed

__all__ = ["Asked", "Narrowed", "Ready", "TellPass", "asked_by", "together"]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows that a query asks for: a workspace of them, how many they are, and the moments of
    their events by identity, None for tables that hold others, too."""

    workspace: Workspace
    rows: int
    times: Callable[[Sequence[str]], Mapping[str, dt.datetime] | None]


class Ready(Protocol):
    """A query whose windows are laid."""

    def rider(self, reader: Riders) -> Rider:
        """What it asks of stored rows; raises Alone and QueryError."""
        ...

    def finish(self, over: Narrowed | None = None, alone: str = "") -> Run:
        """Evaluate it over its windows, over some of the rows or, for a reason, alone."""
        ...

    def answered(self, chosen: Chosen) -> Run | None:
        """What became of it where it does no more than choose events; None where it has to be
        evaluated to know."""
        ...

    def found_nothing(self) -> Run:
        """What became of it where no event answers it."""
        ...


Asked = tuple[dict[int, Rider], dict[int, str]]
"""What each query asks of stored rows, by its number, and why others have to run alone."""


def asked_by(workspace: Workspace, queries: Mapping[int, Ready]) -> Asked:
    """What queries ask of stored rows."""
    riders: dict[int, Rider] = {}
    alone: dict[int, str] = {}
    reader = Riders(workspace.stored)
    for number, query in queries.items():
        try:
            riders[number] = query.rider(reader)
        except Alone as why:
            alone[number] = str(why)
        except QueryError:
            alone[number] = "it cannot be read as of another moment"
    return riders, alone


def together(
    workspace: Workspace, queries: Mapping[int, Ready], asked: Asked, whole: bool, tell: TellPass
) -> dict[int, Run]:
    """What became of each query, by its number; *whole* keeps all columns of the events found."""
    riders, alone = asked
    passed = ride(
        riders, workspace.stored, workspace.evaluate,
        limits=workspace.limits, whole=whole, tell=tell,
    )  # fmt: skip
    alone |= passed.alone
    moments = {name: moment_column(workspace, name) for name in workspace.stored}

    def times(number: int, tables: Sequence[str]) -> Mapping[str, dt.datetime] | None:
        return passed.times(number, {table: moments[table] for table in tables})

    done: dict[int, Run] = {}
    ahead = ReadAhead(), ReadAhead()
    with tempfile.TemporaryDirectory(prefix="vedette-") as name:
        folder = Path(name)
        with narrowed(workspace, folder) as narrow:
            for number, query in queries.items():
                if number in alone:
                    done[number] = query.finish(alone=alone[number])
                elif passed.is_silent(number):
                    done[number] = query.found_nothing()
                elif run := _answered(query, passed, number, moments, ahead):
                    done[number] = run
                else:
                    rows = sum(passed.rows(number).values())
                    over = narrow(passed.write(number, folder))
                    done[number] = query.finish(Narrowed(over, rows, partial(times, number)))
    return done


def _answered(
    query: Ready,
    passed: Passed,
    number: int,
    moments: Mapping[str, str | None],
    ahead: tuple[ReadAhead, ReadAhead],
) -> Run | None:
    """What became of a query whose answer the pass has already."""
    answer = passed.riders[number].answer
    if answer is None or IDENTITY not in passed.columns[number][answer.table]:
        return None
    survived = passed.tables[answer.table]
    moment = moments[answer.table]
    chosen = Chosen(survived, survived.places(number), answer, moment, *ahead)
    return query.answered(chosen)
