"""A detection's own folder: takes the folder, gives the detection or everything wrong with it.

``detection.yaml`` describes it; ``sentinel.kql``, ``defender.kql``, ``qradar.aql`` and
``sigma.yml`` are its queries; ``tests/`` and ``quiet/`` hold what proves them (``cases.py``).
``docs/detections.md`` describes every key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from vedette.detections.model import (
    PLATFORMS,
    Confidence,
    Detection,
    DetectionTest,
    Entity,
    Language,
    Missing,
    PlacedProblem,
    Query,
    Schedule,
    Severity,
    Status,
)
from vedette.detections.packages.cases import read_cases
from vedette.detections.packages.tuning import TUNING, read_tuning
from vedette.detections.packages.yaml_values import ValueReader
from vedette.detections.text import Unreadable, about_file, read_text, slug
from vedette.syntax import Findings, Span, did_you_mean
from vedette.syntax.yaml_nodes import YamlPart

DESCRIPTION = "detection.yaml"
MOST_DESCRIPTION_BYTES = 256_000

REQUIRED = ("title", "techniques", "severity")

STATUSES: dict[str, Status] = {
    "experimental": "experimental",
    "test": "test",
    "stable": "stable",
    "deprecated": "deprecated",
    "unsupported": "unsupported",
}

# Sentinel's entity types.
ENTITY_TYPES = {
    name: name
    for name in (
        "Account", "AzureResource", "CloudApplication", "DNS", "File", "FileHash", "Host", "IP",
        "IoTDevice", "MailCluster", "MailMessage", "Mailbox", "Malware", "Process", "RegistryKey",
        "RegistryValue", "SecurityGroup", "SubmissionMail", "URL",
    )
}  # fmt: skip

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}")
_QUERY_FILES: dict[str, tuple[str, Language]] = {
    **{f"{platform}.{language}": (platform, language) for platform, language in PLATFORMS.items()},
    "sigma.yml": ("sigma", "sigma"),
}
_QUERY_SUFFIXES = frozenset(Path(name).suffix for name in _QUERY_FILES) | {".yaml"}
_OTHER_FILES = frozenset({DESCRIPTION, TUNING})


@dataclass(slots=True)
class Described:
    """What ``detection.yaml`` says; ``given`` holds the keys that stand there."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    status: Status | None = None
    techniques: tuple[str, ...] | None = None
    tactics: tuple[str, ...] | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    tables: tuple[str, ...] | None = None
    data_sources: tuple[str, ...] | None = None
    schedule: Schedule | None = None
    entities: tuple[Entity, ...] | None = None
    false_positives: tuple[str, ...] | None = None
    tests: tuple[DetectionTest, ...] | None = None
    references: tuple[str, ...] | None = None
    notes: str | None = None
    given: frozenset[str] = frozenset()


def is_package(folder: Path) -> bool:
    """Whether a folder holds one detection of its own."""
    return (folder / DESCRIPTION).is_file()


def read_package(folder: Path) -> tuple[Detection | None, list[PlacedProblem]]:
    """The detection of a folder, or None, and every problem of its description and files.

    Raises nothing: a folder or file that cannot be read is a problem too.
    """
    try:
        source = read_text(folder / DESCRIPTION, MOST_DESCRIPTION_BYTES)
    except Unreadable as unreadable:
        return None, [unreadable.problem]
    findings = Findings(source)
    described = describe(YamlPart(findings))
    queries, problems = _queries(folder)
    tests, quiet, untold = read_cases(folder, [query.platform for query in queries])
    allowances, unread = read_tuning(folder)
    problems = [PlacedProblem(p, source) for p in findings.ordered()] + problems + untold + unread
    if described is not None and tests:
        described.tests = tests
        described.given |= {"tests"}
    if described is None or any(p.problem.severity == "error" for p in problems):
        return None, problems
    detection = _detection(folder, described, queries)
    return replace(detection, quiet=quiet, allowances=allowances), problems


def describe(part: YamlPart) -> Described | None:
    """What a description says, read to its end; None where it is no mapping at all."""
    findings = part.findings
    root = part.root()
    if root is None:
        if not findings.failed:
            findings.add("VD313", "source", "describes nothing: it is empty", part.place(0))
        return None
    if not isinstance(root, yaml.MappingNode):
        message = "must be a mapping of keys to values"
        findings.add("VD314", "type", message, part.span(root))
        return None
    described = _Describing(part).read(root)
    for key in REQUIRED:
        if key not in described.given:
            message = f"the key '{key}' is missing"
            findings.add("VD313", "source", message, part.place(0), hint=f"add '{key}: …'")
    return described


