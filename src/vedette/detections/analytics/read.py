"""Analytics rules: takes a YAML or JSON file, gives its detections and what is wrong with them.

What keeps a rule from being hunted with is an error: no query, or no length of time where one is
written. Every other mistake is a warning at its place.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import yaml

from vedette.detections.analytics.alerts import AlertReader
from vedette.detections.analytics.scalars import pieces_of
from vedette.detections.analytics.schema import (
    KEYS,
    KINDS,
    LONGEST,
    MOST_THRESHOLD,
    OPERATORS,
    OTHER_KINDS,
    REQUIRED,
    REQUIRED_HUNTING,
    REQUIRED_SCHEDULED,
    SAME,
    SEVERITIES,
    STATUSES,
    TACTICS,
    WITHOUT_EFFECT,
)
from vedette.detections.analytics.values import WRONG
from vedette.detections.attack import TECHNIQUE_ID, is_unknown
from vedette.detections.model import (
    ColumnUse,
    Detection,
    Missing,
    PlacedProblem,
    Query,
    Schedule,
    Severity,
    Status,
    Trigger,
)
from vedette.detections.text import slug
from vedette.syntax import Findings, Source, Span
from vedette.syntax.yaml_nodes import YamlPart

SUFFIXES = frozenset({".json"})
MOST_NODES = 200_000
MINUTE = dt.timedelta(minutes=1)
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TELLING = frozenset({
    "kind", "queryFrequency", "queryPeriod", "requiredDataConnectors", "triggerOperator",
    "tactics", "relevantTechniques", "entityMappings",
})  # fmt: skip
_RULES = ("alertRules", "alertRuleTemplates")
_TYPES = frozenset(name.lower() for name in _RULES)  # letter case says nothing in ARM
_TEMPLATES = frozenset({"template", "mainTemplate"})
_EXPECTED = ("description", "tactics", "techniques", "severity", "schedule", "entities")


def is_analytics(source: Source) -> bool:
    """Whether a YAML text looks like an analytics rule or a hunting query, by its first words."""
    lines = source.text.splitlines()
    keys = {line.split(":", 1)[0].strip("\ufeff\"' ") for line in lines if line[:1].isalpha()}
    return "query" in keys and bool(keys & _TELLING)


def is_analytics_json(source: Source) -> bool:
    """Whether a JSON text looks like ARM's or REST's form of analytics rules."""
    text = source.text
    return '"query"' in text and any(word in text for word in (*_RULES, "queryFrequency"))


def read_analytics(source: Source, path: Path) -> tuple[list[Detection], list[PlacedProblem]]:
    """The detections of a file, and every problem of it."""
    if path.suffix.lower() in SUFFIXES:  # JSON is YAML, but for tabs between its parts
        source = Source(source.text.replace("\t", " "), source.name)
    findings = Findings(source)
    part = YamlPart(findings, most_nodes=MOST_NODES)
    root = part.root()
    found: list[Detection] = []
    if root is not None:
        for node, kind in _rules(root):
            made = _Reading(part, path).rule(node, kind)
            found += [made] if made is not None else []
    if not found and not findings.problems:
        findings.add(WRONG, "type", "holds no analytics rule", Span(0, 0))
    return found, [PlacedProblem(problem, source) for problem in findings.ordered()]


def _rules(root: yaml.Node) -> list[tuple[yaml.Node, yaml.Node | None]]:
    """The mappings that say rules, and what says the kind of each where that stands outside."""
    found: list[tuple[yaml.Node, yaml.Node | None]] = []
    pending = [root]
    while pending:
        node = pending.pop(0)
        if isinstance(node, yaml.SequenceNode):
            pending += node.value
        elif isinstance(node, yaml.MappingNode):
            keys = {getattr(key, "value", ""): value for key, value in node.value}
            inside = keys.get("properties")
            if "query" in keys:
                found.append((node, None))
            elif isinstance(inside, yaml.MappingNode) and _is_rule(keys):
                found.append((inside, keys.get("kind")))
            else:
                pending += [keys[name] for name in ("resources", "value") if name in keys]
                pending += _templates(inside)
    return found


def _templates(properties: yaml.Node | None) -> list[yaml.Node]:
    """The templates inside of a deployment, or of what a solution of the content hub brings."""
    if not isinstance(properties, yaml.MappingNode):
        return []
    return [v for k, v in properties.value if getattr(k, "value", "") in _TEMPLATES]


def _is_rule(keys: dict[str, yaml.Node]) -> bool:
    kind = getattr(keys.get("type"), "value", "")
    return not kind or str(kind).rstrip("/").split("/")[-1].lower() in _TYPES


class _Reading(AlertReader):
    """Reads one rule by the vendor's schema."""

    def __init__(self, part: YamlPart, path: Path) -> None:
        super().__init__(part)
        self._path = path
        self._entries: dict[str, yaml.Node] = {}
        self._spans: dict[str, Span] = {}

    def rule(self, root: yaml.Node, kind: yaml.Node | None) -> Detection | None:
        """The detection, or None where the rule cannot be hunted with."""
        self._gather(root, kind)
        start = Span(self.span(root).start, self.span(root).start)
        problems = len(self.findings.problems)
        query = self._query(start)
        word = self._kind()
        schedule = self._schedule(word)
        self._required(word, start, is_json=kind is not None)
        self._without_effect()
        name = self._text("name")
        id = self._id()
        alert = self.alert(self._entries)
        entities = self.entities(self._entries.get("entityMappings"))
        made = Detection(
            id=id or slug(name or self._path.stem),
            title=name or re.sub(r"[_\s-]+", " ", self._path.stem).strip() or self._path.stem,
            origin=self._path,
            form="analytics",
            description=(self._text("description") or "").strip("'\" \n") or None,
            techniques=self._techniques(),
            tactics=self._tactics(),
            severity=self._severity(),
            status=self._status(),
            queries=(query,) if query is not None else (),
            tables=self._connectors("dataTypes"),
            data_sources=self._connectors("connectorId"),
            schedule=schedule,
            entities=entities,
            trigger=self._trigger(word),
            alert=alert,
            version=self._text("version") or self._text("templateVersion"),
            columns=tuple(ColumnUse(name, span) for name, span in self.columns),
            missing=(),
        )
        if any(p.severity == "error" for p in self.findings.problems[problems:]):
            return None
        return self._with_missing(made)

    def _gather(self, root: yaml.Node, kind: yaml.Node | None) -> None:
        for written, (span, value) in self.free_entries(root, "the rule").items():
            key = SAME.get(written, written)
            if getattr(value, "tag", "").endswith(":null") and key != "query":
                continue
            if key not in KEYS:
                self.unknown(written, KEYS, "an analytics rule", span)
            self._entries[key], self._spans[key] = value, span
        if kind is not None:
            self._entries.setdefault("kind", kind)

    def _query(self, start: Span) -> Query | None:
        node = self._entries.get("query")
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            place = self.span(node) if node is not None else start
            self.findings.add("VD315", "source", "holds no query", place)
            return None
        if len(node.value) > LONGEST["query"]:
            message = f"'query' is longer than {LONGEST['query']:,} characters"
            self.beyond(node, message, "a function of the workspace can hold a part of it")
        pieces = pieces_of(self.findings.source, node)
        span = Span(pieces[0].start, max(self.part.span(node).end, pieces[0].start))
        return Query("sentinel", "kql", self.findings.source, span, pieces)

    def _kind(self) -> str | None:
        node = self._entries.get("kind")
        written = self.text(node) if node is not None else None
        if written in OTHER_KINDS:
            message = f"a rule of the kind '{written}' has no query that can be run"
            place = self.span(node) if node else Span(0, 0)
            self.findings.add("VD315", "unsupported", message, place)
        elif node is not None and written is not None:
            return self.word(node, {kind: kind for kind in KINDS})
        return None

    def _schedule(self, kind: str | None) -> Schedule | None:
        if kind == "NRT":
            for key in ("queryPeriod", "queryFrequency"):
                if key in self._spans:
                    self.idle(
                        self._spans[key], f"'{key}' has no effect: an NRT rule runs each minute"
                    )
            return Schedule(MINUTE, MINUTE)
        self.level = "error"  # without them the rule's windows are unknown
        period_node, frequency_node = map(self._entries.get, ("queryPeriod", "queryFrequency"))
        period = self.length(period_node, "queryPeriod") if period_node else None
        frequency = self.length(frequency_node, "queryFrequency") if frequency_node else None
        self.level = "warning"
        if period is None and frequency is None:
            return None
        if period_node and period and frequency and period < frequency:
            message = "'queryPeriod' is shorter than 'queryFrequency'"
            self.beyond(period_node, message, "events between two runs are looked at by neither")
        return Schedule(period or frequency, frequency or period, is_bound=True)

    def _required(self, kind: str | None, start: Span, *, is_json: bool) -> None:
        if is_json:
            return
        needed = REQUIRED + (REQUIRED_SCHEDULED if kind == "Scheduled" else ())
        is_hunting = "kind" not in self._entries and "queryFrequency" not in self._entries
        for key in REQUIRED_HUNTING if is_hunting else ("kind", *needed):
            if key not in self._entries:
                self.missing(key, "a hunting query" if is_hunting else "an analytics rule", start)

    def _without_effect(self) -> None:
        for key, reason in WITHOUT_EFFECT.items():
            if key in self._entries and key in self._spans:
                self.idle(self._spans[key], f"'{key}' has no effect: {reason}")
        for key, idle in (("enabled", "false"), ("suppressionEnabled", "true")):
            if getattr(self._entries.get(key), "value", "") == idle and key in self._spans:
                self.idle(
                    self._spans[key], f"'{key}: {idle}' has no effect: the hunt runs the rule"
                )

    def _id(self) -> str | None:
        node = self._entries.get("id")
        written = self.text(node) if node is not None else None
        if node is None or written is None:
            return None
        last = written.rstrip("/").split("/")[-1]  # REST gives the address of the rule
        if not _GUID.fullmatch(last):
            hint = "an id is a GUID, as 2f4165a6-c4fb-4e94-861e-37f1b4d6c0e6"
            self.wrong(node, f"the id '{written}' is no GUID", hint)
            return slug(last)
        return last.lower()

    def _text(self, key: str) -> str | None:
        node = self._entries.get(key)
        return self.bounded_text(node, key) if node is not None else None

    def _severity(self) -> Severity | None:
        node = self._entries.get("severity")
        return self.word(node, SEVERITIES) if node is not None else None

    def _status(self) -> Status | None:
        node = self._entries.get("status")
        written = self.text(node) if node is not None else None
        return STATUSES.get((written or "").lower())

    def _trigger(self, kind: str | None) -> Trigger | None:
        self.level = "error"  # without it nobody knows when the rule alerts
        operator_node, number_node = map(self._entries.get, ("triggerOperator", "triggerThreshold"))
        operator = self.word(operator_node, OPERATORS) if operator_node else None
        threshold = self.whole(number_node, MOST_THRESHOLD) if number_node else None
        self.level = "warning"
        if kind == "NRT" and (operator or threshold is not None):
            span = self._spans.get("triggerOperator") or self._spans["triggerThreshold"]
            self.idle(span, "a trigger has no effect: an NRT rule alerts on every result")
            return None
        if operator is None and threshold is None:
            return None
        return Trigger(operator or "gt", threshold or 0)

    def _tactics(self) -> tuple[str, ...]:
        found: list[str] = []
        node = self._entries.get("tactics")
        for item in self.items(node) if node is not None else ():
            written = self.word(item, {tactic: tactic for tactic in TACTICS})
            if written is not None:
                found.append(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", written).lower())
        return tuple(dict.fromkeys(found))

    def _techniques(self) -> tuple[str, ...]:
        found: list[str] = []
        for key in ("relevantTechniques", "subTechniques"):
            node = self._entries.get(key)
            for item in self.items(node) if node is not None else ():
                written = self.text(item)
                if written is not None and TECHNIQUE_ID.fullmatch(written):
                    found.append(written)
                    if is_unknown(written):
                        self.wrong(item, f"ATT&CK 18.1 has no technique {written}")
                elif written is not None:
                    hint = "ids look like T1078 or T1078.004"
                    self.wrong(item, f"'{written}' is no technique's id", hint)
        return tuple(dict.fromkeys(found))

    def _connectors(self, key: str) -> tuple[str, ...]:
        """What the connectors that a rule needs are called, or the tables that they fill."""
        node = self._entries.get("requiredDataConnectors")
        found: list[str] = []
        for item in self.items(node) if node is not None else ():
            entries = self.free_entries(item, "a data connector")
            if key == "connectorId":
                for unknown in entries.keys() - {"connectorId", "dataTypes"}:
                    known = ("connectorId", "dataTypes")
                    self.unknown(unknown, known, "a data connector", entries[unknown][0])
                if "connectorId" not in entries:
                    self.missing("connectorId", "a data connector", self.span(item))
            if key in entries:
                value = entries[key][1]
                nodes = self.items(value) if key == "dataTypes" else [value]
                found += [text for each in nodes if (text := self.text(each)) is not None]
        return tuple(dict.fromkeys(found))

    def _with_missing(self, made: Detection) -> Detection:

        absent = "the rule does not say"
        missing = [Missing(name, absent) for name in _EXPECTED if not getattr(made, name)]
        missing += [
            Missing(name, "the schema has no word for it") for name in ("confidence", "tests")
        ]
        return replace(made, missing=tuple(missing))
