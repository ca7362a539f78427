"""Detections and conditions: takes a rule and an event table, gives one condition on events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from pyparsing import ParseResults
from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
)
from sigma.exceptions import SigmaError
from sigma.modifiers import SigmaBase64OffsetModifier
from sigma.rule.detection import SigmaDetection, SigmaDetectionItem
from sigma.types import SigmaExpansion, SigmaString, SigmaType

from vedette.plan.expressions import Expression
from vedette.sigma import codes
from vedette.sigma.binding.fields import Event, UnknownField
from vedette.sigma.binding.log_sources import Branch
from vedette.sigma.binding.values import (
    Refused,
    Subject,
    both,
    either,
    keyword,
    many_networks,
    neither,
    test,
)
from vedette.sigma.reading.rules import Rule, said
from vedette.syntax import Findings, Span, did_you_mean
from vedette.syntax.problem import Kind

_KINDS: Mapping[str, Kind] = {codes.PLACEHOLDER: "source", codes.UNSUPPORTED: "unsupported"}
_CAPITALS = re.compile(r"\b(?:And|AND|Or|OR|Not|NOT|Of|OF|All|ALL|Them|THEM)\b")
_SMALL = "the words of a condition (and, or, not, of, all, them) are written in small letters"


class Unbound(Exception):
    """A part of the rule has a problem, which is recorded."""


class Conditions:
    """Binds one rule to one event table."""

    def __init__(self, rule: Rule, event: Event, branch: Branch, findings: Findings) -> None:
        """Take the rule with its places, and the table."""
        self._rule = rule
        self._document = rule.document
        self._detections = rule.sigma.detection
        self._event = event
        self._branch = branch
        self._findings = findings
        self._bound: dict[str, Expression | None] = {}
        self.fields: dict[str, None] = {}

    def condition(self) -> Expression:
        """What the rule asks of an event; raises Unbound."""
        span = self._document.key("detection", "condition")
        found: list[Expression] = []
        for parsed in self._detections.parsed_condition:
            try:
                bound = self._tree(parsed.parse(postprocess=False), span)
                found += [] if bound is None else [bound]
            except SigmaError as error:
                hint = _SMALL if _CAPITALS.search(str(parsed.condition)) else ""
                raise self._fail(codes.CONDITION, "syntax", said(error), span, hint) from error
            except RecursionError as error:
                message = "The condition is nested too deeply"
                raise self._fail(codes.CONDITION, "limit", message, span) from error
        if not found:
            message = "The pipelines leave nothing of the rule's condition"
            raise self._fail(codes.PIPELINE, "unsupported", message, span)
        return either(found)

    def _tree(self, node: Any, span: Span) -> Expression | None:
        """What a part of a condition asks; None where pipelines left nothing of it."""
        while isinstance(node, ParseResults) and len(node) == 1:
            node = node[0]
        match node:
            case ConditionIdentifier():
                return self._detection(node.identifier, span)
            case ConditionSelector():
                names = node.resolve_referenced_detections(self._detections)
                if not names:
                    message = f"No detection has a name like '{node.pattern}'"
                    raise self._fail(codes.CONDITION, "name", message, span)
                parts = [self._detection(name.identifier, span) for name in names]
                return _joined(parts, node.cond_class is ConditionAND)
            case ConditionNOT():
                inside = self._tree(node.args[0], span)
                return None if inside is None else neither(inside)
            case ConditionAND() | ConditionOR():
                parts = [self._tree(part, span) for part in node.args]
                return _joined(parts, isinstance(node, ConditionAND))
        message = f"The condition has a part that is not read: {node}"
        raise self._fail(codes.CONDITION, "unsupported", message, span)

    def _detection(self, name: str, span: Span) -> Expression | None:
        if name not in self._bound:
            known = self._detections.detections
            if name not in known:
                message = f"The rule has no detection '{name}'"
                own = [each for each in known if not each.startswith("_")]
                hint = did_you_mean(name, own) or f"there are {', '.join(own)}"
                raise self._fail(codes.CONDITION, "name", message, span, hint)
            document, path = self._rule.places.get(name, (self._document, ("detection", name)))
            node, place = document.node(*path), document.key(*path)
            self._bound[name] = self._linked(known[name], node, place)
        return self._bound[name]

    def _linked(
        self, detection: SigmaDetection, node: yaml.Node | None, span: Span
    ) -> Expression | None:
        below = _below(node, len(detection.detection_items))
        parts: list[Expression | None] = []
        for item, (key, value) in zip(detection.detection_items, below, strict=True):
            place = self._document.span(key) if key is not None else span
            if isinstance(item, SigmaDetection):
                parts.append(self._linked(item, value, place))
            else:
                parts.append(self._item(item, value, place))
        return _joined(parts, detection.item_linking is ConditionAND)

    def _item(self, item: SigmaDetectionItem, node: yaml.Node | None, span: Span) -> Expression:
        try:
            tests = self._tests(item, node, span)
        except Refused as refused:
            kind = _KINDS.get(refused.code, "unsupported")
            raise self._fail(refused.code, kind, refused.message, span, refused.hint) from refused
        except UnknownField as unknown:
            message = f"'{unknown}' is no field of the events of {self._event.table}"
            known = self._event.description.fields
            hint = did_you_mean(str(unknown), known) or f"there are {', '.join(known)}"
            raise self._fail(codes.UNKNOWN_FIELD, "name", message, span, hint) from unknown
        joined = both(tests) if item.value_linking is ConditionAND else either(tests)
        return neither(joined) if item.negated else joined

    def _tests(
        self, item: SigmaDetectionItem, node: yaml.Node | None, span: Span
    ) -> list[Expression]:
        if item.field is None:
            return [keyword(self._event, value, span) for value in item.value]
        self.fields[item.field] = None
        meaning = self._event.meaning(item.field, span)
        branch = self._branch
        place = (branch.codes, branch.never, span)
        subject = Subject(self._event, item.field, meaning, *place)
        if not item.value:
            return [meaning.absent]
        if item.value_linking is not ConditionAND:
            together = many_networks(subject, item.value)
            if together is not None:
                return [together]
        if SigmaBase64OffsetModifier in item.modifiers and any(map(_has_nothing, item.value)):
            message = f"{item.field}: base64offset leaves nothing of a value of one byte"
            raise Refused(codes.WRONG_DETECTION, message, "write more of what is looked for")
        is_written = not item.modifiers and not self._rule.is_changed
        spelled = _spelled(node, len(item.value)) if is_written else [None] * len(item.value)
        return [test(subject, v, s) for v, s in zip(item.value, spelled, strict=True)]

    def _fail(self, code: str, kind: Kind, message: str, span: Span, hint: str = "") -> Unbound:
        self._findings.add(code, kind, message, span, hint=hint)
        return Unbound(message)


def _has_nothing(value: SigmaType) -> bool:
    """Whether one of a value's variants has no text, so that it would match everything."""
    if isinstance(value, SigmaExpansion):
        return any(map(_has_nothing, value.values))
    return isinstance(value, SigmaString) and not any(isinstance(p, str) for p in value.s)


def _joined(parts: list[Expression | None], every: bool) -> Expression | None:
    """The parts as one condition; None where there is none of them."""
    kept = [part for part in parts if part is not None]
    if not kept:
        return None
    return both(kept) if every else either(kept)


def _below(node: yaml.Node | None, count: int) -> list[tuple[yaml.Node | None, yaml.Node | None]]:
    """Key and value of each item of a detection, or each element where it is a list."""
    if isinstance(node, yaml.MappingNode) and len(node.value) == count:
        return list(node.value)
    if isinstance(node, yaml.SequenceNode) and len(node.value) == count:
        return [(element, element) for element in node.value]
    return [(node, node)] * count


def _spelled(node: yaml.Node | None, count: int) -> list[str | None]:
    """How each value is written."""
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if len(nodes) != count:
        return [None] * count
    return [n.value if isinstance(n, yaml.ScalarNode) else None for n in nodes]
