"""Processing pipelines: takes pySigma's pipeline files, rewrites rules as they say.

A pipeline is someone else's file. Only transformations that change a rule are let in: none reads a
file, asks the network, runs a command or fills a template in, and what a rule grows to is bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pyparsing import ParseBaseException
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.policy.profiles import SafePolicy
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.tracking import FieldMappingTracking
from sigma.rule import SigmaRule

from vedette.sigma.reading.beside import BesideError, refusal, yaml_values
from vedette.sigma.reading.documents import entry_of
from vedette.sigma.reading.growth import Growth, Size, TooLarge, growth_of
from vedette.sigma.reading.placeholders import keep_case
from vedette.sigma.reading.rules import LONGEST_CONDITION, MALFORMED, said
from vedette.syntax import Source, Span, did_you_mean
from vedette.syntax.yaml_nodes import YamlPart

BACKEND = "vedette"
MOST_ITEMS = 2_000
MOST_GROUPS = 1_000
KEYS = ("name", "priority", "vars", "transformations", "allowed_backends")

ALLOWED = frozenset({
    "field_name_mapping", "field_name_prefix_mapping", "field_name_suffix", "field_name_prefix",
    "drop_detection_item", "hashes_fields", "extract_fields", "wildcard_placeholders",
    "value_placeholders", "add_condition", "change_logsource", "add_field", "remove_field",
    "set_field", "replace_string", "map_string", "set_state", "regex", "set_value",
    "convert_type", "rule_failure", "detection_item_failure", "strict_field_mapping_failure",
    "set_custom_attribute", "nest", "case",
})  # fmt: skip
REFUSED = {
    "file_placeholders": "it reads a file that the pipeline names",
    "http_placeholders": "it asks an address that the pipeline names",
    "command_placeholders": "it runs a command that the pipeline names",
    "query_expression_placeholders": "it writes the text of another language's query",
    "field_name_transform": "it needs a function of Python",
}
OUTPUT = {
    "postprocessing": "it rewrites the text of a query in another language, and none is written",
    "finalizers": "they rewrite the texts of queries in other languages, and none are written",
}
_BROKEN = (SigmaError, ParseBaseException, *MALFORMED, AssertionError, IndexError, OverflowError,
           NotImplementedError)  # fmt: skip


class Rewritten(Exception):
    """A pipeline refuses a rule, or cannot be applied to it; says why."""


@dataclass(frozen=True, slots=True)
class _File:
    """A pipeline that was read: its place among others, and its transformations."""

    priority: int
    name: str
    variables: dict[str, Any]
    items: list[tuple[ProcessingItem, Growth]]


class Pipelines:
    """Pipelines one behind the other: the lowest priority first, then by the files' paths."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Read the files; raises BesideError, which names the file, line and column."""
        files = sorted(map(_read, sources), key=lambda f: (f.priority, f.name))
        self._names = ", ".join(file.name for file in files)
        self._growths = [growth for file in files for _, growth in file.items]
        items = [item for file in files for item, _ in file.items]
        if len(items) > MOST_ITEMS:
            raise BesideError(f"{self._names}: more than {MOST_ITEMS:,} transformations")
        variables = {k: v for file in files for k, v in file.variables.items()}
        self._pipeline = ProcessingPipeline(items=items, vars=variables, policy=SafePolicy)

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Rewrite a rule; raises Rewritten where a pipeline refuses it."""
        try:
            self._apply(rule)
        except TooLarge as error:
            raise Rewritten(f"{self._names} makes the rule too large") from error
        except SigmaError as error:
            raise Rewritten(said(error)) from error
        except _BROKEN as error:
            raise Rewritten(f"{self._names} cannot be applied to the rule: {error}") from error

    def _apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        whole = self._pipeline
        whole.applied, whole.applied_ids, whole.state = [], set(), {}
        whole.field_name_applied_ids = defaultdict(set)
        whole.field_mappings = FieldMappingTracking()
        size = Size(rule) if isinstance(rule, SigmaRule) else None
        for item, growth in zip(whole.items, self._growths, strict=True):
            if size is not None:
                size.grow(growth)
            elif isinstance(rule, SigmaCorrelationRule):
                _check_groups(rule, growth)
            applied = item.apply(rule)
            rule.fields = list(rule.fields)  # ``set_field`` gives every rule the same list
            whole.applied.append(applied)
            if applied and item.identifier:
                whole.applied_ids.add(item.identifier)
            if isinstance(rule, SigmaRule):
                _check_conditions(rule)
        if isinstance(rule, SigmaRule):
            keep_case(rule.detection.detections.values())


def _check_groups(rule: SigmaCorrelationRule, growth: Growth) -> None:
    if (len(rule.group_by or ()) + len(rule.fields)) * growth.spread > MOST_GROUPS:
        raise TooLarge


def _check_conditions(rule: SigmaRule) -> None:
    for condition in rule.detection.parsed_condition:
        if len(condition.condition) > LONGEST_CONDITION:
            raise TooLarge


def files_of(path: Path) -> list[Path]:
    """A pipeline's file, or those of a folder, to its depths; raises BesideError where none is."""
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in (".yml", ".yaml"))
    if not found:
        raise BesideError(f"{path} holds no pipeline: no .yml or .yaml file")
    return found


