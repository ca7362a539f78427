"""How large a rule may grow: takes a pipeline's transformation, says what it can make of a rule.

Each transformation may make several of a value, or a text longer; a few dozen that double it would
fill the memory. What a rule has is counted where an estimate comes too high, so that only what
really grows is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sigma.rule import SigmaRule
from sigma.types import SigmaRegularExpression, SigmaString

from vedette.sigma.reading.placeholders import items_of

MOST_VALUES = 100_000
MOST_CHARACTERS = 250_000
_TOO_MUCH = 10**9
_PLACEHOLDER_VALUES = 200
"""How many texts pySigma makes of one with placeholders, at most."""


class TooLarge(Exception):
    """A rule would grow beyond the bounds."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What a transformation can make of a rule.

    ``spread`` values of one, ``added`` characters more in each, ``each`` characters of one, and
    ``new`` values and ``text`` characters whatever the rule has.
    """

    spread: int = 1
    added: int = 0
    each: int = 1
    new: int = 0
    text: int = 0
    fills: bool = False
    """Whether it puts values in the place of placeholders."""

    def then(self, other: Growth) -> Growth:
        """What both can make, one behind the other."""
        return Growth(
            spread=min(self.spread * other.spread, _TOO_MUCH),
            added=min(self.added * other.each + other.added, _TOO_MUCH),
            each=min(self.each * other.each, _TOO_MUCH),
            new=min(self.new * other.spread + other.new, _TOO_MUCH),
            text=min(self.text * other.each + other.text, _TOO_MUCH),
            fills=self.fills or other.fills,
        )


def growth_of(written: Mapping[str, Any]) -> Growth:
    """What a transformation can make of a rule, by its keys as they are written."""
    kind = written.get("type")
    mapping = written.get("mapping")
    if isinstance(mapping, dict):
        listed = [v if isinstance(v, list) else [v] for v in mapping.values()]
        spread = max((len(v) for v in listed), default=1)
        longest = max((len(str(each)) for v in listed for each in v), default=0)
        return Growth(spread=max(spread, 1), added=longest + 2)
    match kind:
        case "nest":
            whole = Growth()
            for item in written.get("items") or ():
                whole = whole.then(growth_of(item))
            return whole
        case "field_name_prefix" | "field_name_suffix" | "hashes_fields":
            longest = max((len(str(v)) for v in written.values()), default=0)
            return Growth(added=longest + 10)
        case "value_placeholders" | "wildcard_placeholders":
            return Growth(fills=True)
        case "extract_fields":
            groups = str(written.get("regex", "")).count("(?P<")
            return Growth(spread=groups + 1, added=len(str(written.get("field_prefix"))) + 50)
        case "replace_string":
            return Growth(each=len(str(written.get("replacement", ""))) + 1)
        case "regex":
            return Growth(each=4)
        case "set_value":
            return Growth(added=len(str(written.get("value"))))
        case "add_condition":
            return _condition(written)
        case "add_field" | "set_field":
            fields = written.get("field") or written.get("fields") or ()
            listed_fields = fields if isinstance(fields, list) else [fields]
            return Growth(new=len(listed_fields), text=sum(len(str(f)) for f in listed_fields))
    return Growth()


def _condition(written: Mapping[str, Any]) -> Growth:
    conditions = written.get("conditions")
    pairs = conditions.items() if isinstance(conditions, dict) else ()
    values = [v if isinstance(v, list) else [v] for _, v in pairs]
    text = str(conditions)
    names = text.count("$") if written.get("template") else 0
    return Growth(new=sum(map(len, values)), text=len(text) + names * 200)


class Size:
    """An estimate of what a rule holds, never too low."""

    def __init__(self, rule: SigmaRule) -> None:
        """Count."""
        self._rule = rule
        self._values, self._characters = _counted(rule)

    def grow(self, growth: Growth) -> None:
        """Note what a transformation may make; raises TooLarge where that is too much."""
        if growth == _NOTHING:
            return
        if not self._fits(growth):
            self._values, self._characters = _counted(self._rule)
            if not self._fits(growth):
                raise TooLarge
        self._values, self._characters = self._after(growth)

    def _after(self, growth: Growth) -> tuple[int, int]:
        spread = growth.spread
        if growth.fills and _has_placeholders(self._rule):
            spread *= _PLACEHOLDER_VALUES
        values = self._values * spread + growth.new
        one = self._characters * growth.each + self._values * growth.added
        return values, one * spread + growth.text

    def _fits(self, growth: Growth) -> bool:
        values, characters = self._after(growth)
        return values <= MOST_VALUES and characters <= MOST_CHARACTERS


_NOTHING = Growth()


def _counted(rule: SigmaRule) -> tuple[int, int]:
    """The fields and values of a rule, and the characters of both."""
    values = characters = 0
    for field in rule.fields:
        values, characters = values + 1, characters + len(str(field))
    for item in items_of(rule.detection.detections.values()):
        values, characters = values + 1 + len(item.value), characters + len(item.field or "")
        for value in item.value:
            characters += len(str(value)) if isinstance(value, _TEXTS) else 20
    return values, characters


_TEXTS = (SigmaString, SigmaRegularExpression)


def _has_placeholders(rule: SigmaRule) -> bool:
    items = items_of(rule.detection.detections.values())
    return any(
        isinstance(value, _TEXTS) and value.contains_placeholder()
        for item in items
        for value in item.value
    )
