"""Engine, scan and exact test see case alike, over every character there is."""

import sys
import unicodedata

import pyarrow as pa
import pytest

from vedette.engines.base import Limits
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Field
from vedette.plan.folding import fold, scan_fold
from vedette.plan.types import Type

CHARACTERS = [chr(n) for n in range(1, sys.maxunicode + 1) if not 0xD800 <= n < 0xE000]
VALUE = Column(Field(1, "value", Type.STRING))
ROWS = pa.table({"value": CHARACTERS})


@pytest.fixture(scope="module")
def lowered() -> list[str]:
    engine = DuckDBEngine()
    try:
        told = engine.evaluate([apply("text_lower", VALUE)], ROWS, Limits())
    finally:
        engine.close()
    return [str(value) for value in told.column(0).to_pylist()]


def test_fold_is_the_engines_lower(lowered: list[str]) -> None:
    differing = [c for c, low in zip(CHARACTERS, lowered, strict=True) if fold(c) != low]
    assert [f"U+{ord(c):04X}" for c in differing] == []


def test_fold_looks_at_each_character_alone() -> None:
    joined = "".join(c for c in CHARACTERS if c.isalpha())
    assert fold(joined) == "".join(map(fold, joined))
    assert len(fold(joined)) == len(joined)


def test_what_lower_sees_alike_a_scan_sees_alike(lowered: list[str]) -> None:
    pairs = zip(CHARACTERS, lowered, strict=True)
    assert [f"U+{ord(c):04X}" for c, low in pairs if scan_fold(c) != scan_fold(low)] == []


def test_a_scan_folds_each_character_alone() -> None:
    joined = "".join(c for c in CHARACTERS if c.isalpha())
    assert scan_fold(joined) == "".join(map(scan_fold, joined))


def test_what_regular_expressions_see_alike_a_scan_sees_alike() -> None:
    cased = [c for c in CHARACTERS if unicodedata.category(c) in ("Lu", "Ll", "Lt", "Mn", "So")]
    cased = [c for c in cased if c.lower() != c or c.upper() != c or c.casefold() != c]
    engine = DuckDBEngine()
    differing: list[tuple[str, str]] = []
    try:
        rows = pa.table({"value": cased})
        for start in range(0, len(cased), 100):
            some = cased[start : start + 100]
            tests = [apply("text_matches", VALUE, text(f"(?i)\\x{{{ord(c):x}}}")) for c in some]
            told = engine.evaluate(tests, rows, Limits())
            for place, character in enumerate(some):
                found = told.column(place).to_pylist()
                alike = [other for other, is_it in zip(cased, found, strict=True) if is_it]
                assert character in alike
                differing += [(character, o) for o in alike if scan_fold(o) != scan_fold(character)]
    finally:
        engine.close()
    assert differing == []
