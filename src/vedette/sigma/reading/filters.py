"""Filters: takes a document with ``filter`` and rules, gives the rules with its condition.

A filter is for the rules of its log source that it names by id or name, or for ``any``. Its
condition must hold beside the rule's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.policy.profiles import SafePolicy
from sigma.rule.detection import SigmaDetection, SigmaDetections

from vedette.sigma import codes
from vedette.sigma.reading.documents import Document
from vedette.sigma.reading.named import applies
from vedette.sigma.reading.rules import LONGEST_CONDITION, MALFORMED, Rule, renamed, said
from vedette.sigma.reading.written import check_values
from vedette.syntax import Findings

LONGEST_TOGETHER = 50_000
"""Characters that the conditions of a rule's filters may have."""
_WORD = re.compile(r"[\w*-]+|\S")
_KEYWORDS = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter and its document."""

    document: Document
    detections: SigmaDetections

    @property
    def condition(self) -> str:
        """Its condition, as it is written."""
        return str(self.detections.condition[0])

    def detection(self, name: str) -> SigmaDetection:
        """One of its detections, made anew: pipelines change it in each rule."""
        written = renamed(self.document.values["filter"][name])
        return SigmaDetection.from_definition(written, None, SafePolicy)


def read_filter(document: Document, findings: Findings) -> Filter | None:
    """The filter that a document says; None where a problem keeps it from being used."""
    before = len(findings.problems)
    check_values(document, "filter", findings)
    if len(findings.problems) > before:
        return None
    values = {**document.values, "filter": renamed(document.values["filter"])}
    try:
        read = SigmaFilter.from_dict(values, collect_errors=True, policy=SafePolicy)
    except MALFORMED as error:
        _fail(document, f"The filter is not of Sigma's form: {error}", findings)
        return None
    wrong = [each for each in read.errors if _hinders(each)]
    for each in wrong:
        _fail(document, said(each), findings)
    if wrong:
        return None
    if len(read.filter.condition[0]) > LONGEST_CONDITION:
        _fail(document, f"The condition is longer than {LONGEST_CONDITION:,} characters", findings)
        return None
    return Filter(document, read.filter)


def _hinders(error: SigmaError) -> bool:
    """Whether a problem is one of the filter itself, not of what describes it."""
    name = type(error).__name__
    words = ("Filter", "Logsource", "Detection", "Modifier", "Value", "Type", "Regular")
    return any(word in name for word in words)


def filtered(rule: Rule, filters: Sequence[Filter], findings: Findings) -> Rule:
    """The rule with the conditions of the filters that are for it, each of which is told."""
    detections = dict(rule.sigma.detection.detections)
    added: list[str] = []
    places = dict(rule.places)
    for number, one in enumerate(filters):
        if not applies(one.document.values, rule.document.values):
            continue
        prefix = f"_filter_{number}_"
        for name in one.detections.detections:
            detections[prefix + name] = one.detection(name)
            places[prefix + name] = (one.document, ("filter", name))
        added.append(f"({_renamed(one.condition, prefix)})")
        message = f"The filter '{one.document.text}' is applied to the rule"
        findings.add(
            codes.FILTER, "advice", message, rule.document.key("title"), severity="information"
        )
    if not added:
        return rule
    whole = " and ".join(added)
    if len(whole) > LONGEST_TOGETHER:
        message = f"The filters' conditions are longer than {LONGEST_TOGETHER:,} characters"
        findings.add(codes.FILTER, "limit", message, rule.document.key("title"))
    conditions = [f"({condition}) and {whole}" for condition in rule.sigma.detection.condition]
    source, policy = rule.sigma.detection.source, SafePolicy
    rule.sigma.detection = SigmaDetections(detections, conditions, source, policy)
    return Rule(rule.document, rule.sigma, places)


def _renamed(condition: str, prefix: str) -> str:
    """A filter's condition over the names that its detections have in the rule."""
    found: list[str] = []
    words = _WORD.findall(condition)
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        is_name = (word[0].isalnum() or word[0] in "_*") and word not in _KEYWORDS
        if found and found[-1] == "of" and word == "them":
            found.append(f"{prefix}*")
        elif not is_name or "of" in (word, after):
            found.append(word)
        else:
            found.append(prefix + word)
    return " ".join(found)


def tell_idle(
    filters: Sequence[Filter], rules: Sequence[Mapping[str, Any]], findings: Findings
) -> None:
    """Say which filters are for none of the rules."""
    for one in filters:
        if not any(applies(one.document.values, rule) for rule in rules):
            message = f"The filter '{one.document.text}' is for none of the rules asked"
            place = one.document.key("filter", "rules")
            hint = "it is for rules of its log source that it names by id or name, or for any"
            findings.add(codes.FILTER, "advice", message, place, severity="warning", hint=hint)


def _fail(document: Document, message: str, findings: Findings) -> None:
    findings.add(codes.FILTER, "syntax", message, document.key("filter"))
