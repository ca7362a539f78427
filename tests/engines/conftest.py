"""What tests of engines share: one DuckDB engine, rows of plans, and core notation for examples.

The notation is Python's: ``text_length('a')``, constants as in Python, and for the other types
calls of their names: ``int(5)``, ``decimal('1.5')``, ``datetime('2020-01-01')``,
``dynamic('[1]')``, ``real('nan')``; ``null_long`` is a null; a list is a column of rows.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pyarrow as pa
import pytest

from vedette.engines.base import Limits
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan.check import check
from vedette.plan.expressions import Literal, Value
from vedette.plan.relations import Plan, Relation
from vedette.plan.types import Type, ticks_of, type_named

Run = Callable[[Relation], pa.Table]
Constants = Callable[[ast.expr], "Literal | list[Literal]"]

_SPAN = re.compile(r"(-?)(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d+))?")


@pytest.fixture(scope="session")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine()
    yield made
    made.close()


@pytest.fixture(scope="session")
def run(engine: DuckDBEngine) -> Run:
    """Rows of a relation, its plan checked first."""

    def rows(relation: Relation) -> pa.Table:
        plan = Plan(relation)
        check(plan)
        return engine.run(engine.compile(plan), Limits(seconds=60))

    return rows


@pytest.fixture(scope="session")
def constants() -> Constants:
    """The literal, or column of literals, that a part of the notation stands for."""
    return _constants


def _constants(node: ast.expr) -> Literal | list[Literal]:
    if isinstance(node, ast.List):
        return [_literal(item) for item in node.elts]
    return _literal(node)


def _literal(node: ast.expr) -> Literal:
    if isinstance(node, ast.Name) and node.id.startswith("null_"):
        return Literal(None, _type(node.id.removeprefix("null_")))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        of = _type(node.func.id)
        return Literal(_typed(ast.literal_eval(node.args[0]), of), of)
    value = ast.literal_eval(node)
    kinds = {bool: Type.BOOL, int: Type.LONG, float: Type.REAL, str: Type.STRING}
    return Literal(value, kinds[type(value)])


def _type(name: str) -> Type:
    of = type_named(name)
    assert of is not None, name
    return of


def _typed(value: int | str, of: Type) -> Value:
    if of is Type.DATETIME:
        whole, _, part = str(value).partition(".")
        return int(ticks_of(dt.datetime.fromisoformat(whole))) + int(part.ljust(7, "0"))
    if of is Type.TIMESPAN:
        match = _SPAN.fullmatch(str(value))
        assert match is not None, value
        sign, days, hours, minutes, seconds, ticks = match.groups(default="0")
        length = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
        return (length * 10_000_000 + int(ticks.ljust(7, "0"))) * (-1 if sign == "-" else 1)
    if of is Type.DECIMAL:
        return Decimal(value)
    return float(value) if of is Type.REAL else value
