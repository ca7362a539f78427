"""Checking detections without running them: takes detections and a workspace, gives verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vedette.detections.model import Detection, Query
from vedette.syntax import Problem, QueryError, Repair, Source
from vedette.workspace import Workspace


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
    for detection in detections:
        for query in detection.queries:
            yield check_query(detection, query, workspace, strict=strict)


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
