"""Tests made here say what the engine says; what they cannot do without stands in what passes."""

import random
from collections.abc import Iterator

import pyarrow as pa
import pytest

from vedette.engines.base import Limits
from vedette.engines.duckdb.session import DuckDBEngine
from vedette.hunt.one_pass.regular import least_length, required_texts
from vedette.hunt.one_pass.requirements import required, stands_where_not_null
from vedette.hunt.one_pass.scanning import Scanner
from vedette.hunt.one_pass.value_tests import value_test
from vedette.hunt.one_pass.values import folded, held_by
from vedette.plan.build import apply, text
from vedette.plan.expressions import Apply, Column, Expression, Field, Literal
from vedette.plan.folding import fold, scan_fold
from vedette.plan.types import Type

VALUE = Column(Field(1, "value", Type.STRING))
NUMBER = Column(Field(2, "number", Type.LONG))
PIECES = [
    "a", "A", "ab", "Ab", "k", "K", "\u212a", "i", "I", "\u0130", "\u0131", "s", "S", "\u017f",
    "\u03c3", "\u03c2", "\u03a3", "\xdf", "\u1e9e", "\xe9", "\xc9", "-", " ", "_", "9", "%", "*",
    "?", "\\", ".", "\n", "\u0663", "\u4e2d", "\U0001f600", '"', "/",
]  # fmt: skip
OF_ONE = [
    "text_equals_ignore_case", "text_contains", "text_contains_cs", "text_starts_with",
    "text_starts_with_cs", "text_ends_with", "text_ends_with_cs", "text_has_term",
    "text_has_term_cs", "text_has_prefix", "text_has_prefix_cs", "text_has_suffix",
    "text_has_suffix_cs", "text_like", "text_like_ignore_case", "text_is_like", "text_is_like_cs",
    "equals",
]  # fmt: skip
OF_SEVERAL = [
    "text_is_in_ignore_case", "text_contains_any", "text_has_any_term", "text_has_all_terms",
    "is_in",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine()
    yield made
    made.close()


def drawn(chance: random.Random, most: int) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(0, most)))


def made_by(chance: random.Random, subject: Expression) -> list[Apply]:
    tests = [apply("text_is_empty", subject), apply("is_null", subject)]
    for operation in OF_ONE * 4:
        needle = drawn(chance, 3)
        if operation == "text_like" or operation == "text_like_ignore_case":
            needle = needle.replace("\\", "")
        tests.append(apply(operation, subject, text(needle)))
    for operation in OF_SEVERAL * 4:
        tests.append(apply(operation, subject, *(text(drawn(chance, 2)) for _ in range(3))))
    return tests


