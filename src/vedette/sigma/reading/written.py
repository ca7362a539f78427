"""Values of detections as they are written: takes a document, says what pySigma would not.

pySigma takes some values that nothing can be looked for with, tells of others by the names of its
classes, and lets its engine of regular expressions write to the terminal.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import re2  # type: ignore[import-untyped]
import yaml
from sigma.exceptions import SigmaError, SigmaModifiedError

from vedette.sigma import codes
from vedette.sigma.reading.documents import Document
from vedette.syntax import Findings, Span

_NO_DETECTIONS = ("condition", "timeframe", "rules")
_INCOMPATIBLE = re.compile(
    r"Modifier Sigma(\w+?)Modifier incompatible to value type of '(.*)'", re.DOTALL
)
_COMPARES = {"LessThan", "LessThanEqual", "GreaterThan", "GreaterThanEqual"}
_TYPE = re.compile(r"<class '(?:\w+\.)*(\w+)'>")
_TYPES = {"list": "a list in a list", "dict": "a mapping", "date": "a date", "datetime": "a date"}
_ENCODINGS = frozenset({"base64", "base64offset", "wide", "utf16", "utf16le", "utf16be"})
_QUOTES = "write it in quotes"


def check_values(document: Document, section: str, findings: Findings) -> None:
    """Refuse values that nothing can be looked for with, and regular expressions that are none."""
    node, written = document.node(section), document.values.get(section)
    if node is None or not isinstance(written, dict):
        return
    for name, detection in written.items():
        if name not in _NO_DETECTIONS and detection == []:
            message = f"The detection '{name}' is an empty list"
            place = document.key(section, str(name))
            findings.add(codes.WRONG_DETECTION, "syntax", message, place)
    for key, value in items_below(node, written):
        values = value if isinstance(value, list) else [value]
        modifiers = key.value.split("|")[1:]
        span = document.span(key)
        if "expand" in modifiers and not _ENCODINGS.isdisjoint(modifiers):
            message = f"{key.value}: the values of placeholders are not encoded"
            hint = "write the values into the rule"
            findings.add(codes.WRONG_DETECTION, "unsupported", message, span, hint=hint)
        for each in values:
            if isinstance(each, dt.date):
                message = f"{key.value}: a date is no value of Sigma's"
                findings.add(codes.WRONG_DETECTION, "type", message, span, hint=_QUOTES)
            elif "re" in modifiers:
                _check_expression(key.value, each, "expand" in modifiers, span, findings)


def _check_expression(
    key: str, written: Any, has_placeholders: bool, span: Span, findings: Findings
) -> None:
    if written is None:
        message = f"{key}: null is no regular expression"
        hint = "write 'null' without the modifier to ask for an absent field"
        findings.add(codes.WRONG_DETECTION, "type", message, span, hint=hint)
    elif not isinstance(written, str):
        message = f"{key}: what is no text is no regular expression"
        findings.add(codes.WRONG_DETECTION, "type", message, span, hint=_QUOTES)
    elif not has_placeholders and (wrong := _wrong(written)):
        message = f"{key}: Regular expression '{written}' is invalid: {wrong}"
        hint = ""
        if "perl operator" in wrong or "escape sequence" in wrong or "repetition op" in wrong:
            hint = "expressions are RE2's: no look-around, references or possessive repetitions"
        findings.add(codes.WRONG_DETECTION, "type", message, span, hint=hint)


def _wrong(expression: str) -> str:
    """What is wrong with a regular expression; nothing where it is one of RE2's."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(expression, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return ""


def items_below(node: yaml.Node, values: Any) -> Iterator[tuple[yaml.ScalarNode, Any]]:
    """Every field with its value in the detections below a node."""
    pending: list[tuple[yaml.Node, Any, int]] = [(node, values, 0)]
    while pending:
        at, value, depth = pending.pop(0)
        if isinstance(at, yaml.MappingNode) and isinstance(value, dict):
            pairs = zip(at.value, value.values(), strict=False)
            for (key, below), inside in pairs:
                if depth > 0 and isinstance(key, yaml.ScalarNode):
                    yield key, inside
                elif depth == 0 and key.value not in _NO_DETECTIONS:
                    pending.append((below, inside, 1))
        elif isinstance(at, yaml.SequenceNode) and isinstance(value, list):
            below_all = zip(at.value, value, strict=False)
            pending.extend((below, inside, depth) for below, inside in below_all)


def is_of_modifier(error: SigmaError) -> bool:
    """Whether an error is one of a value's modifier, where pySigma has one name for two."""
    return isinstance(error, SigmaModifiedError) and "modifier" in str(error)


def in_words(message: str) -> str:
    """What pySigma says, without the names of its classes."""
    found = _INCOMPATIBLE.fullmatch(message)
    if found is not None:
        value = "null" if "SigmaNull" in found[2] else f"'{found[2]}'"
        return f"the modifier does not take {value}"
    return _TYPE.sub(lambda m: _TYPES.get(m[1], m[1]), message)


def hint_of(message: str) -> str:
    """What to do about an error of pySigma's."""
    found = _INCOMPATIBLE.fullmatch(message)
    if found is not None and (found[1] in _COMPARES or found[1].startswith("Timestamp")):
        return "numbers are compared: write one, without quotes"
    if found is not None and found[1] == "Exists":
        return "write true or false, without quotes"
    return _QUOTES if found is not None and found[2].lstrip("-").isdigit() else ""
