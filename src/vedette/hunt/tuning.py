"""Findings that a detection lets through: takes findings and a day, gives them apart from the rest.

Nothing is dropped: what is let through is in the report, with the reason and who answers for it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from vedette.detections.model import Allowance, Detection
from vedette.hunt.findings import Finding


@dataclass(frozen=True, slots=True)
class Allowed:
    """A finding that its detection's tuning lets through, and by what."""

    finding: Finding
    allowance: Allowance


def apart(
    findings: Iterable[Finding], today: dt.date
) -> tuple[tuple[Finding, ...], tuple[Allowed, ...]]:
    """The findings that count, and those that are let through on this day."""
    kept, allowed = [], []
    for finding in findings:
        by = _allowance(finding, today)
        if by is None:
            kept.append(finding)
        else:
            allowed.append(Allowed(finding, by))
    return tuple(kept), tuple(allowed)


def expired(detections: Iterable[Detection], today: dt.date) -> list[str]:
    """What to say of allowances whose day is over."""
    return [
        f"{detection.title}: what {allowance.owner} let through ({allowance.reason}) ended on "
        f"{allowance.expires}, and counts no longer"
        for detection in detections
        for allowance in detection.allowances
        if allowance.expires < today
    ]


def _allowance(finding: Finding, today: dt.date) -> Allowance | None:
    """What lets a finding through: all of its rows must be of values that are allowed."""
    for allowance in finding.detection.allowances:
        if allowance.expires >= today and _covers(allowance, finding):
            return allowance
    return None


def _covers(allowance: Allowance, finding: Finding) -> bool:
    names = [name.lower() for name in finding.columns]
    wanted = allowance.column.lower()
    if wanted not in names or finding.row_count > len(finding.rows):
        return (
            (finding.entity_column or "").lower() == wanted
            and finding.entity is not None
            and _is_one_of(finding.entity, allowance.values)
        )
    place = names.index(wanted)
    return bool(finding.rows) and all(
        row[place] is not None and _is_one_of(str(row[place]), allowance.values)
        for row in finding.rows
    )


def _is_one_of(value: str, allowed: Iterable[str]) -> bool:
    return any(value.lower() == one.lower() or _is_inside(value, one) for one in allowed)


def _is_inside(value: str, network: str) -> bool:
    if "/" not in network:
        return False
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
