"""Which queries can be looked for together: takes what a query means, gives what it asks of each
stored row, or why it has to run alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vedette.engines.base import Stored
from vedette.hunt.one_pass.answers import Answer, answer_of
from vedette.hunt.one_pass.chunks import ARROW
from vedette.plan.expressions import Apply, Field, fields_of, walk
from vedette.plan.formulas import ALWAYS, Formula, every, some, tests
from vedette.plan.passes.canonical_columns import CanonicalColumns
from vedette.plan.passes.relative_to_clock import ClockBound, relative_to_clock
from vedette.plan.passes.scan_conditions import gives_nothing, scan_conditions
from vedette.plan.passes.two_valued import TooDeep, two_valued
from vedette.plan.relations import Plan, Scan
from vedette.plan.rewrite import expressions, relations
from vedette.plan.types import Type

_CLOCK = Field(-1, "clock", Type.DATETIME)
_MAY_FAIL = frozenset({"agreed", "text_of_known_words", "whole_of", "remainder_of_hash"})
"""Operations that end a run at a row: which rows they meet must not change."""
IDENTITY = "event_id"


class Alone(Exception):
    """The query has to run alone; says why."""


@dataclass(frozen=True, slots=True)
class Rider:
    """A query's plan over stored tables, and what it asks of the rows of some of them.

    ``asks`` has a formula that holds of every row that may matter, ``columns`` what of such a row
    is needed to go on. ``is_silent`` says that it answers nothing where no row of these tables
    matters. ``answer`` says what it shows of the events that it asks for where that is all it does,
    ``plan`` is None where that is all that is known.
    """

    plan: Plan | None
    asks: Mapping[str, Formula]
    columns: Mapping[str, tuple[str, ...]]
    is_silent: bool
    answer: Answer | None = None

    def says_nothing(self, empty: Collection[str]) -> bool:
        """Whether it surely answers nothing where no row of some of these tables matters."""
        if self.is_silent and self.asks.keys() <= set(empty):
            return True
        return bool(empty) and self.plan is not None and gives_nothing(self.plan.root, empty)


class Riders:
    """Reads plans over the same stored tables."""

    def __init__(self, stored: Mapping[str, Stored]) -> None:
        """Take the tables."""
        self._stored = stored
        self._canonical = {name: CanonicalColumns(s.columns) for name, s in stored.items()}

    def rider(self, plans: Sequence[tuple[int, Plan]]) -> Rider:
        """A query by its stored plans at different clocks, one where it has no clock. Raises
        Alone."""
        plan = plans[0][1]
        for relation in relations(plan.root):
            for expression in expressions(relation):
                for node in walk(expression):
                    if isinstance(node, Apply) and node.operation in _MAY_FAIL:
                        raise Alone("it may end at a row that it cannot answer for")
        try:
            moving = relative_to_clock(plans, _CLOCK) if len(plans) > 1 else plan
        except ClockBound:
            raise Alone("what it asks of an event changes with the clock") from None
        asks = self._asks(moving)
        scans = [r for r in relations(plan.root) if isinstance(r, Scan)]
        columns: dict[str, tuple[str, ...]] = {}
        for table in asks:
            known = self._stored[table].columns
            read = {c for scan in scans if scan.table == table for c in scan.columns}
            read |= {c for c, type in known.items() if type is Type.DATETIME or c == IDENTITY}
            columns[table] = tuple(c for c in known if c in read)
        return Rider(plan, asks, columns, gives_nothing(plan.root, asks.keys()), answer_of(plan))

    def _asks(self, plan: Plan) -> dict[str, Formula]:
        found: dict[str, list[Formula]] = {}
        try:
            for one in scan_conditions(plan):
                if one.scan.table in self._stored:
                    canonical = self._canonical[one.scan.table]
                    parts = map(two_valued, canonical.of(one.conditions, one.scan))
                    found.setdefault(one.scan.table, []).append(every(parts))
        except (TooDeep, RecursionError):
            raise Alone("its filter nests too deeply") from None
        asks = {table: some(formulas) for table, formulas in found.items()}
        asks = {table: formula for table, formula in asks.items() if formula != ALWAYS}
        if not asks:
            raise Alone("it asks nothing of an event before it joins or counts")
        for formula in asks.values():
            for test in tests(formula):
                for field in fields_of(test.expression):
                    if field.type not in ARROW:
                        raise Alone(f"it tests {field.name}, which is a {field.type}")
        return asks