def _read(source: Source) -> _File:
    part, root, values = yaml_values(source)
    for key, _ in root.value:
        name = str(getattr(key, "value", ""))
        if name in OUTPUT and values.get(name):
            message = f"'{name}' is not supported: {OUTPUT[name]}; leave it out"
            raise refusal(source, part.span(key), message)
        if name not in KEYS and name not in OUTPUT:
            hint = did_you_mean(name, KEYS) or f"keys are {', '.join(KEYS)}"
            raise refusal(source, part.span(key), f"a pipeline has no key '{name}': {hint}")
    _check_backend(source, part, root, values)
    variables, priority = values.get("vars") or {}, values.get("priority", 0)
    if not isinstance(variables, dict) or not isinstance(priority, int):
        message = "'vars' must be a mapping, and 'priority' a whole number"
        raise refusal(source, part.span(root), message)
    listed, entry = values.get("transformations") or [], entry_of(root, "transformations")
    node = entry[1] if entry is not None else None
    if not isinstance(listed, list) or not (node is None or isinstance(node, yaml.SequenceNode)):
        raise refusal(source, part.span(node or root), "'transformations' must be a list")
    items = []
    for written, place in zip(listed, node.value if node is not None else (), strict=True):
        for one, at in _nested(source, part, written, place):
            _check_kind(source, part, one, at)
        items.append((_item(source, part, written, place), growth_of(written)))
    return _File(priority, source.name, {str(k): v for k, v in variables.items()}, items)


def _check_backend(
    source: Source, part: YamlPart, root: yaml.MappingNode, values: dict[str, Any]
) -> None:
    allowed = values.get("allowed_backends")
    if allowed and BACKEND not in (allowed if isinstance(allowed, list) else [allowed]):
        entry = entry_of(root, "allowed_backends")
        message = (
            f"the pipeline is for {allowed} only: add '{BACKEND}' if its fields are known here"
        )
        raise refusal(source, part.span(entry[0] if entry else root), message)


def _nested(
    source: Source, part: YamlPart, written: Any, node: yaml.Node
) -> Iterator[tuple[dict[str, Any], yaml.Node]]:
    """A transformation and all inside it, each with its place."""
    pending = [(written, node)]
    count = 0
    while pending:
        one, at = pending.pop()
        count += 1
        if not isinstance(one, dict) or count > MOST_ITEMS:
            message = "a transformation must be a mapping with its 'type'"
            raise refusal(source, part.span(at), message)
        yield one, at
        inside, entry = one.get("items"), entry_of(at, "items")
        if one.get("type") == "nest" and entry is not None:
            if not isinstance(inside, list) or not isinstance(entry[1], yaml.SequenceNode):
                raise refusal(source, part.span(entry[1]), "'items' must be a list")
            pending += zip(inside, entry[1].value, strict=True)


def _check_kind(source: Source, part: YamlPart, written: dict[str, Any], node: yaml.Node) -> None:
    kind, entry = str(written.get("type")), entry_of(node, "type")
    span = part.span(entry[1] if entry is not None else node)
    if kind in REFUSED:
        raise refusal(source, span, f"the transformation '{kind}' is refused: {REFUSED[kind]}")
    if kind not in ALLOWED:
        hint = did_you_mean(kind, ALLOWED) or f"there are {', '.join(sorted(ALLOWED))}"
        raise refusal(source, span, f"there is no transformation '{kind}': {hint}")


def _item(source: Source, part: YamlPart, written: dict[str, Any], node: yaml.Node) -> Any:
    try:
        return ProcessingItem.from_dict(written, policy=SafePolicy)
    except _BROKEN as error:
        span: Span = part.span(node)
        raise refusal(source, span, f"not a transformation of pySigma: {said(error)}") from error
