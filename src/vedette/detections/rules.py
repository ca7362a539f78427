"""Sigma rules: takes YAML files, gives the detections in them.

Each rule of a file is a detection, and each correlation. What a rule counts on elsewhere (filters,
the rules that a correlation asks) is found when all files are read (``rule_book``).
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
from vedette.detections.rule_book import Entry, RuleBook
from vedette.detections.text import slug
from vedette.sigma.reading.documents import Document, read_documents
from vedette.syntax import Findings, Source

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

# Words in the names of fields that correlations group by, and the entities that they name.
_KINDS = {
    "user": "Account", "account": "Account", "logon": "Account", "host": "Host",
    "computer": "Host", "machine": "Host", "device": "Host", "ip": "IP", "addr": "IP",
    "url": "URL", "domain": "DNS", "query": "DNS", "hash": "FileHash", "image": "Process",
    "process": "Process", "file": "File",
}  # fmt: skip

_ALWAYS_MISSING = {
    "confidence": "Sigma has no word for it",
    "schedule": "a rule looks at each event on its own: it needs no window",
    "tests": "a rule does not say",
}
_OF_CORRELATIONS = {"schedule": "a correlation looks back from each event: it needs no window"}


def is_rule(source: Source) -> bool:
    """Whether a YAML text looks like Sigma's: by its first words, without reading it whole."""
    keys = _keys(source)
    return "correlation" in keys or ("logsource" in keys and bool(keys & {"detection", "filter"}))


def is_meant_as_rule(source: Source) -> bool:
    """Whether a YAML text has one of the keys that a Sigma rule cannot do without."""
    return bool(_keys(source) & {"logsource", "detection"})


def _keys(source: Source) -> set[str]:
    lines = source.text.splitlines()
    return {line.split(":", 1)[0] for line in lines if line[:1].isalpha() and ":" in line}


def read_rules(
    source: Source, path: Path, book: RuleBook
) -> tuple[list[Detection], list[PlacedProblem]]:
    """The detections of a file, and what is wrong with its YAML; *book* learns what others need."""
    findings = Findings(source)
    documents = read_documents(findings, without="detection")
    problems = [PlacedProblem(problem, source) for problem in findings.ordered()]
    found: list[Detection] = []
    for document in documents:
        is_alone = len(documents) == 1 and not document.roots
        entry = book.learn(source, document, is_alone=is_alone)
        if entry is not None:
            found.append(_detection(document, entry, path))
    return found, problems


def read_filters(source: Source, book: RuleBook) -> tuple[bool, list[PlacedProblem]]:
    """Let *book* learn the filters of a file; whether it holds nothing else, and what is wrong."""
    findings = Findings(source)
    documents = read_documents(findings)
    filters = [document for document in documents if "filter" in document.values]
    for document in filters:
        book.learn(source, document, is_alone=len(documents) == 1)
    problems = [PlacedProblem(problem, source) for problem in findings.ordered()]
    return len(filters) == len(documents), problems


def _detection(document: Document, entry: Entry, path: Path) -> Detection:
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
    always = _ALWAYS_MISSING | (_OF_CORRELATIONS if "correlation" in values else {})
    missing += [Missing(name, reason) for name, reason in always.items()]
    return Detection(
        id=_text(values.get("id")).lower() or slug(_text(values.get("name")) or path.stem),
        title=title,
        origin=path,
        form="rule",
        description=description,
        techniques=techniques,
        tactics=tactics,
        severity=severity,
        status=status,
        queries=(Query("sigma", "sigma", entry.source, entry.span, entry.pieces),),
        data_sources=(" ".join(str(n) for n in names if n),) if any(names) else (),
        entities=_groups(values) or ENTITIES,
        false_positives=_texts(values.get("falsepositives")),
        references=_texts(values.get("references")),
        missing=tuple(missing),
    )


def _groups(values: dict[str, Any]) -> tuple[Entity, ...]:
    """The fields that a correlation groups by, which name who or what it is about."""
    correlation = values.get("correlation")
    named = _texts(correlation.get("group-by")) if isinstance(correlation, dict) else ()
    return tuple(Entity(name, _kind(name)) for name in named)


def _kind(field: str) -> str:
    """The entity that a field's name speaks of, or nothing."""
    lower = field.lower()
    return next((kind for word, kind in _KINDS.items() if word in lower), "")


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
