"""What a detection keeps: the order of its levels, and its queries' places in their files."""

from vedette.detections.model import Confidence, PlacedProblem, Query, Severity
from vedette.syntax import Findings, Fix, QueryError, Source, Span, render

PAGE = Source("Heading\nprose SELECT a\nFROM evnets tail", "page.txt")
QUERY = Query("qradar", "aql", PAGE, Span(14, 34))


def refusal() -> QueryError:
    findings = Findings(Source(QUERY.text))
    place = Span(14, 20)
    findings.add("2000", "name", "no table 'evnets'", place, fix=Fix(place, "events", "events"))
    return QueryError(findings.ordered(), findings.source)


def test_levels_are_ordered_words() -> None:
    assert sorted(Severity) == [Severity[n] for n in
                                ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")]  # fmt: skip
    assert Severity.LOW < Severity.HIGH
    assert str(Severity.MEDIUM) == "medium"
    assert [int(c) for c in Confidence] == [1, 2, 3]


def test_a_query_is_the_text_of_its_place() -> None:
    assert QUERY.text == "SELECT a\nFROM evnets"
    assert QUERY.line == 2


def test_a_problem_of_the_query_points_at_the_pages_own_line() -> None:
    problem = QUERY.in_page(refusal().problems[0])
    assert (problem.line, problem.column) == (3, 6)
    assert PAGE.at(problem.span) == "evnets"
    assert problem.fix is not None
    assert PAGE.at(problem.fix.span) == "evnets"
    assert str(PlacedProblem(problem, PAGE)) == "page.txt:3:6: error 2000: no table 'evnets'"
    assert "  FROM evnets tail\n       ^^^^^^\n" in render(problem, PAGE)


def test_a_repair_of_the_query_points_at_the_pages_own_line() -> None:
    findings = Findings(Source(QUERY.text))
    findings.repair("name", "read otherwise", refusal().problems[0].span)
    repair = QUERY.repair_in_page(findings.repairs[0])
    assert (repair.line, repair.column) == (3, 6)
    assert PAGE.at(repair.span) == "evnets"


def test_a_place_behind_the_query_stays_in_the_page() -> None:
    findings = Findings(Source(QUERY.text))
    findings.add("2000", "syntax", "too short", Span(20, 4000))
    assert QUERY.in_page(findings.problems[0]).span == Span(34, len(PAGE.text))
