"""Checking detections without running them: takes detections and a workspace, gives verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vedette.detections.model import Detection, Loaded, PlacedProblem, Query
from vedette.syntax import Problem, QueryError, Repair, Source, did_you_mean
from vedette.workspace import Workspace

SAME_TEXT = "VD330"
NO_COLUMN = "VD331"
_OF_VENDORS_SCHEMA = frozenset({"VD312", "VD313", "VD314", "VD340"})


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
    columns = {column.name for column in compiled.columns}
    return Verdict(
        detection,
        query,
        query.page,
        False,
        (*map(query.in_page, compiled.problems), *_absent(detection, query, columns)),
        tuple(query.repair_in_page(r) for r in compiled.repairs),
    )


def _absent(detection: Detection, query: Query, columns: set[str]) -> Iterator[Problem]:
    """Warnings of columns that the detection names and the query's result does not have."""
    for use in detection.columns:
        if use.name not in columns:
            line, column = query.page.position(use.span.start)
            hint = did_you_mean(use.name, columns) or f"there are {', '.join(sorted(columns)[:20])}"
            yield Problem(
                NO_COLUMN, "name", "warning", f"the result has no column '{use.name}'",
                use.span, line, column, hint=hint,
            )  # fmt: skip


def refused_by_vendor(loaded: Loaded) -> list[PlacedProblem]:
    """The warnings about rules that their vendor would not take."""
    analytics = {str(d.origin) for d in loaded.detections if d.form == "analytics"}
    return [
        placed
        for placed in loaded.problems
        if placed.problem.code in _OF_VENDORS_SCHEMA
        and placed.problem.severity == "warning"
        and placed.source.name in analytics
    ]
