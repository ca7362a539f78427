"""A document as pySigma's rule: takes a document, gives the rule, or problems at their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sigma.exceptions import (
    SigmaConditionError,
    SigmaError,
    SigmaLogsourceError,
)
from sigma.policy.profiles import SafePolicy
from sigma.rule import SigmaRule
from sigma.rule.detection import SigmaDetectionItem

from vedette.sigma import codes
from vedette.sigma.reading.documents import Document
from vedette.sigma.reading.written import (
    check_values,
    hint_of,
    in_words,
    is_of_modifier,
    items_below,
)
from vedette.syntax import Findings

MALFORMED = (AttributeError, KeyError, TypeError, ValueError, RecursionError)
LONGEST_CONDITION = 10_000
_KEYS = {
    "SigmaLogsourceError": "logsource", "SigmaTitleError": "title", "SigmaDateError": "date",
    "SigmaModifiedError": "modified", "SigmaIdentifierError": "id", "SigmaLevelError": "level",
    "SigmaStatusError": "status", "SigmaTagError": "tags", "SigmaFieldsError": "fields",
    "SigmaReferencesError": "references", "SigmaRelatedError": "related", "SigmaNameError": "name",
    "SigmaAuthorError": "author", "SigmaDescriptionError": "description",
    "SigmaFalsePositivesError": "falsepositives", "SigmaLicenseError": "license",
    "SigmaScopeError": "scope", "SigmaTaxonomyError": "taxonomy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as pySigma reads it, and its document.

    *places* say where detections stand that filters brought, by their names in the rule. One that
    *is_changed* was rewritten by pipelines, so that its values are no longer those of its document.
    """

    document: Document
    sigma: SigmaRule
    places: Mapping[str, tuple[Document, tuple[str, ...]]] = field(default_factory=dict)
    is_changed: bool = False


def read_rule(document: Document, findings: Findings) -> SigmaRule | None:
    """The rule that a document says; None where a problem keeps it from running."""
    before, known = _errors(findings), len(findings.problems)
    values = _checked(document, findings)
    if any(p.code == codes.WRONG_DETECTION for p in findings.problems[known:]):
        return None
    rule: SigmaRule | None = None
    try:
        rule = SigmaRule.from_dict(values, collect_errors=True, policy=SafePolicy)
    except MALFORMED as error:
        _report(document, error, findings)
    for problem in rule.errors if rule is not None else ():
        _report(document, problem, findings)
    return rule if _errors(findings) == before else None


def _errors(findings: Findings) -> int:
    return sum(p.severity == "error" for p in findings.problems)


def _checked(document: Document, findings: Findings) -> dict[str, Any]:
    """The values of a document without what Sigma no longer has."""
    values = dict(document.values)
    detection = values.get("detection")
    if not isinstance(detection, dict):
        return values
    values["detection"] = detection = renamed(detection)
    if "timeframe" in detection:
        message = "'timeframe' has no effect: Sigma counts in correlation rules"
        findings.advise(codes.TIMEFRAME, message, document.key("detection", "timeframe"))
        values["detection"] = {k: v for k, v in detection.items() if k != "timeframe"}
    check_values(document, "detection", findings)
    conditions = detection.get("condition")
    for condition in conditions if isinstance(conditions, list) else [conditions]:
        span = document.key("detection", "condition")
        if isinstance(condition, str) and "|" in condition:
            message = "A pipe in a condition is no longer Sigma"
            hint = "write a correlation rule over this one"
            findings.add(codes.CONDITION, "unsupported", message, span, hint=hint)
        elif isinstance(condition, str) and len(condition) > LONGEST_CONDITION:
            message = f"The condition is longer than {LONGEST_CONDITION:,} characters"
            findings.add(codes.CONDITION, "limit", message, span)
        elif "condition" in detection and not isinstance(condition, str):
            message = "A condition is a text, or a list of texts"
            findings.add(codes.CONDITION, "type", message, span)
    return values


def _name(key: str) -> str:
    """A field with its modifiers as pySigma knows them: it lacks a name of ``wide``."""
    return "|".join("wide" if word == "utf16le" else word for word in key.split("|"))


def renamed(value: Any) -> Any:
    """Detections with the names of fields and modifiers that pySigma knows."""
    if isinstance(value, dict):
        return {_name(str(key)): renamed(inside) for key, inside in value.items()}
    return [renamed(each) for each in value] if isinstance(value, list) else value


def _report(document: Document, error: Exception, findings: Findings) -> None:
    """Record what pySigma refuses, where it stands."""
    if not isinstance(error, SigmaError):
        where = "detection" if "detection" in document.values else "title"
        message = f"The rule is not of Sigma's form: {str(error) or type(error).__name__}"
        findings.add(codes.NO_RULE, "syntax", message, document.key(where))
        return
    message = said(error)
    if isinstance(error, SigmaLogsourceError):
        span = document.key("logsource")
        findings.add(codes.UNKNOWN_LOG_SOURCE, "source", message, span)
    elif isinstance(error, SigmaConditionError):
        span = document.key("detection", "condition")
        findings.add(codes.CONDITION, "syntax", message, span)
    elif type(error).__name__ in _KEYS and not is_of_modifier(error):
        span = document.key(_KEYS[type(error).__name__])
        if findings.strict:
            findings.add(codes.METADATA, "type", message, span)
        else:
            findings.advise(codes.METADATA, message, span)
    elif not _located(document, findings):
        message = in_words(message)
        findings.add(codes.WRONG_DETECTION, "syntax", message, document.key("detection"))


def _located(document: Document, findings: Findings) -> bool:
    """Whether the items of the detections that are wrong by themselves were recorded."""
    found = False
    detection = document.node("detection")
    values = document.values.get("detection")
    if detection is None or not isinstance(values, dict):
        return False
    for key, value in items_below(detection, values):
        try:
            SigmaDetectionItem.from_mapping(_name(key.value), value, policy=SafePolicy)
        except SigmaError as error:
            message, hint = f"{key.value}: {in_words(said(error))}", hint_of(said(error))
            findings.add(codes.WRONG_DETECTION, "type", message, document.span(key), hint=hint)
            found = True
        except MALFORMED:
            message = f"{key.value}: the value is not of Sigma's form"
            hint = "write one value, or a list of values"
            findings.add(codes.WRONG_DETECTION, "type", message, document.span(key), hint=hint)
            found = True
    return found


def said(error: BaseException) -> str:
    """What an error of pySigma says, as a sentence's beginning."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.splitlines()[0].rstrip(".")