class _Describing(ValueReader):
    """Reads each key of ``detection.yaml`` by the rule of its own."""

    def read(self, root: yaml.Node) -> Described:
        entries = self.entries(root, KEYS, DESCRIPTION)
        described = Described(given=frozenset(entries))
        for key, node in entries.items():
            setattr(described, key, _READ[key](self, node))
        return described

    def _severity(self, node: yaml.Node) -> Severity | None:
        return self.choice(node, {str(s): s for s in Severity})

    def _confidence(self, node: yaml.Node) -> Confidence | None:
        return self.choice(node, {str(c): c for c in Confidence})

    def _status(self, node: yaml.Node) -> Status | None:
        return self.choice(node, STATUSES)

    def _techniques(self, node: yaml.Node) -> tuple[str, ...] | None:
        return self._some(node, self.many(node, self.technique))

    def _tactics(self, node: yaml.Node) -> tuple[str, ...] | None:
        return self._some(node, self.many(node, self.tactic))

    def _tests(self, node: yaml.Node) -> tuple[DetectionTest, ...] | None:
        return self.many(node, self._test)

    def _some(self, node: yaml.Node, values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if values == ():
            self.wrong(node, "the list is empty", "list at least one, or leave the key out")
        return values

    def _id(self, node: yaml.Node) -> str | None:
        id = self.text(node)
        if id is not None and not _ID.fullmatch(id):
            hint = "small letters, digits, '-', '_' and '.', as in osint-tools-endpoint"
            self.wrong(node, f"'{id}' cannot be an id", hint)
            return None
        return id

    def _schedule(self, node: yaml.Node) -> Schedule:
        entries = self.entries(node, ("lookback", "step"), "schedule")
        lookback, step = (
            self.period(entries[key]) if key in entries else None for key in ("lookback", "step")
        )
        if lookback is not None and step is not None and step > lookback:
            message = "the step is longer than the lookback"
            reason = "events between two runs are looked at by neither"
            self.findings.advise("VD317", message, self.part.span(entries["step"]), reason=reason)
        return Schedule(lookback, step)

    def _entities(self, node: yaml.Node) -> tuple[Entity, ...]:
        found = []
        for column, (_, value) in self.free_entries(node, "entities").items():
            kind = self.choice(value, ENTITY_TYPES)
            if kind is not None:
                found.append(Entity(column, kind))
        return tuple(found)

    def _test(self, node: yaml.Node) -> DetectionTest | None:
        entries = self.entries(node, ("number", "title", "expected_signal"), "a test")
        if "title" not in entries or "number" not in entries:
            self.wrong(node, "a test needs 'number' and 'title'")
            return None
        number, title = self.count(entries["number"]), self.text(entries["title"])
        signal = self.text(entries["expected_signal"]) if "expected_signal" in entries else None
        return None if number is None or title is None else DetectionTest(number, title, signal)


_READ: dict[str, Callable[[_Describing, yaml.Node], object]] = {
    "id": _Describing._id,
    "title": ValueReader.text,
    "description": ValueReader.text,
    "status": _Describing._status,
    "techniques": _Describing._techniques,
    "tactics": _Describing._tactics,
    "severity": _Describing._severity,
    "confidence": _Describing._confidence,
    "tables": ValueReader.texts,
    "data_sources": ValueReader.texts,
    "schedule": _Describing._schedule,
    "entities": _Describing._entities,
    "false_positives": ValueReader.texts,
    "tests": _Describing._tests,
    "references": ValueReader.texts,
    "notes": ValueReader.text,
}
# The keys of detection.yaml, in the order in which they are usually written.
KEYS = tuple(_READ)


def _queries(folder: Path) -> tuple[list[Query], list[PlacedProblem]]:
    queries: list[Query] = []
    problems: list[PlacedProblem] = []
    names = list(_QUERY_FILES)
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in _QUERY_SUFFIXES):
        if path.name in _OTHER_FILES:
            continue
        if path.name not in names:
            hint = did_you_mean(path.name, names) or f"query files are {', '.join(names)}"
            message = "no platform's query has this name"
            problems.append(about_file(path, "VD315", message, kind="name", hint=hint))
            continue
        try:
            page = read_text(path)
        except Unreadable as unreadable:
            problems.append(unreadable.problem)
            continue
        if not page.text.strip():
            problems.append(about_file(path, "VD315", "holds no query: it is empty"))
            continue
        whole = Span(0, len(page.text))
        queries.append(Query(*_QUERY_FILES[path.name], page, whole))
    if not queries and not problems:
        hint = f"add a query as {', '.join(names)}"
        problems.append(about_file(folder, "VD315", "has no query", hint=hint))
    order = [platform for platform, _ in _QUERY_FILES.values()]
    queries.sort(key=lambda query: order.index(query.platform))
    return queries, problems


def _detection(folder: Path, described: Described, queries: list[Query]) -> Detection:
    absent = f"{DESCRIPTION} does not give it"
    optional = [k for k in KEYS if k not in ("id", "notes", "data_sources", *REQUIRED)]
    return Detection(
        id=described.id or slug(folder.resolve().name),
        title=described.title or "",
        origin=folder,
        form="package",
        description=described.description,
        techniques=described.techniques or (),
        tactics=described.tactics or (),
        severity=described.severity,
        confidence=described.confidence,
        status=described.status,
        queries=tuple(queries),
        tables=described.tables or (),
        data_sources=described.data_sources or (),
        schedule=described.schedule,
        entities=described.entities or (),
        false_positives=described.false_positives or (),
        tests=described.tests or (),
        references=described.references or (),
        notes=described.notes,
        missing=tuple(Missing(key, absent) for key in optional if key not in described.given),
    )
