"""Advice on a CASE that looks for other texts than its WHERE, and the fixes of advice."""

import pytest
from tests.aql.conftest import NOW

from vedette.aql import bind
from vedette.plan.types import ticks_of
from vedette.syntax import Findings, Problem, Source
from vedette.tables.catalog import Catalog

WHERE = "Command ILIKE '%nmap%' OR Command ILIKE '%dig %' OR username ILIKE '%nmap%'"


def advice(select: str, where: str) -> dict[str, Problem]:
    """The advice on a query, by its code."""
    findings = Findings(Source(f"SELECT {select} FROM events WHERE {where} LAST 1 HOURS"))
    bind(findings.source, Catalog(), ticks_of(NOW), findings)
    return {p.code: p for p in findings.problems}


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        ("CASE WHEN Command ILIKE '%nmap%' THEN 1 ELSE 2 END", {"VD220"}),
        ("CASE WHEN command ILIKE '%dig%' OR Command ILIKE '%map%' THEN 1 END", {"VD219", "VD220"}),
        ("CASE WHEN Command ILIKE '%' THEN 1 WHEN username LIKE '%nmap%' THEN 2 END", {"VD220"}),
        ("CASE WHEN Command ILIKE '%' THEN 1 WHEN username ILIKE '%nmap%' THEN 2 END", set()),
        ("CASE WHEN username = 'x' THEN 1 ELSE 2 END", set()),
        ("CASE WHEN Command NOT ILIKE '%nmap%' THEN 1 ELSE 2 END", set()),
        ("CASE username WHEN '%nmap%' THEN 1 ELSE 2 END", set()),
        ("Command", set()),
    ],
)
def test_a_case_is_held_against_its_where(case: str, codes: set[str]) -> None:
    assert advice(case, WHERE).keys() - {"VD211"} == codes


def test_what_all_events_have_in_common_needs_no_when() -> None:
    case = "CASE WHEN Command ILIKE '%nmap%' THEN 1 ELSE 2 END"
    assert advice(case, "username ILIKE '%adm%' AND Command ILIKE '%nmap%'").keys() == set()


@pytest.mark.parametrize(
    ("select", "where", "code", "before", "after"),
    [
        ("DATEFORMAT(starttime, 'YYYY-MM')", "TRUE", "VD215", "'YYYY-MM'", "'yyyy-MM'"),
        ("DATEFORMAT(starttime, 'hh:mm')", "TRUE", "VD218", "'hh:mm'", "'HH:mm'"),
        ("username", "Command LIKE '%dig %'", "VD211", "'%dig %'", "'%dig%'"),
        ("username", "username MATCHES 'a b'", "VD214", "'a b'", "'.*a b.*'"),
    ],
)
def test_advice_has_a_fix(select: str, where: str, code: str, before: str, after: str) -> None:
    source = f"SELECT {select} FROM events WHERE {where} LAST 1 HOURS"
    fix = advice(select, where)[code].fix
    assert fix is not None
    assert (source[fix.span.start : fix.span.end], fix.text) == (before, after)


def test_letters_in_quotes_and_halves_of_the_day_that_are_shown_need_no_advice() -> None:
    formats = ("hh:mm a", "yyyy ''YYYY hh''")
    select = ", ".join(f"DATEFORMAT(starttime, '{f}')" for f in formats)
    assert advice(select, "TRUE").keys() == set()


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("SELECT username FROM events", "SELECT username FROM events LAST 24 HOURS"),
        ("SELECT username FROM events PARAMETERS SNAPSHOTSIZE=2",
         "SELECT username FROM events LAST 24 HOURS PARAMETERS SNAPSHOTSIZE=2"),
    ],
)  # fmt: skip
def test_the_fix_of_a_missing_window_stands_where_aql_wants_it(text: str, fixed: str) -> None:
    findings = Findings(Source(text))
    bind(findings.source, Catalog(), ticks_of(NOW), findings)
    (problem,) = findings.problems
    assert problem.fix is not None
    start, end = problem.fix.span.start, problem.fix.span.end
    assert text[:start] + problem.fix.text + text[end:] == fixed
