"""A hunt's queries in one pass: takes queries that are ready, gives what became of each.

What all of them ask of an event is looked for together; each then runs over the events that it asks
for. What cannot be looked for so runs alone, over everything, and says why.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from vedette.hunt.one_pass.ride import Tell as TellPass
from vedette.hunt.one_pass.ride import ride
from vedette.hunt.one_pass.riders import Alone, Rider, Riders
from vedette.hunt.outcome import Run
from vedette.plan.relations import Plan
from vedette.syntax import QueryError
from vedette.workspace import Workspace
from vedette.workspace.narrowed import narrowed

__all__ = ["Ready", "TellPass", "together"]


class Ready(Protocol):
    """A query whose windows are laid."""

    def stored_plans(self) -> list[tuple[int, Plan]]:
        """The query over stored tables, as of some moments; of one where it has no clock."""
        ...

    def finish(
        self, over: Workspace | None = None, rows: int | None = None, alone: str = ""
    ) -> Run:
        """Evaluate it over its windows, over some of the rows or, for a reason, alone."""
        ...

    def found_nothing(self) -> Run:
        """What became of it where no event answers it."""
        ...


def together(
    workspace: Workspace, queries: Mapping[int, Ready], whole: bool, tell: TellPass
) -> dict[int, Run]:
    """What became of each query, by its number; *whole* keeps all columns of the events found."""
    riders: dict[int, Rider] = {}
    alone: dict[int, str] = {}
    reader = Riders(workspace.stored)
    for number, query in queries.items():
        try:
            riders[number] = reader.rider(query.stored_plans())
        except Alone as why:
            alone[number] = str(why)
        except QueryError:
            alone[number] = "it cannot be read as of another moment"
    passed = ride(
        riders, workspace.stored, workspace.evaluate,
        limits=workspace.limits, whole=whole, tell=tell,
    )  # fmt: skip
    alone |= passed.alone
    done: dict[int, Run] = {}
    with tempfile.TemporaryDirectory(prefix="vedette-") as name:
        folder = Path(name)
        with narrowed(workspace, folder) as narrow:
            for number, query in queries.items():
                if number in alone:
                    done[number] = query.finish(alone=alone[number])
                elif passed.is_silent(number):
                    done[number] = query.found_nothing()
                else:
                    rows = sum(passed.rows(number).values())
                    done[number] = query.finish(narrow(passed.write(number, folder)), rows)
    return done
