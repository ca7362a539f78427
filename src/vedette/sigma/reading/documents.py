"""YAML documents with places: takes a text, gives each document's nodes and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from vedette.sigma import codes
from vedette.sigma.reading.actions import acted
from vedette.syntax import Findings, Span
from vedette.syntax.yaml_nodes import YamlPart

LONGEST_TEXT = 1_000_000
"""Characters of a text that is read."""
MOST_NODES = 50_000
_TEXT, _SEQUENCE, _MAPPING = (f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document that is a mapping: its values, and where they stand.

    *roots* are the mappings that a place is looked for in, one behind the other: more than the
    document's own where it was joined with others (``actions``).
    """

    part: YamlPart
    root: yaml.MappingNode
    values: dict[str, Any]
    roots: tuple[yaml.MappingNode, ...] = field(default=())

    @property
    def text(self) -> str:
        """What ``title`` says, or the id or name, to speak of the document by."""
        said = (self.values.get(key) for key in ("title", "name", "id"))
        return next((str(each) for each in said if each), "without a title")

    def span(self, node: yaml.Node) -> Span:
        """Where a node stands."""
        return self.part.span(node)

    def key(self, *path: str) -> Span:
        """Where the key at the end of a path stands, or the last one before it that is there."""
        found = Span(self.span(self.root).start, self.span(self.root).start)
        reached = 0
        for root in self.roots or (self.root,):
            node: yaml.Node = root
            for depth, name in enumerate(path, start=1):
                entry = entry_of(node, name)
                if entry is None:
                    break
                if depth > reached:
                    found, reached = self.span(entry[0]), depth
                node = entry[1]
        return found

    def node(self, *path: str) -> yaml.Node | None:
        """The value at the end of a path, or None."""
        for root in self.roots or (self.root,):
            node: yaml.Node | None = root
            for name in path:
                entry = entry_of(node, name) if node is not None else None
                node = entry[1] if entry is not None else None
            if node is not None:
                return node
        return None


def entry_of(node: yaml.Node, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value of a name in a mapping, or None."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((k, v) for k, v in node.value if getattr(k, "value", None) == name), None)


def read_documents(findings: Findings, without: str = "") -> list[Document]:
    """The documents of a text; what is wrong with it is recorded, and nothing is given then.

    The values of the key *without* are left out, unless documents act on each other.
    """
    text = findings.source.text
    if len(text) > LONGEST_TEXT:
        message = f"The text is longer than {LONGEST_TEXT:,} characters"
        findings.add(codes.NO_RULE, "limit", message, Span(0, 0), hint="split it into files")
        return []
    part = YamlPart(findings, most_nodes=MOST_NODES)
    nodes = part.roots()
    if any(entry_of(node, "action") is not None for node in nodes):
        without = ""
    documents = [d for node in nodes if (d := _document(part, node, without)) is not None]
    if not findings.failed:
        documents = acted(documents, findings)
    if not documents and not findings.failed:
        message = "The text holds no rule: it is empty"
        findings.add(codes.NO_RULE, "syntax", message, Span(0, 0))
    return [] if findings.failed else documents


def _document(part: YamlPart, node: yaml.Node, without: str) -> Document | None:
    if not isinstance(node, yaml.MappingNode):
        message = "A rule is a mapping of keys such as title, logsource and detection"
        part.findings.add(codes.NO_RULE, "syntax", message, part.span(node))
        return None
    for repeated in _repeated(node):
        message = f"The key '{repeated.value}' stands twice"
        hint = "join both into one, or name one of them otherwise"
        part.findings.add(codes.NO_RULE, "name", message, part.span(repeated), hint=hint)
    wanted = node
    if without:
        kept = [pair for pair in node.value if getattr(pair[0], "value", None) != without]
        wanted = yaml.MappingNode(node.tag, kept, node.start_mark, node.end_mark)
    try:
        values = _value(wanted, SafeConstructor())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = part.place(mark.index if mark else 0)
        part.findings.add(codes.NO_RULE, "syntax", f"not YAML: {error.problem}", place)
        return None
    except ValueError as error:  # a date or a number that is none
        place = part.span(node)
        part.findings.add(codes.NO_RULE, "syntax", f"A value cannot be read: {error}", place)
        return None
    return Document(part, node, {str(key): value for key, value in values.items()})


def _value(node: yaml.Node, constructor: SafeConstructor) -> Any:
    """What a node stands for; what is no text, list or mapping of texts the constructor knows."""
    # A tag that is written says nothing of what stands behind it: ``!!str [a]``.
    if _is_text(node):
        return node.value
    if isinstance(node, yaml.SequenceNode) and node.tag == _SEQUENCE:
        return [_value(each, constructor) for each in node.value]
    if (
        isinstance(node, yaml.MappingNode)
        and node.tag == _MAPPING
        and all(_is_text(key) for key, _ in node.value)
    ):
        return {key.value: _value(each, constructor) for key, each in node.value}
    return constructor.construct_object(node, deep=True)


def _is_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _TEXT


def _repeated(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """The keys that stand in their mapping for a second time."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        yield key
                    seen.add(key.value)
                pending.append(value)
