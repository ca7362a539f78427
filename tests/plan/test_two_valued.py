"""The formula of a condition holds of exactly the rows of which the engine says it is true."""

import random
from collections.abc import Iterator

import pyarrow as pa
import pytest

from vedette.engines.base import Limits
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan import formulas
from vedette.plan.build import apply, boolean, null, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.formulas import ALWAYS, NEVER, Every, Formula, Not
from vedette.plan.passes.two_valued import DEEPEST, TooDeep, two_valued
from vedette.plan.types import Type

A, B = (Column(Field(n, name, Type.STRING)) for n, name in enumerate("ab"))
N = Column(Field(2, "n", Type.LONG))
T = Column(Field(3, "t", Type.BOOL))
R = Column(Field(4, "r", Type.REAL))
ROWS = pa.table(
    {
        "a": [a for a in ("x", "Xy", "", None) for _ in range(9)],
        "b": [b for b in ("x", "Q", None) for _ in range(3)] * 4,
        "n": pa.array([1, 5, None] * 12, pa.int64()),
        "t": pa.array([True, None, False, None] * 9, pa.bool_()),
        "r": pa.array([1.0, float("nan"), None] * 12, pa.float64()),
    }
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine()
    yield made
    made.close()


def whole(value: int) -> Literal:
    return Literal(value, Type.LONG)


def leaves() -> list[Expression]:
    first = apply("first_not_null", A, B)
    return [
        T, boolean(True), boolean(False), null(Type.BOOL),
        apply("text_contains", A, text("x")), apply("text_contains", first, text("X")),
        apply("text_equals_ignore_case", apply("or_empty", A), text("")),
        apply("equals", A, text("x")), apply("not_equals", A, text("x")),
        apply("not_equals", N, whole(1)), apply("equals", A, B),
        apply("equals_or_false", A, text("x")), apply("not_equals_or_true", A, text("x")),
        apply("not_equals_or_true", A, B), apply("equals_or_false", A, B),
        apply("equals_or_false", text("x"), B), apply("not_equals_or_true", N, whole(5)),
        apply("not_equals_or_true", R, Literal(1.0, Type.REAL)),
        apply("not_equals", R, Literal(1.0, Type.REAL)),
        apply("less", R, Literal(2.0, Type.REAL)), apply("greater", N, whole(1)),
        apply("is_in", N, whole(1), whole(2)), apply("is_in", N, whole(1), null(Type.LONG)),
        apply("is_in_or_false", A, text("x"), text("")),
        apply("is_null", A), apply("is_null", first),
        apply("is_null", apply("text_concat", A, B)), apply("is_null", apply("or_empty", A)),
        apply("is_null", apply("plain_text_of", N)),
        apply("equals_or_both_null", A, B), apply("text_is_empty", A),
        apply("text_has_any_term", first, text("x"), text("q")),
        apply("case", T, T, apply("equals", A, B)),
        apply("ipv4_in_range", A, text("10.0.0.0/8")),
        apply("text_contains", A, null(Type.STRING)),
    ]  # fmt: skip


def tree(chance: random.Random, depth: int) -> Expression:
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(leaves())
    match chance.randrange(4):
        case 0:
            return apply("not", tree(chance, depth - 1))
        case 1:
            return apply("is_true", tree(chance, depth - 1))
    parts = [tree(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    return apply(chance.choice(["and", "or"]), *parts)


def held(formula: Formula, truths: dict[Expression, set[int]]) -> set[int]:
    every = set(range(ROWS.num_rows))
    if isinstance(formula, formulas.Test):
        return truths[formula.expression]
    if isinstance(formula, Not):
        return every - held(formula.part, truths)
    parts = [held(part, truths) for part in formula.parts]
    if isinstance(formula, Every):
        return every.intersection(*parts)
    return set().union(*parts)


def said(engine: DuckDBEngine, conditions: list[Expression]) -> list[set[int]]:
    asked = [apply("is_true", condition) for condition in conditions]
    told = engine.evaluate(asked, ROWS, Limits())
    columns = (told.column(place).to_pylist() for place in range(len(asked)))
    return [{row for row, value in enumerate(column) if value} for column in columns]


def check(engine: DuckDBEngine, conditions: list[Expression]) -> None:
    made = [two_valued(condition) for condition in conditions]
    asked = list(dict.fromkeys(t.expression for f in made for t in formulas.tests(f)))
    truths = dict(zip(asked, said(engine, asked), strict=True)) if asked else {}
    for condition, formula, wanted in zip(conditions, made, said(engine, conditions), strict=True):
        assert held(formula, truths) == wanted, condition


def test_each_test_and_what_is_not_so(engine: DuckDBEngine) -> None:
    plain = leaves()
    turned = [apply("not", leaf) for leaf in plain]
    unsure = [apply("not", apply("is_true", leaf)) for leaf in plain]
    check(engine, [*plain, *turned, *unsure])


@pytest.mark.parametrize("seed", range(4))
def test_conditions_made_by_chance(engine: DuckDBEngine, seed: int) -> None:
    chance = random.Random(seed)
    check(engine, [tree(chance, 4) for _ in range(60)])


def test_constants_are_worked_out() -> None:
    assert two_valued(apply("or", boolean(True), T)) == ALWAYS
    assert two_valued(apply("and", null(Type.BOOL), T)) == NEVER


def test_what_nests_too_deeply_is_not_looked_at() -> None:
    deep: Expression = T
    for _ in range(DEEPEST + 1):
        deep = apply("is_true", deep)
    with pytest.raises(TooDeep):
        two_valued(deep)
    long: Expression = T
    for _ in range(3 * DEEPEST):
        long = apply("or", long, T)
    assert len(list(formulas.tests(two_valued(long)))) == 3 * DEEPEST + 1
