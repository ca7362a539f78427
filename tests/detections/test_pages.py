"""Published pages in the form of the catalogues: each page beside what is to be read from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from vedette.detections.model import Detection, PlacedProblem
from vedette.detections.pages.read import is_page, read_detection
from vedette.detections.text import read_text
from vedette.syntax import Source

PAGES = Path(__file__).with_name("pages")


def as_plain(detection: Detection, problems: list[PlacedProblem]) -> dict[str, Any]:
    """What was read, as the JSON beside the page has it."""
    return {
        "id": detection.id,
        "title": detection.title,
        "description": detection.description,
        "techniques": list(detection.techniques),
        "tactics": list(detection.tactics),
        "severity": str(detection.severity) if detection.severity else None,
        "confidence": str(detection.confidence) if detection.confidence else None,
        "queries": [
            {"platform": q.platform, "language": q.language, "line": q.line, "text": q.text}
            for q in detection.queries
        ],
        "tables": list(detection.tables),
        "data_sources": list(detection.data_sources),
        "false_positives": list(detection.false_positives),
        "tests": [[t.number, t.title, t.expected_signal] for t in detection.tests],
        "references": list(detection.references),
        "notes": detection.notes,
        "missing": {m.field: m.reason for m in detection.missing if m.field not in NEVER},
        "problems": [
            [p.problem.code, p.problem.line, p.problem.column, p.problem.message] for p in problems
        ],
    }


# What pages of this form never have.
NEVER = {"schedule", "entities", "status"}


@pytest.mark.parametrize("name", sorted(p.name for p in PAGES.iterdir() if p.suffix != ".json"))
def test_a_page_gives_what_stands_beside_it(name: str) -> None:
    path = PAGES / name
    source = read_text(path)
    assert is_page(source)
    detection, problems = read_detection(source, path)
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert as_plain(detection, problems) == expected
    assert {m.field for m in detection.missing} >= NEVER
    assert (detection.form, detection.origin) == ("page", path)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_change_nothing_but_the_queries_own(tmp_path: Path, newline: str) -> None:
    text = (PAGES / "sentinel_glued_lists.txt").read_text("utf-8")
    source = Source(text.replace("\n", newline), "page.txt")
    detection, _ = read_detection(source, tmp_path / "page.txt")
    (query,) = detection.queries
    assert query.text.startswith("// Names that do not exist")
    assert query.text.endswith(f"TimeGenerated,{newline}    Names")
    assert len(detection.tests) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A letter to the editor.\n\nIt has paragraphs.",
        "---\ntitle: a blog\n---\n\n# Heading\n\n## References\n- https://example.org\n",
        "References\nTests\n",
    ],
)
def test_other_texts_are_no_pages(text: str) -> None:
    assert not is_page(Source(text))
