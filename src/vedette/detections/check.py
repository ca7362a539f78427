"""Checking detections without running them: takes detections and a workspace, gives verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vedette.detections.model import Detection, Query
from vedette.syntax import Problem, QueryError, Repair, Source
from vedette.workspace import Workspace

SAME_TEXT = "VD330"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one query; places are those of the file it stands in."""

    detection: Detection
    query: Query
    source: Source
    refused: bool
    problems: tuple[Problem, ...]
    repairs: tuple[Repair, ...]


def check_queries(
    detections: Iterable[Detection], workspace: Workspace, *, strict: bool = False
) -> Iterator[Verdict]:
    """The verdict on each query of each detection, over the workspace's tables."""
    seen: dict[tuple[str, str], tuple[Detection, Query]] = {}
    for detection in detections:
        for query in detection.queries:
            verdict = check_query(detection, query, workspace, strict=strict)
            key = (query.language, query.text.strip())
            first, twin = seen.setdefault(key, (detection, query))
            if first is not detection:
                verdict = replace(verdict, problems=(*verdict.problems, _same(query, first, twin)))
            yield verdict


def _same(query: Query, first: Detection, twin: Query) -> Problem:
    """Advice on a query whose text another detection has, too."""
    span, found = query.span, f"{twin.page.name}:{twin.line}"
    line, column = query.page.position(span.start)
    return Problem(
        SAME_TEXT,
        "advice",
        "warning",
        f"the query has the text of another detection's: '{first.title}' ({found})",
        span,
        line,
        column,
        reason="both find the same events, and each finding is counted twice",
        hint="keep one of them, or make each ask for what only its technique leaves",
    )


def check_query(
    detection: Detection, query: Query, workspace: Workspace, *, strict: bool = False
) -> Verdict:
    """The verdict on one query of a detection."""
    try:
        compiled = workspace.compile(query.text, query.language, strict=strict)
    except QueryError as error:
        problems = tuple(query.in_page(p) for p in error.problems)
        return Verdict(detection, query, query.page, True, problems, ())
    return Verdict(
        detection,
        query,
        query.page,
        False,
        tuple(query.in_page(p) for p in compiled.problems),
        tuple(query.repair_in_page(r) for r in compiled.repairs),
    )
