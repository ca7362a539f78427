"""Values out of YAML nodes: takes a node, gives what a field holds, or None and a problem at its
place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import yaml

from vedette.detections.attack import TACTICS, TECHNIQUE_ID, is_unknown, tactic_name, techniques
from vedette.syntax import Span, did_you_mean
from vedette.syntax.yaml_nodes import YamlPart

Value = TypeVar("Value")

_NULL = "tag:yaml.org,2002:null"
_PERIOD = re.compile(r"([1-9]\d{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = dt.timedelta(days=3650)


class ValueReader:
    """Reads the values of one YAML document; problems go to the document's findings."""

    def __init__(self, part: YamlPart) -> None:
        """Take the document that the nodes come from."""
        self.part = part
        self.findings = part.findings

    def wrong(self, node: yaml.Node, message: str, hint: str = "") -> None:
        """Record that a value is not what its field holds."""
        self.findings.add("VD314", "type", message, self.part.span(node), hint=hint)

    def entries(self, node: yaml.Node, keys: Iterable[str], of: str) -> dict[str, yaml.Node]:
        """The values of a mapping by key; unknown, repeated and non-text keys are problems."""
        known = tuple(keys)
        found: dict[str, yaml.Node] = {}
        for key, (span, value) in self.free_entries(node, of).items():
            if key in known:
                found[key] = value
            else:
                hint = did_you_mean(key, known) or f"keys are {', '.join(known)}"
                self.findings.add("VD312", "name", f"{of} has no key '{key}'", span, hint=hint)
        return found

    def free_entries(self, node: yaml.Node, of: str) -> dict[str, tuple[Span, yaml.Node]]:
        """The values of a mapping by key, whatever the keys are, each with its key's span."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{of} must be a mapping of keys to values, not {_kind(node)}")
            return {}
        found: dict[str, tuple[Span, yaml.Node]] = {}
        for key, value in node.value:
            span = self.part.span(key)
            if not isinstance(key, yaml.ScalarNode):
                self.wrong(key, f"a key of {of} must be a word, not {_kind(key)}")
            elif key.value in found:
                first, _ = self.findings.source.position(found[key.value][0].start)
                message = f"{of} has the key '{key.value}' twice"
                hint = f"it stands on line {first} already"
                self.findings.add("VD312", "name", message, span, hint=hint)
            else:
                found[key.value] = (span, value)
        return found

    def text(self, node: yaml.Node) -> str | None:
        """A scalar as it is written, without the white space around it; never empty."""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, f"must be a text, not {_kind(node)}")
            return None
        value = str(node.value).strip()
        if node.tag == _NULL or not value:
            self.wrong(node, "must be a text, and is empty", "leave the key out instead")
            return None
        return value

    def many(
        self, node: yaml.Node, read: Callable[[yaml.Node], Value | None]
    ) -> tuple[Value, ...] | None:
        """The values of a list, each by *read*; None unless it is a list of good values."""
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"must be a list, not {_kind(node)}", "write it as [value, value]")
            return None
        values = [read(item) for item in node.value]
        good = tuple(v for v in values if v is not None)
        return good if len(good) == len(values) else None

    def texts(self, node: yaml.Node) -> tuple[str, ...] | None:
        """A list of texts."""
        return self.many(node, self.text)

    def choice(self, node: yaml.Node, words: Mapping[str, Value]) -> Value | None:
        """The value that one of *words* stands for."""
        word = self.text(node)
        if word is None:
            return None
        if word in words:
            return words[word]
        hint = did_you_mean(word, words) or f"one of {', '.join(words)}"
        self.wrong(node, f"cannot be '{word}'", hint)
        return None

    def period(self, node: yaml.Node) -> dt.timedelta | None:
        """A length of time such as ``10m``, ``24h`` or ``14d``."""
        text = self.text(node)
        if text is None:
            return None
        match = _PERIOD.fullmatch(text)
        if match is None:
            self.wrong(node, f"cannot be '{text}'", "a length of time is written 10m, 24h or 14d")
            return None
        length = dt.timedelta(**{_UNITS[match[2]]: int(match[1])})
        if length > _LONGEST:
            self.wrong(node, f"cannot be '{text}', which is longer than {_LONGEST.days} days")
            return None
        return length

    def date(self, node: yaml.Node) -> dt.date | None:
        """A day such as ``2027-01-31``."""
        text = self.text(node)
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.wrong(node, f"'{text}' is no day", "a day is written 2027-01-31")
            return None

    def count(self, node: yaml.Node) -> int | None:
        """A whole number from 1."""
        text = self.text(node)
        if text is None:
            return None
        if not re.fullmatch(r"[1-9]\d{0,5}", text):
            self.wrong(node, f"cannot be '{text}'", "a whole number from 1")
            return None
        return int(text)

    def technique(self, node: yaml.Node) -> str | None:
        """An ATT&CK technique's id."""
        id = self.text(node)
        if id is None:
            return None
        if not TECHNIQUE_ID.fullmatch(id):
            self.wrong(node, f"'{id}' is not a technique's id", "ids look like T1591.002")
            return None
        if is_unknown(id):
            message = f"ATT&CK 18.1 has no technique {id} under Reconnaissance"
            hint = did_you_mean(id, techniques())
            self.findings.advise("VD316", message, self.part.span(node), hint=hint)
        return id

    def tactic(self, node: yaml.Node) -> str | None:
        """An ATT&CK tactic's short name."""
        text = self.text(node)
        if text is None:
            return None
        name = tactic_name(text)
        if name is None:
            hint = did_you_mean(text, TACTICS) or f"tactics are {', '.join(TACTICS)}"
            self.wrong(node, f"ATT&CK has no tactic '{text}'", hint)
        return name


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if node.tag == _NULL else "a single value"
