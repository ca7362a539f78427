"""Which rows pass a test is the same whether it is made of a few values or of all."""

import numpy as np
import pyarrow as pa
import pytest

from vedette.hunt.one_pass import values
from vedette.hunt.one_pass.value_tests import value_test
from vedette.hunt.one_pass.values import Memory, Values
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.types import Type

PATH = Column(Field(1, "path", Type.STRING))
NUMBER = Column(Field(2, "number", Type.LONG))
FOLDERS = "aBcD\u212a\u0130"
PATHS = [None if n % 7 == 0 else f"C:\\{FOLDERS[n % 6]}\\x{n % 90}.exe" for n in range(600)]
NUMBERS = [None if n % 5 == 0 else n % 60 for n in range(600)]
TESTS: list[tuple[Expression, pa.Array]] = [
    (apply("text_ends_with", PATH, text("7.EXE")), pa.array(PATHS)),
    (apply("text_starts_with_cs", PATH, text("C:\\a")), pa.array(PATHS)),
    (apply("text_contains", PATH, text("\\k\\")), pa.array(PATHS)),
    (apply("is_null", PATH), pa.array(PATHS)),
    (apply("equals", NUMBER, Literal(7, Type.LONG)), pa.array(NUMBERS)),
]


@pytest.mark.parametrize(("expression", "column"), TESTS)
def test_a_few_rows_pass_as_among_many(
    expression: Expression, column: pa.Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = value_test(expression)
    assert test is not None
    rows = np.arange(len(column))
    monkeypatch.setattr(values, "_FEW_ROWS", 0)
    every = Values(column.dictionary_encode(), Memory()).passing(1, test, rows)
    assert 0 < len(every) < len(rows)
    monkeypatch.setattr(values, "_FEW_ROWS", 40)
    memory = Memory()
    for half in (column.slice(0, 300), column.slice(300)):  # the second with what is remembered
        few = Values(half.dictionary_encode(), memory)
        start = 300 if half.offset else 0
        for place in range(0, 300, 25):
            some = np.arange(place, place + 25)
            expected = [n - start for n in every.tolist() if place <= n - start < place + 25]
            assert few.passing(1, test, some).tolist() == expected
    assert len(memory) == len(column.drop_null().unique())