@pytest.mark.parametrize("is_filled", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_test_here_is_the_engines(engine: DuckDBEngine, seed: int, is_filled: bool) -> None:
    chance = random.Random(seed)
    values: list[str | None] = [None, "", *(drawn(chance, 6) for _ in range(400))]
    subject = apply("or_empty", VALUE) if is_filled else VALUE
    tests = made_by(chance, subject)
    told = engine.evaluate(
        [apply("is_true", t) for t in tests], pa.table({"value": values}), Limits()
    )
    for place, test in enumerate(tests):
        here = value_test(test)
        assert here is not None, test.operation
        found = [
            here.of_null if value is None else here.holds(fold(value) if here.is_folded else value)
            for value in values
        ]
        wanted = told.column(place).to_pylist()
        column = pa.array(values)
        assert held_by(here, folded(column) if here.is_folded else column).tolist() == wanted, test
        assert found == wanted, (
            test,
            [v for v, f, w in zip(values, found, wanted, strict=True) if f != w],
        )


@pytest.mark.parametrize(
    "operation", ["less", "less_or_equal", "greater", "greater_or_equal", "equals"]
)
def test_numbers(engine: DuckDBEngine, operation: str) -> None:
    test = apply(operation, NUMBER, Literal(5, Type.LONG))
    here = value_test(test)
    assert here is not None
    numbers = [-1, 4, 5, 6, None]
    told = engine.evaluate(
        [apply("is_true", test)], pa.table({"number": pa.array(numbers, pa.int64())}), Limits()
    )
    found = [here.of_null if n is None else here.holds(n) for n in numbers]
    assert found == told.column(0).to_pylist()


def test_what_is_not_of_one_column_and_constants_is_the_engines() -> None:
    other = Column(Field(3, "other", Type.STRING))
    assert value_test(apply("equals", VALUE, other)) is None
    assert value_test(apply("text_matches", VALUE, text("a"))) is None
    assert value_test(apply("less", VALUE, text("a"))) is None
    assert value_test(apply("equals", NUMBER, Literal(5.0, Type.REAL))) is None


@pytest.mark.parametrize("seed", range(3))
def test_a_scan_finds_what_a_test_cannot_do_without(engine: DuckDBEngine, seed: int) -> None:
    chance = random.Random(100 + seed)
    values = [drawn(chance, 6) for _ in range(600)]
    tests = made_by(chance, VALUE)
    tests += [apply("text_matches", VALUE, text(pattern(chance))) for _ in range(60)]
    rows = pa.table({"value": values})
    known = [t for t in tests if required(t)]
    assert len(known) > len(tests) // 4
    told = engine.evaluate([apply("is_true", test) for test in known], rows, Limits())
    for place, test in enumerate(known):
        passing = {n for n, passes in enumerate(told.column(place).to_pylist()) if passes}
        if test.operation == "text_matches":
            least = least_length(str(getattr(test.arguments[1], "value", "")))
            assert all(len(values[n]) >= least for n in passing), test
        for option in required(test):
            scanner = Scanner([t.literal for t in option], in_json=False)
            found, _ = scanner.scan(rows.column("value").chunk(0))
            assert passing <= set(found.tolist()), (test, option)


def pattern(chance: random.Random) -> str:
    """A pattern that RE2 takes."""
    letters = ["a", "ab", "k", "s", "\u03c3", "\\.", "\\\\", " ", "\\d", "\\w", ".", "[ab]", "[^a]"]

    def part(depth: int) -> str:
        inside = chance.choice(letters)
        if depth and chance.random() < 0.5:
            joined = "|".join(branch(depth - 1) for _ in range(chance.randint(1, 3)))
            inside = chance.choice(["(", "(?:", "(?i:"]) + joined + ")"
        return inside + chance.choice(["", "", "", "?", "*", "+", "{2}", "{0,2}", "+?"])

    def branch(depth: int) -> str:
        return "".join(part(depth) for _ in range(chance.randint(1, 3)))

    return chance.choice(["", "(?i)", "(?-ims)", "^"]) + branch(2) + chance.choice(["", "$"])


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("abc", [{"abc"}]),
        ("ab?c", [{"a"}, {"c"}]),
        ("ab+c", [{"ab"}, {"c"}]),
        ("ab{0,3}c", [{"a"}, {"c"}]),
        (r"a\.b\\c", [{r"a.b\c"}]),
        (r"ab\d+cd", [{"ab"}, {"cd"}]),
        ("(?-ims)(?i)ab[xy]cd", [{"ab"}, {"cd"}]),
        ("foo(bar|baz)", [{"foo"}, {"bar", "baz"}]),
        ("foo(bar|ba*)?", [{"foo"}]),
        ("foo(?:bar|.)", [{"foo"}]),
        ("(?P<name>ab)", [{"ab"}]),
        ("[]a]b[^]]c[[:alpha:]]d", [{"b"}, {"c"}, {"d"}]),
        (r"a\pLb\p{Greek}c", [{"a"}, {"b"}, {"c"}]),
        (r"\Qa.b\E", []),
        (r"\x41", []),
        ("a**", []),
        ("(a", []),
        ("a)b", []),
    ],
)
def test_what_a_pattern_cannot_do_without(written: str, texts: list[set[str]]) -> None:
    assert required_texts(written) == [frozenset(option) for option in texts]


