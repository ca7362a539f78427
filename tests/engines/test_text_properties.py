"""Text in SQL against a plain reading of its meaning, over random Unicode strings."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.engines.base import Limits
from vedette.engines.duckdb.lowering.terms import delimits, escape, fold
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Field
from vedette.plan.relations import Project, Relation, Values
from vedette.plan.types import Type

Run = Callable[[Relation], pa.Table]

# Letters with odd cases, marks, digits of several scripts, delimiters, and what RE2 or SQL reads.
ALPHABET = (
    "aAbBkKsSiIzZ019_-. \t\n\0'\"\\%()[]{}|*+?^$,;:/"
    "\u0130\u0131\u017f\u212a\u00df\u1e9e\u03c3\u03c2\u03a3\u00e9\u00c9\u0301\u0660\u2167\u65e5\u672c"
    "\U0001d400\U0001f44d\u00a0\u200d\u01c5\u24d0\ufb01"
)
TEXTS = st.text(alphabet=ALPHABET, max_size=12)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12)
some = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_term(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def simple_lower(value: str) -> str:
    """Each code point to one: only U+0130 has a longer lower case, whose simple one is an i."""
    return "".join("i" if c == "\u0130" else c.lower() for c in value)


def found(value: str, needle: str, left: bool, right: bool) -> bool:
    """Whether some place of the value has the needle, with boundaries where they are asked for."""
    if not needle:
        return True
    for start in range(len(value) - len(needle) + 1):
        end = start + len(needle)
        if value[start:end] != needle:
            continue
        before = start == 0 or not is_term(needle[0]) or not is_term(value[start - 1])
        after = end == len(value) or not is_term(needle[-1]) or not is_term(value[end])
        if (before or not left) and (after or not right):
            return True
    return False


def like(value: str, pattern: str) -> bool:
    """SQL's LIKE without an escape, the plain way."""
    if not pattern:
        return not value
    if pattern[0] == "%":
        return any(like(value[i:], pattern[1:]) for i in range(len(value) + 1))
    return bool(value) and pattern[0] in ("_", value[0]) and like(value[1:], pattern[1:])


MEANINGS: dict[str, Callable[[str, str], bool]] = {
    "text_has_term": lambda t, n: found(simple_lower(t), simple_lower(n), True, True),
    "text_has_term_cs": lambda t, n: found(t, n, True, True),
    "text_has_prefix": lambda t, n: found(simple_lower(t), simple_lower(n), True, False),
    "text_has_prefix_cs": lambda t, n: found(t, n, True, False),
    "text_has_suffix": lambda t, n: found(simple_lower(t), simple_lower(n), False, True),
    "text_has_suffix_cs": lambda t, n: found(t, n, False, True),
    "text_contains": lambda t, n: simple_lower(n) in simple_lower(t),
    "text_contains_cs": lambda t, n: n in t,
    "text_starts_with": lambda t, n: simple_lower(t).startswith(simple_lower(n)),
    "text_ends_with": lambda t, n: simple_lower(t).endswith(simple_lower(n)),
    "text_equals_ignore_case": lambda t, n: simple_lower(t) == simple_lower(n),
    "text_like": like,
    "text_like_ignore_case": lambda t, n: like(simple_lower(t), simple_lower(n)),
}


def with_constants(pairs: list[tuple[str, str]], operation: str, run: Run) -> list[object]:
    """The results, each needle a constant of its own expression."""
    texts = tuple(Field(i, f"t{i}", Type.STRING) for i in range(len(pairs)))
    below = Values(texts, (tuple(text(value) for value, _ in pairs),) * 2)
    made: list[tuple[Field, Expression]] = []
    for i, (_, needle) in enumerate(pairs):
        made.append(
            (Field(100 + i, f"r{i}", Type.BOOL), apply(operation, Column(texts[i]), text(needle)))
        )
    first, second = run(Project(below, tuple(made))).to_pylist()
    assert first == second
    return list(first.values())


