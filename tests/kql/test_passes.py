"""Passes over the plans of the golden queries: whatever relations there are, the rows stay theirs.

Each table that a query reads, and each that it writes down, is given rows of its own: every pass
then works on a plan over stored tables, and what it makes is run with the rows in their place.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from tests.kql.conftest import bound
from tests.kql.test_golden import folders, text_of

from vedette.plan.check import check
from vedette.plan.expressions import Literal, Value
from vedette.plan.passes.each_window import Grid, NotAtOnce, each_window
from vedette.plan.passes.prune_columns import prune_columns
from vedette.plan.passes.renumber import renumber
from vedette.plan.passes.trace_events import trace_events
from vedette.plan.relations import Plan, Relation, Scan, Values
from vedette.plan.rewrite import rewrite_relation
from vedette.plan.show import show
from vedette.plan.types import TICKS_PER_SECOND, Type
from vedette.syntax import QueryError
from vedette.tables.views import fields_after
from vedette.workspace import Workspace

HOUR = 3600 * TICKS_PER_SECOND
START = 639_000_000_000_000_000
ROWS = 12
BY_CHANCE = {"sample", "probability"}
"""Queries whose rows may be others each time."""

Row = dict[str, Literal]
Keep = Callable[[str, Row], bool]


def value(chance: random.Random, type: Type) -> Value:
    """A value of a type, of so few that some are equal, null now and then."""
    if chance.random() < 0.1:
        return None
    number = chance.randrange(6)
    match type:
        case Type.BOOL:
            return number > 2
        case Type.STRING:
            return ("a", "b", "nmap", "", "a=1; b=two", "10.0.0.5")[number]
        case Type.DYNAMIC:
            return ("[1,2,3]", '{"a":1,"b":[2]}', '"x"', "[]", '["nmap","a"]', "4")[number]
        case Type.DATETIME:
            return START + chance.randrange(24) * HOUR // 2
        case Type.TIMESPAN:
            return number * HOUR
        case Type.GUID:
            return f"74be27de-1e4e-49d9-b579-fe0b331d364{number}"
        case Type.REAL | Type.DECIMAL:
            return None if type is Type.DECIMAL else number / 2
    return number


@dataclass
class Tables:
    """The rows behind the scans of a plan."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def stored(self, relation: Relation) -> Relation:
        """A table that is written down as one that is stored."""
        if isinstance(relation, Values) and len(relation.rows) > 1:
            name, columns = f"written{len(self.rows)}", [f"c{f.number}" for f in relation.fields]
            self.rows[name] = [dict(zip(columns, row, strict=True)) for row in relation.rows]
            return Scan(name, relation.fields, tuple(columns))
        return relation

    def fill(self, scan: Scan) -> list[Row]:
        """The rows of a table, with values for the columns that are read here first."""
        rows = self.rows.setdefault(scan.table, [{} for _ in range(ROWS)])
        for column, made in zip(scan.columns, scan.fields, strict=True):
            chance = random.Random(f"{scan.table} {column}")
            for number, row in enumerate(rows):
                if column == "event_id":
                    row[column] = Literal(f"{scan.table} {number}", Type.STRING)
                elif column not in row:
                    row[column] = Literal(value(chance, made.type), made.type)
        return rows

    def written(self, keep: Keep) -> Callable[[Relation], Relation]:
        """What writes the rows of tables in the place of their scans."""

        def change(relation: Relation) -> Relation:
            if not isinstance(relation, Scan):
                return relation
            rows = [row for row in self.fill(relation) if keep(relation.table, row)]
            shown = [tuple(row[column] for column in relation.columns) for row in rows]
            return Values(relation.fields, tuple(shown))

        return change

    def time_of(self, table: str) -> tuple[str, ...]:
        """The column of a table that tells a row's moment."""
        rows = self.rows[table]
        times = (c for c, cell in rows[0].items() if cell.type is Type.DATETIME)
        return tuple(sorted(times))[:1]

    def within(self, start: int, end: int) -> Keep:
        """Whether a row of a table lies in a window, or has no moment."""

        def keep(table: str, row: Row) -> bool:
            moments = [row[column].value for column in self.time_of(table)]
            return all(isinstance(m, int) and start < m <= end for m in moments)

        return keep


@dataclass(frozen=True)
class Case:
    """A golden query as a plan over tables with rows."""

    plan: Plan
    tables: Tables
    workspace: Workspace

    def rows(self, plan: Plan, width: int, keep: Keep = lambda *_: True) -> Counter[str]:
        """How often each row comes, of so many columns, with rows of tables in their place."""
        check(plan)
        root = rewrite_relation(plan.root, self.tables.written(keep))
        found = self.workspace.run_plan(Plan(root)).rows()
        return Counter(repr(row[:width]) for row in found)


@pytest.fixture(params=folders("golden"), ids=lambda f: f.name)
def case(request: pytest.FixtureRequest, workspace: Workspace) -> Case:
    if request.param.name in BY_CHANCE:
        pytest.skip("its rows are chosen by chance")
    got = bound(text_of(request.param), workspace=workspace)
    tables = Tables()
    plan = replace(got.plan, root=rewrite_relation(got.plan.root, tables.stored))
    return Case(plan, tables, workspace)


def test_passes_keep_the_rows(case: Case) -> None:
    width = len(case.plan.root.fields)
    try:
        expected = case.rows(case.plan, width)
    except QueryError as failure:
        assert failure.problems[0].code == "VD020"  # of values that the query was not written for
        return
    pruned = prune_columns(case.plan)
    assert case.rows(pruned, width) == expected
    assert show(prune_columns(pruned)) == show(pruned)
    copied, fields = renumber(case.plan.root, fields_after(case.plan))
    assert case.rows(Plan(copied), width) == expected
    assert not {*fields} & {*fields.values()}
    traced, identities = trace_events(
        case.plan, lambda _: "event_id", fields_after(case.plan), 1_000
    )
    assert traced.root.fields == (*case.plan.root.fields, *identities)
    assert case.rows(traced, width) == expected
    assert case.rows(prune_columns(traced), width) == expected


def test_many_windows_at_once_give_what_each_gives(case: Case) -> None:
    width, fields = len(case.plan.root.fields), fields_after(case.plan)
    clock = fields.new("clock", Type.DATETIME)
    lookback, step = 5 * HOUR, 2 * HOUR
    ends = range(START + HOUR, START + 9 * HOUR, step)
    grid = Grid(ends[0], ends[-1], step, lookback)
    try:
        case.rows(case.plan, width)  # so that every table has its columns
        whole, _ = each_window(case.plan, case.tables.time_of, fields, clock, grid, is_apart=True)
        one_by_one = Counter[str]()
        for end in ends:
            one_by_one += case.rows(case.plan, width, case.tables.within(end - lookback, end))
        in_span = case.tables.within(ends[0] - lookback, ends[-1])
        at_once = case.rows(whole, width, in_span)
    except (NotAtOnce, QueryError) as reason:
        if isinstance(reason, QueryError):
            assert reason.problems[0].code == "VD020"
        return
    timeless = not any(case.tables.time_of(table) for table in case.tables.rows)
    assert set(at_once) == set(one_by_one) if timeless else at_once == one_by_one