@pytest.mark.parametrize(
    ("written", "least"),
    [
        (".{1000,}", 1000), ("(ab|c{4}){3}", 6), (r"^\s+a?\b[xy]{2}$", 3),
        ("(?i)(?:a{2}){3,5}?", 6), ("a*|b", 0), (r"\pL{3}", 3), (r"\Q{5}", 0),
    ],
)  # fmt: skip
def test_how_long_a_match_is_at_least(written: str, least: int) -> None:
    assert least_length(written) == least


def test_where_a_name_does_not_stand_there_is_nothing_behind_it(engine: DuckDBEngine) -> None:
    data = Column(Field(1, "data", Type.DYNAMIC))
    values = [
        '{"Ab": "x"}',
        '{"\\u0041b": "x"}',
        '{"ab": "x"}',
        '{"Ab": null}',
        '["Ab"]',
        "{}",
        None,
    ]
    behind = apply("plain_text_of", apply("value_at", data, text("Ab")))
    tests = [apply("is_null", behind), apply("bag_has_key", data, text("Ab"))]
    tests.append(apply("text_contains", behind, text("x")))
    rows = pa.table({"data": values})
    told = engine.evaluate([apply("is_true", test) for test in tests], rows, Limits())
    scan = Scanner(["ab"], in_json=True).scan(rows.column("data").chunk(0))[0].tolist()
    for place, test in enumerate(tests):
        (option,) = stands_where_not_null(test) or required(test)[-1:]
        assert [(t.literal, t.in_json) for t in option] == [("ab", True)]
        elsewhere = set(range(len(values))) - set(scan)
        answers = [told.column(place).to_pylist()[n] for n in elsewhere]
        assert answers == [test.operation == "is_null"] * 2
    assert told.column(0).to_pylist() == [False, False, *[True] * 5]


@pytest.mark.parametrize(
    "json",
    [
        '{"A": "x foo bar"}', '{"A":"x \\u0066oo bar"}', '{"A":"x \\u0046OO bar"}',
        '{"A": "\\\\u0066 foo bar"}', '{"A": ["y", "foo bar"]}', '{"A": {"b": "foo bar"}}',
        '{"A":"\\ud83d\\ude00 foo bar"}',
    ],
)  # fmt: skip
def test_a_text_inside_of_json_is_found_however_it_is_written(
    engine: DuckDBEngine, json: str
) -> None:
    data = Column(Field(1, "data", Type.DYNAMIC))
    subject = apply("plain_text_of", apply("value_at", data, text("A")))
    test = apply("text_contains", subject, text("foo bar"))
    rows = pa.table({"data": [json]})
    assert engine.evaluate([test], rows, Limits()).column(0).to_pylist() == [True]
    options = required(test)
    assert [[t.literal for t in option] for option in options] == [["foo bar"], ["a"]]
    for option in options:
        scanner = Scanner([t.literal for t in option], in_json=True)
        assert scanner.scan(rows.column("data").chunk(0))[0].tolist() == [0]


def test_inside_of_json_only_what_is_written_in_one_way_is_looked_for() -> None:
    data = Column(Field(1, "data", Type.DYNAMIC))
    subject = apply("plain_text_of", apply("value_at", data, text("$")))

    def looked_for(needle: str) -> list[str]:
        options = required(apply("text_contains", subject, text(needle)))
        return [t.literal for option in options for t in option]

    assert looked_for("C:\\Windows\\Temp\\") == ["windows"]
    assert looked_for('{"a":"bc"}') == ["bc"]
    assert looked_for("100000.0") == []
    assert looked_for("1e5:2") == []


def test_a_text_is_not_found_across_two_values() -> None:
    scanner = Scanner(["ab", "b"], in_json=False)
    places, texts = scanner.scan(pa.array(["xa", "b", None, "AB"]))
    assert list(zip(places.tolist(), texts.tolist(), strict=True)) == [(3, 0), (1, 1), (3, 1)]


def test_folded_values_are_found_beside_others() -> None:
    scanner = Scanner([scan_fold("Kß\u0130")], in_json=False)
    values = pa.array(["x", "\u212aSSi", "k\u1e9eI", "kssi", "kssj"])
    assert scanner.scan(values)[0].tolist() == [1, 2, 3]