def with_columns(pairs: list[tuple[str, str]], operation: str, run: Run) -> list[object]:
    """The results, text and needle both columns."""
    fields = (Field(1, "t", Type.STRING), Field(2, "n", Type.STRING))
    below = Values(fields, tuple((text(t), text(n)) for t, n in (*pairs, ("", ""))))
    expression = apply(operation, *map(Column, fields))
    table = run(Project(below, ((Field(3, "r", Type.BOOL), expression),)))
    values: list[object] = table.column(0).to_pylist()[:-1]
    return values


@pytest.mark.parametrize("operation", MEANINGS)
@some
@given(pairs=PAIRS)
def test_text_in_sql_means_what_it_says(
    operation: str, pairs: list[tuple[str, str]], run: Run
) -> None:
    # A needle cut out of the text is found more often than a random one.
    pairs = [*pairs, *((t, t[len(t) // 3 : len(t) // 3 + 3]) for t, _ in pairs)]
    expected = [MEANINGS[operation](t, n) for t, n in pairs]
    assert with_constants(pairs, operation, run) == expected
    assert with_columns(pairs, operation, run) == expected


@some
@given(value=TEXTS, needles=st.lists(TEXTS, min_size=1, max_size=6))
def test_lists_of_terms(value: str, needles: list[str], run: Run) -> None:
    fields = (Field(1, "t", Type.STRING),)
    below = Values(fields, ((text(value),), (text(value),)))
    some_of = apply("text_has_any_term", Column(fields[0]), *map(text, needles))
    all_of = apply("text_has_all_terms", Column(fields[0]), *map(text, needles))
    pairs = ((Field(2, "a", Type.BOOL), some_of), (Field(3, "b", Type.BOOL), all_of))
    row = run(Project(below, pairs)).to_pylist()[0]
    each = [MEANINGS["text_has_term"](value, needle) for needle in needles]
    assert row == {"a": value != "" and any(each), "b": value != "" and all(each)}


@some
@given(value=TEXTS)
def test_a_constant_is_itself(value: str, run: Run) -> None:
    below = Values((), ((),))
    table = run(Project(below, ((Field(1, "t", Type.STRING), text(value)),)))
    assert table.to_pylist() == [{"t": value}]


@some
@given(value=TEXTS)
def test_an_escaped_text_matches_itself_only(value: str, run: Run) -> None:
    fields = (Field(1, "t", Type.STRING),)
    below = Values(fields, ((text(value),), (text(value + "x"),)))
    matches = apply("text_matches_whole", Column(fields[0]), text(escape(value)))
    table = run(Project(below, ((Field(2, "m", Type.BOOL), matches),)))
    assert table.column(0).to_pylist() == [True, False]


def test_5000_needles_are_searched(run: Run) -> None:
    fields = (Field(1, "t", Type.STRING),)
    needles = [text(f"tool{i:04}-with-a-long-name") for i in range(5000)]
    rows = tuple((text(f"run TOOL{i:04}-with-a-long-name now"),) for i in (0, 2500, 4999, 5000))
    below = Values(fields, rows)
    expression = apply("text_has_any_term", Column(fields[0]), *needles)
    table = run(Project(below, ((Field(2, "m", Type.BOOL), expression),)))
    assert table.column(0).to_pylist() == [True, True, True, False]


def test_folding_and_terms_are_the_engines_for_every_character(engine: DuckDBEngine) -> None:
    cursor = engine._database(Limits()).cursor()
    rows = cursor.execute(
        "SELECT chr(i::INTEGER), lower(chr(i::INTEGER)),"
        r" regexp_matches(chr(i::INTEGER), '^[\pL\pN]$'),"
        r" regexp_matches(chr(i::INTEGER), '^[\pL\pM\pN\pP\pS\pZ\pC]$')"
        " FROM range(1, 1114112) AS t(i) WHERE i NOT BETWEEN 55296 AND 57343"
    ).fetchall()
    # Each has its version of Unicode: only characters that both know are held against each other.
    known = [row[:3] for row in rows if row[3] and unicodedata.category(row[0]) != "Cn"]
    assert len(known) > 280_000
    assert [c for c, lower, _ in known if fold(c) != lower] == []
    assert [c for c, _, term in known if delimits(c) is term] == []
