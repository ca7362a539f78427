"""Values of analytics rules: takes a YAML node, gives what its key holds, or None and a warning.

A mistake that the vendor would not take is a warning where the rule can be hunted with.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import yaml

from vedette.detections.analytics.schema import LONGEST
from vedette.detections.packages.yaml_values import ValueReader
from vedette.syntax import Span, did_you_mean
from vedette.syntax.problem import Severity

Value = TypeVar("Value")

UNKNOWN_KEY, MISSING, WRONG, BEYOND, IDLE = "VD312", "VD313", "VD314", "VD340", "VD341"

_SHORT = re.compile(r"(\d{1,6})([smhd])")
_ISO = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")
_CLOCK = re.compile(r"(?:(\d{1,4})\.)?(\d{1,2}):(\d{2}):(\d{2})")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SHORTEST, LONGEST_SPAN = dt.timedelta(minutes=5), dt.timedelta(days=14)
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")


class AnalyticsValues(ValueReader):
    """Reads values as the vendor's schema has them."""

    level: Severity = "warning"

    def wrong(self, node: yaml.Node, message: str, hint: str = "") -> None:
        """Warn that a value is not what its key holds; an error where ``level`` says so."""
        span = self.span(node)
        self.findings.add(WRONG, "type", message, span, severity=self.level, hint=hint)

    def beyond(self, node: yaml.Node, message: str, hint: str = "") -> None:
        """Warn that a value is beyond the vendor's bounds."""
        self.findings.add(BEYOND, "limit", message, self.span(node), severity="warning", hint=hint)

    def idle(self, span: Span, message: str) -> None:
        """Say that something has no effect here."""
        self.findings.add(IDLE, "advice", message, span, severity="information")

    def unknown(self, key: str, known: Iterable[str], of: str, span: Span) -> None:
        """Warn of a key that the schema does not have."""
        names = tuple(known)
        hint = did_you_mean(key, names) or ("" if len(names) > 20 else f"keys: {', '.join(names)}")
        message = f"{of} has no key '{key}'"
        self.findings.add(UNKNOWN_KEY, "name", message, span, severity="warning", hint=hint)

    def missing(self, key: str, of: str, span: Span) -> None:
        """Warn that a key is missing."""
        message = f"{of} lacks the key '{key}'"
        self.findings.add(MISSING, "source", message, span, severity="warning")

    def span(self, node: yaml.Node) -> Span:
        """Where a node stands, a long one by its beginning."""
        found = self.part.span(node)
        return Span(found.start, min(found.end, found.start + 200))

    def known_entries(
        self, node: yaml.Node, keys: Sequence[str], of: str, needed: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        """The values of a mapping by key, those of unknown keys left out."""
        found: dict[str, yaml.Node] = {}
        for key, (span, value) in self.free_entries(node, of).items():
            if key in keys:
                found[key] = value
            else:
                self.unknown(key, keys, of, span)
        for key in needed:
            if key not in found:
                self.missing(key, of, self.span(node))
        return found

    def bounded_text(self, node: yaml.Node, key: str) -> str | None:
        """A text, and a warning where it is longer than the vendor takes."""
        text = self.text(node)
        longest = LONGEST.get(key)
        if text is not None and longest is not None and len(text) > longest:
            self.beyond(node, f"'{key}' is longer than {longest:,} characters")
        return text

    def word(self, node: yaml.Node, words: Mapping[str, Value]) -> Value | None:
        """The value of one of several words, in whatever case; the vendor takes it as listed."""
        written = self.text(node)
        if written is None:
            return None
        if written in words:
            return words[written]
        near = next((word for word in words if word.lower() == written.lower()), None)
        if near is not None:
            self.wrong(node, f"'{written}' is written '{near}'")
            return words[near]
        hint = did_you_mean(written, words) or f"one of {', '.join(words)}"
        self.wrong(node, f"cannot be '{written}'", hint)
        return None

    def length(self, node: yaml.Node, key: str) -> dt.timedelta | None:
        """A length of time: ``1h``, ``PT1H`` or ``01:00:00``; None where it is none."""
        written = self.text(node)
        found = duration(written) if written is not None else None
        if not found:
            if written is not None:
                self.wrong(node, f"'{written}' is no length of time", "write it 5m, 1h or 14d")
            return None
        if not SHORTEST <= found <= LONGEST_SPAN:
            self.beyond(node, f"'{key}' must be from 5m to 14d, not {written}")
        return found

    def whole(self, node: yaml.Node, most: int) -> int | None:
        """A whole number from 0."""
        written = self.text(node)
        if written is None or not re.fullmatch(r"\d{1,9}", written):
            if written is not None:
                self.wrong(node, f"cannot be '{written}'", "a whole number from 0")
            return None
        if int(written) > most:
            self.beyond(node, f"must be at most {most:,}")
        return int(written)

    def flag(self, node: yaml.Node) -> bool | None:
        """True or false."""
        return self.word(node, {"true": True, "false": False})

    def items(self, node: yaml.Node) -> Sequence[yaml.Node]:
        """The elements of a list."""
        if isinstance(node, yaml.SequenceNode):
            return tuple(node.value)
        self.wrong(node, "must be a list", "write it as [value, value]")
        return ()

    def format(self, node: yaml.Node, key: str, most: int) -> tuple[str | None, tuple[str, ...]]:
        """A text with ``{{column}}``, and these columns."""
        text = self.text(node)
        columns = tuple(name.strip() for name in _PLACEHOLDER.findall(text or ""))
        if len(columns) > most:
            self.beyond(node, f"'{key}' may name {most} columns, not {len(columns)}")
        return text, columns


def duration(written: str) -> dt.timedelta | None:
    """The length of time that a text says, or None."""
    short = _SHORT.fullmatch(written.strip().lower())
    if short is not None:
        return dt.timedelta(**{_UNITS[short[2]]: int(short[1])})
    iso = _ISO.fullmatch(written.strip().upper())
    clock = _CLOCK.fullmatch(written.strip())
    parts = iso or clock
    if parts is None or not any(parts.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
