"""Alerts as a detection words them: takes a detection and rows, gives what a finding says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vedette.detections.model import Alert, Detection, Severity

MOST_VALUES = 20
"""How many values of a custom detail a finding has."""
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_SEVERITIES = {str(severity): severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class Worded:
    """What a finding says in place of its detection; None where the detection's own holds.

    ``details`` are the detection's custom details, each with its distinct values.
    """

    title: str | None = None
    description: str | None = None
    severity: Severity | None = None
    tactics: tuple[str, ...] = ()
    details: tuple[tuple[str, tuple[str, ...]], ...] = ()


def worded(
    detection: Detection, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> Worded | None:
    """What a finding about *rows* says, by the first of them; None where nothing is worded."""
    alert = detection.alert
    if alert is None or not rows:
        return None
    first = dict(zip(columns, rows[0], strict=True))
    said = _text(first.get(alert.severity_column or ""))
    tactics = _text(first.get(alert.tactics_column or ""))
    return Worded(
        title=_filled(alert.title, first),
        description=_filled(alert.description, first),
        severity=_SEVERITIES.get(said.lower()),
        tactics=tuple(re.findall(r"\w+", tactics)),
        details=tuple(_details(alert, columns, rows)),
    )


def _details(
    alert: Alert, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, column in alert.details:
        if column in columns:
            place = columns.index(column)
            values = dict.fromkeys(_text(row[place]) for row in rows if row[place] is not None)
            found.append((name, tuple(values)[:MOST_VALUES]))
    return found


def _filled(text: str | None, values: Mapping[str, object]) -> str | None:
    """A text with the values of columns in the place of their names; None where it stays empty."""
    if text is None:
        return None
    return _PLACEHOLDER.sub(lambda m: _text(values.get(m[1].strip())), text).strip() or None


def _text(value: object) -> str:
    return "" if value is None else str(value)
