"""Patterns that are looked for without the engine are found where the engine finds them."""

from itertools import product

import pyarrow as pa
import pytest

from vedette.engines.base import Limits
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.hunt.one_pass.patterns import found_in, pattern_of
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Field
from vedette.plan.types import Type

LINE = Column(Field(1, "line", Type.STRING))
PATTERNS = [
    "(?-ims)net\\s+us[er]+",
    "(?i-ms)ki",
    "(?i)S",
    "a.b",
    "(?s)a.b",
    "(?m)^b$",
    "^b$",
    "b$",
    "\\bnet\\b",
    "(?-ims)[^\\\\]",
    "(?-ims)(?:\\d{1,3}\\.){3}\\d+",
    "",
    "(?ims-U)a+?",
    "\\w+\\W\\d",
    "[[:punct:]]{2}",
    "\\x41|\\pL\\d",
    "(a|b|)(c)\\z",
    "\\Anet",
    "(?P<name>net)",
    "\\Qa.b\\E",
    "x*",
    "[a-c&&b]",
    "\\C\\C",
]
TEXTS = [
    "",
    "net user",
    "NET  uses",
    "a\nb",
    "a.b",
    "b\n",
    "K1",
    "s",
    "10.0.0.1 x",
    "::",
    "abc",
    "a b 1",
    None,
    "x" * 500,
    "\t\r\n",
    "\x00net",
    "a\\b",
]


def test_arrow_finds_what_the_engine_finds() -> None:
    engine = DuckDBEngine()
    texts = pa.array(TEXTS)
    for pattern in PATTERNS:
        test = apply("text_matches", LINE, text(pattern))
        assert pattern_of(test) == ("line", pattern)
        told = engine.evaluate([apply("is_true", test)], pa.table({"line": texts}), Limits())
        found = found_in(pattern, texts)
        assert found is not None
        assert found.tolist() == told.column(0).to_pylist(), pattern
    engine.close()


@pytest.mark.parametrize("pattern", ["(", "a{1001}", "(?=a)", "[z-a]"])
def test_what_is_no_pattern_is_left_to_the_engine(pattern: str) -> None:
    assert found_in(pattern, pa.array(["a"])) is None


def test_what_may_be_read_otherwise_is_left_to_the_engine() -> None:
    beyond = [apply("text_matches", LINE, text(p)) for p in ("\u017f", "(?<name>a)")]
    other = apply("text_matches", apply("text_lower", LINE), text("a"))
    whole = apply("text_matches_whole", LINE, text("a"))
    assert [pattern_of(test) for test in (*beyond, other, whole)] == [None] * 4
    for pattern, value in product(("k", "(?i)k"), ("\u212a", "stra\xdfe")):
        assert found_in(pattern, pa.array([value, "k"])) is None
