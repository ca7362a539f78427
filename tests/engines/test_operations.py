"""Every core operation in DuckDB: examples with constants, with columns, and what has no row."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot

from vedette.engines.base import Limits
from vedette.engines.duckdb.lowering import ABSENT, ROWS
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.engines.duckdb.writing import TYPE_NAMES
from vedette.plan.build import apply
from vedette.plan.check import check
from vedette.plan.expressions import Column, Expression, Field, Fields, Literal
from vedette.plan.operations import OPERATIONS
from vedette.plan.relations import Aggregate, Plan, Project, Values, Window

Constants = Callable[[ast.expr], "Literal | list[Literal]"]

FOLDER = Path(__file__).parent / "operations"
LITERAL_ONLY: dict[str, int | tuple[int, ...]] = {
    "time_format_java": 1, "collect_list": 1, "collect_set": 1, "merge_bags": 1,
    "collect_elements": 1, "collect_element_set": 1, "time_move": 2, "end_of": 1,
    "text_is_like": 1, "text_is_like_cs": 1,
    "time_part": 1, "period_number": 1, "time_format": 1, "span_format": 1,
    "text_extract": 2, "text_captured": (1, 2, 3), "text_extract_all": (2, 3),
    "value_before": 1, "value_behind": 1, "text_sort_key": 1,
    "sliding_quantile": 1,
}  # fmt: skip


def literal_only(name: str) -> tuple[int, ...]:
    places = LITERAL_ONLY.get(name, ())
    return places if isinstance(places, tuple) else (places,)


def examples() -> list[tuple[str, str, str]]:
    found = []
    for file in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                call, value = line.split(" => ")
                found.append((f"{file.stem}:{number}", call, value))
    return found


EXAMPLES = examples()


def called(notation: str) -> ast.Call:
    tree = ast.parse(notation, mode="eval").body
    assert isinstance(tree, ast.Call)
    return tree


def name_of(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name)
    return call.func.id.rstrip("_")  # and, or, not are Python's own words


def plan_of(call: ast.Call, constants: Constants, columns: bool) -> Plan:
    """The call over a relation of its arguments: in columns, or constants where it is no list."""
    folds = OPERATIONS[name_of(call)].aggregate or OPERATIONS[name_of(call)].window
    fields, rows = Fields(), 3 if folds else 1
    stored, values = list[Field](), list[list[Literal]]()

    def column(value: list[Literal]) -> Column:
        of = next(v.type for v in value)
        stored.append(fields.new(f"v{len(stored)}", of))
        values.append(value)
        return Column(stored[-1])

    def argument(node: ast.expr, fixed: bool) -> Expression:
        if isinstance(node, ast.Call) and name_of(node) in OPERATIONS:
            alone = literal_only(name_of(node))
            return apply(name_of(node), *(argument(a, i in alone) for i, a in enumerate(node.args)))
        value = constants(node)
        if isinstance(value, list):
            return column(value)
        return column([value] * rows) if columns and not fixed else value

    name = name_of(call)
    arguments = [argument(a, i in literal_only(name)) for i, a in enumerate(call.args)]
    expression = apply(name, *arguments)
    result = fields.new("result", expression.type)
    below = Values(tuple(stored), tuple(zip(*values, strict=True)) if values else ((),) * rows)
    if OPERATIONS[name].aggregate:
        return Plan(Aggregate(below, (), ((result, expression),)))
    if OPERATIONS[name].window:
        shown = ((result, Column(result)),)
        return Plan(Project(Window(below, ((result, expression),)), shown))
    return Plan(Project(below, ((result, expression),)))


def value_of(table: pa.Table) -> object:
    return table.column(0).to_pylist()[-1]


def same(found: object, expected: Literal) -> bool:
    if isinstance(expected.value, float) and math.isnan(expected.value):
        return isinstance(found, float) and math.isnan(found)
    if isinstance(found, bytes):
        return found.decode() == expected.value
    if isinstance(expected.value, float) or isinstance(found, float):
        return found == expected.value and type(found) is type(expected.value)
    if isinstance(found, Decimal):
        return found == expected.value
    return found == expected.value and (type(found) is type(expected.value) or found is None)


@pytest.mark.parametrize("columns", [False, True], ids=["constants", "columns"])
@pytest.mark.parametrize(("place", "call", "value"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_an_operation_gives_what_its_example_says(
    place: str, call: str, value: str, columns: bool, engine: DuckDBEngine, constants: Constants
) -> None:
    plan = plan_of(called(call), constants, columns)
    check(plan)
    compiled = engine.compile(plan)
    expected = constants(ast.parse(value, mode="eval").body)
    assert isinstance(expected, Literal)
    assert compiled.columns[0][1] is expected.type, f"{place}: the type of {call}"
    found = value_of(engine.run(compiled, Limits(seconds=60)))
    cursor = engine._database(Limits()).cursor()  # it has the functions in Python that ran
    (name,) = cursor.execute(f"SELECT typeof(c) FROM ({compiled.sql}) AS t(c)").fetchall()[0]
    assert name.replace(", ", ",") == TYPE_NAMES[expected.type].replace(", ", ","), compiled.sql
    assert same(found, expected), f"{place}: {call} gave {found!r}\n{compiled.sql}"
    assert sqlglot.parse_one(compiled.sql, dialect="duckdb") is not None


def test_every_operation_has_a_row_or_a_reason() -> None:
    assert set(OPERATIONS) == set(ROWS) | set(ABSENT)
    assert set(ROWS) & set(ABSENT) == set()


def test_every_operation_has_an_example() -> None:
    calls = (n for _, call, _ in EXAMPLES for n in ast.walk(called(call)))
    shown = {name_of(n) for n in calls if isinstance(n, ast.Call)}
    assert set(ROWS) - shown == set()
