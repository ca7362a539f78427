"""A hunt's report in terms that JSON has: takes a report, gives objects for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vedette.detections.model import Detection, PlacedProblem
from vedette.hunt.findings import Finding
from vedette.hunt.outcome import HuntReport, Run, TableData
from vedette.plan.value_text import json_value
from vedette.syntax import Problem, Repair
from vedette.workspace.events import Event

Object = dict[str, Any]


def report_object(report: HuntReport) -> Object:
    """The whole report: findings, what ran, what could not, the data, the bounds."""
    return {
        "findings": [finding_object(finding) for finding in report.findings],
        "allowed": [
            {
                **finding_object(one.finding),
                "reason": one.allowance.reason,
                "owner": one.allowance.owner,
                "expires": one.allowance.expires.isoformat(),
            }
            for one in report.allowed
        ],
        "ran": [_run(run) for run in report.ran],
        "could_not_run": [_run(run) for run in report.could_not_run],
        "unread": [_placed(placed) for placed in report.unread],
        "warnings": list(report.warnings),
        "data": [_table(table) for table in report.data],
        "quarantined": report.quarantined,
        "since": json_value(report.since),
        "until": json_value(report.until),
        "now": json_value(report.now),
        "strict": report.strict,
    }


def finding_object(finding: Finding) -> Object:
    """One finding, with its evidence."""
    return {
        "severity": _word(finding.severity),
        **_detection(finding.detection),
        "title": finding.title,
        "description": finding.description,
        "details": _details(finding),
        "platform": finding.platform,
        "entity": finding.entity,
        "entity_column": finding.entity_column,
        "entity_type": finding.entity_type,
        "count": finding.count,
        "count_of": str(finding.basis),
        "count_is_at_least": finding.is_at_least,
        "first_seen": json_value(finding.first_seen),
        "last_seen": json_value(finding.last_seen),
        "columns": list(finding.columns),
        "rows": [[json_value(value) for value in row] for row in finding.rows],
        "row_count": finding.row_count,
        "events": [_event(event) for event in finding.events],
    }


def _details(finding: Finding) -> Object:
    """A detection's custom details with their values."""
    pairs = finding.worded.details if finding.worded is not None else ()
    return {name: list(values) for name, values in pairs}


def _detection(detection: Detection) -> Object:
    return {
        "detection": detection.title,
        "id": detection.id,
        "confidence": _word(detection.confidence),
        "techniques": list(detection.techniques),
        "tactics": list(detection.tactics),
    }


def _word(level: object) -> str | None:
    return None if level is None else str(level)


def _event(event: Event) -> Object:
    values = {name: json_value(value) for name, value in event.values.items()}
    return {
        "event_id": event.event_id,
        "table": event.table,
        "time": json_value(event.time),
        "values": values,
    }


def _run(run: Run) -> Object:
    windows = run.windows
    return {
        **_detection(run.detection),
        "platform": run.platform or None,
        "language": run.query.language if run.query else None,
        "file": run.query.page.name if run.query else str(run.detection.origin),
        "line": run.query.line if run.query else None,
        "filters": list(run.query.filters) if run.query else [],
        "status": run.status,
        "reason": run.reason or None,
        "alone": run.alone or None,
        "lookback": json_value(run.lookback),
        "step": json_value(run.step),
        "windows": {
            "evaluated": len(windows.evaluated),
            "empty": windows.empty,
            "first": _pair(windows.evaluated[:1]),
            "last": _pair(windows.evaluated[-1:]),
            "unreached": [_pair([stretch]) for stretch in windows.unreached],
        },
        "tables": [{"table": t.name, "rows": t.rows} for t in run.tables],
        "findings": len(run.findings),
        "problems": [_problem(problem) for problem in run.problems],
        "repairs": [_repair(repair) for repair in run.repairs],
        "notes": list(run.notes),
    }


def _pair(pairs: Iterable[tuple[object, object]]) -> Object | None:
    return next(({"start": json_value(a), "end": json_value(b)} for a, b in pairs), None)


def _problem(problem: Problem) -> Object:
    return {
        "code": problem.code,
        "kind": problem.kind,
        "severity": problem.severity,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "reason": problem.reason,
        "hint": problem.hint,
    }


def _placed(placed: PlacedProblem) -> Object:
    return {"file": placed.source.name, **_problem(placed.problem)}


def _repair(repair: Repair) -> Object:
    place = {"line": repair.line, "column": repair.column}
    return {"name": repair.name, "message": repair.message, **place}


def _table(table: TableData) -> Object:
    return {
        "table": table.name,
        "rows": table.rows,
        "rows_without_time": table.untimed,
        "first": json_value(table.first),
        "last": json_value(table.last),
    }
