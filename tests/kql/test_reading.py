"""The parser never raises, finds every mistake of a text, and is bounded in depth and size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kql.conftest import bound

from vedette.kql.reading import grammar
from vedette.kql.reading.syntax_tree import Query
from vedette.syntax import Findings, Source

_WORDS = """
    T U a b s t | | | ; ( ) [ ] { } , . .. = == != =~ <> < > + - * / % : => ! 1 1.5 2h 'x' "y
    where extend project summarize by join kind=inner on $left.a $right.a union take count let
    set print datatable(a:int)[1] range from to step and or not( in ( !in has has_any between
    dynamic([1]) dynamic({ datetime(2020-01-01) ['a b'] project-away mv-expand parse with *
    mv-apply make-series evaluate as invoke serialize sort asc nulls first case( iff( ago( ```
    search find externaldata materialize( toscalar( typeof( matches regex lookup distinct
"""
WORDS = st.sampled_from(_WORDS.split())


def read(text: str) -> tuple[Query, Findings]:
    findings = Findings(Source(text))
    return grammar.read(findings.source, findings), findings


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_no_sequence_of_words_makes_binding_raise(text: str) -> None:
    bound(text)


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_no_text_makes_binding_raise(text: str) -> None:
    bound(text)


@pytest.mark.parametrize(
    "text",
    [
        "print " + "(" * 10_000 + "1" + ")" * 10_000,
        "print " + "(" * 10_000,
        "print " + "not(" * 10_000,
        "print dynamic(" + "[" * 10_000,
        "T | where a in (" * 5_000,
        "T | join (" * 5_000,
        "let f = () { " * 5_000,
        "print x" + "[0]" * 10_000,
        "print 1" + " + 1" * 10_000,
        "print d" + ".a" * 10_000,
        "T " + "| take 1 " * 10_000,
    ],
)  # fmt: skip
def test_what_is_too_deep_is_refused(text: str) -> None:
    found = bound(text)
    assert found.kinds & {"limit", "syntax", "name"}
    assert found.findings.failed


def test_a_long_chain_of_conditions_is_no_depth() -> None:
    found = bound("T | where " + " or ".join(f"s == 'x{i}'" for i in range(5_000)))
    assert found.codes == []


def test_a_query_of_a_megabyte_is_read() -> None:
    names = ",".join(f"'{i:x}{'y' * 20}'" for i in range(40_000))
    text = f"T | where s in ({names})"
    assert len(text) > 1_000_000
    assert bound(text).codes == []


def test_a_text_beyond_measure_is_not_read() -> None:
    assert bound(" " * 2_000_001).codes == ["KS244"]


@pytest.mark.parametrize("text", ["|x" * 100_000, ";(" * 100_000, "print " + "nosuch," * 30_000])
def test_many_mistakes_end_the_reading(text: str) -> None:
    assert 1 <= len(bound(text).codes) <= 100


def test_a_let_that_unfolds_beyond_measure_is_refused() -> None:
    lets = "".join(f"let x{i} = toscalar(print x{i - 1} + x{i - 1});" for i in range(1, 40))
    doubled = "".join(f"let y{i} = y{i - 1} + y{i - 1} * toint(y{i - 1});" for i in range(1, 40))
    tables = "".join(f"let t{i} = union t{i - 1}, t{i - 1};" for i in range(1, 40))
    functions = "".join(
        f"let f{i} = (n:long) {{ f{i - 1}(n) + f{i - 1}(n) }};" for i in range(1, 40)
    )
    for text in (
        f"let x0 = 1;{lets} print x39",
        f"let y0 = toint('1');{doubled} print y39",
        f"let t0 = T;{tables} t39",
        f"let f0 = (n:long) {{ n }};{functions} print f39(1)",
    ):
        found = bound(text)
        assert "limit" in found.kinds or found.codes == []
        assert found.codes == [] or "KS245" in found.codes


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("T | where a == | extend x = | take 1", [(1, 16), (1, 29)]),
        ("let x = ;\nlet y = (;\nT | where", [(1, 9), (2, 10), (3, 10)]),
        ("T | whree a == 1 | take 'x' | extrnd b", [(1, 5), (1, 31)]),
        ("T | join (U | where ) on a | where )", [(1, 21), (1, 36)]),
        ("T | where a === 1\n| where b", [(1, 15)]),
    ],
)
def test_every_mistake_of_a_text_is_found(text: str, places: list[tuple[int, int]]) -> None:
    _, findings = read(text)
    assert [(p.line, p.column) for p in findings.ordered()] == places
    assert {p.kind for p in findings.problems} == {"syntax"}


def test_names_and_types_are_looked_at_beside_mistakes_of_syntax() -> None:
    found = bound("T | where a == | extend x = nosuch, y = strlenn(s), z = 1 + s | where q")
    assert found.codes == ["KS006", "KS142", "KS211", "KS106", "KS142"]
