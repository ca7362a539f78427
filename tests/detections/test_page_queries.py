"""Where a query in a page ends: by its grammar, whatever stands behind it."""

import pytest

from vedette.detections.model import Language
from vedette.detections.pages.lines import read_page
from vedette.detections.pages.queries import find_query
from vedette.syntax import Source

FOUND: list[tuple[Language, str, str]] = [
    # Labels above it, a rating and prose with pipes below it.
    (
        "kql",
        "Sentinel (KQL)\nkusto\nT\n| take 5\nlow severity\n\nProse | with pipes; and more.",
        "T\n| take 5",
    ),
    (
        "kql",
        "T | where A == 1 and // a comment\n B == 2\nProse (in brackets).",
        "T | where A == 1 and // a comment\n B == 2",
    ),
    ("kql", "T\n| order by count_ desc\nDetects things (T1).", "T\n| order by count_ desc"),
    ("kql", "T | where A == 1 It is the first.", "T | where A == 1"),
    # A word alone is a statement of KQL's, but not of this query.
    ("kql", "let x = 5;\n\nT | take x;\nProse is here.", "let x = 5;\n\nT | take x;"),
    # What is not understood yet is a part of the query all the same.
    ("kql", "T\n| evaluate bag_unpack(x)\nlow severity", "T\n| evaluate bag_unpack(x)"),
    (
        "aql",
        "select a from events where b = 'c' last 5 minutes It is.",
        "select a from events where b = 'c' last 5 minutes",
    ),
    (
        "aql",
        "SELECT a FROM events WHERE b = 'c'\nThe query isn't long.",
        "SELECT a FROM events WHERE b = 'c'",
    ),
    (
        "aql",
        "SELECT a FROM events WHERE b = 'c' LIMIT 10\nAnd so on, from here.",
        "SELECT a FROM events WHERE b = 'c' LIMIT 10",
    ),
    (
        "aql",
        "IBM QRadar (AQL)\nsql\nSELECT a\nFROM flows\n\nLAST 1 DAYS\n",
        "SELECT a\nFROM flows\n\nLAST 1 DAYS",
    ),
]

BROKEN: list[tuple[Language, str, str, str]] = [
    (
        "kql",
        "T\n| where A haz 'x'\n| project A\nlow severity\nProse.",
        "T\n| where A haz 'x'\n| project A",
        "haz",
    ),
    (
        "kql",
        "T\n| where A == \"open\n| project B\nProse isn't it.",
        'T\n| where A == "open\n| project B',
        '"open',
    ),
    (
        "aql",
        "SELECT a, FROM events\nWHERE b = 1\nLAST 1 HOURS Prose.\nAnd more of it.",
        "SELECT a, FROM events\nWHERE b = 1\nLAST 1 HOURS",
        "FROM",
    ),
    (
        "aql",
        "select a from events\nwhere b = = 1\norder by a\nWhere it fires, look.",
        "select a from events\nwhere b = = 1\norder by a",
        "=",
    ),
]


def find(language: Language, body: str) -> tuple[str | None, str | None]:
    source = Source(f"Detection Query\n{body}\nData Sources\nNone\n")
    section = read_page(source).section("query")
    assert section is not None
    found = find_query(source, section.lines, section.end, language)
    if found is None:
        return None, None
    text = source.at(found.span)
    place = found.broken.span if found.broken else None
    return text, text[place.start :] if place else None


@pytest.mark.parametrize(("language", "body", "query"), FOUND)
def test_a_query_ends_where_its_grammar_ends(language: Language, body: str, query: str) -> None:
    assert find(language, body) == (query, None)


@pytest.mark.parametrize(("language", "body", "query", "mistake"), BROKEN)
def test_a_broken_query_is_taken_whole(
    language: Language, body: str, query: str, mistake: str
) -> None:
    text, place = find(language, body)
    assert text == query
    assert place is not None
    assert place.startswith(mistake)


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("kql", "Prose only, nothing else."),
        ("aql", "Prose only, nothing else."),
        ("aql", ""),
        ("kql", "```kql\n\n```"),
    ],
)
def test_prose_is_no_query(language: Language, body: str) -> None:
    assert find(language, body) == (None, None)


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("kql", "T | where " + "(" * 90_000),
        ("aql", "SELECT " + "(" * 90_000),
        ("kql", "word " * 150_000),
        ("kql", "T | where A == 'open\n" * 5_000),
        ("aql", "SELECT a FROM events WHERE a = 'open\n" * 5_000),
    ],
)
def test_a_page_made_to_be_slow_is_given_up(language: Language, body: str) -> None:
    text, place = find(language, body)
    assert text is None or (text in body and (place is not None or len(text) < 100))
