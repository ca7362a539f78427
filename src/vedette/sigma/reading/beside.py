"""What rules count on beside their text: values of placeholders, and processing pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor

from vedette.syntax import Findings, Source, Span, one_line
from vedette.syntax.yaml_nodes import YamlPart

if TYPE_CHECKING:
    from vedette.sigma.reading.pipelines import Pipelines

Value = str | int | float
Values = Mapping[str, tuple[Value, ...]]
MOST_BYTES = 8_000_000
MOST_NODES = 500_000
_WRAPPERS = ("vars", "placeholders")


class BesideError(ValueError):
    """A file of values or a pipeline cannot be used; says where and why."""


@dataclass(frozen=True, slots=True)
class StandingFilters:
    """Filters that a workspace has for rules of these names, whoever asks them."""

    rules: frozenset[str]
    text: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Beside:
    """The values of placeholders by name, the pipelines that rules go through, standing filters."""

    values: Values = field(default_factory=dict)
    pipelines: Pipelines | None = None
    filters: StandingFilters | None = None


def yaml_values(source: Source) -> tuple[YamlPart, yaml.MappingNode, dict[str, Any]]:
    """The one mapping of a YAML text with its places; raises BesideError."""
    findings = Findings(source)
    part = YamlPart(findings, most_nodes=MOST_NODES)
    root = part.root()
    if findings.problems:
        raise BesideError(one_line(findings.problems[0], source))
    if not isinstance(root, yaml.MappingNode):
        raise refusal(source, Span(0, 0), "holds no mapping of keys to values")
    try:
        values = SafeConstructor().construct_document(root)
    except (yaml.MarkedYAMLError, ValueError) as error:
        raise refusal(source, Span(0, 0), f"not YAML: {error}") from error
    return part, root, {str(key): value for key, value in values.items()}


def refusal(source: Source, span: Span, message: str) -> BesideError:
    """What is wrong at a place of a file, to be raised."""
    line, column = source.position(span.start)
    return BesideError(f"{source.name}:{line}:{column}: {message}")


def read_file(path: Path) -> Source:
    """The text of a file; raises BesideError."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise BesideError(f"{path} is larger than {MOST_BYTES:,} bytes")
        return Source(data.decode("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise BesideError(f"{path} cannot be read: {error}") from error


def read_values(source: Source) -> dict[str, tuple[Value, ...]]:
    """The values of placeholders in a YAML text: a mapping of names to a value or a list of them.

    As in a processing pipeline they may stand under the key ``vars``. Raises BesideError.
    """
    part, root, given = yaml_values(source)
    node: yaml.Node = root
    for wrapper in _WRAPPERS:
        if isinstance(given.get(wrapper), dict):
            node = next(v for k, v in root.value if getattr(k, "value", "") == wrapper)
            given = {str(key): value for key, value in given[wrapper].items()}
            break
    spans = [part.span(key) for key, _ in node.value]
    found: dict[str, tuple[Value, ...]] = {}
    for (name, value), span in zip(given.items(), spans, strict=False):
        try:
            found[name] = values_of(name, value)
        except BesideError as error:
            raise refusal(source, span, str(error)) from error
    return found


def values_of(name: str, value: Any) -> tuple[Value, ...]:
    """A placeholder's value or list of values; raises BesideError."""
    listed = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    if not listed:
        raise BesideError(f"the placeholder '{name}' has an empty list of values")
    for each in listed:
        if isinstance(each, bool) or not isinstance(each, str | int | float):
            message = f"the values of the placeholder '{name}' must be texts or numbers"
            raise BesideError(message)
    return tuple(listed)


def all_values(files: Iterable[Path]) -> dict[str, tuple[Value, ...]]:
    """The values of several files, those of later ones in place of earlier ones."""
    found: dict[str, tuple[Value, ...]] = {}
    for file in files:
        found |= read_values(read_file(file))
    return found
