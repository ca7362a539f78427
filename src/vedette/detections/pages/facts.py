"""Single facts in a page: takes its lines, gives title, technique, tactic, platform and rating."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vedette.detections.model import PLATFORMS, Confidence, Language, Severity
from vedette.detections.pages.lines import Line

Name = TypeVar("Name", bound=str)

# What pages call the platforms whose queries are read, and their languages; the first that fits
# counts.
PLATFORM_WORDS: tuple[tuple[str, str], ...] = (
    ("qradar", r"\bqradar\b"),
    ("sentinel", r"\bsentinel\b|\blog analytics\b"),
    ("defender", r"\bdefender\b|\badvanced hunting\b"),
)
LANGUAGE_WORDS: tuple[tuple[Language, str], ...] = (
    ("aql", r"\baql\b|\bariel\b"),
    ("kql", r"\bkql\b|\bkusto\b"),
)
# Where a page names a language only.
USUAL_PLATFORM: dict[Language, str] = {"aql": "qradar", "kql": "sentinel"}
_OTHER_PLATFORM = re.compile(
    r"\b(splunk|spl|elastic|eql|esql|lucene|sumo logic|crowdstrike|logscale|chronicle|yara-l"
    r"|sigma|wazuh|graylog|datadog|panther|snowflake)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:detect|detecting|hunt|hunt for|hunting) (?P<name>.+) (?:in|with|on) .+",
                    re.IGNORECASE)  # fmt: skip
_BREADCRUMB = re.compile(r"T\d{4}(?:\.\d{3})?\b.{0,60}")
_SEVERITY = "|".join(str(s) for s in Severity)
_CONFIDENCE = "|".join(str(c) for c in Confidence)
_SEVERITY_WORDS = re.compile(
    rf"\b({_SEVERITY})\s+severity\b|\bseverity\s*[:=]?\s*({_SEVERITY})\b", re.IGNORECASE
)
_CONFIDENCE_WORDS = re.compile(
    rf"\b({_CONFIDENCE})\s+confidence\b|\bconfidence\s*[:=]?\s*({_CONFIDENCE})\b", re.IGNORECASE
)
_TECHNIQUE_IN_ADDRESS = re.compile(r"attack\.mitre\.org/techniques/(T\d{4})(?:/(\d{3}))?")
_TECHNIQUE = re.compile(r"(?<![A-Za-z0-9])T\d{4}(?:\.\d{3})?(?!\d)")
_LABELS = {
    "tactic": "tactic",
    "tactics": "tactic",
    "technique": "technique",
    "techniques": "technique",
    "sub-technique": "sub_technique",
    "subtechnique": "sub_technique",
    "canonical reference": "address",
}


@dataclass(frozen=True, slots=True)
class Rating:
    """What one line says of severity and confidence."""

    severity: Severity | None
    confidence: Confidence | None


def rating(line: Line) -> Rating | None:
    """The rating that a whole line consists of (``medium severity low confidence``), or None."""
    if len(line.bare) > 80:
        return None
    severity, confidence = (
        pattern.search(line.bare) for pattern in (_SEVERITY_WORDS, _CONFIDENCE_WORDS)
    )
    rest = line.bare
    for match in (severity, confidence):
        rest = rest.replace(match[0], "") if match else rest
    if (severity is None and confidence is None) or re.search(r"\w", rest):
        return None
    return Rating(
        Severity[(severity[1] or severity[2]).upper()] if severity else None,
        Confidence[(confidence[1] or confidence[2]).upper()] if confidence else None,
    )


def title_line(lead: Iterable[Line]) -> tuple[Line, str] | None:
    """The line of a page's title and what the title says is detected; None in an empty lead."""
    filled = [line for line in lead if line.bare]
    for line in filled:
        match = _TITLE.fullmatch(line.bare)
        if match is not None and len(line.bare) < 200:
            return line, match["name"]
    headed = [line for line in filled if line.text.lstrip().startswith("#")]
    plain = [line for line in filled if not _BREADCRUMB.fullmatch(line.bare)]
    found = next(iter(headed or plain or filled), None)
    return (found, found.bare) if found else None


def attack_facts(lines: Iterable[Line]) -> Mapping[str, str]:
    """The values behind ATT&CK's labels: ``tactic``, ``technique``, ``sub_technique``, ``address``.

    A value stands below its label, or behind its colon.
    """
    facts: dict[str, str] = {}
    label: str | None = None
    for line in lines:
        if not line.bare:
            continue
        word, _, value = line.bare.partition(":")
        name = _LABELS.get(word.strip("* ").lower())
        if name is not None:
            label = name
            if value.strip("* "):
                facts.setdefault(name, value.strip("* "))
                label = None
        elif label is not None:
            facts.setdefault(label, line.bare)
            label = None
    return facts


def technique_in(text: str) -> str | None:
    """The id of the technique that a text names, by itself or in the address of its page."""
    address = _TECHNIQUE_IN_ADDRESS.search(text)
    if address is not None:
        return f"{address[1]}.{address[2]}" if address[2] else address[1]
    found = _TECHNIQUE.search(text)
    return found[0] if found else None


def platform_in(texts: Sequence[str]) -> str | None:
    """The platform whose queries are read that *texts* name, the nearest text first, or None.

    A language that is named nearer than any platform rules other languages' platforms out.
    """
    language: Language | None = None
    for text in texts:
        named = _first(PLATFORM_WORDS, text)
        if named is not None and language in (None, PLATFORMS[named]):
            return named
        language = language or _first(LANGUAGE_WORDS, text)
    return USUAL_PLATFORM[language] if language else None


def _first(words: Sequence[tuple[Name, str]], text: str) -> Name | None:
    lower = text.lower()
    return next((name for name, pattern in words if re.search(pattern, lower)), None)


def other_platform_in(text: str) -> str | None:
    """The platform or language that a text names and whose queries are not read, or None."""
    found = _OTHER_PLATFORM.search(text)
    return found[0] if found else None
