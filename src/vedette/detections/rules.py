"""Sigma rules: takes a YAML file, gives the detections in it.

Each rule of a file is a detection; a file with a correlation is one detection, for the correlation
asks the rules beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedette.detections.model import (
    Detection,
    Entity,
    Missing,
    PlacedProblem,
    Query,
    Severity,
    Status,
)
from vedette.detections.text import slug
from vedette.sigma.reading.documents import Document, read_documents
from vedette.syntax import Findings, Source, Span

SUFFIXES = frozenset({".yml", ".yaml"})
LEVELS = {str(severity): severity for severity in Severity}
STATUSES: dict[str, Status] = {
    "experimental": "experimental",
    "test": "test",
    "stable": "stable",
    "deprecated": "deprecated",
    "unsupported": "unsupported",
}
ENTITIES = (Entity("host", "Host"), Entity("user", "Account"), Entity("source_ip", "IP"))
"""Columns of every rule's result that name who or what it is about."""

_ALWAYS_MISSING = {
    "confidence": "Sigma has no word for it",
    "schedule": "a rule looks at each event on its own: it needs no window",
    "tests": "a rule does not say",
}


def is_rule(source: Source) -> bool:
    """Whether a YAML text looks like Sigma's: by its first words, without reading it whole."""
    lines = source.text.splitlines()
    keys = {line.split(":", 1)[0] for line in lines if line[:1].isalpha() and ":" in line}
    return {"logsource", "detection"} <= keys or "correlation" in keys


def read_rules(source: Source, path: Path) -> tuple[list[Detection], list[PlacedProblem]]:
    """The detections of a file, and what is wrong with its YAML."""
    findings = Findings(source)
    documents = read_documents(findings)
    problems = [PlacedProblem(problem, source) for problem in findings.ordered()]
    correlations = [d for d in documents if "correlation" in d.values]
    if correlations:
        return [_detection(correlations[-1], source, path, Span(0, len(source.text)))], problems
    if len(documents) == 1:
        return [_detection(documents[0], source, path, Span(0, len(source.text)))], problems
    found = [_detection(each, source, path, each.span(each.root)) for each in documents]
    return found, problems


def _detection(document: Document, source: Source, path: Path, span: Span) -> Detection:
    values = document.values
    techniques, tactics = _attack(values.get("tags"))
    title = _text(values.get("title")) or path.stem.replace("_", " ")
    severity = LEVELS.get(_text(values.get("level")).lower())
    status = STATUSES.get(_text(values.get("status")).lower())
    description = _text(values.get("description")) or None
    log_source = values.get("logsource")
    names = (
        [log_source.get(k) for k in ("product", "category", "service")]
        if isinstance(log_source, dict)
        else []
    )
    given = {
        "description": description, "techniques": techniques, "tactics": tactics,
        "severity": severity, "status": status,
    }  # fmt: skip
    missing = [Missing(name, "the rule does not say") for name, v in given.items() if not v]
    missing += [Missing(name, reason) for name, reason in _ALWAYS_MISSING.items()]
    return Detection(
        id=_text(values.get("id")).lower() or slug(path.stem),
        title=title,
        origin=path,
        form="rule",
        description=description,
        techniques=techniques,
        tactics=tactics,
        severity=severity,
        status=status,
        queries=(Query("sigma", "sigma", source, span),),
        data_sources=(" ".join(str(n) for n in names if n),) if any(names) else (),
        entities=ENTITIES,
        false_positives=_texts(values.get("falsepositives")),
        references=_texts(values.get("references")),
        missing=tuple(missing),
    )


def _attack(tags: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ATT&CK's techniques and tactics among a rule's tags."""
    names = [t.removeprefix("attack.") for t in _texts(tags) if t.startswith("attack.")]
    techniques = [n.upper() for n in names if n[:1] in "tT" and n[1:5].isdigit()]
    groups = [n for n in names if n[:1] in "gsGS" and n[1:5].isdigit()]
    tactics = [
        n.replace("_", "-") for n in names if n.upper() not in techniques and n not in groups
    ]
    return tuple(techniques), tuple(tactics)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(text for each in value if (text := _text(each)))
    return (_text(value),) if _text(value) else ()
