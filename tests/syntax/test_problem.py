"""Problems are collected, ordered and shown with a caret under their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.syntax import (
    Findings,
    Fix,
    QueryError,
    Repair,
    Source,
    Span,
    did_you_mean,
    one_line,
    render,
)

TEXT = "T\n| where a === 1\n| take x"


def findings(text: str = TEXT) -> Findings:
    return Findings(Source(text, "rule.kql"))


def test_a_problem_is_shown_with_its_line_and_a_caret() -> None:
    found = findings()
    found.add(
        "KS1", "syntax", "no operator '==='", Span(12, 15), reason="there is '=='",
        hint="write ==", fix=Fix(Span(12, 15), "==", "replace by =="),
    )  # fmt: skip
    (problem,) = found.problems
    assert (problem.line, problem.column) == (2, 11)
    assert render(problem, found.source) == (
        "rule.kql:2:11: error KS1: no operator '==='\n"
        "  | where a === 1\n"
        "            ^^^\n"
        "  why: there is '=='\n"
        "  hint: write ==\n"
        "  fix: replace by =="
    )


def test_every_error_is_raised_in_the_order_of_the_text() -> None:
    found = findings()
    found.add("B", "name", "second", Span(25, 26))
    found.add("A", "syntax", "first", Span(12, 15))
    found.add("A", "syntax", "first", Span(12, 15))
    found.advise("C", "only advice", Span(0, 1))
    with pytest.raises(QueryError) as caught:
        found.raise_errors()
    assert [p.code for p in caught.value.problems] == ["C", "A", "B"]
    assert str(caught.value) == ("rule.kql:2:11: error A: first\nrule.kql:3:8: error B: second")


def test_advice_alone_raises_nothing() -> None:
    found = findings()
    found.advise("C", "only advice", Span(0, 1))
    found.raise_errors()
    assert not found.failed
    assert found.problems[0].severity == "warning"
    assert found.problems[0].kind == "advice"


def test_a_repair_is_recorded_once_with_its_place() -> None:
    found = findings()
    for _ in range(2):
        found.repair("double equals", "read '===' as '=='", Span(12, 15))
    assert found.repairs == [Repair("double equals", "read '===' as '=='", Span(12, 15), 2, 11)]


@given(st.text(alphabet="ab\t\n\ré", max_size=400), st.integers(0, 400), st.integers(0, 50))
def test_any_place_can_be_shown(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    found = findings(text)
    found.add("A", "syntax", "wrong", Span(start, min(start + length, len(text))))
    shown = render(found.problems[0], found.source).split("\n")
    assert shown[0] == one_line(found.problems[0], found.source)
    assert ("^" in shown[-1]) == bool(text)


def test_a_long_line_is_shown_around_its_place() -> None:
    text = "x" * 5000 + "!" + "y" * 5000
    found = findings(text)
    found.add("A", "syntax", "wrong", Span(5000, 5001))
    _, line, caret = render(found.problems[0], found.source).split("\n")
    assert len(line) < 200
    assert line[caret.index("^")] == "!"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("contians", "did you mean 'contains'?"),
        ("TAKE", "did you mean 'take'? (names are case-sensitive)"),
        ("zzzzzz", ""),
    ],
)
def test_near_names_are_suggested(name: str, hint: str) -> None:
    assert did_you_mean(name, ["take", "contains", "where"]) == hint
