"""Placeholders: takes values by name, puts them where rules say ``%name%`` with ``expand``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from sigma.conditions import ConditionAND
from sigma.modifiers import SigmaCaseSensitiveModifier
from sigma.rule.detection import SigmaDetection, SigmaDetectionItem
from sigma.types import (
    Placeholder,
    SigmaCasedString,
    SigmaExpansion,
    SigmaRegularExpression,
    SigmaString,
    SigmaType,
)

from vedette.sigma.reading.beside import Values
from vedette.sigma.reading.rules import Rule

MOST_VALUES = 10_000
"""How many values a rule may have of its placeholders."""


class TooMany(Exception):
    """A rule's placeholders stand for too many values."""


def expanded(rule: Rule, values: Values) -> None:
    """Put the values in the place of the placeholders that have some; raises TooMany."""
    made = 0
    for item in items_of(rule.sigma.detection.detections.values()):
        found = [list(_values(value, values)) for value in item.value]
        made += sum(map(len, found)) - len(item.value)
        if made > MOST_VALUES:
            raise TooMany
        if item.value_linking is ConditionAND:  # any of a placeholder's values will do, even so
            item.value = [each[0] if len(each) == 1 else SigmaExpansion(each) for each in found]
        else:
            item.value = [value for each in found for value in each]


def items_of(detections: Any) -> Iterator[SigmaDetectionItem]:
    """Every field with its values in detections, however deep they lie."""
    for detection in detections:
        for item in detection.detection_items:
            if isinstance(item, SigmaDetection):
                yield from items_of([item])
            else:
                yield item


def keep_case(detections: Any) -> None:
    """Let ``cased`` hold for values that were made anew."""
    for item in items_of(detections):
        if SigmaCaseSensitiveModifier in item.modifiers:
            item.value = [
                SigmaCasedString.from_sigma_string(v) if type(v) is SigmaString else v
                for v in item.value
            ]


def _values(value: SigmaType, values: Values) -> Sequence[SigmaType]:
    match value:
        case SigmaExpansion():
            inside = [each for one in value.values for each in _values(one, values)]
            return [SigmaExpansion(inside)]
        case SigmaString() if value.contains_placeholder(include=list(values)):
            made = _strings(value, values)
            if isinstance(value, SigmaCasedString):
                return [SigmaCasedString.from_sigma_string(one) for one in made]
            return made
        case SigmaRegularExpression() if value.contains_placeholder(include=list(values)):
            return _expressions(value, values)
    return [value]


def _strings(value: SigmaString, values: Values) -> list[SigmaString]:
    choices = [_parts(part, values) for part in value.s]
    count = 1
    for choice in choices:
        count *= len(choice)
        if count > MOST_VALUES:
            raise TooMany
    found: list[SigmaString] = []
    for parts in itertools.product(*choices):
        one = SigmaString()
        one.s = list(itertools.chain.from_iterable(parts))
        found.append(one)
    return found


def _parts(part: Any, values: Values) -> list[tuple[Any, ...]]:
    """What may stand in the place of a part of a string."""
    if isinstance(part, Placeholder) and part.name in values:
        return [tuple(SigmaString(str(v)).s) for v in values[part.name]]
    return [(part,)]


def _expressions(value: SigmaRegularExpression, values: Values) -> list[SigmaRegularExpression]:
    def given(placeholder: Placeholder) -> Iterator[Any]:
        if placeholder.name not in values:
            yield placeholder
        for each in values.get(placeholder.name, ()):
            yield SigmaString(str(each))

    return list(value.replace_placeholders(given))
