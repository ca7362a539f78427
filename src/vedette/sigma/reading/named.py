"""What rules, filters and correlations call each other: takes their values, gives names.

pySigma is not needed for it, so that folders of thousands of rules are searched quickly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

ANY = "any"
_LOG_SOURCE = ("product", "category", "service")
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = frozenset({"and", "or", "not"})


def names_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What a rule may be called by others: its id, in small letters, and its name."""
    id, name = values.get("id"), values.get("name")
    return tuple(n for n in (_id(id) if id else "", str(name) if name else "") if n)


def reference(written: Any) -> str:
    """How a reference is looked up among names."""
    text = str(written)
    return _id(text) if re.fullmatch(r"[0-9a-fA-F-]{32,36}", text.strip()) else text


def _id(written: Any) -> str:
    return str(written).strip().lower()


def log_source_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a log source that are given, in small letters."""
    written = values.get("logsource")
    if not isinstance(written, dict):
        return {}
    return {key: str(written[key]).lower() for key in _LOG_SOURCE if written.get(key)}


def asked_by(correlation: Mapping[str, Any]) -> tuple[str, ...]:
    """The rules that a correlation asks, as it names them; those of its condition if none else."""
    inside = correlation.get("correlation")
    if not isinstance(inside, dict):
        return ()
    rules, condition = inside.get("rules"), inside.get("condition")
    if rules is None and isinstance(condition, str):
        return tuple(dict.fromkeys(n for n in _NAME.findall(condition) if n not in _WORDS))
    listed = rules if isinstance(rules, list) else [rules] if rules else []
    return tuple(dict.fromkeys(reference(each) for each in listed))


def generates(correlation: Mapping[str, Any]) -> bool:
    """Whether the rules that a correlation asks are to find events by themselves, too."""
    inside = correlation.get("correlation")
    return isinstance(inside, dict) and inside.get("generate") is True


def applies(filter: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Whether a filter is for a rule: by its log source, and by the rules that it names."""
    inside, wanted = filter.get("filter"), log_source_of(filter)
    given = log_source_of(rule)
    if not isinstance(inside, dict) or any(given.get(k) != v for k, v in wanted.items()):
        return False
    rules = inside.get("rules")
    if not rules or (isinstance(rules, str) and rules.lower() == ANY):
        return rules is not None
    listed = rules if isinstance(rules, list) else [rules]
    return bool({reference(each) for each in listed} & set(names_of(rule)))
