"""Hostile and broken YAML is refused at its place, and at once."""

import pytest

from vedette.syntax import Findings, Problem, Source, Span
from vedette.syntax.yaml_nodes import DEEPEST, MOST_NODES, YamlPart


def refusal(text: str) -> Problem:
    findings = Findings(Source(text, "detection.yaml"))
    assert YamlPart(findings).root() is None
    (problem,) = findings.problems
    return problem


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for i in range(1, 40):
        lines.append(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        (bomb(), "VD311", (2, 10), "the alias '*a0' is refused"),
        ("a: &a [*a]", "VD311", (1, 8), "the alias '*a' is refused"),
        ("[" * 100_000, "VD311", (1, DEEPEST + 1), f"nested deeper than {DEEPEST} levels"),
        ("- " * 100_000, "VD311", (1, 2 * DEEPEST + 1), f"nested deeper than {DEEPEST} levels"),
        ("[" + "x," * 50_000, "VD311", (1, 2 * MOST_NODES), f"more than {MOST_NODES:,} values"),
        ("a: !!python/object/apply:os.system [id]", "VD311", (1, 4), "is refused"),
        ("title: 'open\n", "VD310", (2, 1), "found unexpected end of stream"),
        ("a: b: c\n", "VD310", (1, 5), "mapping values are not allowed"),
        ("a: 1\n---\nb: 2\n", "VD310", (2, 1), "but found another document"),
        ("a: \ud800\n", "VD310", (1, 4), "a control character that YAML forbids"),
        ("a: \x07\n", "VD310", (1, 4), "a control character that YAML forbids"),
    ],
)
def test_it_is_refused(text: str, code: str, place: tuple[int, int], message: str) -> None:
    problem = refusal(text)
    assert (problem.code, (problem.line, problem.column)) == (code, place)
    assert message in problem.message
    assert problem.severity == "error"


def test_a_part_of_a_text_keeps_its_places_in_the_whole() -> None:
    source = Source("---\nname: [x\n---\nbody", "page.md")
    findings = Findings(source)
    assert YamlPart(findings, Span(4, 13)).root() is None
    (problem,) = findings.problems
    assert (problem.line, problem.column) == (3, 1)


def test_an_empty_text_is_no_document() -> None:
    findings = Findings(Source("# only a comment\n"))
    assert YamlPart(findings).root() is None
    assert findings.problems == []
