"""What DuckDB's rows refuse, and in which words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.plan.building import Planner, Step

from vedette.engines.base import Unsupported
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.engines.duckdb.writing import identifier, literal
from vedette.plan.expressions import Literal, Value
from vedette.plan.types import Type
from vedette.syntax.source import Span


def moment() -> Step:
    return Planner().scan("t", time="datetime", pattern="string", raw="binary", id="guid")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("time_format_java(time, 'yyyy-QQ')", "the letter Q of Java's patterns"),
        ('time_format_java(time, "yyyy \'o")', "open quote"),
        ("time_format_java(time, pattern)", "must be written in the query"),
        ("to_long(raw)", "not from binary"),
        ("to_bool(time)", "not from datetime"),
        ("to_datetime(id)", "not from guid"),
        ("text_of(raw)", "not from binary"),
    ],
)
def test_a_row_says_what_it_lacks(call: str, told: str, engine: DuckDBEngine) -> None:
    with pytest.raises(Unsupported, match=told) as caught:
        engine.compile(moment().extend(x=call).plan)
    assert caught.value.operation == call.split("(")[0]


@pytest.mark.parametrize(
    ("value", "of", "told"),
    [
        (2**31, Type.INT, "does not fit into int"),
        (-(2**63) - 1, Type.LONG, "does not fit into long"),
        (Decimal(10) ** 20, Type.DECIMAL, "does not fit into DECIMAL"),
        (Decimal("NaN"), Type.DECIMAL, "does not fit into DECIMAL"),
        ("\ud800", Type.STRING, "surrogate"),
        ("{", Type.DYNAMIC, "not a JSON text"),
        (1.5, Type.BINARY, "is no binary"),
    ],
)
def test_a_constant_that_its_type_cannot_hold(value: Value, of: Type, told: str) -> None:
    with pytest.raises(Unsupported, match=told) as caught:
        literal(Literal(value, of, Span(3, 5)))
    assert caught.value.span == Span(3, 5)


def test_a_name_cannot_hold_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        identifier("a\0b")
