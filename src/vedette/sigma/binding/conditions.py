"""Detections and conditions: takes a rule and an event table, gives one condition on events."""

from __future__ import annotations

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
from sigma.rule import SigmaRule
from sigma.rule.detection import SigmaDetection, SigmaDetectionItem

from vedette.plan.expressions import Expression
from vedette.sigma import codes
from vedette.sigma.binding.fields import Event, UnknownField
from vedette.sigma.binding.log_sources import Branch
from vedette.sigma.binding.values import Refused, Subject, both, either, keyword, neither, test
from vedette.sigma.reading.documents import Document
from vedette.sigma.reading.rules import said
from vedette.syntax import Findings, Span, did_you_mean
from vedette.syntax.problem import Kind

_KINDS: Mapping[str, Kind] = {codes.PLACEHOLDER: "source", codes.UNSUPPORTED: "unsupported"}


class Unbound(Exception):
    """A part of the rule has a problem, which is recorded."""


class Conditions:
    """Binds one rule to one event table."""

    def __init__(
        self, document: Document, rule: SigmaRule, event: Event, branch: Branch, findings: Findings
    ) -> None:
        """Take the rule with its places, and the table."""
        self._document = document
        self._rule = rule
        self._event = event
        self._branch = branch
        self._findings = findings
        self._bound: dict[str, Expression] = {}
        self.fields: dict[str, None] = {}

    def condition(self) -> Expression:
        """What the rule asks of an event; raises Unbound."""
        span = self._document.key("detection", "condition")
        found: list[Expression] = []
        for parsed in self._rule.detection.parsed_condition:
            try:
                found.append(self._tree(parsed.parse(postprocess=False), span))
            except SigmaError as error:
                raise self._fail(codes.CONDITION, "syntax", said(error), span) from error
            except RecursionError as error:
                message = "The condition is nested too deeply"
                raise self._fail(codes.CONDITION, "limit", message, span) from error
        return either(found)

    def _tree(self, node: Any, span: Span) -> Expression:
        while isinstance(node, ParseResults) and len(node) == 1:
            node = node[0]
        match node:
            case ConditionIdentifier():
                return self._detection(node.identifier, span)
            case ConditionSelector():
                names = node.resolve_referenced_detections(self._rule.detection)
                if not names:
                    message = f"No detection has a name like '{node.pattern}'"
                    raise self._fail(codes.CONDITION, "name", message, span)
                parts = [self._detection(name.identifier, span) for name in names]
                return both(parts) if node.cond_class is ConditionAND else either(parts)
            case ConditionNOT():
                return neither(self._tree(node.args[0], span))
            case ConditionAND():
                return both([self._tree(part, span) for part in node.args])
            case ConditionOR():
                return either([self._tree(part, span) for part in node.args])
        message = f"The condition has a part that is not read: {node}"
        raise self._fail(codes.CONDITION, "unsupported", message, span)

    def _detection(self, name: str, span: Span) -> Expression:
        if name not in self._bound:
            known = self._rule.detection.detections
            if name not in known:
                message = f"The rule has no detection '{name}'"
                hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
                raise self._fail(codes.CONDITION, "name", message, span, hint)
            node = self._document.node("detection", name)
            self._bound[name] = self._linked(
                known[name], node, self._document.key("detection", name)
            )
        return self._bound[name]

    def _linked(self, detection: SigmaDetection, node: yaml.Node | None, span: Span) -> Expression:
        below = _below(node, len(detection.detection_items))
        parts: list[Expression] = []
        for item, (key, value) in zip(detection.detection_items, below, strict=True):
            place = self._document.span(key) if key is not None else span
            if isinstance(item, SigmaDetection):
                parts.append(self._linked(item, value, place))
            else:
                parts.append(self._item(item, value, place))
        return both(parts) if detection.item_linking is ConditionAND else either(parts)

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
        spelled = (
            _spelled(node, len(item.value)) if not item.modifiers else [None] * len(item.value)
        )
        return [test(subject, v, s) for v, s in zip(item.value, spelled, strict=True)]

    def _fail(self, code: str, kind: Kind, message: str, span: Span, hint: str = "") -> Unbound:
        self._findings.add(code, kind, message, span, hint=hint)
        return Unbound(message)


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
