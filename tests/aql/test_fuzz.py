"""Any text at all is bound or refused with problems that have a place in it."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.aql.conftest import NOW

from vedette.aql import bind
from vedette.aql.functions import AGGREGATES, LOOKUPS, REFERENCES, SCALARS
from vedette.plan.check import check
from vedette.plan.types import ticks_of
from vedette.syntax import Findings, QueryError, Source, render
from vedette.tables.catalog import Catalog

CATALOG = Catalog()
TEXT = """
SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT LAST START STOP AS AND OR NOT IN LIKE ILIKE MATCHES
BETWEEN IS NULL CASE WHEN THEN ELSE END IF DISTINCT TRUE events flows username sourceip starttime
payload qid "Image" "Process_Path" hasoffense eventid 'x' '%a%' '10.0.0.0/8' 1 24 0x1F 2.5 HOURS (
) ( ) , , * + - / % ^ & | = < >= != << ; . ' " -- /* */ TEXT SEARCH PARAMETERS INTO COLLATE
SESSION BY EXPLICIT BEGIN END TIMEOUT TIMEWINDOW SECONDS sessionId
"""
LIBRARIES = (SCALARS, AGGREGATES, LOOKUPS, REFERENCES)
CALLS = [f"{row.name}(" for library in LIBRARIES for row in library]
WORDS = [*TEXT.split(), *CALLS]
QUERY = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
CONDITION = QUERY.map(lambda text: f"SELECT username FROM events WHERE {text} LAST 1 HOURS")
SESSIONS = QUERY.map(lambda text: f"SELECT sessionId FROM events SESSION BY starttime {text}")
ITEMS = QUERY.map(lambda text: f"SELECT {text} FROM events GROUP BY sourceip LAST 1 HOURS")


def bound_or_refused(text: str, strict: bool) -> None:
    findings = Findings(Source(text), strict)
    try:
        check(bind(findings.source, CATALOG, ticks_of(NOW), findings))
    except QueryError as refused:
        assert any(p.severity == "error" for p in refused.problems)
    else:
        assert not findings.failed
        assert not (strict and findings.repairs)
    for problem in findings.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text) + 1
        assert problem.code in render(problem, findings.source)


@settings(max_examples=300)
@given(text=QUERY | CONDITION | ITEMS | SESSIONS, strict=st.booleans())
@example(text="", strict=False)
@example(text="SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM events", strict=False)
@example(text="SELECT username FROM events WHERE " + "NOT " * 5000 + "hasoffense", strict=False)
@example(text="SELECT 1" + " + 1" * 5000 + " FROM events", strict=False)
@example(text="SELECT 1" + " ^ 1" * 5000 + " FROM events", strict=False)
@example(text="SELECT " + "LOWER(" * 5000 + "'x'" + ")" * 5000 + " FROM events", strict=False)
@example(text="SELECT x FROM " + "(SELECT x FROM " * 500 + "events" + ")" * 500, strict=False)
@example(text="SELECT " + "9" * 5000 + " FROM events LIMIT " + "9" * 5000, strict=False)
@example(text="SELECT 1e999, 0x" + "f" * 200 + " FROM events", strict=False)
@example(text="SELECT a AS b, b AS c, c AS a FROM events WHERE a = b", strict=False)
@example(text="SELECT 'x' FROM events WHERE username MATCHES '" + "(a*)*" * 50 + "'", strict=False)
def test_random_words(text: str, strict: bool) -> None:
    bound_or_refused(text, strict)


@settings(max_examples=200)
@given(text=st.text(max_size=200))
def test_random_text(text: str) -> None:
    bound_or_refused(text, strict=False)


def test_a_long_chain_of_conditions_is_no_deep_one() -> None:
    many = " OR ".join(f"username = 'u{i}'" for i in range(5000))
    bound_or_refused(f"SELECT username FROM events WHERE {many} LAST 1 HOURS", strict=True)
